"""What keeps an encoder from running, found before it is loaded: one message each, with what to do."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from tuningfork.errors import InputError
from tuningfork.models.encoders.layout import EncoderLayout, read_layout, require_tokenizer
from tuningfork.models.encoders.weights import Weights, read_json, read_weights
from tuningfork.models.hardware import free_memory_bytes, gpu_name

_BYTES_EACH = 4
_COPIES_IN_TRAINING = 4
"""Weights, their gradients and AdamW's two moments."""


def require_fit(folder: Path, name: str, *, trained: bool = False) -> EncoderLayout:
    """Make sure that the encoder in a folder can run here, and can be trained where that is wanted.

    Args:
        name: the encoder as the person named it, for messages.

    Raises:
        InputError: no configuration, tokenizer or weights that are loaded; code of its own; an encoder-decoder; a
            vocabulary that does not fit the weights; more weights than there is free memory for.
    """
    layout = read_layout(folder)
    require_tokenizer(folder)
    config = read_json(folder / "config.json")
    if trained and not layout.safetensors:
        raise InputError(
            "has ONNX weights only, which can not be trained",
            file=folder,
            remedy=f"Name a model with model.safetensors (head:{name} runs on this one); one that was fetched before "
            "PyTorch was installed is fetched again when this folder is deleted",
        )
    runs_in_torch = layout.safetensors and (trained or layout.onnx is None)
    if runs_in_torch:
        _refuse_code(folder, config)
        _refuse_decoder(folder, config)
    weights = read_weights(folder) if layout.safetensors else None
    _refuse_other_vocabulary(folder, config, weights)
    if runs_in_torch and weights is not None:
        _require_memory(weights.parameters, name, trained=trained)
    return layout


def require_room(size: int, name: str) -> None:
    """Refuse, before they are fetched, weights that are larger than the free memory: loaded they take no less.

    Raises:
        InputError: so it is.
    """
    free = free_memory_bytes()
    if size > free:
        raise InputError(
            f"{name} has {size / 1e9:.1f} GB of weights, and {free / 1e9:.1f} GB of memory are free",
            remedy="Name a smaller encoder, or free memory",
        )


def _require_memory(parameters: int, name: str, *, trained: bool) -> None:
    alone = parameters * _BYTES_EACH
    here = trained and gpu_name() is None  # else the copies lie in the GPU's own memory
    needed, free = alone * (_COPIES_IN_TRAINING if here else 1), free_memory_bytes()
    if needed <= free:
        return
    of = "weights, gradients and AdamW's moments" if here else "weights in full precision"
    smaller = f"head:{name} takes {_gb(alone)}" if here and alone <= free else "Name a smaller encoder"
    raise InputError(
        f"{name} has {parameters / 1e6:,.0f} million parameters, whose {of} take {_gb(needed)}, and {_gb(free)} of "
        "memory are free",
        remedy=f"{smaller}, or free memory",
    )


def _refuse_code(folder: Path, config: dict[str, Any]) -> None:
    """Some repositories bring program code for their architecture. Where transformers knows it too, theirs is used."""
    if "AutoModel" not in (config.get("auto_map") or {}) or _is_known(str(config.get("model_type", ""))):
        return
    raise InputError(
        f"its architecture ({config.get('model_type') or 'unnamed'}) is program code that comes with the weights "
        "(auto_map in config.json), and such code is never run",
        file=folder,
        remedy="Name a model of an architecture that transformers knows, or one with an ONNX file, which needs no code",
    )


def _is_known(model_type: str) -> bool:
    from importlib.util import find_spec

    if find_spec("transformers") is None:
        return False
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    return model_type in CONFIG_MAPPING_NAMES


def _refuse_decoder(folder: Path, config: dict[str, Any]) -> None:
    if config.get("is_encoder_decoder"):
        raise InputError(
            f"is an encoder-decoder ({config.get('model_type')}), which gives no vector of a text by itself",
            file=folder,
            remedy="Name an encoder",
        )


def _refuse_other_vocabulary(folder: Path, config: dict[str, Any], weights: Weights | None) -> None:
    stated = config.get("vocab_size")
    rows = weights.vocabulary if weights is not None and weights.vocabulary is not None else stated
    if not isinstance(rows, int):
        return
    if isinstance(stated, int) and stated != rows:
        raise InputError(
            f"config.json says {stated} tokens, and its weights have a table of {rows}: they are of two models",
            file=folder,
            remedy="Put the config.json beside the weights that came with them",
        )
    largest = _largest_token(folder)
    if largest is not None and largest >= rows:
        raise InputError(
            f"its tokenizer numbers tokens up to {largest}, and its weights know {rows}: the vocabulary does not fit",
            file=folder,
            remedy="Put the tokenizer.json there that came with the weights; tokens that were added need weights that "
            "were resized and saved with them",
        )


def _largest_token(folder: Path) -> int | None:
    """The largest number that its tokenizer may give, added tokens included; None where only transformers can tell."""
    file = folder / "tokenizer.json"
    if file.is_file():
        return _largest_in(file, file.stat().st_mtime_ns)
    words = folder / "vocab.txt"
    return len(words.read_text(encoding="utf-8").splitlines()) - 1 if words.is_file() else None


@lru_cache(maxsize=8)
def _largest_in(file: Path, _changed: int) -> int:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises plain Exception
        raise InputError(
            f"is no tokenizer that can be read ({error})", file=file, remedy="Fetch or copy it again"
        ) from error
    return max(tokenizer.get_vocab(with_added_tokens=True).values(), default=-1)


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
