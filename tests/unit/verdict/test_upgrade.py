"""Verdicts that version 1 of the schema wrote, read as today's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tuningfork.report.terminal import plain_text
from tuningfork.verdict.files import read_verdict, write_verdict
from tuningfork.verdict.upgrade import as_version_2

COMMITTED = sorted((Path(__file__).parents[2] / "golden" / "verdict_v1").glob("*.json"))


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_a_committed_verdict_keeps_every_name_and_value_that_it_had(path: Path) -> None:
    before, untouched = json.loads(path.read_text(encoding="utf-8")), path.read_bytes()
    now = read_verdict(path).model_dump(mode="json")
    assert before["schema_version"] == 1
    assert path.read_bytes() == untouched
    for name in before.keys() - {"schema_version", "arms", "break_even_labels"}:
        assert now[name] == before[name]
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


@pytest.mark.parametrize(
    ("reason", "mean", "reliable"),
    [
        ("mean: at or below 8 labels, the smallest count tried", ("at_or_below", 8.0), (None, None)),
        (
            "mean: not reached by 6717 labels, the largest count tried; reliable: not reached by 256 labels, the "
            "largest count tried with 10 seeds or more",
            ("above", 6717.0),
            ("above", 256.0),
        ),
        ("not reached by 64 labels, the largest count tried", ("above", 64.0), ("above", 64.0)),
        ("one side has no finished arm", (None, None), (None, None)),
    ],
)
def test_bounds_are_read_from_the_reason(
    reason: str, mean: tuple[str | None, float | None], reliable: tuple[str | None, float | None]
) -> None:
    found = _break_even(reason=reason)
    assert (found.get("mean_bound"), found.get("mean_bound_at")) == mean
    assert (found.get("reliable_bound"), found.get("reliable_bound_at")) == reliable


def test_an_end_that_the_counts_did_not_reach_is_open() -> None:
    told = "mean: may as well lie below 8 or above 512 labels, where nothing was tried"
    assert _break_even(reason=told, mean=60.0, mean_ci95=[8.0, 512.0])["mean_ci95"] == [None, None]
    told = "mean: may as well lie above 512 labels, where nothing was tried"
    assert _break_even(reason=told, mean=60.0, mean_ci95=[20.0, 512.0])["mean_ci95"] == [20.0, None]


def _break_even(**values: object) -> dict[str, object]:
    known = {"mean": None, "mean_ci95": None, "reliable": None, "reliable_ci95": None, "reason": None}
    found = {"arms": [], "comparison": None, "break_even_labels": {**known, **values}}
    upgraded: dict[str, object] = as_version_2(found)["break_even_labels"]
    return upgraded
