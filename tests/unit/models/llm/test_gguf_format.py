"""Decisions about a file's format are made once, remembered and followed."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import pytest

from tuningfork.foundation.hashing import hash_of_file
from tuningfork.models.llm import gguf_format
from tuningfork.models.llm.gguf_format import fastest_format
from tuningfork.models.llm.machine import machine_key


def write_weights(path: Path, kind: gguf.GGMLQuantizationType, file_type: int) -> Path:
    weights = np.random.default_rng(0).normal(size=(64, 256)).astype("f4")
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(file_type)
    writer.add_tensor("blk.0.ffn_up.weight", gguf.quantize(weights, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    return write_weights(tmp_path / "slow.gguf", gguf.GGMLQuantizationType.Q4_1, 3)


def remember(gguf_file: Path, cache: Path, text: str) -> Path:
    decision = cache / "formats" / f"{hash_of_file(gguf_file)[:12]}-{machine_key()}.json"
    decision.parent.mkdir(parents=True)
    decision.write_text(text)
    return decision


@pytest.mark.parametrize(("kind", "file_type", "name"), [("Q8_0", 7, "q8_0"), ("F16", 1, "f16"), ("Q4_0", 2, "q4_0")])
def test_fast_and_full_precision_formats_stay_without_a_trial(
    tmp_path: Path, kind: str, file_type: int, name: str
) -> None:
    path = write_weights(tmp_path / "fast.gguf", gguf.GGMLQuantizationType[kind], file_type)
    choice = fastest_format(path, tmp_path / "cache", announce=pytest.fail)
    assert (choice.path, choice.format, dict(choice.measured)) == (path, name, {})
    assert not (tmp_path / "cache").exists()


def test_a_remembered_rewrite_is_followed_and_made_where_it_is_missing(slow: Path, tmp_path: Path) -> None:
    measured = {"q4_1": 100.0, "q8_0": 150.0}
    remember(slow, tmp_path, json.dumps({"rewrite": True, "measured": measured, "reason": "faster"}))
    choice = fastest_format(slow, tmp_path, announce=pytest.fail)
    assert choice.path.parent == tmp_path / "formats"
    assert (choice.format, dict(choice.measured), choice.reason) == ("q8_0", measured, "faster")
    assert gguf_format.format_of(choice.path) == "q8_0"
    choice.path.unlink()
    assert fastest_format(slow, tmp_path, announce=pytest.fail) == choice
    assert choice.path.is_file()


def test_a_remembered_refusal_is_followed(slow: Path, tmp_path: Path) -> None:
    remember(slow, tmp_path, json.dumps({"rewrite": False, "measured": {"q4_1": 1.0}, "reason": "not faster"}))
    choice = fastest_format(slow, tmp_path, announce=pytest.fail)
    assert (choice.path, choice.format, choice.reason) == (slow, "q4_1", "not faster")


@pytest.mark.parametrize("text", ["", "{", '{"other": 1}', "[]"])
def test_a_damaged_decision_means_a_new_trial(slow: Path, tmp_path: Path, text: str) -> None:
    remember(slow, tmp_path, text)
    said: list[str] = []
    choice = fastest_format(slow, tmp_path, announce=said.append)
    assert "trying whether q8_0 is faster" in said[0]
    # These few weights are no model that a server could run.
    assert (choice.path, choice.format) == (slow, "q4_1")
    assert "could not be found out" in said[-1]


def test_another_file_is_another_decision(slow: Path, tmp_path: Path) -> None:
    remember(slow, tmp_path, json.dumps({"rewrite": False, "measured": {}, "reason": "remembered"}))
    other = write_weights(tmp_path / "other.gguf", gguf.GGMLQuantizationType.Q5_0, 8)
    assert fastest_format(other, tmp_path).reason != "remembered"


def test_a_file_in_parts_stays(tmp_path: Path) -> None:
    parts = [
        write_weights(tmp_path / f"m-0000{part}-of-00002.gguf", gguf.GGMLQuantizationType.Q4_1, 3) for part in (1, 2)
    ]
    assert fastest_format(parts[0], tmp_path).path == parts[0]


def test_a_full_disk_is_said_and_the_file_stays(slow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf_format, "rewritten_bytes", lambda _: 1 << 60)
    said: list[str] = []
    assert fastest_format(slow, tmp_path, announce=said.append).path == slow
    assert "MiB free" in said[-1]
