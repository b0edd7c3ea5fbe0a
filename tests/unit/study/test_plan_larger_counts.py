"""What a plan does with counts that take minutes a run: what is in, in which order, and what is said of the rest."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tuningfork.api import Study, Task
from tuningfork.study.allotment import Answered
from tuningfork.study.plan import StudyPlan, make_plan
from tuningfork.study.rates import Rates

TRAINED = "finetune:minilm"
LLM = "prompt:m@http://127.0.0.1:9/v1?local=yes"


@cache
def task() -> Task:
    """10,000 rows: 500 to decide, 1,000 to choose, 8,500 to train on."""
    words = " ".join(f"word{i}" for i in range(12))
    return Task.from_rows([f"{i} {words}" for i in range(10_000)], ["abc"[i % 3] for i in range(10_000)])


def plan(
    folder: Path,
    minutes: float,
    *arms: str,
    begun: dict[str, Answered] | None = None,
    closed: tuple[str, ...] = (),
    spent: float = 0,
    **options: Any,
) -> StudyPlan:
    study = Study(task(), arms, budget_minutes=minutes, **options)
    return make_plan(
        study.data,
        study.settings,
        study.choose_arms().arms,
        Rates(folder / "rates.json"),
        seconds_left=60 * minutes - spent,
        usd_left=None,
        settled={},
        begun=begun or {},
        closed=closed,
    )


def counts(made: StudyPlan, arm: str = TRAINED) -> dict[int, int]:
    found: dict[int, int] = {}
    for trial in made.trials:
        if trial.plan.arm == arm:
            found[trial.plan.level] = found.get(trial.plan.level, 0) + 1
    return dict(sorted(found.items()))


def note(made: StudyPlan, code: str) -> str | None:
    return next((note.message for note in made.notes if note.code == code), None)


def test_with_hours_the_whole_pool_is_trained_on_and_nothing_is_left_out(tmp_path: Path) -> None:
    made = plan(tmp_path, 2000, "linear", TRAINED, LLM)
    found = counts(made)
    largest = max(found)
    assert largest == max(counts(made, "linear")) > 8000
    assert found[largest] == 5
    assert set(found.values()) == {3, 5}
    assert note(made, "labels_left_out") is note(made, "counts_left_out") is None


def test_with_minutes_counts_stop_at_1000_as_they_did_and_the_plan_says_what_more_would_take(tmp_path: Path) -> None:
    made = plan(tmp_path, 5, "linear", TRAINED)
    assert max(counts(made)) == 1000
    assert counts(made)[1000] == 5
    told = note(made, "labels_left_out")
    assert told is not None
    assert "tuningfork run" in told


@pytest.mark.parametrize("arms", [(TRAINED, "linear"), (TRAINED, LLM), (TRAINED, "finetune:minilm?layers=all", LLM)])
def test_the_minutes_that_the_note_names_are_enough(tmp_path: Path, arms: tuple[str, ...]) -> None:
    told = note(plan(tmp_path, 8, *arms), "labels_left_out")
    assert told is not None
    minutes = re.search(r"--budget-minutes (\d+)", told)
    assert minutes is not None
    whole = plan(tmp_path, float(minutes[1]), *arms)
    assert note(whole, "labels_left_out") is note(whole, "counts_left_out") is None
    assert max(counts(whole)) > 8000


def test_arms_that_share_their_vectors_leave_the_time_that_they_do_not_take(tmp_path: Path) -> None:
    """What a plan adds up for them is what they take: 141 trials of a head embed every row once."""
    arms = (TRAINED, "head:minilm", "blend:minilm", "linear")
    whole = plan(tmp_path, 2000, *arms)
    largest = max(counts(whole))
    sure = sum(trial.seconds for trial in whole.trials if trial.plan.arm != TRAINED or trial.plan.level <= 1000)
    once = next(t.seconds for t in whole.trials if t.plan.arm == TRAINED and t.plan.level == largest)
    assert largest in counts(plan(tmp_path, 1.1 * (sure + once) / 60, *arms))


def test_counts_that_fill_the_time_take_no_row_from_trials_that_run(tmp_path: Path) -> None:
    """An arm of which one trial is under way answers every row: what takes time is its training."""
    whole = plan(tmp_path, 2000, TRAINED, "linear")
    first = next(trial for trial in whole.trials if trial.plan.arm == TRAINED)
    for minutes in (10, 20, 35):
        made = plan(tmp_path, minutes, TRAINED, "linear", begun={first.key: Answered(25, 0, under_way=True)})
        assert {trial.arm.allotment.rows for trial in made.trials} == {500}, minutes


def test_the_largest_goes_once_before_the_smaller_counts_and_its_seeds_last(tmp_path: Path) -> None:
    made = plan(tmp_path, 2000, "linear", TRAINED, LLM)
    order = [(trial.plan.level, trial.plan.seed) for trial in made.trials if trial.plan.arm == TRAINED]
    largest = max(counts(made))
    place = order.index((largest, 0))
    assert all(level < 1000 for level, _ in order[:place]), "only what fits into the first look is before it"
    assert order[-10:-6] == [(largest, seed) for seed in range(1, 5)]
    assert [level for level, _ in order[-6:]] == sorted(level for level, _ in order[-6:])


def test_a_first_look_at_both_sides_and_all_cheap_trials_come_before_the_largest(tmp_path: Path) -> None:
    made = plan(tmp_path, 2000, "linear", "head:wordllama", TRAINED, LLM)
    largest = max(counts(made))
    place = next(i for i, trial in enumerate(made.trials) if (trial.plan.arm, trial.plan.level) == (TRAINED, largest))
    before = made.trials[:place]
    assert {trial.arm.side for trial in before} == {"llm", "fine-tuned"}
    rest = made.trials[place:]
    assert not [trial for trial in rest if trial.plan.arm in ("linear", "head:wordllama")]


def test_an_llm_keeps_half_of_what_the_quick_arms_leave(tmp_path: Path) -> None:
    for minutes in (30, 60, 120):
        made = plan(tmp_path, minutes, "linear", TRAINED, LLM)
        seconds = {arm.spec.text: 0.0 for arm in made.arms}
        for trial in made.trials:
            seconds[trial.plan.arm] += trial.seconds
        dear = sum(t.seconds for t in made.trials if t.plan.arm == TRAINED and t.plan.level > 1000)
        rows = next(arm.allotment.rows for arm in made.arms if arm.spec.text == LLM)
        assert rows == 500 or seconds[LLM] >= 0.8 * dear
        assert sum(seconds.values()) <= 60 * minutes


def test_counts_that_the_user_gave_are_all_his(tmp_path: Path) -> None:
    made = plan(tmp_path, 5, TRAINED, label_counts=(100, 5000))
    assert counts(made) == {100: 3, 5000: 5}
    assert note(made, "labels_left_out") is None


def test_one_seed_is_one_seed_everywhere_and_the_largest_decides(tmp_path: Path) -> None:
    made = plan(tmp_path, 2000, TRAINED, seeds=1)
    assert set(counts(made).values()) == {1}
    assert [trial.plan.level for trial in made.trials if trial.representative] == [max(counts(made))]


def test_the_trial_that_stands_for_the_arm_is_at_the_count_that_decides(tmp_path: Path) -> None:
    made = plan(tmp_path, 5, TRAINED)
    assert [trial.plan.level for trial in made.trials if trial.representative] == [1000]


def test_single_runs_at_larger_counts_are_not_where_the_arm_is_compared(tmp_path: Path) -> None:
    """Seen in a study that had ended with one run each at two larger counts."""
    whole = plan(tmp_path, 2000, TRAINED)
    sure = [trial for trial in whole.trials if trial.plan.level <= 1000]
    once = [trial for trial in whole.trials if trial.plan.level > 1000 and trial.plan.seed == 0][:2]
    begun = {trial.key: Answered(500, 0) for trial in (*sure, *once)}
    told = note(plan(tmp_path, 20, TRAINED, begun=begun, closed=(TRAINED,)), "labels_left_out")
    assert told is not None
    assert "is compared at 1,000 labels or fewer" in told


def test_a_study_that_has_ended_begins_no_further_count(tmp_path: Path) -> None:
    before = plan(tmp_path, 5, TRAINED)
    begun = {trial.key: Answered(500, 0) for trial in before.trials}
    again = plan(tmp_path, 2000, TRAINED, begun=begun, closed=(TRAINED,))
    assert counts(again) == counts(before)
    of_another_recipe = plan(tmp_path, 2000, TRAINED, closed=(TRAINED,))
    assert max(counts(of_another_recipe)) > 8000
    opened = plan(tmp_path, 2000, TRAINED, begun=begun)
    assert max(counts(opened)) > 8000
