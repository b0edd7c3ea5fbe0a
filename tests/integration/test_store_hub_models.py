"""Encoders of the Hub that are no starters: what is fetched, what is refused and with which remedy, and the cache of
other tools. A real server on loopback has the real bytes of a small encoder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub_server import HubServer, running
from tuningfork.errors import InputError, ModelUnavailable
from tuningfork.models.encoders.opening import check_encoder, make_ready, open_encoder
from tuningfork.models.store import ModelStore

NAME = "someone/small-encoder"
DESCRIPTION = ("config.json", "tokenizer.json", "1_Pooling/config.json", "sentence_bert_config.json")


@pytest.fixture(scope="module")
def onnx_files(store: ModelStore) -> dict[str, bytes]:
    source = store.locate("minilm-int8")
    described = {name: (source / name).read_bytes() for name in DESCRIPTION}
    return {"onnx/model.onnx": (source / "model.onnx").read_bytes(), **described}


@pytest.fixture(scope="module")
def torch_files(store: ModelStore) -> dict[str, bytes]:
    source = store.locate("minilm")
    return {name: (source / name).read_bytes() for name in ("model.safetensors", *DESCRIPTION)}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf-home"))
    with running(HubServer({})) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        yield server


@pytest.fixture
def fetching(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "cache", mirror=False)


@pytest.mark.parametrize("files", ["onnx_files", "torch_files"])
def test_an_encoder_of_the_hub_gives_the_vectors_of_the_same_files_here(
    files: str, hub: HubServer, fetching: ModelStore, store: ModelStore, request: pytest.FixtureRequest
) -> None:
    hub.files[NAME] = request.getfixturevalue(files)
    make_ready(f"hf:{NAME}", fetching)
    of_the_hub = open_encoder(f"hf:{NAME}", fetching, threads=1)
    here = open_encoder(str(store.locate("minilm-int8" if files == "onnx_files" else "minilm")), store, threads=1)
    texts = ["where is my card?", "a longer text about something else"]
    assert of_the_hub.embed(texts).tolist() == here.embed(texts).tolist()
    assert of_the_hub.name == f"hf:{NAME}"


def test_the_hub_is_asked_for_the_model_and_for_nothing_else(
    hub: HubServer, fetching: ModelStore, onnx_files: dict[str, bytes]
) -> None:
    """The library would look for programs that may have called this one, by a list that it asks the endpoint for."""
    hub.files[NAME] = onnx_files
    fetching.locate(f"hf:{NAME}", "encoder")
    assert {path.split(NAME)[0] for method, path, _ in hub.requests if method == "GET"} == {"/api/models/", "/"}
    assert {headers.get("User-Agent") for method, _, headers in hub.requests if method == "GET"} == {"tuningfork"}


def test_an_empty_file_is_a_file(hub: HubServer, fetching: ModelStore, onnx_files: dict[str, bytes]) -> None:
    hub.files[NAME] = {**onnx_files, "vocab.txt": b""}
    assert (fetching.locate(f"hf:{NAME}", "encoder") / "vocab.txt").read_bytes() == b""


def test_which_file_is_fetched_is_said(hub: HubServer, tmp_path: Path, onnx_files: dict[str, bytes]) -> None:
    hub.files[NAME] = {**onnx_files, "onnx/model_int8.onnx": b"another"}
    said: list[str] = []
    folder = ModelStore(tmp_path, announce=said.append).locate(f"hf:{NAME}", "encoder")
    assert len(said) == 1 and "onnx/model.onnx" in said[0] and f"hf:{NAME}" in said[0]
    assert not (folder / "onnx" / "model_int8.onnx").exists()


def test_the_token_goes_to_no_other_place_even_of_the_same_machine(
    hub: HubServer, fetching: ModelStore, onnx_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.needs_token = "hf_secret"
    hub.files[NAME] = onnx_files
    with running(HubServer({NAME: onnx_files})) as storage:
        hub.redirect_to = hub.redirect_lists_to = storage.endpoint
        fetching.locate(f"hf:{NAME}", "encoder")
    assert storage.asked_for_files() and hub.asked_for_files()
    assert any("/api/models/" in path for _, path, _ in storage.requests)
    assert {headers.get("Authorization") for _, _, headers in storage.requests} == {None}
    assert {headers["User-Agent"] for _, _, headers in hub.requests if "Authorization" in headers} == {"tuningfork"}


def test_a_kept_login_is_for_the_public_hub_only(
    hub: HubServer,
    fetching: ModelStore,
    onnx_files: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "token").write_text("hf_of_the_login")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    hub.files[NAME] = onnx_files
    fetching.locate(f"hf:{NAME}", "encoder")
    assert all("Authorization" not in headers for _, _, headers in hub.requests)


def test_a_name_that_does_not_exist_is_answered_with_near_ones(hub: HubServer, fetching: ModelStore) -> None:
    with pytest.raises(InputError, match=r"has no model sentence-transformer/all-mpnet-base-v2.*Did you mean hf:sent"):
        make_ready("hf:sentence-transformer/all-mpnet-base-v2", fetching)
    with pytest.raises(InputError, match=r"There is such a model.*HF_ENDPOINT"):
        make_ready("hf:sentence-transformers/all-mpnet-base-v2", fetching)
    with pytest.raises(InputError, match=r"if it is private, it needs HF_TOKEN.*huggingface\.co/nobody"):
        make_ready("hf:nobody/nothing-like-it", fetching)


def test_a_revision_that_does_not_exist(hub: HubServer, fetching: ModelStore, onnx_files: dict[str, bytes]) -> None:
    hub.files[NAME], hub.revisions = onnx_files, frozenset({"main", "refs/pr/1"})
    with pytest.raises(InputError, match=r"no revision 'v9' of someone/small-encoder.*leave @REVISION away"):
        make_ready(f"hf:{NAME}@v9", fetching)
    make_ready(f"hf:{NAME}@refs/pr/1", fetching)


def test_a_gated_model_says_what_to_accept_and_which_variable(
    hub: HubServer, fetching: ModelStore, onnx_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files[NAME], hub.gated, hub.needs_token = onnx_files, frozenset({NAME}), "hf_accepted"
    with pytest.raises(InputError, match=rf"terms.*Accept them at {hub.endpoint}/{NAME}.*HF_TOKEN") as caught:
        make_ready(f"hf:{NAME}", fetching)
    assert caught.value.exit_code == 2
    monkeypatch.setenv("HF_TOKEN", "hf_accepted")
    make_ready(f"hf:{NAME}", fetching)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"config.json": b"{}", "model.safetensors": b""}, r"no tokenizer.*tokenizer\.json"),
        (
            {"config.json": b"{}", "tokenizer.json": b"{}", "pytorch_model.bin": b""},
            r"only pickled.*refs/pr/1.*convert",
        ),
        ({"config.json": b"{}", "tokenizer.json": b"{}"}, "no weights"),
    ],
)
def test_what_the_list_tells_is_refused_before_anything_is_fetched(
    files: dict[str, bytes], told: str, hub: HubServer, fetching: ModelStore
) -> None:
    hub.files[NAME] = files
    with pytest.raises(InputError, match=told):
        make_ready(f"hf:{NAME}", fetching)
    assert not hub.asked_for_files()


def test_code_of_its_own_is_never_run(hub: HubServer, fetching: ModelStore, torch_files: dict[str, bytes]) -> None:
    config = json.loads(torch_files["config.json"])
    config |= {"model_type": "odd-bert", "auto_map": {"AutoModel": "modeling.OddModel"}}
    hub.files[NAME] = {**torch_files, "config.json": json.dumps(config).encode(), "modeling.py": b"raise SystemExit"}
    with pytest.raises(InputError, match=r"program code that comes with the weights.*never run.*ONNX"):
        make_ready(f"hf:{NAME}", fetching)
    assert not any(path.endswith(".py") for path, _ in hub.asked_for_files())


def test_a_vocabulary_that_does_not_fit_the_weights(
    hub: HubServer, fetching: ModelStore, torch_files: dict[str, bytes]
) -> None:
    tokenizer = json.loads(torch_files["tokenizer.json"])
    tokenizer["added_tokens"].append({**tokenizer["added_tokens"][0], "id": 40_000, "content": "[ADDED]"})
    hub.files[NAME] = {**torch_files, "tokenizer.json": json.dumps(tokenizer).encode()}
    # Another revision, which has a folder of its own, is right.
    with pytest.raises(InputError, match=r"numbers tokens up to \d+, and its weights know 30522.*does not fit"):
        make_ready(f"hf:{NAME}", fetching)
    hub.files[NAME] = torch_files
    make_ready(f"hf:{NAME}@v1", fetching)


def test_an_encoder_larger_than_memory(
    hub: HubServer, fetching: ModelStore, torch_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuningfork.models.encoders import fitness

    hub.files[NAME] = torch_files
    monkeypatch.setattr(fitness, "free_memory_bytes", lambda: 50_000_000)
    with pytest.raises(InputError, match=r"0\.1 GB of weights, and 0\.1 GB of memory are free.*smaller"):
        make_ready(f"hf:{NAME}", fetching)
    assert not hub.asked_for_files(), "seen from the list"
    monkeypatch.setattr(fitness, "free_memory_bytes", lambda: 200_000_000)
    make_ready(f"hf:{NAME}", fetching)
    with pytest.raises(InputError, match=rf"23 million parameters.*take 0\.4 GB.*head:hf:{NAME} takes 0\.1 GB"):
        check_encoder(f"hf:{NAME}", fetching, trained=True)


def test_what_other_tools_have_fetched_is_taken_where_the_hub_cannot_be_asked(
    hub: HubServer, tmp_path: Path, onnx_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "d" * 40
    kept = tmp_path / "hf-home" / "hub" / "models--someone--small-encoder"
    for path, content in onnx_files.items():
        (kept / "snapshots" / commit / path).parent.mkdir(parents=True, exist_ok=True)
        (kept / "blobs").mkdir(exist_ok=True)
        blob = kept / "blobs" / path.replace("/", "-")
        blob.write_bytes(content)
        (kept / "snapshots" / commit / path).symlink_to(blob)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text(commit)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    said: list[str] = []
    offline = ModelStore(tmp_path / "cache", announce=said.append)
    folder = offline.locate(f"hf:{NAME}", "encoder")
    assert len(said) == 1 and "Hugging Face cache of this machine" in said[0] and "HF_HUB_OFFLINE" in said[0]
    assert not any(path.is_symlink() for path in folder.rglob("*")), "the other cache may be emptied"
    found = offline.contents(f"hf:{NAME}", "encoder")
    assert found is not None and found.commit == commit and set(found.files) == set(onnx_files)
    with pytest.raises(ModelUnavailable, match="HF_HUB_OFFLINE"):
        offline.locate("hf:someone/never-seen", "encoder")
    assert not hub.requests


def test_a_file_of_the_same_commit_is_not_transferred_twice(
    hub: HubServer, fetching: ModelStore, tmp_path: Path, onnx_files: dict[str, bytes]
) -> None:
    hub.files[NAME] = onnx_files
    place = tmp_path / "hf-home" / "hub" / "models--someone--small-encoder" / "snapshots" / hub.commit / "onnx"
    place.mkdir(parents=True)
    (place / "model.onnx").write_bytes(onnx_files["onnx/model.onnx"])
    fetching.locate(f"hf:{NAME}", "encoder")
    asked = {path.rpartition("/")[2] for path, _ in hub.asked_for_files()}
    assert "model.onnx" not in asked and "config.json" in asked
