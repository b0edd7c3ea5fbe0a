"""The Hub as a source, played by a real server on loopback that serves the real bytes of a starter."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hub_server import HubServer, running, silent_server
from tuningfork.errors import InputError, ModelUnavailable
from tuningfork.foundation.hashing import hash_of_file
from tuningfork.models.starters import starter
from tuningfork.models.store import ModelStore

REPOSITORY = "dleemiller/word-llama-l2-supercat"


@pytest.fixture(scope="session")
def wordllama(store: ModelStore) -> dict[str, bytes]:
    folder = store.locate("wordllama")
    return {file.hub_path or "": (folder / file.path).read_bytes() for file in starter("wordllama").files}


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_CACHE", "TUNINGFORK_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf-home"))


def only_hub(cache: Path, said: list[str] | None = None) -> ModelStore:
    return ModelStore(cache, mirror=False, announce=(said if said is not None else []).append)


def assert_whole(folder: Path) -> None:
    for file in starter("wordllama").files:
        assert hash_of_file(folder / file.path) == file.sha256


def test_a_starter_comes_from_the_hub_first(
    wordllama: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    seen: list[tuple[str, int, int]] = []
    with running(HubServer({REPOSITORY: wordllama}, tell_sums=True)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        fetching = ModelStore(
            tmp_path, announce=said.append, progress=lambda what, done, total: seen.append((what, done, total))
        )
        assert not fetching.is_present("wordllama")
        assert_whole(fetching.locate("wordllama"))
        assert fetching.is_present("wordllama")
        requests = len(hub.requests)
        fetching.locate("wordllama")
        assert len(hub.requests) == requests, "what is in the cache is not asked for again"
    assert len(said) == 1 and "Hugging Face Hub" in said[0] and "18 MB" in said[0]
    assert ("wordllama: table.safetensors", 16384096, 16384096) in seen
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("tell_sums", [True, False])
def test_other_bytes_under_the_right_name_are_refused(
    wordllama: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell_sums: bool
) -> None:
    table = wordllama["l2_supercat_256.safetensors"]
    forged = {**wordllama, "l2_supercat_256.safetensors": table[:-1] + bytes([table[-1] ^ 1])}
    with running(HubServer({REPOSITORY: forged}, tell_sums=tell_sums)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        with pytest.raises(ModelUnavailable, match=r"table\.safetensors missing(?s:.*)SHA-256"):
            only_hub(tmp_path).locate("wordllama")
    assert not (tmp_path / "models" / "wordllama" / "table.safetensors").exists()


def test_a_cut_transfer_goes_on_where_it_stopped(
    wordllama: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(HubServer({REPOSITORY: wordllama}, cuts=1, cut_after=12_000_000)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        assert_whole(only_hub(tmp_path).locate("wordllama"))
    ranges = [headers["Range"] for path, headers in hub.asked_for_files() if "Range" in headers]
    starts = [int(value.removeprefix("bytes=").removesuffix("-")) for value in ranges]
    assert len(starts) == 1 and 8_000_000 < starts[0] <= 12_000_000


def test_what_a_killed_process_left_is_resumed_or_harmless(
    wordllama: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "wordllama"
    folder.mkdir(parents=True)
    (folder / ".table.safetensors.part").write_bytes(wordllama["l2_supercat_256.safetensors"][:10_000_000])
    (folder / ".tokenizer.json.part").write_bytes(b"the beginning of something else")
    with running(HubServer({REPOSITORY: wordllama})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        assert_whole(only_hub(tmp_path).locate("wordllama"))
    first = next(headers for path, headers in hub.asked_for_files() if path.endswith("256.safetensors"))
    assert first["Range"] == "bytes=10000000-"


def test_a_damaged_file_in_the_cache_is_fetched_again(
    wordllama: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(HubServer({REPOSITORY: wordllama})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        fetching = only_hub(tmp_path)
        table = fetching.locate("wordllama") / "table.safetensors"
        content = bytearray(table.read_bytes())
        content[5_000_000] ^= 1
        table.write_bytes(content)
        assert not fetching.is_present("wordllama")
        assert_whole(fetching.locate("wordllama"))


def test_a_hub_that_says_nothing_is_passed_over_after_three_seconds_and_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with silent_server() as endpoint:
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        started = time.monotonic()
        with pytest.raises(ModelUnavailable) as caught:
            only_hub(tmp_path, said).locate("wordllama")
        assert 2.5 < time.monotonic() - started < 8
        started = time.monotonic()
        with pytest.raises(ModelUnavailable):
            only_hub(tmp_path, said).locate("minilm")
        assert time.monotonic() - started < 2, "it is not waited for twice"
    assert [line for line in said if "passed over" in line] == said and len(said) == 1
    message = str(caught.value)
    assert "within 3 seconds" in message and "wordllama 0.4.0.post1" in message and str(tmp_path) in message


def test_offline_by_wish_means_no_request(
    wordllama: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(HubServer({REPOSITORY: wordllama})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        with pytest.raises(ModelUnavailable, match="HF_HUB_OFFLINE"):
            only_hub(tmp_path).locate("wordllama")
    assert not hub.requests


def test_the_token_goes_to_the_endpoint_and_to_no_host_it_redirects_to(
    wordllama: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with (
        running(HubServer({REPOSITORY: wordllama})) as storage,
        running(HubServer({REPOSITORY: wordllama}, needs_token="hf_secret", redirect_to=storage.endpoint)) as hub,
    ):
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        assert_whole(only_hub(tmp_path).locate("wordllama"))
    assert {headers.get("Authorization") for _, headers in hub.asked_for_files()} == {"Bearer hf_secret"}
    assert storage.asked_for_files()
    assert all("Authorization" not in headers for _, _, headers in storage.requests)


def test_a_refused_token_and_a_missing_file_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(HubServer({}, needs_token="another")) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        with pytest.raises(ModelUnavailable, match=r"401.*needs HF_TOKEN"):
            only_hub(tmp_path).locate("wordllama")
        monkeypatch.setenv("HF_TOKEN", "hf_mine")
        with pytest.raises(ModelUnavailable, match=r"401.*HF_TOKEN has no access") as caught:
            only_hub(tmp_path).locate("wordllama")
        assert "hf_mine" not in str(caught.value)
        hub.needs_token = None
        with pytest.raises(ModelUnavailable, match=r"has no l2_supercat_256"):
            only_hub(tmp_path).locate("wordllama")


def test_any_repository_can_be_named_and_works_offline_afterwards(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = store.locate("minilm-int8")
    files = {
        "onnx/model.onnx": (source / "model.onnx").read_bytes(),
        **{name: (source / name).read_bytes() for name in ("config.json", "tokenizer.json", "1_Pooling/config.json")},
        "pytorch_model.bin": b"a pickle, never fetched",
        "../outside.json": b"{}",
    }
    with running(HubServer({"someone/small-encoder": files})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        fetching = only_hub(tmp_path / "cache")
        folder = fetching.locate("hf:someone/small-encoder")
        with pytest.raises(InputError, match="has no model someone/else"):
            fetching.locate("hf:someone/else")
    fetched = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert fetched == {*files, ".fetched-onnx.json"} - {"pytorch_model.bin", "../outside.json"}
    assert all("c" * 40 in path for path, _ in hub.asked_for_files()), "files are fetched at one commit"
    assert only_hub(tmp_path / "cache").is_present("hf:someone/small-encoder")
    assert only_hub(tmp_path / "cache").locate("hf:someone/small-encoder") == folder
    before = fetching.fingerprint("hf:someone/small-encoder")
    (folder / "config.json").write_text("{}")
    assert fetching.fingerprint("hf:someone/small-encoder") != before


def test_an_llm_repository_gives_its_gguf_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"m-q8_0.gguf": b"GGUF eight", "m-q4_k_m.gguf": b"GGUF four", "config.json": b"{}", "README.md": b"x"}
    with running(HubServer({"someone/llm": files})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        fetching = only_hub(tmp_path)
        assert fetching.locate("hf:someone/llm", "llm").read_bytes() == b"GGUF four"
        assert fetching.locate("hf:someone/llm/m-q8_0.gguf", "llm").read_bytes() == b"GGUF eight"
        assert fetching.is_present("hf:someone/llm", "llm") and not fetching.is_present("hf:someone/llm", "encoder")
        with pytest.raises(InputError, match=r"it has m-q8_0\.gguf, m-q4_k_m\.gguf"):
            fetching.locate("hf:someone/llm/m-q2_k.gguf", "llm")


def test_checking_a_name_makes_no_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(HubServer({})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        checking = only_hub(tmp_path)
        checking.check("hf:someone/anything", "encoder")
        checking.check("smollm2-135m", "llm")
        assert not checking.is_present("hf:someone/anything")
        with pytest.raises(InputError, match="did you mean 'smollm2-135m'"):
            checking.check("smollm-135m", "llm")
    assert not hub.requests
    assert not list(tmp_path.iterdir()), "nothing is written either"
