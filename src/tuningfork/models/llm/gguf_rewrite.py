"""Rewriting a GGUF file's slow tensors as Q8_0; everything else is copied byte by byte."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tuningfork.foundation.files import replacing
from tuningfork.models.llm.gguf_header import (
    GgufHeader,
    TensorEntry,
    aligned,
    bytes_of,
    read_header,
    stored_bytes,
    type_name,
)

WELL_SERVED = frozenset({"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K", "MXFP4", "NVFP4"})
"""Tensor types that llama.cpp runs on a CPU with vectorised or repacked kernels, or that are full precision, which a
user chose on purpose. All others are worth a trial as Q8_0."""

MOSTLY_Q8_0 = 7
"""`general.file_type` of a Q8_0 file."""

Q8_0_BLOCK = 32
"""Weights that share one scale in Q8_0; a row has to be a multiple of it."""

WEIGHTS_AT_A_TIME = 8_000_000
"""Weights held in memory as float32 while a tensor is rewritten (32 MB)."""


@dataclass(frozen=True, slots=True)
class _Move:
    """One tensor's way from the old file to the new one."""

    old: TensorEntry
    new: TensorEntry

    @property
    def changes(self) -> bool:
        return self.old.type_code != self.new.type_code


def slow_share(header: GgufHeader) -> float:
    """Share of the weights, 0 to 1, whose type is not known to have fast kernels and can be rewritten."""
    slow = sum(tensor.elements for tensor in header.tensors if _is_slow(tensor))
    return slow / max(1, sum(tensor.elements for tensor in header.tensors))


def rewritten_bytes(header: GgufHeader) -> int:
    """Size of the data section after rewriting, which is about the size of the file."""
    moves = _moves(header)
    return max(move.new.offset + bytes_of(move.new) for move in moves)


def rewrite_as_q8_0(source: Path, target: Path) -> None:
    """Write `target`, with the slow tensors of `source` dequantised and quantised to Q8_0 (8.5 bits a weight).

    Names, order, metadata, tokenizer and chat template stay; `general.file_type` becomes Q8_0. Tensors stream through
    in pieces, so memory stays small; the file appears as a whole or not at all.

    Raises:
        InputError: `source` is no readable GGUF file.
        OSError: `target` cannot be written.
    """
    header = read_header(source)
    moves = _moves(header)
    with replacing(target) as temporary, source.open("rb") as old, temporary.open("wb") as new:
        new.write(_metadata(old, header))
        new.write(b"".join(_listed(move.new) for move in moves))
        data_start = aligned(new.tell(), header.alignment)
        for move in moves:
            new.write(bytes(data_start + move.new.offset - new.tell()))
            old.seek(header.data_start + move.old.offset)
            for piece in _converted(old, move) if move.changes else _copied(old, bytes_of(move.old)):
                new.write(piece)
        new.write(bytes(aligned(new.tell(), header.alignment) - new.tell()))


def _is_slow(tensor: TensorEntry) -> bool:
    name = type_name(tensor.type_code)
    if name is None or name in WELL_SERVED or tensor.shape[0] % Q8_0_BLOCK:
        return False
    return _can_be_dequantised(tensor.type_code)


@cache
def _can_be_dequantised(type_code: int) -> bool:
    """Whether the `gguf` package can; asked with one block of zeros, for it keeps no public list."""
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
    from gguf.quants import dequantize

    kind = GGMLQuantizationType(type_code)
    block: NDArray[Any] = np.zeros((1, GGML_QUANT_SIZES[kind][1]), dtype=np.uint8)
    try:
        dequantize(block, kind)
    except NotImplementedError:
        return False
    return True


def _moves(header: GgufHeader) -> list[_Move]:
    from gguf.constants import GGMLQuantizationType

    moves, offset = [], 0
    for tensor in sorted(header.tensors, key=lambda tensor: tensor.offset):
        code = int(GGMLQuantizationType.Q8_0) if _is_slow(tensor) else tensor.type_code
        moves.append(_Move(tensor, replace(tensor, type_code=code, offset=offset)))
        offset = aligned(offset + stored_bytes(tensor.elements, code), header.alignment)
    return moves


def _metadata(old: BinaryIO, header: GgufHeader) -> bytes:
    """Magic, counts and metadata as they are, but for the file's type."""
    old.seek(0)
    content = bytearray(old.read(header.tensors_start))
    if header.integer("general.file_type") is not None:
        struct.pack_into("<I", content, header.positions["general.file_type"], MOSTLY_Q8_0)
    return bytes(content)


def _listed(tensor: TensorEntry) -> bytes:
    name = tensor.name.encode("utf-8")
    count = len(tensor.shape)
    layout = f"<Q{len(name)}sI{count}QIQ"
    return struct.pack(layout, len(name), name, count, *tensor.shape, tensor.type_code, tensor.offset)


def _copied(old: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = old.read(min(size, WEIGHTS_AT_A_TIME))
        if not piece:
            raise OSError("the file ended while its weights were read")
        yield piece
        size -= len(piece)


def _converted(old: BinaryIO, move: _Move) -> Iterator[bytes]:
    from gguf.constants import GGMLQuantizationType
    from gguf.quants import dequantize, quantize

    kind = GGMLQuantizationType(move.old.type_code)
    row = move.old.shape[0]
    rows = move.old.elements // row
    row_bytes = stored_bytes(row, move.old.type_code)
    at_a_time = max(1, WEIGHTS_AT_A_TIME // row)
    for first in range(0, rows, at_a_time):
        count = min(at_a_time, rows - first)
        stored: NDArray[Any] = np.frombuffer(old.read(count * row_bytes), dtype=np.uint8).reshape(count, row_bytes)
        weights = dequantize(stored, kind).astype(np.float32, copy=False)
        yield quantize(weights, GGMLQuantizationType.Q8_0).tobytes()
