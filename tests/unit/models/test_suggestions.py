"""Which encoder is suggested next, by what the rows are; and that the documentation's table is the data's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tuningfork.arms.family import FAMILIES
from tuningfork.arms.spec import ArmSpec
from tuningfork.models.suggestions import BASE_SIZE, next_encoder, parameters_of, size_in_words, suggestions

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "another-encoder.md"
SMALL = ["minilm", "wordllama"]


def spec(**rows: object) -> str | None:
    found = next_encoder(SMALL, **rows)  # type: ignore[arg-type]
    return None if found is None else found.spec


def test_every_suggestion_is_an_arm_of_its_family() -> None:
    for one in suggestions():
        FAMILIES.get(one.arm).check(ArmSpec.parse(one.spec))
        assert one.source.startswith("https://")
        assert re.fullmatch(r"\d{4}-\d{2}", one.release)


def test_few_labels_get_a_head_and_many_an_encoder_to_fine_tune() -> None:
    assert spec(n_labels=200) == "head:hf:sentence-transformers/all-mpnet-base-v2"
    assert spec(n_labels=5000) == "finetune:hf:answerdotai/ModernBERT-base"


@pytest.mark.parametrize("n_labels", [100, 5000])
def test_rows_that_are_not_english_get_an_encoder_of_many_languages(n_labels: int) -> None:
    assert spec(english=False, n_labels=n_labels) == "head:hf:intfloat/multilingual-e5-small"


def test_long_texts_get_an_encoder_that_reads_them_whole() -> None:
    found = next_encoder(SMALL, tokens=3000, n_labels=100)
    assert found is not None and found.context >= 3000


def test_what_was_measured_is_not_suggested_and_in_the_end_nothing_is() -> None:
    measured: list[str] = []
    while (found := next_encoder(measured, n_labels=5000)) is not None:
        assert found.parameters >= BASE_SIZE
        measured.append(f"hf:{found.repository}@main")
        assert len(measured) <= len(suggestions())
    assert len(measured) == sum(one.parameters >= BASE_SIZE for one in suggestions())


def test_sizes_are_known_by_starter_repository_file_and_revision() -> None:
    assert parameters_of("minilm") == parameters_of("hf:sentence-transformers/all-MiniLM-L6-v2/onnx/model.onnx")
    assert parameters_of("hf:answerdotai/ModernBERT-base@abc") == 149_014_272
    assert parameters_of("hf:someone/else") is None
    assert [size_in_words(size) for size in (34_000, 8_192_000, 22_713_216, 1_500_000_000)] == [
        *("34,000", "8.2 M", "23 M", "1.5 B")
    ]


def test_the_documented_table_is_the_data() -> None:
    languages = {"en": "English", "mul": "many"}
    told = [
        f"| `{one.repository}` | `{one.arm}` | {one.size} | {one.licence} | {languages[one.languages]} | "
        f"{one.context} | {one.release} |"
        for one in suggestions()
    ]
    assert "\n".join(told) in PAGE.read_text(encoding="utf-8")
