"""Which files of a repository are fetched: one copy of the weights, nothing pickled, nothing outside the folder."""

from __future__ import annotations

import pytest

from tuningfork.models import repositories
from tuningfork.models.downloads import Expected, SourceFailed
from tuningfork.models.hub import RemoteFile, Repository
from tuningfork.models.repositories import choose_files

SENTENCE_TRANSFORMER = (
    "1_Pooling/config.json",
    "README.md",
    "config.json",
    "model.safetensors",
    "modules.json",
    "onnx/model.onnx",
    "onnx/model_O4.onnx",
    "pytorch_model.bin",
    "tf_model.h5",
    "tokenizer.json",
    "vocab.txt",
)


def repository(*paths: str) -> Repository:
    return Repository("someone/model", "c" * 40, tuple(RemoteFile(path, Expected()) for path in paths))


def chosen(*paths: str, **options: str) -> list[str]:
    return [file.path for file in choose_files(repository(*paths), **options)[1]]  # type: ignore[arg-type]


def without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repositories, "find_spec", lambda name: None if name == package else object())


def test_with_pytorch_the_safetensors_and_what_describes_them() -> None:
    assert chosen(*SENTENCE_TRANSFORMER) == [
        "model.safetensors",
        "1_Pooling/config.json",
        "config.json",
        "modules.json",
        "tokenizer.json",
        "vocab.txt",
    ]


def test_without_pytorch_the_onnx_file_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    without("torch", monkeypatch)
    paths = chosen(*SENTENCE_TRANSFORMER)
    assert paths[0] == "onnx/model.onnx" and "model.safetensors" not in paths and "tokenizer.json" in paths


def test_sharded_weights_come_with_their_index() -> None:
    shards = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json")
    assert set(shards) <= set(chosen("config.json", *shards))


def test_pickled_weights_are_never_fetched() -> None:
    with pytest.raises(SourceFailed, match="no weights in the formats safetensors"):
        choose_files(repository("config.json", "pytorch_model.bin", "tokenizer.json"))


def test_an_llm_is_one_gguf_file_of_middle_size() -> None:
    assert chosen("a.Q2_K.gguf", "a.Q4_K_M.gguf", "a.Q8_0.gguf", "mmproj-Q4_K_M.gguf") == ["a.Q4_K_M.gguf"]
    assert chosen("a-f16.gguf", "README.md") == ["a-f16.gguf"]
    assert chosen("config.json", "model.safetensors", "a.Q8_0.gguf", kind="llm") == ["a.Q8_0.gguf"]
    assert chosen("config.json", "model.safetensors", "a.Q8_0.gguf", kind="encoder")[0] == "model.safetensors"
    with pytest.raises(SourceFailed, match="no GGUF"):
        choose_files(repository("config.json", "model.safetensors"), kind="llm")


def test_a_gguf_file_in_pieces_comes_whole() -> None:
    pieces = [f"big-q4_k_m-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    assert chosen("small-q2_k.gguf", *reversed(pieces)) == pieces


def test_a_listing_cannot_lead_outside_the_folder() -> None:
    paths = chosen("config.json", "model.safetensors", "../config.json", "/etc/config.json", "a/../../vocab.txt")
    assert paths == ["model.safetensors", "config.json"]
    with pytest.raises(SourceFailed):
        choose_files(repository("../m.gguf"), file="../m.gguf")
