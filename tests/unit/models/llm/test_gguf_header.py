"""The header reader against files made, and read, by the `gguf` package."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from tuningfork.errors import InputError
from tuningfork.models.llm.gguf_header import bytes_of, read_header, type_name
from tuningfork.models.llm.gguf_metadata import (
    format_of,
    key_value_bytes,
    parameters_of,
    parts_of,
    trained_context,
    vocabulary_size,
)

Q4_1, Q8_0 = gguf.GGMLQuantizationType.Q4_1, gguf.GGMLQuantizationType.Q8_0


def write_model(path: Path, *, file_type: int | None = 3) -> Path:
    """A small file with every kind of metadata, and tensors in three types."""
    random = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(4096)
    writer.add_block_count(2)
    writer.add_embedding_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    if file_type is not None:
        writer.add_file_type(file_type)
    writer.add_token_list(["<s>", "grüße", "", "猫"])
    writer.add_token_scores([0.0, -1.5, 2.0, 3.0])
    writer.add_array("general.languages", ["en", "de"])
    writer.add_float32("llama.rope.freq_base", 10000.0)
    writer.add_bool("tokenizer.ggml.add_bos_token", True)
    writer.add_chat_template("{{ messages }}")
    writer.add_tensor(
        "token_embd.weight", gguf.quantize(random.normal(size=(4, 64)).astype("f4"), Q8_0), raw_dtype=Q8_0
    )
    for layer in range(2):
        weights = gguf.quantize(random.normal(size=(48, 64)).astype("f4"), Q4_1)
        writer.add_tensor(f"blk.{layer}.ffn_up.weight", weights, raw_dtype=Q4_1)
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", random.normal(size=64).astype("f4"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_agrees_with_the_gguf_packages_reader(tmp_path: Path) -> None:
    path = write_model(tmp_path / "small.gguf")
    ours, theirs = read_header(path), gguf.GGUFReader(path)
    assert [(t.name, t.shape, t.type_code) for t in ours.tensors] == [
        (t.name, tuple(t.shape), int(t.tensor_type)) for t in theirs.tensors
    ]
    assert [ours.data_start + t.offset for t in ours.tensors] == [t.data_offset for t in theirs.tensors]
    assert [bytes_of(t) for t in ours.tensors] == [t.n_bytes for t in theirs.tensors]
    own = {key for key in theirs.fields if not key.startswith("GGUF.")}
    assert set(ours.metadata) == own
    for key in ("general.architecture", "llama.context_length", "tokenizer.chat_template", "llama.rope.freq_base"):
        assert ours.metadata[key] == theirs.fields[key].contents()


def test_metadata_of_the_model(tmp_path: Path) -> None:
    path = write_model(tmp_path / "small.gguf")
    assert format_of(path) == "q4_1"
    assert trained_context(path) == 4096
    assert vocabulary_size(path) == 4
    assert parameters_of(path) == 4 * 64 + 2 * (48 * 64 + 64)
    # 2 layers, 2 heads of 16 for keys and as many for values, 2 bytes each
    assert key_value_bytes(path, 100) == 2 * 2 * (16 + 16) * 2 * 100


def test_a_file_without_a_type_is_named_after_most_of_its_weights(tmp_path: Path) -> None:
    assert format_of(write_model(tmp_path / "small.gguf", file_type=None)) == "q4_1"


def test_any_cut_is_noticed(tmp_path: Path) -> None:
    content = write_model(tmp_path / "whole.gguf").read_bytes()
    cut = tmp_path / "cut.gguf"
    for length in [*range(0, 400, 7), len(content) // 2, len(content) - 65]:
        cut.write_bytes(content[:length])
        with pytest.raises(InputError, match=r"cut\.gguf"):
            read_header(cut)


@pytest.mark.parametrize(
    "content", [b"", b"text, not a model", b"GGUF\x03\0\0\0" + b"\xff" * 60], ids=["empty", "text", "noise"]
)
def test_what_is_no_gguf_is_bad_input(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.gguf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"notes\.gguf"):
        format_of(path)


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.gguf.*No such file"):
        read_header(tmp_path / "absent.gguf")


def test_an_unknown_version_is_named(tmp_path: Path) -> None:
    content = bytearray(write_model(tmp_path / "whole.gguf").read_bytes())
    content[4:8] = (9).to_bytes(4, "little")
    path = tmp_path / "future.gguf"
    path.write_bytes(content)
    with pytest.raises(InputError, match="version 9"):
        read_header(path)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write_model(tmp_path / "small.gguf")
    assert format_of(path) == "q4_1"
    write_model(path, file_type=7)
    assert format_of(path) == "q8_0"


def test_parts_of_a_divided_file_belong_together(tmp_path: Path) -> None:
    parts = [write_model(tmp_path / f"large-0000{i}-of-00002.gguf") for i in (1, 2)]
    write_model(tmp_path / "other-00001-of-00002.gguf")
    assert parts_of(parts[0]) == tuple(parts)
    assert parameters_of(parts[0]) == 2 * parameters_of(tmp_path / "other-00001-of-00002.gguf")


def test_type_names() -> None:
    assert type_name(3) == "Q4_1"
    assert type_name(9999) is None
