"""Learning curves beside published scores: where they are passed, and how surely."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest

from builders import PlantedArm, make_records
from documentation import DOCS
from script_modules import SCRIPTS, scripts
from tuningfork.verdict.decide import decide


@pytest.fixture(scope="module")
def curves() -> Iterator[ModuleType]:
    with scripts("studies.curves") as (module,):
        yield module


def curve(module: ModuleType, scores: dict[int, float], *, rows: int = 500) -> list[object]:
    variances = {labels: module.variance_of(score, rows) for labels, score in scores.items()}
    return [
        module.Point(
            labels=labels, runs=5, score=score, row_variance=variances[labels], run_variance=1e-5, seconds=labels / 10
        )
        for labels, score in scores.items()
    ]


def test_a_level_is_passed_between_two_counts_on_the_logarithm(curves: ModuleType) -> None:
    found = curves.passing(curve(curves, {100: 0.5, 400: 0.7, 1600: 0.9}), 0.8, 3000)
    assert found.at == pytest.approx(800)
    low, high = found.ends
    assert 400 < low < 800 < high < 1600
    assert found.seconds == 160, "of the first count that was measured from there on"
    assert not found.at_first


def test_what_lies_beyond_the_counts_is_said_and_not_guessed(curves: ModuleType) -> None:
    measured = curve(curves, {100: 0.5, 400: 0.7, 1600: 0.9})
    never = curves.passing(measured, 0.97, 3000)
    assert (never.at, never.ends, never.seconds) == (None, (None, None), None)
    maybe = curves.passing(measured, 0.905, 200)
    assert maybe.at is None
    assert maybe.ends[0] is not None and maybe.ends[0] < 1600
    first = curves.passing(measured, 0.4, 3000)
    assert first.at_first
    assert first.ends[0] is None


def test_a_curve_that_falls_back_passes_where_it_stays(curves: ModuleType) -> None:
    found = curves.passing(curve(curves, {100: 0.8, 400: 0.6, 1600: 0.9}), 0.75, 3000)
    assert found.at == pytest.approx(800)


def test_fewer_rows_behind_the_published_score_widen_the_interval(curves: ModuleType) -> None:
    measured = curve(curves, {100: 0.5, 400: 0.7, 1600: 0.9, 6400: 0.97})
    (low, high), (lower, higher) = (curves.passing(measured, 0.8, rows).ends for rows in (3000, 100))
    assert lower < low < high < higher


def test_intervals_cover_what_rows_and_runs_would_give_again(curves: ModuleType) -> None:
    """Rows of a true score .8, shared by three runs whose own scores spread by 1.5 points."""
    rng = np.random.default_rng(0)
    hits, worlds = 0, 400
    for _ in range(worlds):
        hardness = rng.random(400)
        scores = [float((hardness < 0.8 + rng.normal(0, 0.015)).mean()) for _ in range(3)]
        point = curves.Point(
            labels=64,
            runs=3,
            score=float(np.mean(scores)),
            row_variance=curves.variance_of(float(np.mean(scores)), 400),
            run_variance=float(np.var(scores, ddof=1) / 3),
            seconds=None,
        )
        hits += abs(point.score - 0.8) <= point.half_width()
    assert 0.92 <= hits / worlds <= 0.99


def test_points_are_those_of_the_verdict(curves: ModuleType) -> None:
    record = decide(make_records(arms=[PlantedArm("linear", accuracy={32: 0.6, 128: 0.8}, seeds=4)]))
    first, last = curves.curve_of(record, "linear")
    assert (first.labels, last.labels, first.runs) == (32, 128, 4)
    assert last.score == pytest.approx(np.mean([p.score for p in record.curve if p.n_labels == 128]))
    assert last.seconds == 0.5
    assert curves.curve_of(record, "head:minilm") == []


def test_the_page_is_made_from_the_committed_verdict_and_what_was_published() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "banking77_curves.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    page = (DOCS / "results" / "banking77-curves.md").read_text(encoding="utf-8")
    published = json.loads((DOCS / "results" / "banking77-published.json").read_text(encoding="utf-8"))
    assert published["source"] in page
    for one in published["curves"]:
        for labels, score, _ in one["points"]:
            assert any(f"| {labels:,} |" in line and f"{score:.3f}" in line for line in page.splitlines())
