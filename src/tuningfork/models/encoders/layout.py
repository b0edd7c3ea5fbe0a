"""How a folder says what kind of encoder it holds: tokenizer, length limit, pooling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tuningfork.errors import InputError
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.models.encoders.weights import read_json, weight_files

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
_FIRST_POSITION_AFTER_PADDING = frozenset(
    {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer", "data2vec-text", "ibert"}
)
"""Architectures that number positions from the padding token's number on: their table is that much longer than a text
may be."""
_E5 = re.compile(r"(?:^|-)(?:multilingual-)?e5-(?:small|base|large)(?:-unsupervised|-v2)?(?:@.*)?$", re.IGNORECASE)
_E5_PREFIX = "query: "
""""Use the prefix 'query: ' if you want to use embeddings as features", their authors say; no file of theirs does."""


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
        prefix: what the model was trained to see before every text, e.g. 'query: '; empty for most.
    """

    folder: Path
    onnx: Path | None
    safetensors: bool
    pooling: Pooling
    max_tokens: int
    prefix: str = ""

    def as_read(self, text: str) -> str:
        """A text as the tokenizer is given it: after the prefix, and with lone surrogates, which cannot be tokenised,
        replaced."""
        return self.prefix + text.encode("utf-8", "replace").decode()


def read_layout(folder: Path) -> EncoderLayout:
    """Look at a folder.

    Raises:
        InputError: no configuration, no tokenizer, no weights in a format that is loaded, or an unknown pooling.
    """
    if not (folder / "config.json").is_file():
        raise InputError("not an encoder: it has no config.json", file=folder)
    onnx, safetensors = _onnx(folder), bool(weight_files(folder))
    if onnx is None and not safetensors:
        raise InputError(
            "has no weights that can be loaded",
            file=folder,
            remedy="model.safetensors or onnx/model.onnx is needed; pickled weights (.bin) are never loaded",
        )
    return EncoderLayout(folder, onnx, safetensors, _pooling(folder), _max_tokens(folder), _prefix(folder))


def require_tokenizer(folder: Path) -> None:
    """Refuse a folder without any tokenizer file, for which transformers would make an empty one up.

    Raises:
        InputError: so it is.
    """
    names = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
    if not any(path for name in names for path in folder.glob(name)):
        raise InputError(
            "has no tokenizer (no tokenizer.json, vocab.txt or *.model)",
            file=folder,
            remedy="Put the tokenizer.json there that came with the weights",
        )


def load_tokenizer(layout: EncoderLayout) -> Tokenizer:
    """The folder's tokenizer, cutting at `max_tokens` and never padding.

    Raises:
        InputError: there is no tokenizer.json, and no transformers library to make one from older files.
    """
    from tokenizers import Tokenizer

    require_tokenizer(layout.folder)
    file = layout.folder / "tokenizer.json"
    if file.is_file():
        tokenizer = Tokenizer.from_file(str(file))
    elif find_spec("transformers") is not None:
        tokenizer = _made_from_older_files(layout.folder)
    else:
        raise InputError(
            "has no tokenizer.json",
            file=layout.folder,
            remedy="The extra `finetune` (pip install 'tuningfork-nlp[finetune]') reads older tokenizer files",
        )
    tokenizer.no_padding()
    tokenizer.enable_truncation(layout.max_tokens)
    return tokenizer


def _made_from_older_files(folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True).backend_tokenizer
    except (OSError, ValueError, ImportError, AttributeError, KeyError, TypeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"no tokenizer can be made of its files ({reason})",
            file=folder,
            remedy="Put a tokenizer.json beside them: on a machine where transformers reads them, "
            "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) writes one",
        ) from error


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
    config = read_json(folder / "1_Pooling" / "config.json")
    named = config.get("pooling_mode")
    chosen = {pooling for key, pooling in _POOLING_KEYS.items() if config.get(key) or named in {key, pooling}}
    other = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    if len(chosen) > 1 or (not chosen and (other or named)):
        raise InputError(f"its pooling ({', '.join(other) or named}) is not one of mean, cls, max, last", file=folder)
    return chosen.pop() if chosen else "mean"


def _onnx(folder: Path) -> Path | None:
    """The usual name, or else the only ONNX file that is there."""
    usual = next((folder / name for name in _ONNX_NAMES if (folder / name).is_file()), None)
    found = [*folder.glob("*.onnx"), *folder.glob("onnx/*.onnx")]
    return usual or (found[0] if len(found) == 1 else None)


def _max_tokens(folder: Path) -> int:
    """The limit that sentence-transformers keeps to, or the tokenizer's; never more than there are positions."""
    config = read_json(folder / "config.json")
    stated = read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    if not isinstance(stated, int):
        stated = read_json(folder / "tokenizer_config.json").get("model_max_length")
    limits = (stated, _positions(config))
    known = [int(limit) for limit in limits if isinstance(limit, int | float) and 0 < limit < _UNLIMITED]
    return min(known, default=512)


def _positions(config: dict[str, Any]) -> int | None:
    positions = config.get("max_position_embeddings")
    if not isinstance(positions, int) or config.get("model_type") not in _FIRST_POSITION_AFTER_PADDING:
        return positions if isinstance(positions, int) else None
    padding = config.get("pad_token_id")
    return positions - (padding if isinstance(padding, int) else 1) - 1


def _prefix(folder: Path) -> str:
    """The prompt that the folder sets before every text, or that of a family whose folders do not say it."""
    prompts = read_json(folder / "config_sentence_transformers.json")
    named = (prompts.get("prompts") or {}).get(prompts.get("default_prompt_name"))
    if isinstance(named, str):
        return named
    return _E5_PREFIX if _E5.search(folder.name) else ""
