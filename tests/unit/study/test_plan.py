"""What would run: trials, their order, their rows, their traffic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.api import Study, Task
from tuningfork.errors import InputError
from tuningfork.study.allotment import Allotment, Answered
from tuningfork.study.order import in_order
from tuningfork.study.plan import StudyPlan, make_plan
from tuningfork.study.planned import PlannedTrial
from tuningfork.study.rates import Rates

LLM = "prompt:m@http://127.0.0.1:9/v1"


def task(rows: int = 400) -> Task:
    return Task.from_rows([f"text number {i}" for i in range(rows)], [("a", "b", "c")[i % 3] for i in range(rows)])


def plan(
    folder: Path,
    *arms: str,
    settled: dict[str, Allotment] | None = None,
    given: dict[str, Allotment] | None = None,
    begun: dict[str, Answered] | None = None,
    seconds: float = 3600,
    **options: Any,
):
    study = Study(task(), arms, **options)
    return make_plan(
        study.data,
        study.settings,
        study.choose_arms().arms,
        Rates(folder / "rates.json"),
        seconds_left=seconds,
        usd_left=study.settings.budget_usd,
        settled=settled or {},
        given=given or {},
        begun=begun or {},
    )


def requests_of(made: StudyPlan, arm: str) -> int:
    return sum(trial.rows for trial in made.trials if trial.plan.arm == arm)


def test_cheap_trials_come_first_and_every_count_has_its_seeds(tmp_path: Path) -> None:
    made = plan(tmp_path, LLM, "linear", label_counts=(8, 32), seeds=2)
    seconds = [trial.seconds for trial in made.trials]
    assert seconds == sorted(seconds)
    assert [(t.plan.level, t.plan.seed) for t in made.trials if t.plan.arm == "linear"] == [
        (8, 0),
        (8, 1),
        (32, 0),
        (32, 1),
    ]


def test_an_llm_asks_its_rows_and_once_wordings_and_planted_instructions(tmp_path: Path) -> None:
    made = plan(tmp_path, LLM, f"{LLM}?shots=6")
    rows, validation = 160, 48
    assert requests_of(made, LLM) == rows + validation + 120
    assert requests_of(made, f"{LLM}?shots=6") == 3 * (rows + validation) + 120
    assert made.llm_requests == requests_of(made, LLM) + requests_of(made, f"{LLM}?shots=6")
    assert [trial.representative for trial in made.trials].count(True) == 2
    assert made.usd is None, "nobody has said whether the server on loopback sends a bill"
    assert made.hosts == ("127.0.0.1:9 on this machine",)
    own = plan(tmp_path, f"{LLM}?local=yes")
    assert (own.usd, own.hosts, own.llm_requests) == (0, (), requests_of(own, f"{LLM}?local=yes"))


def test_a_side_with_one_arm_predicts_no_validation_row(tmp_path: Path) -> None:
    made = plan(tmp_path, LLM, "linear")
    assert {arm.validation_rows for arm in made.arms} == {0}


def test_little_time_means_fewer_rows_and_that_is_said(tmp_path: Path) -> None:
    made = plan(tmp_path, LLM, "linear", seconds=120)
    (llm,) = [arm for arm in made.arms if arm.side == "llm"]
    assert 50 <= llm.allotment.rows < 160
    assert [note.code for note in made.notes] == ["fewer_rows"]
    assert f"the first {llm.allotment.rows} of 160" in made.notes[0].message


def test_draws_that_are_cut_to_one_are_told_though_every_row_is_answered(tmp_path: Path) -> None:
    arm = f"{LLM}?shots=3"
    made = plan(tmp_path, arm, settled={arm: Allotment(160, 1)})
    assert [note.code for note in made.notes] == ["fewer_draws"]
    assert f"{arm} runs once instead of with 3 draws" in made.notes[0].message


def test_the_draw_that_a_cut_leaves_is_the_one_that_runs_first(tmp_path: Path) -> None:
    """It also answers what is asked once an arm, so it is the dearest; were it last, a cut would orphan one."""
    whole = plan(tmp_path, f"{LLM}?shots=3")
    assert [trial.plan.seed for trial in in_order(whole.trials)] == [0, 1, 2]
    assert whole.trials[0].seconds > whole.trials[1].seconds


def test_what_was_settled_before_stays(tmp_path: Path) -> None:
    made = plan(tmp_path, f"{LLM}?shots=3", settled={f"{LLM}?shots=3": Allotment(70, 1)})
    assert [(trial.arm.allotment.rows, trial.plan.seed) for trial in made.trials] == [(70, 0)]


def test_trials_that_have_ended_take_nothing_of_what_is_left(tmp_path: Path) -> None:
    """An estimate that was far too high must not be held against those who come last."""
    cheap = ("linear", "head:wordllama")
    made = plan(tmp_path, LLM, *cheap, seconds=150)
    ended = {trial.key: Answered(160, 48) for trial in made.trials if trial.plan.arm in cheap}
    late = plan(tmp_path, LLM, *cheap, seconds=150, begun=ended)
    alone = plan(tmp_path, LLM, seconds=150)
    rows = {
        name: next(arm for arm in one.arms if arm.side == "llm").allotment.rows
        for name, one in (("made", made), ("late", late), ("alone", alone))
    }
    assert rows["made"] < rows["late"] == rows["alone"]
    assert len(late.trials) == len(made.trials)


def test_what_an_llm_has_answered_takes_nothing_of_another_budget(tmp_path: Path) -> None:
    """Its answers are in the journal: only further ones take time."""
    made = plan(tmp_path, LLM, seconds=150)
    (share,) = [arm.allotment for arm in made.arms]
    assert 50 <= share.rows < 160
    begun = {trial.key: Answered(share.rows, 0) for trial in made.trials}
    (again,) = [arm.allotment for arm in plan(tmp_path, LLM, seconds=20, given={LLM: share}, begun=begun).arms]
    assert share.rows < again.rows < 160
    (less,) = [arm.allotment for arm in plan(tmp_path, LLM, seconds=0.1, given={LLM: share}, begun=begun).arms]
    assert less.rows == share.rows, "what was given is never taken back"


def test_a_trained_model_is_made_again_for_more_rows_only_if_there_is_time_for_that(tmp_path: Path) -> None:
    arm, slow = "finetune:minilm", Rates(tmp_path / "rates.json")
    slow.learn_row("finetune:minilm", 20.0)
    slow.save()
    made = plan(tmp_path, arm, label_counts=(32, 128), seeds=3)
    begun = {trial.key: Answered(50, 0) for trial in made.trials}
    given = {arm: Allotment(50, 6)}
    fits = sum(t.estimate.fit_seconds for t in made.trials if t.plan.level == 128)
    rich, poor = (
        plan(tmp_path, arm, label_counts=(32, 128), seeds=3, given=given, begun=begun, seconds=seconds).arms[0]
        for seconds in (20 * fits, fits)
    )
    assert rich.allotment.rows == 160
    assert poor.allotment.rows == 50


def test_new_seeds_are_run_whatever_was_settled_before(tmp_path: Path) -> None:
    made = plan(tmp_path, "linear", settled={"linear": Allotment(160, 2)}, label_counts=(8, 32), seeds=4)
    assert len(made.trials) == 8


def test_counts_above_the_pool_are_clipped_and_that_is_said(tmp_path: Path) -> None:
    made = plan(tmp_path, "linear", label_counts=(8, 5000), seeds=2)
    assert max(trial.plan.level for trial in made.trials) == len(made.setting.pool) < 5000
    assert [note.code for note in made.notes] == ["counts_clipped"]
    assert "5000" in made.notes[0].message


def test_measured_speed_moves_the_guess_and_narrows_its_range(tmp_path: Path) -> None:
    before = plan(tmp_path, "linear")
    rates = Rates(tmp_path / "rates.json")
    rates.learn_fit("linear:", estimated=1.0, seconds=10.0)
    rates.learn_row("linear:", 10.0)
    rates.save()
    after = plan(tmp_path, "linear")
    assert sum(after.seconds) > 3 * sum(before.seconds)
    assert after.seconds[1] / after.seconds[0] < before.seconds[1] / before.seconds[0]


def test_damaged_rates_are_no_obstacle(tmp_path: Path) -> None:
    for text in (
        "{",
        "[]",
        '{"linear:": 3}',
        '{"linear:": {}}',
        '{"linear:": {"fit": "fast", "row": -1}}',
        '{"linear:": {"fit of size x": 2}}',
    ):
        (tmp_path / "rates.json").write_text(text)
        assert plan(tmp_path, "linear").seconds[0] > 0


def test_an_arm_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="named twice"):
        plan(tmp_path, "linear", "linear")


def trials_of(drawn: Sequence[tuple[str, float]], *, side: str | None = None) -> tuple[PlannedTrial, ...]:
    """One a pair of arm and seconds; its side is called as the arm unless there is one for all."""
    found = [
        SimpleNamespace(
            arm=SimpleNamespace(side=side or arm),
            seconds=seconds,
            turn=0,
            plan=SimpleNamespace(arm=arm, level=i, seed=0),
            key=f"{arm} {i}",
        )
        for i, (arm, seconds) in enumerate(drawn)
    ]
    return cast(tuple[PlannedTrial, ...], tuple(found))


@given(st.lists(st.tuples(st.sampled_from(["llm", "fine-tuned", "combined"]), st.floats(0.01, 300)), min_size=1))
def test_the_first_trials_are_cheap_and_each_side_is_among_them_early(drawn: list[tuple[str, float]]) -> None:
    """Nothing is lost; and before any second trial of the dear part, each side has had its cheapest."""
    trials = trials_of(drawn)
    ordered = in_order(trials)
    assert sorted(ordered, key=id) == sorted(trials, key=id)
    sides = {trial.arm.side for trial in trials}
    first_of_each = {side: min(t.seconds for t in trials if t.arm.side == side) for side in sides}
    position = 0
    spent = 0.0
    while position < len(ordered) and spent + ordered[position].seconds <= 12:
        spent += ordered[position].seconds
        position += 1
    early = ordered[: position + len(sides)]
    for side, seconds in first_of_each.items():
        assert any(t.arm.side == side and t.seconds == seconds for t in early)
    assert ordered[0].seconds == min(trial.seconds for trial in trials)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0.01, 300)), min_size=1), st.floats(0, 1500))
def test_no_arm_goes_without_for_further_trials_of_others(drawn: list[tuple[str, float]], seconds: float) -> None:
    """Where the first look and the first trials of all arms fit into the time, each arm has one trial in it."""
    trials = trials_of(drawn, side="llm")
    cheap_first, ordered = in_order(trials), in_order(trials, seconds_left=seconds)
    assert sorted(ordered, key=id) == sorted(trials, key=id)
    arms = {trial.plan.arm for trial in trials}
    firsts = {arm: next(trial for trial in cheap_first if trial.plan.arm == arm) for arm in arms}
    if 12 + sum(first.seconds for first in firsts.values()) <= seconds:
        ends = np.cumsum([trial.seconds for trial in ordered])
        assert {t.plan.arm for t, end in zip(ordered, ends, strict=True) if end <= seconds + 1e-6} == arms


def test_time_that_is_enough_moves_nothing() -> None:
    trials = trials_of([("a", 1.0), ("a", 20.0), ("a", 30.0), ("a", 40.0), ("b", 50.0)], side="llm")
    assert in_order(trials, seconds_left=141.0) == in_order(trials)


def test_what_has_begun_takes_nothing_and_its_arm_waits_for_nothing() -> None:
    trials = trials_of([("a", 1.0), ("a", 70.0), ("b", 2.0), ("c", 90.0)], side="llm")
    assert [trial.plan.arm for trial in in_order(trials, seconds_left=95.0)] == ["a", "b", "c", "a"]
    begun = [trial.key for trial in trials if trial.seconds == 70.0]
    assert [trial.seconds for trial in in_order(trials, seconds_left=95.0, begun=begun)] == [1.0, 2.0, 70.0, 90.0]
