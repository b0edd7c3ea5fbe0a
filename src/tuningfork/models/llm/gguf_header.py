"""Reading a GGUF file's header: metadata and the list of tensors, never the weights.

The `gguf` package's reader builds one array per vocabulary entry, which takes seconds for 150 000 tokens; here
the long arrays are stepped over, so that a header is read in a fraction of that. Layout: the GGUF specification,
versions 2 and 3.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tuningfork.errors import InputError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
DEFAULT_ALIGNMENT = 32
STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "?", 10: "<Q", 11: "<q", 12: "<d"}
"""Value types of the specification that have a fixed size, as `struct` formats."""

Scalar = str | int | float | bool
DAMAGED_ERRORS = (struct.error, IndexError, UnicodeDecodeError, KeyError, ValueError, OverflowError, MemoryError)
"""What a parser stumbles over in a file that is cut short or was never a GGUF."""


@dataclass(frozen=True, slots=True)
class ArrayLength:
    """Stands for a metadata array, whose values are not read."""

    length: int


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One tensor as the header lists it.

    Attributes:
        shape: as stored, the contiguous dimension first.
        type_code: the number of its `GGMLQuantizationType`.
        offset: bytes from the start of the data section.
    """

    name: str
    shape: tuple[int, ...]
    type_code: int
    offset: int

    @property
    def elements(self) -> int:
        """Number of weights."""
        product = 1
        for length in self.shape:
            product *= length
        return product


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """A header, and where its parts lie in the file.

    Attributes:
        metadata: scalars by key; arrays as their lengths.
        positions: byte offset of each metadata value.
        tensors_start: byte offset of the tensor list; what precedes it is magic, counts and metadata.
        data_start: byte offset of the data section.
        alignment: every tensor starts at a multiple of this.
    """

    metadata: Mapping[str, Scalar | ArrayLength]
    positions: Mapping[str, int]
    tensors: tuple[TensorEntry, ...]
    tensors_start: int
    data_start: int
    alignment: int

    def integer(self, key: str) -> int | None:
        """A whole number of the metadata; `{arch}` in the key stands for the model's architecture. None if absent."""
        value = self.metadata.get(key.replace("{arch}", str(self.metadata.get("general.architecture", ""))))
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def read_header(path: Path) -> GgufHeader:
    """The header of a GGUF file.

    Raises:
        InputError: no such file, not a GGUF, a version that is not 2 or 3, or a file cut short.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from error
    return _read_header(path.resolve(), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=16)
def _read_header(path: Path, size: int, modified: int) -> GgufHeader:
    """As above; size and time are only there so that a changed file is read again."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if content[:4] != MAGIC:
                raise InputError("is no GGUF file", file=path, remedy="Give the .gguf file of a model.")
            header = _Cursor(content, path).header()
    except DAMAGED_ERRORS as error:
        remedy = "It may be cut short: fetch it again."
        raise InputError("is no readable GGUF file", file=path, remedy=remedy) from error
    _check_complete(path, header, size)
    return header


class _Cursor:
    """Reads values one after another."""

    def __init__(self, content: mmap.mmap, path: Path) -> None:
        self.content, self.path, self.at = content, path, len(MAGIC)

    def header(self) -> GgufHeader:
        version, tensor_count, value_count = self.scalar(4), self.scalar(10), self.scalar(10)
        if version not in VERSIONS:
            raise InputError(f"has GGUF version {version}; versions {VERSIONS} can be read", file=self.path)
        metadata: dict[str, Scalar | ArrayLength] = {}
        positions: dict[str, int] = {}
        for _ in range(int(value_count)):
            key, kind = self.string(), int(self.scalar(4))
            positions[key] = self.at
            metadata[key] = self.value(kind)
        start = self.at
        tensors = tuple(self.tensor() for _ in range(int(tensor_count)))
        given = metadata.get("general.alignment")
        alignment = given if isinstance(given, int) and given > 0 else DEFAULT_ALIGNMENT
        return GgufHeader(metadata, positions, tensors, start, aligned(self.at, alignment), alignment)

    def scalar(self, kind: int) -> int | float | bool:
        layout = SCALARS[kind]
        number: int | float | bool = struct.unpack_from(layout, self.content, self.at)[0]
        self.at += struct.calcsize(layout)
        return number

    def string(self) -> str:
        length = int(self.scalar(10))
        text = self.content[self.at : self.at + length]
        if len(text) < length:
            raise IndexError("the file ends within a string")
        self.at += length
        return text.decode("utf-8")

    def value(self, kind: int) -> Scalar | ArrayLength:
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            return self.array()
        return self.scalar(kind)

    def array(self) -> ArrayLength:
        kind, length = int(self.scalar(4)), int(self.scalar(10))
        if kind in SCALARS:
            self.at += length * struct.calcsize(SCALARS[kind])
        else:
            for _ in range(length):
                self.step_over(kind)
        return ArrayLength(length)

    def step_over(self, kind: int) -> None:
        if kind == ARRAY:
            self.array()
        elif kind == STRING:
            (length,) = struct.unpack_from("<Q", self.content, self.at)
            self.at += 8 + length
        else:
            raise KeyError(kind)

    def tensor(self) -> TensorEntry:
        name, dimensions = self.string(), int(self.scalar(4))
        shape = tuple(int(self.scalar(10)) for _ in range(dimensions))
        return TensorEntry(name, shape, int(self.scalar(4)), int(self.scalar(10)))


def aligned(offset: int, alignment: int) -> int:
    """The next multiple of `alignment`, or `offset` if it is one."""
    return -(-offset // alignment) * alignment


def bytes_of(tensor: TensorEntry) -> int:
    """Size of a tensor's data in the file."""
    return stored_bytes(tensor.elements, tensor.type_code)


def type_name(type_code: int) -> str | None:
    """Name of a tensor type, e.g. 'Q4_1'; None for one that the installed `gguf` package does not know."""
    from gguf.constants import GGMLQuantizationType

    try:
        return str(GGMLQuantizationType(type_code).name)
    except ValueError:
        return None


def stored_bytes(elements: int, type_code: int) -> int:
    """Bytes that so many weights take in a quantisation type.

    Raises:
        ValueError: a type that the installed `gguf` package does not know.
    """
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    block, size = GGML_QUANT_SIZES[GGMLQuantizationType(type_code)]
    return int(elements // block * size)


def _check_complete(path: Path, header: GgufHeader, size: int) -> None:
    if not header.tensors:
        raise InputError("is a GGUF file without weights", file=path)
    last = max(header.tensors, key=lambda tensor: tensor.offset)
    try:
        needed = header.data_start + last.offset + bytes_of(last)
    except ValueError:
        return  # a newer type than the `gguf` package knows; the server has the last word on it
    if size < needed:
        problem = f"is cut short: it has {size} of {needed} bytes"
        raise InputError(problem, file=path, remedy="Fetch it again.")
