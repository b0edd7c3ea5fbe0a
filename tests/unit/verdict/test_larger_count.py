"""A largest count with too few runs is shown, and decides nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import PlantedArm, make_records
from tuningfork.arms.results import TrialPlan, TrialResult
from tuningfork.report.plots.curve_data import curve_data
from tuningfork.report.plots.learning_curve import learning_curve
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.decide import decide
from tuningfork.verdict.scored_arms import answers_of
from tuningfork.verdict.scores import Scorer
from tuningfork.verdict.verdict_json import VerdictRecord

TRAINED, LLM = "finetune:minilm", "prompt:smollm2-135m?shots=5"
SMALL, LARGEST = 1000, 4000


def records(
    runs: int, *, small: float = 0.75, largest: float = 0.9, llm: float = 0.8, waiting: int = 0, seed: int = 0
) -> StudyRecords:
    """Three runs at 1,000 labels, and so many at 4,000 with a look at the latency of the first."""
    arms = [
        PlantedArm(TRAINED, accuracy={SMALL: small, LARGEST: largest}, seeds=5),
        PlantedArm(LLM, accuracy={5: llm}, seeds=3, ms_per_row=300.0),
    ]
    made = make_records(arms=arms, pool_rows=LARGEST, seed=seed)
    kept = [
        trial
        for trial in made.trials
        if trial.plan.arm == LLM or trial.plan.seed < (runs if trial.plan.level == LARGEST else 3)
    ]
    plans = [TrialPlan(arm=TRAINED, level=LARGEST, n_labels=LARGEST, seed=runs + more) for more in range(waiting)]
    return replace(made, trials=tuple(kept), remaining=tuple(plans))


def row(verdict: VerdictRecord) -> tuple[int | None, int]:
    found = next(arm for arm in verdict.arms if arm.arm == TRAINED)
    return found.n_labels, found.seeds


def told(verdict: VerdictRecord, code: str) -> str | None:
    return next((caution.message for caution in verdict.warnings if caution.code == code), None)


@pytest.mark.parametrize(("runs", "expected"), [(1, (SMALL, 3)), (2, (SMALL, 3)), (3, (LARGEST, 3)), (5, (LARGEST, 5))])
def test_a_count_decides_from_three_runs_on(runs: int, expected: tuple[int, int]) -> None:
    verdict = decide(records(runs))
    assert row(verdict) == expected
    shown = [point for point in verdict.curve if point.arm == TRAINED and point.n_labels == LARGEST]
    assert len(shown) == runs, "every run stands on the curve"


def test_three_of_five_runs_decide_though_two_are_to_come() -> None:
    verdict = decide(records(3, waiting=2))
    assert row(verdict) == (LARGEST, 3)
    assert verdict.provisional


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 2), st.floats(0.55, 0.98), st.floats(0.55, 0.98), st.floats(0.55, 0.98), st.integers(0, 1_000_000)
)
def test_whatever_one_or_two_runs_scored_the_call_is_the_one_without_them(
    runs: int, small: float, largest: float, llm: float, seed: int
) -> None:
    """Not the row, not the difference, not the break-even: else a lucky run could name a winner."""
    with_them = records(runs, small=small, largest=largest, llm=llm, seed=seed)
    without = replace(with_them, trials=tuple(t for t in with_them.trials if t.plan.level != LARGEST))
    one, other = decide(with_them), decide(without)
    assert (one.call, one.chosen_arm, one.comparison, one.break_even_labels) == (
        other.call,
        other.chosen_arm,
        other.comparison,
        other.break_even_labels,
    )


def test_a_run_that_could_change_the_verdict_is_told_with_what_would_let_it_decide() -> None:
    verdict = decide(records(1, small=0.75, largest=0.9, llm=0.8))
    assert verdict.recommendation == "prompt"
    message = told(verdict, "more_labels_may_do_better")
    assert message is not None
    assert "One run of finetune:minilm with 4,000 labels scored 0.89, above the 0.74 that decided" in message
    assert "2 more runs" in message
    assert "tuningfork run tickets.csv … --budget-minutes 5" in message
    codes = [caution.code for caution in verdict.warnings]
    assert codes.index("more_labels_may_do_better") < codes.index("weak_llm")


@settings(max_examples=25, deadline=None)
@given(st.floats(0.6, 0.9), st.integers(0, 1_000_000))
def test_scores_that_differ_are_told_as_different_ones(small: float, seed: int) -> None:
    """Seen: 'scored 0.80, above the 0.80 that decided'."""
    verdict = decide(records(1, small=small, largest=small + 0.002, llm=0.95, seed=seed))
    message = told(verdict, "more_labels_may_do_better") or told(verdict, "larger_count_shown_only")
    found = re.search(r"scored ([\d.]+), (above|below|as) the ([\d.]+) that", message or "")
    assert found is not None
    assert (found[1] == found[3]) == (found[2] == "as")


def stopped_after(made: StudyRecords, rows: int, *, at: int = LARGEST, seed: int | None = None) -> StudyRecords:
    """The same, with trained runs at a count that were stopped after so many rows of 400."""

    def cut(trial: TrialResult) -> TrialResult:
        of_them = trial.plan.arm == TRAINED and trial.plan.level == at and seed in (None, trial.plan.seed)
        if not of_them or trial.evaluation is None:
            return trial
        return replace(trial, evaluation=replace(trial.evaluation, answers=trial.evaluation.answers.take(slice(rows))))

    return replace(made, trials=tuple(map(cut, made.trials)))


def test_a_run_that_was_stopped_after_some_rows_is_compared_on_these_and_is_no_point_of_the_curve() -> None:
    made = stopped_after(records(1, small=0.75, largest=0.9), 100)
    scorer, (trial,) = Scorer.of(made.task), [t for t in made.trials if t.plan.level == LARGEST]
    beside = [t for t in made.trials if (t.plan.arm, t.plan.level) == (TRAINED, SMALL)]
    score, decided = scorer.score(answers_of([trial], 100)), scorer.score(answers_of(beside, 100))
    verdict = decide(made)
    message = told(verdict, "more_labels_may_do_better")
    assert message is not None
    assert f"scored {score:.2f}, above the {decided:.2f} that decided, on the 100 rows that it answered" in message
    assert "curve" not in message
    assert LARGEST not in {point.n_labels for point in verdict.curve if point.arm == TRAINED}


def test_a_whole_run_stands_on_the_curve_though_the_arm_that_decided_answered_fewer_rows() -> None:
    arms = [
        PlantedArm(TRAINED, accuracy={SMALL: 0.7, LARGEST: 0.9}, seeds=5, validation_accuracy=0.6),
        PlantedArm("head:minilm", accuracy={SMALL: 0.75}, seeds=3, n_eval=200, validation_accuracy=0.95),
        PlantedArm(LLM, accuracy={5: 0.95}, seeds=3),
    ]
    made = make_records(arms=arms, pool_rows=LARGEST)
    once = [t for t in made.trials if (t.plan.arm, t.plan.level) != (TRAINED, LARGEST) or t.plan.seed == 0]
    verdict = decide(replace(made, trials=tuple(once)))
    assert LARGEST in {point.n_labels for point in verdict.curve if point.arm == TRAINED}
    message = told(verdict, "more_labels_may_do_better")
    assert message is not None
    assert "It stands on the curve" in message
    assert "rows that it answered" not in message


def test_a_run_that_was_stopped_at_its_first_rows_tells_nothing() -> None:
    """Seen: 17 of 25 right, told as .68 above the .50 that decided, and drawn beside scores on 298 rows."""
    made = records(1, small=0.75, largest=0.9)
    verdict = decide(stopped_after(made, 25))
    assert not {"more_labels_may_do_better", "larger_count_shown_only"} & {c.code for c in verdict.warnings}
    assert LARGEST not in {point.n_labels for point in verdict.curve if point.arm == TRAINED}


def test_a_run_that_was_stopped_at_its_first_rows_cuts_no_other_run() -> None:
    whole = records(3)
    assert decide(stopped_after(records(4), 25, seed=3)).comparison == decide(whole).comparison
    two = decide(stopped_after(records(3), 25, seed=2))
    assert row(two) == (SMALL, 3), "two runs that answered every row do not decide"


def test_a_run_that_changes_nothing_is_told_last() -> None:
    worse = decide(records(1, small=0.75, largest=0.7))
    assert told(worse, "more_labels_may_do_better") is None
    assert "below the 0.74" in (told(worse, "larger_count_shown_only") or "")
    ahead = decide(records(1, small=0.9, largest=0.95, llm=0.6))
    assert ahead.recommendation == "fine-tune"
    assert told(ahead, "more_labels_may_do_better") is None
    assert told(ahead, "larger_count_shown_only") is not None


def test_nothing_is_told_while_its_runs_are_still_to_come_or_once_they_are_there() -> None:
    codes = {"more_labels_may_do_better", "larger_count_shown_only"}
    assert not codes & {caution.code for caution in decide(records(1, waiting=4)).warnings}
    assert not codes & {caution.code for caution in decide(records(3)).warnings}


def test_the_title_of_the_curve_claims_nothing_of_a_count_that_was_run_once() -> None:
    made = records(1, small=0.6, largest=0.7, llm=0.9)
    data = curve_data(decide(made), made)
    assert data is not None
    assert data.last_count == LARGEST, "it is drawn"
    assert learning_curve(data, metric="accuracy").title == "The prompt stays ahead up to 1,000 labels"


def test_with_one_seed_everywhere_the_largest_count_stands() -> None:
    """Who asks for one seed gets the largest count, and no winner."""
    made = records(1)
    once = replace(made, trials=tuple(t for t in made.trials if t.plan.arm == LLM or t.plan.seed == 0))
    verdict = decide(once)
    assert row(verdict) == (LARGEST, 1)
    assert verdict.call == "undecided"


def test_the_latency_of_a_trained_arm_is_known_though_another_count_was_timed() -> None:
    made = records(1)
    timed = tuple(
        replace(t, latency_seconds=(0.004,) * 20 if t.plan.level == LARGEST else ()) if t.plan.arm == TRAINED else t
        for t in made.trials
    )
    found = next(arm for arm in decide(replace(made, trials=timed)).arms if arm.arm == TRAINED)
    assert found.latency_ms_p50 == pytest.approx(4.0)
