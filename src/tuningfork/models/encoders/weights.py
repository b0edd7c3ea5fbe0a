"""What the headers of a folder's weights tell, without loading them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuningfork.errors import InputError

_INDEX = "model.safetensors.index.json"
_EMBEDDINGS = ("word_embeddings.weight", "tok_embeddings.weight", "embed_tokens.weight", "wte.weight", "shared.weight")
_LONGEST_HEADER = 1 << 27


@dataclass(frozen=True, slots=True)
class Weights:
    """A folder's safetensors.

    Attributes:
        parameters: numbers in all tensors.
        vocabulary: rows of the token table, or None where no tensor has a known name.
    """

    parameters: int
    vocabulary: int | None


def read_weights(folder: Path) -> Weights:
    """Add up the headers of `model.safetensors`, or of the files that its index names.

    Raises:
        InputError: a file that the index names is missing, or one is no safetensors file.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for file in weight_files(folder):
        shapes |= _shapes(file)
    tables = [shape[0] for name, shape in shapes.items() if name.endswith(_EMBEDDINGS) and len(shape) == 2]
    return Weights(sum(math.prod(shape) for shape in shapes.values()), max(tables, default=None))


def weight_files(folder: Path) -> list[Path]:
    """The safetensors that make up the model: one, or all that the index names; none where there are none.

    Raises:
        InputError: a file that the index names is missing.
    """
    if (folder / "model.safetensors").is_file():
        return [folder / "model.safetensors"]
    if not (folder / _INDEX).is_file():
        return []
    named = sorted(set(read_json(folder / _INDEX).get("weight_map", {}).values()))
    missing = [name for name in named if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"its weights are in {len(named)} files, of which {', '.join(missing)} is missing",
            file=folder,
            remedy="Put it beside the others; for a model of the Hub delete the folder, and it is fetched again",
        )
    return [folder / name for name in named]


def read_json(file: Path) -> dict[str, Any]:
    """A JSON object from a file; empty where there is no file, or something else in it.

    Raises:
        InputError: it is not valid JSON.
    """
    if not file.is_file():
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"is not valid JSON ({error})", file=file) from error
    return content if isinstance(content, dict) else {}


def _shapes(file: Path) -> dict[str, tuple[int, ...]]:
    """A safetensors file begins with the length of its header, eight bytes, and the header, in JSON."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        raw = stream.read(length) if 2 <= length <= _LONGEST_HEADER else b""
    try:
        header: Mapping[str, Any] = json.loads(raw)
        return {name: tuple(one["shape"]) for name, one in header.items() if name != "__metadata__"}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError("is not a safetensors file", file=file, remedy="Fetch or copy it again") from error
