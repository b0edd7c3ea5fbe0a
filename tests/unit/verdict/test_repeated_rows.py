"""Rows that repeat a text are no further evidence: the verdict, its intervals and `compare` count draws."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from builders import PlantedArm, make_records
from tuningfork.arms.results import Prediction, TrialResult
from tuningfork.errors import InputError
from tuningfork.metrics.metric import METRICS
from tuningfork.study.records import StudyRecords
from tuningfork.task.rows import Evaluation
from tuningfork.verdict.compare import compare
from tuningfork.verdict.decide import decide
from tuningfork.verdict.scored_arms import scored_arms
from tuningfork.verdict.scores import Scorer
from tuningfork.verdict.verdict_json import VerdictRecord

PROMPT, LINEAR = "prompt:smollm2-135m", "linear"


def records(*, rows: int, prompt: float, linear: float, seed: int = 0) -> StudyRecords:
    return make_records(
        arms=[
            PlantedArm(LINEAR, accuracy={32: linear - 0.1, 128: linear}),
            PlantedArm(PROMPT, accuracy={0: prompt}, n_labels={0: 0}, deterministic=True),
        ],
        rows=rows,
        seed=seed,
    )


def with_copies(made: StudyRecords, copies: int, *, disguised: bool = False) -> StudyRecords:
    """Every evaluation row so many times, with the same answers.

    Args:
        disguised: the copies are made to look like different texts, which is what arithmetic by rows takes them for.
    """
    once = made.task.evaluation
    places = np.tile(np.arange(len(once)), copies)
    texts = [once.texts[i] for i in places]
    if disguised:
        texts = [f"{text} ({place})" for place, text in enumerate(texts)]
    evaluation = Evaluation(
        ids=tuple(f"{place}" for place in range(len(places))), texts=tuple(texts), gold=once.gold[places]
    )

    def repeated(trial: TrialResult) -> TrialResult:
        assert trial.evaluation is not None
        return dataclasses.replace(trial, evaluation=Prediction(trial.evaluation.answers.take(places)))

    task = dataclasses.replace(made.task, evaluation=evaluation)
    return dataclasses.replace(made, task=task, trials=tuple(repeated(trial) for trial in made.trials))


def messages(verdict: VerdictRecord) -> dict[str, str]:
    return {caution.code: caution.message for caution in verdict.warnings}


def test_a_winner_that_only_copies_make_is_not_named() -> None:
    """Each text three times: by rows p < .05 and a winner; by draws neither, as with each text once."""
    once = records(rows=120, prompt=0.75, linear=0.81)
    by_rows, by_draws = decide(with_copies(once, 3, disguised=True)), decide(with_copies(once, 3))
    alone = decide(once)
    assert by_rows.comparison is not None
    assert by_draws.comparison is not None
    assert alone.comparison is not None
    assert (by_rows.call, by_draws.call, alone.call) == ("better", "undecided", "undecided")
    assert by_rows.comparison.p_value is not None
    assert by_draws.comparison.p_value is not None
    assert by_rows.comparison.p_value < 0.05 < by_draws.comparison.p_value
    assert np.ptp(by_draws.comparison.ci95) == pytest.approx(np.ptp(alone.comparison.ci95), rel=0.05)


def test_copies_neither_narrow_nor_widen_an_arms_interval() -> None:
    once = records(rows=120, prompt=0.68, linear=0.8)
    alone, copied = decide(once), decide(with_copies(once, 3))
    for before, after in zip(alone.arms, copied.arms, strict=True):
        assert after.score == pytest.approx(before.score)
        assert after.ci95 == pytest.approx(before.ci95, abs=0.01)


def test_the_break_even_is_as_unsure_with_copies() -> None:
    once = records(rows=200, prompt=0.78, linear=0.85)
    alone, copied, blind = (
        decide(made).break_even_labels for made in (once, with_copies(once, 3), with_copies(once, 3, disguised=True))
    )
    assert copied.mean == pytest.approx(alone.mean)
    assert alone.mean_ci95 is not None
    assert copied.mean_ci95 is not None
    assert blind.mean_ci95 is not None
    assert copied.mean_ci95[1] == pytest.approx(alone.mean_ci95[1], rel=0.05)
    assert blind.mean_ci95[1] < 0.8 * alone.mean_ci95[1]


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_false_winners_stay_rare_with_copies(metric: str) -> None:
    """Two arms of one accuracy, every text three times: by rows a winner in about a quarter of the draws."""
    rng = np.random.default_rng(1)
    named = {True: 0, False: 0}
    draws = 200
    for _ in range(draws):
        gold = rng.integers(0, 2, 100)
        a, b = (np.where(rng.random(100) < 0.75, gold, 1 - gold) for _ in range(2))
        three = [np.repeat(values, 3) for values in (gold, a, b)]
        texts = [f"text {row}" for row in np.repeat(np.arange(100), 3)]
        for known in named:
            found = compare(*three, metric=metric, texts=texts if known else None)
            named[known] += found.call in {"a", "b"}
    assert named[True] <= 0.09 * draws
    assert named[False] > 0.15 * draws


def test_without_copies_nothing_changes() -> None:
    """The numbers of arithmetic by rows, to the last digit."""
    made = records(rows=150, prompt=0.7, linear=0.8)
    arms, task = scored_arms(made), made.task
    known = Scorer.of(task)
    blind = Scorer(METRICS.get("accuracy"), task.evaluation.answers, None)
    assert known.units is None
    assert known.compare(*arms) == blind.compare(*arms)
    assert all(known.interval(arm, 150) == blind.interval(arm, 150) for arm in arms)


def test_rows_and_draws_are_told() -> None:
    once = records(rows=120, prompt=0.6, linear=0.9)
    told = messages(decide(with_copies(once, 3)))
    assert told["clustered"].startswith("360 shared evaluation rows are 120 draws, for equal texts are one draw")
    assert "clustered" not in messages(decide(once))


def test_groups_are_told_as_groups_and_both_as_both() -> None:
    grouped = make_records(
        arms=[PlantedArm(LINEAR, accuracy={128: 0.9}), PlantedArm(PROMPT, accuracy={0: 0.6}, deterministic=True)],
        rows=200,
        groups=40,
    )
    rows = grouped.task.evaluation
    draws = len(set(rows.groups or ()))
    assert messages(decide(grouped))["clustered"].startswith(
        f"200 shared evaluation rows are {draws} draws, for rows of one group are one draw"
    )
    twin = dataclasses.replace(rows, texts=(rows.texts[1], *rows.texts[1:]))
    both = dataclasses.replace(grouped, task=dataclasses.replace(grouped.task, evaluation=twin))
    assert "equal texts and rows of one group are one draw" in messages(decide(both))["clustered"]


def test_few_draws_are_called_few() -> None:
    grouped = make_records(
        arms=[PlantedArm(LINEAR, accuracy={128: 0.9}), PlantedArm(PROMPT, accuracy={0: 0.6}, deterministic=True)],
        rows=200,
        groups=12,
    )
    assert messages(decide(grouped))["few_units"].startswith("12 draws are few: below 20")


def test_one_text_throughout_allows_no_interval() -> None:
    once = records(rows=60, prompt=0.6, linear=0.9)
    evaluation = dataclasses.replace(once.task.evaluation, texts=("the same",) * 60)
    verdict = decide(dataclasses.replace(once, task=dataclasses.replace(once.task, evaluation=evaluation)))
    assert verdict.call == "undecided"
    assert "one draw (equal texts)" in messages(verdict)["one_group"]


# ---- compare


def three_times(seed: int = 0) -> tuple[list[str], list[str], list[str], list[str]]:
    """Gold, a, b, texts: 120 texts three times, on which b looks better if rows are counted."""
    made = records(rows=120, prompt=0.75, linear=0.85, seed=seed)
    llm = next(t for t in made.trials if t.plan.arm == PROMPT)
    trained = next(t for t in made.trials if t.plan.level == 128)
    assert llm.evaluation is not None
    assert trained.evaluation is not None
    columns = (made.task.evaluation.gold, llm.evaluation.labels, trained.evaluation.labels)
    gold, a, b = ([str(value) for value in np.tile(column, 3)] for column in columns)
    return gold, a, b, [f"Text  {row}" for row in range(120)] + 2 * [f"text {row} " for row in range(120)]


def test_compare_counts_each_text_once() -> None:
    gold, a, b, texts = three_times()
    by_rows, by_text = compare(gold, a, b), compare(gold, a, b, texts=texts)
    once = compare(gold[:120], a[:120], b[:120])
    assert (by_rows.call, by_text.call) == ("b", "undecided")
    assert by_text.p_value == pytest.approx(once.p_value, abs=0.03)
    assert by_text.ci95 == pytest.approx(once.ci95, abs=0.01)
    assert (by_rows.n_units, by_text.n_units, by_text.n, once.n_units) == (360, 120, 360, 120)
    assert "on 360 rows that are 120 draws" in str(by_text)
    assert "on 360 rows." in str(by_rows)


def test_compare_takes_texts_and_groups_together() -> None:
    gold, a, b, texts = three_times()
    groups = [row % 120 // 4 for row in range(360)]
    assert compare(gold, a, b, groups=groups, texts=texts).n_units == 30
    assert compare(gold, a, b, groups=groups).n_units == 30
    assert compare(gold, a, b, groups=[None] * 360, texts=texts).n_units == 120
    assert compare(gold, a, b, groups=[float("nan"), *range(359)]).n_units == 360
    assert compare(gold, a, b, texts=[None, *texts[1:]]).n_units == 121


def test_texts_of_another_length_are_refused() -> None:
    with pytest.raises(InputError, match="texts has 1 rows and gold has 2"):
        compare(["x", "y"], ["x", "y"], ["x", "y"], texts=["one"])
