"""Embedding on the processor: our encoders against an unsorted loop and against sentence-transformers.

python benchmarks/embedding.py            (needs the extra `finetune`)
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np

from tuningfork.models.encoders.layout import load_tokenizer, read_layout
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.encoders.pytorch import TorchEncoder
from tuningfork.models.store import ModelStore

ROWS = 400
MILLION = 1_000_000


def main() -> None:
    from sentence_transformers import SentenceTransformer

    store = ModelStore()
    texts = [row["text"] for row in common.rows("imdb_counterfactual", limit=ROWS // 4)]
    texts += [row["text"] for row in common.rows("tweet_emotion", limit=ROWS - len(texts))]
    ours = open_encoder("minilm", store)
    folder = store.locate("minilm", "encoder")
    cores = common.machine()["cores"]
    torch_ours = TorchEncoder(read_layout(folder), name="minilm", fingerprint="", threads=cores, device="cpu")
    library = SentenceTransformer(str(folder), device="cpu")
    runs = common.side_by_side(
        {
            f"ours ({ours.name})": lambda: ours.embed(texts),
            "ours (PyTorch, full precision)": lambda: torch_ours.embed(texts),
            "sentence-transformers encode": lambda: library.encode(texts, show_progress_bar=False),
            "plain loop, batches of 32, unsorted (PyTorch)": lambda: unsorted_loop(library, texts),
        }
    )
    medians = {name: statistics.median(seconds) for name, seconds in runs.items()}
    mine, whole, encode, loop = medians.values()
    agreement = float(np.mean(np.sum(ours.embed(texts) * torch_ours.embed(texts), axis=1)))
    static = open_encoder("wordllama", store)
    short = [row["text"] for row in common.rows("tweet_emotion")]
    million = [short[place % len(short)] for place in range(MILLION)]
    seconds = [common.timed(lambda: static.embed(million)) for _ in range(2)]
    runs["static: 1,000,000 short rows"] = seconds
    tokens = token_count(folder, texts)
    weights = sum(part.weight.numel() for part in library.modules() if type(part).__name__ == "Linear")
    speed = floating_point_speed()
    least = 2 * weights * tokens / speed
    common.write(
        "embedding",
        "How fast are texts embedded on the processor, beside the usual ways?",
        runs,
        unit="seconds",
        goals=[
            common.Goal("at most 0.5 x an unsorted loop, batch 32", round(mine / loop, 3), mine <= 0.5 * loop),
            common.Goal("at most 1.0 x sentence-transformers' encode", round(mine / encode, 3), mine <= encode),
            common.Goal("1,000,000 short rows in at most 150 s (static)", round(min(seconds), 1), min(seconds) <= 150),
        ],
        limit=f"{tokens / mine:,.0f} tokens a second ({ours.name}) and {tokens / whole:,.0f} (PyTorch), which agree to "
        f"a mean cosine of {agreement:.4f}. In floats the layers' matrix products alone would take {least:.2f} s at "
        f"the {speed / 1e9:.0f} billion operations a second that a plain product of their shape reaches here; "
        "attention, norms, activations and tokenising are the rest.",
        packages=("tuningfork-nlp", "onnxruntime", "torch", "sentence-transformers", "tokenizers", "numpy"),
        more={"rows": len(texts), "tokens": tokens, "mean cosine of int8 with full precision": round(agreement, 5)},
    )


def floating_point_speed() -> float:
    """Operations a second of a matrix product of the shape of MiniLM's largest layer, best of some."""
    left, right = np.ones((512, 384), np.float32), np.ones((384, 1536), np.float32)
    seconds = min(common.timed(lambda: [left @ right for _ in range(50)]) for _ in range(10))
    return 50 * 2 * 512 * 384 * 1536 / seconds


def unsorted_loop(library: Any, texts: Sequence[str]) -> None:
    """Batches of 32 rows as they come, each padded to its longest."""
    import torch

    transformer, tokenizer = library[0].auto_model, library.tokenizer
    with torch.inference_mode():
        for start in range(0, len(texts), 32):
            batch = tokenizer(
                list(texts[start : start + 32]), padding=True, truncation=True, max_length=256, return_tensors="pt"
            )
            transformer(**batch)


def token_count(folder: Path, texts: Sequence[str]) -> int:
    tokenizer = load_tokenizer(read_layout(folder))
    return sum(len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts)))


if __name__ == "__main__":
    main()
