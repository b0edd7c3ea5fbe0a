"""Which files of a repository are fetched: one copy of the weights, nothing pickled, nothing outside the folder."""

from __future__ import annotations

import pytest

from tuningfork.models import repositories
from tuningfork.models.downloads import Expected, SourceFailed, SourceRefused
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
    assert set(shards) <= set(chosen("config.json", "tokenizer.json", *shards))
    assert chosen("config.json", "tokenizer.json", "model.safetensors", *shards)[0] == "model.safetensors"
    assert not set(shards) & set(chosen("config.json", "tokenizer.json", "model.safetensors", *shards)), "one copy"


def test_pickled_weights_are_never_fetched() -> None:
    with pytest.raises(SourceRefused, match=r"only pickled weights.*pytorch_model\.bin.*convert them"):
        choose_files(repository("config.json", "pytorch_model.bin", "tokenizer.json"))
    with pytest.raises(SourceRefused, match="no weights in someone/model in the formats safetensors"):
        choose_files(repository("config.json", "flax_model.msgpack", "tokenizer.json"))


@pytest.mark.parametrize("tokenizer", ["tokenizer.json", "vocab.txt", "sentencepiece.bpe.model", "vocab.json"])
def test_any_form_of_a_tokenizer_is_fetched_and_none_is_refused(tokenizer: str) -> None:
    assert chosen("config.json", "model.safetensors", tokenizer) == ["model.safetensors", "config.json", tokenizer]
    with pytest.raises(SourceRefused, match=r"no tokenizer.*tokenizer\.json"):
        choose_files(repository("config.json", "model.safetensors", "tokenizer_config.json"))


def test_without_full_precision_the_onnx_file_that_is_right_on_every_processor() -> None:
    offered = ["onnx/model_qint8_avx512_vnni.onnx", "onnx/model_O4.onnx", "onnx/model_quint8_avx2.onnx"]
    assert chosen("config.json", "vocab.txt", *offered)[0] == "onnx/model_quint8_avx2.onnx"
    assert chosen("config.json", "vocab.txt", *offered, "model.onnx")[0] == "model.onnx"
    assert chosen("config.json", "vocab.txt", offered[0])[0] == offered[0]


def test_an_onnx_file_can_be_named_and_comes_with_what_describes_it() -> None:
    paths = ("config.json", "vocab.txt", "model.safetensors", "onnx/model.onnx", "onnx/model_O2.onnx")
    assert chosen(*paths, file="onnx/model_O2.onnx") == ["onnx/model_O2.onnx", "config.json", "vocab.txt"]
    with pytest.raises(SourceRefused, match=r"it has onnx/model\.onnx, onnx/model_O2\.onnx"):
        choose_files(repository(*paths), file="onnx/model_O3.onnx")


def test_an_llm_is_one_gguf_file_of_middle_size() -> None:
    assert chosen("a.Q2_K.gguf", "a.Q4_K_M.gguf", "a.Q8_0.gguf", "mmproj-Q4_K_M.gguf") == ["a.Q4_K_M.gguf"]
    assert chosen("a-f16.gguf", "README.md") == ["a-f16.gguf"]
    assert chosen("config.json", "model.safetensors", "a.Q8_0.gguf", kind="llm") == ["a.Q8_0.gguf"]
    assert (
        chosen("config.json", "vocab.txt", "model.safetensors", "a.Q8_0.gguf", kind="encoder")[0] == "model.safetensors"
    )
    with pytest.raises(SourceFailed, match="no GGUF"):
        choose_files(repository("config.json", "model.safetensors"), kind="llm")


def test_a_gguf_file_in_pieces_comes_whole() -> None:
    pieces = [f"big-q4_k_m-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    assert chosen("small-q2_k.gguf", *reversed(pieces)) == pieces


def test_a_listing_cannot_lead_outside_the_folder() -> None:
    outside = ("../config.json", "/etc/config.json", "a/../../vocab.txt")
    assert chosen("config.json", "vocab.txt", "model.safetensors", *outside) == [
        *("model.safetensors", "config.json", "vocab.txt")
    ]
    with pytest.raises(SourceFailed):
        choose_files(repository("../m.gguf"), file="../m.gguf")
