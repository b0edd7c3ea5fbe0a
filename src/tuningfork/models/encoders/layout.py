"""How a folder says what kind of encoder it holds: tokenizer, length limit, pooling."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tuningfork.errors import InputError
from tuningfork.models.encoders.encoder import Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Pooling = Literal["mean", "cls", "max", "last"]

_POOLING_KEYS: dict[str, Pooling] = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean",  # the same direction, and vectors end at unit length
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_lasttoken": "last",
}
_ONNX_NAMES = ("onnx/model.onnx", "model.onnx")
_UNLIMITED = 1_000_000  # tokenizers without a limit give an absurdly large one


@dataclass(frozen=True, slots=True)
class EncoderLayout:
    """What a folder in the sentence-transformers layout, or a plain transformer's, holds.

    Attributes:
        folder: the folder.
        onnx: the ONNX file, or None.
        safetensors: whether PyTorch weights are there.
        pooling: how token vectors become one vector; the mean unless `1_Pooling` says otherwise. What follows the
            pooling in some models (a dense layer) is not applied.
        max_tokens: longer texts are cut, special tokens included.
    """

    folder: Path
    onnx: Path | None
    safetensors: bool
    pooling: Pooling
    max_tokens: int


def read_layout(folder: Path) -> EncoderLayout:
    """Look at a folder.

    Raises:
        InputError: no configuration, no tokenizer, no weights in a format that is loaded, or an unknown pooling.
    """
    if not (folder / "config.json").is_file():
        raise InputError("not an encoder: it has no config.json", file=folder)
    onnx = next((folder / name for name in _ONNX_NAMES if (folder / name).is_file()), None)
    safetensors = any(folder.glob("model*.safetensors"))
    if onnx is None and not safetensors:
        raise InputError(
            "has no weights that can be loaded",
            file=folder,
            remedy="model.safetensors or onnx/model.onnx is needed; pickled weights (.bin) are never loaded",
        )
    return EncoderLayout(folder, onnx, safetensors, _pooling(folder), _max_tokens(folder))


def load_tokenizer(layout: EncoderLayout) -> Tokenizer:
    """The folder's tokenizer, cutting at `max_tokens` and never padding.

    Raises:
        InputError: there is no tokenizer.json, and no transformers library to make one from older files.
    """
    from tokenizers import Tokenizer

    file = layout.folder / "tokenizer.json"
    if file.is_file():
        tokenizer = Tokenizer.from_file(str(file))
    elif find_spec("transformers") is not None:
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(layout.folder, local_files_only=True).backend_tokenizer
    else:
        raise InputError(
            "has no tokenizer.json",
            file=layout.folder,
            remedy="The extra `finetune` (pip install 'tuningfork-nlp[finetune]') reads older tokenizer files",
        )
    tokenizer.no_padding()
    tokenizer.enable_truncation(layout.max_tokens)
    return tokenizer


def pool(states: NDArray[np.float32], mask: NDArray[np.int64], pooling: Pooling) -> Vectors:
    """One unit-length vector a row.

    Args:
        states: token vectors, shape (rows, tokens, dimensions).
        mask: 1 for a token, 0 for padding on the right, shape (rows, tokens).
    """
    counts = mask.sum(axis=1)
    if pooling == "cls":
        pooled = states[:, 0]
    elif pooling == "last":
        pooled = states[np.arange(len(states)), counts - 1]
    elif pooling == "max":
        pooled = np.where(mask[..., None] == 1, states, -np.inf).max(axis=1)
    else:
        pooled = np.einsum("rtd,rt->rd", states, mask.astype(np.float32)) / counts[:, None]
    return unit_length(pooled)


def unit_length(vectors: NDArray[np.floating[Any]]) -> Vectors:
    """Each row divided by its length; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0).astype(np.float32)
    return unit


def _pooling(folder: Path) -> Pooling:
    config = _read_json(folder / "1_Pooling" / "config.json")
    named = config.get("pooling_mode")
    chosen = {pooling for key, pooling in _POOLING_KEYS.items() if config.get(key) or named in {key, pooling}}
    other = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    if len(chosen) > 1 or (not chosen and (other or named)):
        raise InputError(f"its pooling ({', '.join(other) or named}) is not one of mean, cls, max, last", file=folder)
    return chosen.pop() if chosen else "mean"


def _max_tokens(folder: Path) -> int:
    limit = _read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    if isinstance(limit, int):
        return limit
    limits = [
        _read_json(folder / "tokenizer_config.json").get("model_max_length"),
        _read_json(folder / "config.json").get("max_position_embeddings"),
    ]
    known = [int(limit) for limit in limits if isinstance(limit, int | float) and 0 < limit < _UNLIMITED]
    return min(known, default=512)


def _read_json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"is not valid JSON ({error})", file=file) from error
    return content if isinstance(content, dict) else {}
