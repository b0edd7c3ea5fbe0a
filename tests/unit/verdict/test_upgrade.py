"""Verdicts that version 1 of the schema wrote, read as today's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tuningfork.report.terminal import plain_text
from tuningfork.verdict.files import read_verdict, write_verdict

COMMITTED = sorted((Path(__file__).parents[2] / "golden" / "verdict_v1").glob("*.json"))


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_a_committed_verdict_keeps_every_name_and_value_that_it_had(path: Path) -> None:
    before, untouched = json.loads(path.read_text(encoding="utf-8")), path.read_bytes()
    now = read_verdict(path).model_dump(mode="json")
    assert before["schema_version"] == 1
    assert path.read_bytes() == untouched
    for name in before.keys() - {"schema_version", "arms", "break_even_labels", "comparison", "pairs", "curve"}:
        assert now[name] == before[name]
    assert {name: now["comparison"][name] for name in before["comparison"]} == before["comparison"]
    for part in ("pairs", "curve"):
        for old, new in zip(before[part], now[part], strict=True):
            assert {name: new[name] for name in old} == old
    for old, new in zip(before["arms"], now["arms"], strict=True):
        assert {name: new[name] for name in old} == old
        assert new["metrics"]["accuracy"] == old["accuracy"]


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_it_can_be_told_and_written_as_version_2(path: Path, tmp_path: Path) -> None:
    record = read_verdict(path)
    assert record.reason.split(". ")[0] in " ".join(plain_text(record).split())
    write_verdict(tmp_path / "verdict.json", record)
    assert read_verdict(tmp_path / "verdict.json") == record


def test_the_sides_are_those_that_were_compared() -> None:
    record = read_verdict(next(path for path in COMMITTED if path.stem == "clinc150"))
    assert [(side.side, side.arm, side.ranked_on) for side in record.sides] == [
        ("llm", "prompt:smollm2-135m?shots=5", 0),
        ("fine-tuned", "head:wordllama", 200),
    ]
    (pair,) = record.comparisons
    assert record.comparison is not None
    assert (pair.difference, pair.p_holm) == (record.comparison.difference, record.comparison.p_value)


def test_what_its_break_even_told_in_words_only_is_told_in_numbers_too() -> None:
    found = {path.stem: read_verdict(path).break_even_labels for path in COMMITTED}
    assert (found["demo"].mean_bound, found["demo"].mean_bound_at) == ("at_or_below", 8)
    low, high = found["banking77"].mean_ci95 or (None, None)
    assert low == pytest.approx(611.54, abs=0.01)
    assert high is None
