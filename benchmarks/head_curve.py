"""`head:minilm`: a whole learning curve, against one plain pass of the encoder over the same rows.

python benchmarks/head_curve.py
"""

from __future__ import annotations

import csv
import statistics
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import common
import numpy as np
from trials import Rows, fit

from tuningfork.api import Study, Task
from tuningfork.arms.family import FAMILIES
from tuningfork.models.encoders.cache import EmbeddingCache
from tuningfork.models.encoders.encoder import Encoder
from tuningfork.models.encoders.layout import load_tokenizer, read_layout
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore

COUNTS = (77, 154, 308, 616, 1000, 1500, 2000)
SEEDS = 5
POOL, EVALUATION = 2200, 500
LONG_TOKENS = 200


def main() -> None:
    store = ModelStore()
    encoder = open_encoder("minilm", store)
    short = [row["text"] for row in common.rows("banking77", limit=POOL + EVALUATION)]
    long = long_rows(short, store)
    measured: dict[str, list[float]] = {}
    ratios = {}
    for name, texts in (("Banking77 rows", short), (f"{LONG_TOKENS}-token rows", long)):
        plain = plain_pass(store, texts)
        runs = common.side_by_side({"pass": plain, "cache": partial(embed_afresh, encoder, texts)})
        measured[f"one plain pass, {name}"] = runs["pass"]
        measured[f"embedded for the study, {name}"] = runs["cache"]
        ratios[name] = statistics.median(runs["cache"]) / statistics.median(runs["pass"])
    measured["whole curve: 7 counts, 5 seeds, Banking77"] = [curve() for _ in range(3)]
    fits = fits_at_the_top()
    measured[f"one fit at {COUNTS[-1]} labels, C chosen, rows embedded before"] = fits
    one_fit = statistics.median(fits)
    common.write(
        "head_curve",
        "What does a whole learning curve of a head on frozen MiniLM cost beside one pass of the encoder?",
        measured,
        unit="seconds",
        goals=[
            *(
                common.Goal(f"embedding at most 1.05 x one plain pass ({name})", round(ratio, 3), ratio <= 1.05)
                for name, ratio in ratios.items()
            ),
            common.Goal(
                f"a fit at most 1 s at {COUNTS[-1]} labels, C chosen inside", round(one_fit, 3), one_fit <= 1.0
            ),
        ],
        limit="The encoder's own pass is the limit: "
        + ", ".join(f"{ratio:.2f} x of it is spent on {name}" for name, ratio in ratios.items())
        + ".",
        packages=("tuningfork-nlp", "onnxruntime", "tokenizers", "numpy", "scikit-learn"),
    )


def long_rows(texts: Sequence[str], store: ModelStore) -> list[str]:
    """As many rows of about 200 tokens, joined from the short ones; 400 are enough to time."""
    tokenizer = load_tokenizer(read_layout(store.locate("minilm-int8", "encoder")))
    rows, current = [], ""
    for text in chain.from_iterable(repeat(texts, 8)):
        current = f"{current} {text}".strip()
        if len(tokenizer.encode(current).ids) >= LONG_TOKENS:
            rows.append(current)
            current = ""
        if len(rows) == 400:
            break
    return rows


def plain_pass(store: ModelStore, texts: Sequence[str]) -> Callable[[], None]:
    """Tokenise, sort by length, batches of 8 rows, one session with all cores: what a careful script would do."""
    import onnxruntime

    layout = read_layout(store.locate("minilm-int8", "encoder"))
    tokenizer = load_tokenizer(layout)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = common.machine()["cores"]
    session = onnxruntime.InferenceSession(str(layout.onnx), options, providers=["CPUExecutionProvider"])
    wanted = {item.name for item in session.get_inputs()}

    def run() -> None:
        ids = sorted((encoding.ids for encoding in tokenizer.encode_batch(list(texts))), key=len)
        for start in range(0, len(ids), 8):
            batch = ids[start : start + 8]
            padded = np.zeros((len(batch), len(batch[-1])), np.int64)
            mask = np.zeros_like(padded)
            for row, tokens in enumerate(batch):
                padded[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
            feeds = {"input_ids": padded, "attention_mask": mask, "token_type_ids": np.zeros_like(padded)}
            session.run(None, {name: feeds[name] for name in wanted & feeds.keys()})

    return run


def embed_afresh(encoder: Encoder, texts: Sequence[str]) -> None:
    """What the study does: each text once, kept on disk. Asked twice, as two arms or seeds would."""
    with tempfile.TemporaryDirectory() as folder:
        cache = EmbeddingCache(Path(folder))
        cache.embed(encoder, texts)
        cache.embed(encoder, texts)


def fits_at_the_top() -> list[float]:
    """Seconds of a fit at the largest count, for each seed, on vectors that are there."""
    data = Rows.of("banking77", pool=POOL, test=EVALUATION)
    with tempfile.TemporaryDirectory() as folder:
        head = FAMILIES.get("head")
        fit(head, "head:minilm", data, POOL, 0, Path(folder))
        seeds = range(SEEDS)
        return [common.timed(partial(fit, head, "head:minilm", data, COUNTS[-1], seed, Path(folder))) for seed in seeds]


def curve() -> float:
    """Seconds of the whole study of one head."""
    with tempfile.TemporaryDirectory() as folder:
        rows = common.rows("banking77", limit=POOL)
        data = Path(folder) / "train.csv"
        with data.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["text", "label"])
            writer.writeheader()
            writer.writerows(rows)
        task = Task.from_file(data, test=common.DATA / "banking77" / "test.csv", text="text", label="label")
        study = Study(task, ["head:minilm"], label_counts=COUNTS, seeds=SEEDS, out=Path(folder) / "study")
        return common.timed(study.run)


if __name__ == "__main__":
    main()
