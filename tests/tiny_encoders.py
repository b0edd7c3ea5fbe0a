"""Encoders with random weights, some hundred thousand numbers each, made by the libraries that users' encoders come
from: real layouts of every architecture that the documentation names, without a download."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

_WORDS = (
    "card",
    "money",
    "lost",
    "my",
    "is",
    "where",
    "the",
    "a",
    "bank",
    "transfer",
    "and",
    "late",
    "query",
    ":",
    "##s",
)
_WIDTH, _LAYERS, _HEADS = 32, 3, 2
_BERT_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_ROBERTA_TOKENS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_ROLES = {
    _BERT_TOKENS: ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"),
    _ROBERTA_TOKENS: ("cls_token", "pad_token", "sep_token", "unk_token", "mask_token"),
}

ARCHITECTURES = ("bert", "distilbert", "roberta", "mpnet", "modernbert", "xlm-roberta")


def make_encoder(architecture: str, folder: Path, *, pooling: str | None = "mean", positions: int = 64) -> Path:
    """Write an encoder into a folder as `save_pretrained` does, with a tokenizer, and with sentence-transformers' own
    description of its pooling unless that is None."""
    import torch
    from transformers import AutoConfig, AutoModel

    torch.manual_seed(1)
    tokens = _ROBERTA_TOKENS if "roberta" in architecture or architecture == "mpnet" else _BERT_TOKENS
    vocabulary = {token: number for number, token in enumerate((*tokens, *_WORDS))}
    config = AutoConfig.for_model(architecture, **_settings(architecture, len(vocabulary), positions))
    AutoModel.from_config(config).save_pretrained(folder)
    _tokenizer(vocabulary, tokens).save(str(folder / "tokenizer.json"))
    named = dict(zip(_ROLES[tokens], tokens, strict=True))
    described = {"tokenizer_class": "PreTrainedTokenizerFast", **named}
    (folder / "tokenizer_config.json").write_text(json.dumps(described))
    if pooling is not None:
        _describe_pooling(folder, pooling)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """What a Hub would serve of it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def as_onnx(folder: Path, name: str = "onnx/model.onnx") -> None:
    """Add the encoder in ONNX, beside its safetensors."""
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder).eval()

    class States(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.inner(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    (folder / name).parent.mkdir(exist_ok=True)
    ids = torch.ones(2, 5, dtype=torch.long)
    axes = {0: "rows", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            States(),
            (ids, ids),
            str(folder / name),
            input_names=["input_ids", "attention_mask"],
            output_names=["last_hidden_state"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "last_hidden_state": axes},
            dynamo=False,
        )


def _settings(architecture: str, vocabulary: int, positions: int) -> dict[str, Any]:
    special = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2} if "roberta" in architecture else {}
    if architecture == "mpnet":
        special = {"pad_token_id": 1}
    if architecture == "distilbert":
        return {
            "vocab_size": vocabulary,
            "dim": _WIDTH,
            "n_layers": _LAYERS,
            "n_heads": _HEADS,
            "hidden_dim": 2 * _WIDTH,
            "max_position_embeddings": positions,
        }
    settings = {
        "vocab_size": vocabulary,
        "hidden_size": _WIDTH,
        "num_hidden_layers": _LAYERS,
        "num_attention_heads": _HEADS,
        "intermediate_size": 2 * _WIDTH,
        "max_position_embeddings": positions,
        **special,
    }
    if architecture == "modernbert":
        settings |= {"pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}
        settings |= {"local_attention": 16, "global_attn_every_n_layers": 2}
    return settings


def _tokenizer(vocabulary: dict[str, int], tokens: tuple[str, ...]) -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    unknown, first, last = ("<unk>", "<s>", "</s>") if tokens is _ROBERTA_TOKENS else ("[UNK]", "[CLS]", "[SEP]")
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, vocabulary[first]), (last, vocabulary[last])]
    )
    tokenizer.add_special_tokens(list(tokens))
    return tokenizer


def _describe_pooling(folder: Path, pooling: str) -> None:
    keys: dict[str, str] = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens", "last": "lasttoken"}
    described = {f"pooling_mode_{key}": name == pooling for name, key in keys.items()}
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": _WIDTH, **described, "include_prompt": True})
    )
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (path, kind) in enumerate(
            (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
        )
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
