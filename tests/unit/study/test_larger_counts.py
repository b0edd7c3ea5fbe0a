"""Which counts above the sure ones a study runs, and in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tuningfork.arms.results import TrialPlan
from tuningfork.study.deciding import by_level, can_decide, deciding_level
from tuningfork.study.larger_counts import LARGEST_ONCE, Chosen, choose_larger

SURE = 1000


def schedule(counts: list[int], *, top: int = 5, below: int = 3) -> list[TrialPlan]:
    """As an arm lists it: every count that may turn out to decide with the seeds for that."""
    may_decide = max([count for count in counts if count <= SURE], default=0)
    return [
        TrialPlan(arm="slow", level=count, n_labels=count, seed=seed)
        for count in counts
        for seed in range(top if count >= may_decide else below)
    ]


def chosen(plans: list[TrialPlan], room: float, *, begun: list[TrialPlan] | None = None, seeds: bool = False) -> Chosen:
    """A label takes a second."""
    return choose_larger(
        plans, sure=SURE, seconds=lambda plan: plan.level, room=room, seeds_given=seeds, begun=begun or ()
    )


def runs(found: Chosen) -> dict[int, int]:
    return {level: len(plans) for level, plans in by_level(list(found.turns)).items()}


def in_turn(found: Chosen) -> list[tuple[int, int]]:
    later = sorted((turn, plan.level, plan.seed) for plan, turn in found.turns.items() if turn)
    return [(level, seed) for _, level, seed in later]


LADDER = schedule([8, 512, 1000, 2000, 4000, 6000])


def test_with_time_for_all_the_largest_decides_with_five_and_each_count_between_has_three() -> None:
    found = chosen(LADDER, room=1e9)
    assert runs(found) == {8: 3, 512: 3, 1000: 3, 2000: 3, 4000: 3, 6000: 5}
    assert (found.decides_at, found.left_out) == (6000, ())
    assert in_turn(found) == [
        *((6000, seed) for seed in range(5)),
        *((2000, seed) for seed in range(3)),
        *((4000, seed) for seed in range(3)),
    ]


def test_time_for_one_run_at_the_largest_is_used_and_the_next_count_with_time_for_three_decides() -> None:
    found = chosen(LADDER, room=6000 + 3 * 2000)
    assert runs(found) == {8: 3, 512: 3, 1000: 3, 2000: 3, 6000: 1}
    assert found.decides_at == 2000
    assert runs(Chosen(dict.fromkeys(found.left_out, 0))) == {4000: 3, 6000: 4}


def test_without_time_for_any_the_largest_sure_count_decides_with_five_as_it_did_before() -> None:
    found = chosen(LADDER, room=1999)
    assert runs(found) == {8: 3, 512: 3, 1000: 5}
    assert found.decides_at is None


def test_a_largest_that_never_fits_makes_way_for_the_next() -> None:
    found = chosen(LADDER, room=5999)
    assert max(runs(found)) == 4000


def test_what_has_begun_stays_and_takes_nothing() -> None:
    begun = [plan for plan in LADDER if plan.level == 6000 and plan.seed < 3]
    found = chosen(LADDER, room=0, begun=begun)
    assert runs(found) == {8: 3, 512: 3, 1000: 3, 6000: 3}
    assert found.decides_at == 6000


def test_seeds_that_the_user_gave_are_those_of_every_count() -> None:
    for seeds in (1, 2, 7):
        plans = schedule([8, 1000, 2000, 4000], top=seeds, below=seeds)
        assert set(runs(chosen(plans, 1e9, seeds=True)).values()) == {seeds}
    assert chosen(schedule([8, 4000], top=1, below=1), 1e9, seeds=True).decides_at == 4000


def test_a_pool_without_larger_counts_is_left_as_it_is() -> None:
    plans = schedule([8, 512, 900])
    assert chosen(plans, room=0) == Chosen(dict.fromkeys(plans, 0))


@given(
    st.lists(st.integers(1, 20_000), min_size=1, max_size=6, unique=True).map(sorted),
    st.floats(0, 200_000),
    st.sets(st.integers(0, 40), max_size=8),
)
def test_the_schedule_keeps_its_promises(counts: list[int], room: float, begun_at: set[int]) -> None:
    """It never takes more time than there is, loses nothing that is sure or has begun, and the largest goes first."""
    plans = schedule(counts)
    begun = [plan for place, plan in enumerate(plans) if place in begun_at]
    found = chosen(plans, room, begun=begun)
    least = max(SURE, counts[0])
    assert sum(plan.level for plan in found.turns if plan.level > least and plan not in begun) <= room
    assert set(begun) <= set(found.turns)
    assert {plan for plan in plans if plan.level <= least and plan.seed < 3} <= set(found.turns)
    assert not set(found.left_out) & set(found.turns)
    first = [plan for plan, turn in found.turns.items() if turn == LARGEST_ONCE]
    larger = [plan.level for plan, turn in found.turns.items() if turn]
    if larger:
        assert [(plan.level, plan.seed) for plan in first] == [(max(larger), 0)]
    for level, of_level in by_level([plan for plan, turn in found.turns.items() if turn]).items():
        assert level == max(larger) or can_decide(of_level), "a count between has its spread or is not there"


@given(st.dictionaries(st.integers(1, 9), st.integers(1, 6), min_size=1))
def test_a_count_with_fewer_than_three_runs_never_decides_where_another_has_three(runs_at: dict[int, int]) -> None:
    levels = {
        level: [TrialPlan(arm="a", level=level, n_labels=level, seed=seed) for seed in range(runs)]
        for level, runs in runs_at.items()
    }
    decides = deciding_level(levels)
    if any(runs >= 3 for runs in runs_at.values()):
        assert runs_at[decides] >= 3
        assert decides == max(level for level, runs in runs_at.items() if runs >= 3)
    else:
        assert decides == max(runs_at)
