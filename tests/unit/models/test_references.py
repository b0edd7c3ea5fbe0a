"""What a model reference means, and what is said of one that means nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuningfork.errors import InputError, UnknownName
from tuningfork.models.references import HubReference, parse_reference
from tuningfork.models.starters import starter


def test_the_three_ways_to_name_a_model(tmp_path: Path) -> None:
    assert parse_reference("minilm") == starter("minilm")
    assert parse_reference("hf:BAAI/bge-small-en-v1.5") == HubReference("BAAI/bge-small-en-v1.5")
    assert parse_reference("hf:a/b/sub/m.gguf") == HubReference("a/b", "sub/m.gguf")
    assert parse_reference("hf:a/b@refs/pr/1") == HubReference("a/b", None, "refs/pr/1")
    assert parse_reference("hf:a/b/onnx/m.onnx@v1") == HubReference("a/b", "onnx/m.onnx", "v1")
    assert parse_reference(str(tmp_path)) == tmp_path


def test_a_starter_wins_over_a_folder_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "minilm").mkdir()
    assert parse_reference("minilm") == starter("minilm")
    assert parse_reference("./minilm") == Path("minilm")


@pytest.mark.parametrize(
    ("text", "kind", "near"),
    [("minilmm", "encoder", "minilm"), ("word-llama", "encoder", "wordllama"), ("smollm2", "llm", "smollm2-135m")],
)
def test_a_slip_of_the_pen_is_answered_with_near_names(text: str, kind: str, near: str) -> None:
    with pytest.raises(UnknownName, match=near) as caught:
        parse_reference(text, kind)  # type: ignore[arg-type]
    assert caught.value.exit_code == 2
    assert "hf:OWNER/NAME" in str(caught.value)


def test_near_names_are_of_the_kind_asked_for() -> None:
    with pytest.raises(UnknownName) as caught:
        parse_reference("zzz", "encoder")
    assert "minilm" in str(caught.value) and "smollm2" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["hf:", "hf:name", "hf:/name", "hf:a/../b", "hf:a/b/../../c", "hf:a/b c", "hf:../..", "hf:a/b@"]
)
def test_a_malformed_hub_reference_says_how_to_write_one(text: str) -> None:
    with pytest.raises(InputError, match="hf:OWNER/NAME"):
        parse_reference(text)


def test_a_path_where_nothing_is() -> None:
    with pytest.raises(InputError, match=r"no such model file or folder: './nowhere'"):
        parse_reference("./nowhere")
    with pytest.raises(InputError, match="write hf:someone/model"):
        parse_reference("someone/model")


def test_an_llm_is_no_encoder_and_the_other_way_round() -> None:
    with pytest.raises(InputError, match=r"smollm2-135m is an LLM, not an encoder.*minilm"):
        parse_reference("smollm2-135m", "encoder")
    with pytest.raises(InputError, match=r"wordllama is an encoder, not an LLM.*smollm2-135m"):
        parse_reference("wordllama", "llm")


def test_local_files_of_the_wrong_form(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no model")
    with pytest.raises(InputError, match="GGUF"):
        parse_reference(str(text), "llm")
    with pytest.raises(InputError, match="folder"):
        parse_reference(str(text), "encoder")


def test_two_references_never_share_a_folder() -> None:
    references = [
        HubReference("a/b"),
        HubReference("a/b", "c.gguf"),
        HubReference("a/b", "d.gguf"),
        HubReference("a/c"),
        HubReference("a/b", revision="v1"),
        HubReference("a/b", revision="refs/pr/1"),
    ]
    assert len({reference.slug for reference in references}) == 6
    assert all("/" not in reference.slug for reference in references)
