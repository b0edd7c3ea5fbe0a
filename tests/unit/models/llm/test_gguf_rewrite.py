"""Rewriting as Q8_0, read back with the `gguf` package."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from tuningfork.errors import InputError
from tuningfork.models.llm import gguf_rewrite
from tuningfork.models.llm.gguf_header import read_header
from tuningfork.models.llm.gguf_metadata import format_of
from tuningfork.models.llm.gguf_rewrite import rewrite_as_q8_0, rewritten_bytes, slow_share

SLOW = ("Q4_1", "Q5_0", "Q5_1", "Q5_K", "Q3_K")
KEPT = ("F32", "F16", "Q8_0", "Q4_0")
ROWS, WIDTH = 37, 512


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with one matrix of many types, and a vector."""
    random = np.random.default_rng(1)
    path = tmp_path / "mixed.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(3)
    writer.add_token_list([f"token {i}" for i in range(50)])
    writer.add_tensor("norm", random.normal(size=WIDTH).astype("f4"))
    for name in (*SLOW, *KEPT):
        kind = gguf.GGMLQuantizationType[name]
        writer.add_tensor(name, _some_weights(kind, random), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _some_weights(kind: gguf.GGMLQuantizationType, random: np.random.Generator) -> np.ndarray:
    if kind.name in ("Q5_K", "Q3_K"):  # the package reads these but does not write them: any bytes with a sane scale
        block, size = gguf.GGML_QUANT_SIZES[kind]
        stored = random.integers(0, 255, size=(ROWS * WIDTH // block, size), dtype=np.uint8)
        scale = slice(0, 4) if kind.name == "Q5_K" else slice(size - 2, size)
        stored[:, scale] = np.tile(np.frombuffer(np.float16(0.01).tobytes(), np.uint8), (scale.stop - scale.start) // 2)
        return stored.reshape(ROWS, -1)
    return gguf.quantize(random.normal(size=(ROWS, WIDTH)).astype("f4"), kind)


def _by_name(path: Path) -> dict[str, gguf.ReaderTensor]:
    return {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}


def test_slow_matrices_become_q8_0_and_keep_their_values(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "formats" / "new.gguf"
    rewrite_as_q8_0(source, target)
    old, new = _by_name(source), _by_name(target)
    assert list(old) == list(new)
    for name in SLOW:
        assert new[name].tensor_type.name == "Q8_0"
        before = gguf.dequantize(old[name].data, old[name].tensor_type)
        after = gguf.dequantize(new[name].data, new[name].tensor_type)
        # half a step of 127 to the largest weight of each block, and the rounding of the scale to 16 bits
        largest = np.abs(before.reshape(ROWS, -1, 32)).max(axis=-1, keepdims=True)
        assert (np.abs(before - after).reshape(ROWS, -1, 32) <= largest * (0.5 / 127 + 0.001)).all()


def test_everything_else_stays_byte_by_byte(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.gguf"
    rewrite_as_q8_0(source, target)
    old, new = _by_name(source), _by_name(target)
    for name in (*KEPT, "norm"):
        assert new[name].tensor_type == old[name].tensor_type
        assert new[name].data.tobytes() == old[name].data.tobytes()
    fields_before, fields_after = gguf.GGUFReader(source).fields, gguf.GGUFReader(target).fields
    assert fields_after["tokenizer.ggml.tokens"].contents() == fields_before["tokenizer.ggml.tokens"].contents()
    differing = {key for key in fields_before if fields_before[key].contents() != fields_after[key].contents()}
    assert differing == {"general.file_type"}
    assert format_of(target) == "q8_0"


def test_pieces_do_not_show(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, in_pieces = tmp_path / "whole.gguf", tmp_path / "pieces.gguf"
    rewrite_as_q8_0(source, whole)
    monkeypatch.setattr(gguf_rewrite, "WEIGHTS_AT_A_TIME", 5 * WIDTH)
    rewrite_as_q8_0(source, in_pieces)
    assert in_pieces.read_bytes() == whole.read_bytes()


def test_a_rewritten_file_has_nothing_left_to_rewrite(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.gguf"
    assert slow_share(read_header(source)) == pytest.approx(len(SLOW) / (len(SLOW) + len(KEPT)), abs=0.01)
    rewrite_as_q8_0(source, target)
    assert slow_share(read_header(target)) == 0
    assert rewritten_bytes(read_header(source)) == pytest.approx(
        target.stat().st_size - read_header(target).data_start, abs=32
    )


def test_a_failure_leaves_nothing_behind(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    source.write_bytes(source.read_bytes()[:-5000])
    with pytest.raises(InputError, match="cut short"):
        rewrite_as_q8_0(source, folder / "new.gguf")
    assert not folder.exists() or not list(folder.iterdir())
