"""A remembered sum is that of the file as it is now."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from tuningfork.models import digests
from tuningfork.models.digests import DigestBook
from tuningfork.models.encoders.opening import encoder_identity
from tuningfork.models.llm.opening import server_identity
from tuningfork.models.store import ModelStore


def sum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def with_time_of(path: Path, status: os.stat_result) -> None:
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_file_is_read_once_for_as_long_as_nobody_touches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    honest = digests.hash_of_file
    monkeypatch.setattr(digests, "hash_of_file", lambda path: read.append(path) or honest(path))
    file, record = tmp_path / "weights.gguf", tmp_path / "digests.json"
    file.write_bytes(b"a" * 1000)
    for _ in range(2):
        assert DigestBook(record).digest(file) == sum_of(file)
    assert read == [file]


def test_a_copy_of_the_same_size_and_time_is_another_file(tmp_path: Path) -> None:
    """Put in its place, or written over it with the old time restored, as copying programs do."""
    file, book = tmp_path / "weights.gguf", DigestBook(tmp_path / "digests.json")
    file.write_bytes(b"a" * 1000)
    before = file.stat()
    assert book.digest(file) == sum_of(file)
    other = tmp_path / "other"
    other.write_bytes(b"b" * 1000)
    with_time_of(other, before)
    other.replace(file)
    assert book.digest(file) == sum_of(file)
    file.write_bytes(b"c" * 1000)
    with_time_of(file, before)
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert book.digest(file) == sum_of(file)


@pytest.fixture
def empty(tmp_path: Path) -> ModelStore:
    """A store without a model and without a way to get one."""
    return ModelStore(tmp_path / "cache", mirror=False)


def test_who_answers_changes_with_the_local_file_and_not_with_its_place_in_a_run(
    tmp_path: Path, empty: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(b"GGUF" + bytes(1000))
    first = server_identity(str(file), None, {}, empty)
    assert first == server_identity(str(file), None, {}, empty)
    file.write_bytes(b"GGUF" + bytes(999) + b"1")
    assert server_identity(str(file), None, {}, empty) != first
    assert server_identity("m", "http://127.0.0.1:1/v1", {}, empty) == "http://127.0.0.1:1/v1"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    assert server_identity("openai/gpt-4o-mini", None, {}, empty) == "openai"


def test_what_is_not_here_yet_is_not_fetched_to_be_named(empty: ModelStore) -> None:
    assert server_identity("hf:somebody/nothing", None, {}, empty) is None
    assert empty.fingerprint_at_hand("hf:somebody/nothing", "encoder") is None
    assert encoder_identity("hf:somebody/nothing", empty) != encoder_identity("minilm", empty)
    assert empty.fingerprint_at_hand("minilm", "encoder") == ModelStore().fingerprint("minilm", "encoder")
    assert not empty.cache.exists()


def test_an_encoder_hangs_on_its_weights_and_on_those_that_stand_in_for_it(
    tmp_path: Path, store: ModelStore, empty: ModelStore
) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(store.locate("minilm-int8"), folder)
    first = encoder_identity(str(folder), empty)
    with (folder / "model.onnx").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
    assert encoder_identity(str(folder), empty) != first
    assert encoder_identity("minilm", empty) != encoder_identity("minilm-int8", empty)
