"""Sharing out evaluation rows within minutes and dollars."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tuningfork.study.allotment import Allotment, Answered, Demand, allot, room_beside
from tuningfork.study.deciding import FEWEST_ROWS


def demand(row_seconds: float = 0.5, *, trials: int = 3, usd: float | None = None, redraws: bool = True) -> Demand:
    return Demand(
        trials=trials, fit_seconds=1.0, row_seconds=row_seconds, row_usd=usd, validation_rows=0, redraws=redraws
    )


def test_everything_fits_when_there_is_time() -> None:
    shares = allot({"llm": demand()}, rows=400, seconds=3600, usd=None)
    assert shares == {"llm": Allotment(400, 3)}


def test_repetitions_are_kept_before_rows() -> None:
    share = allot({"llm": demand()}, rows=400, seconds=300, usd=None)["llm"]
    assert share.trials == 3
    assert FEWEST_ROWS <= share.rows < 400


def test_repetitions_go_when_even_the_fewest_rows_do_not_fit_three_times() -> None:
    share = allot({"llm": demand(2.0)}, rows=400, seconds=240, usd=None)["llm"]
    assert share.trials == 1
    assert share.rows >= FEWEST_ROWS


def test_fast_arms_answer_every_row_whatever_the_budget() -> None:
    shares = allot({"linear": demand(0.0001), "llm": demand()}, rows=500, seconds=60, usd=None)
    assert shares["linear"].rows == 500
    assert FEWEST_ROWS <= shares["llm"].rows < 500


def test_dollars_limit_a_dear_arm() -> None:
    shares = allot({"paid": demand(0.1, usd=0.01)}, rows=400, seconds=36_000, usd=5.0)
    assert shares["paid"].rows * shares["paid"].trials * 0.01 <= 5.0
    assert shares["paid"].rows >= 100


def test_few_evaluation_rows_are_all_answered() -> None:
    assert allot({"llm": demand(5.0)}, rows=20, seconds=1, usd=None)["llm"].rows == 20


@given(
    speeds=st.lists(st.floats(0.05, 3.0), min_size=1, max_size=5),
    rows=st.integers(50, 1000),
    seconds=st.floats(60, 7200),
)
def test_what_is_shared_out_fits_unless_it_is_the_least(speeds: list[float], rows: int, seconds: float) -> None:
    demands = {f"arm{i}": demand(speed) for i, speed in enumerate(speeds)}
    shares = allot(demands, rows=rows, seconds=seconds, usd=None)
    total = sum(demands[arm].seconds(share) for arm, share in shares.items())
    all_least = all(share.rows == min(FEWEST_ROWS, rows) or share.rows == rows for share in shares.values())
    assert total <= seconds or all_least or any(share.rows == FEWEST_ROWS for share in shares.values())
    assert all(share.rows <= rows for share in shares.values())


def test_rows_that_rank_shrink_so_that_three_draws_fit() -> None:
    """Beside 100 validation rows a draw, only one draw of 50 rows would fit here."""
    tight = demand(1.0, trials=3)
    tight = replace(tight, validation_rows=100, extra_rows=100)
    share = allot({"llm": tight}, rows=500, seconds=470 / 0.9, usd=None)["llm"]
    assert share.trials == 3
    assert FEWEST_ROWS <= share.rows < 100
    assert 30 <= share.validation < 50
    assert tight.seconds(share) <= 470
    assert tight.seconds(tight.share(share.rows + 10, 3, all_rows=False)) > 470


def test_rows_of_one_arm_take_no_draw_from_another() -> None:
    """Seen: a small model's draws answered 30 rows more, and the larger one was left with a single draw."""
    shares = allot({"small": demand(0.12), "large": demand(0.9)}, rows=500, seconds=200, usd=None)
    assert shares["large"].trials == 3
    assert shares["small"].trials == 3 and 50 <= shares["small"].rows < 190


@given(
    speeds=st.lists(st.floats(0.06, 3.0), min_size=1, max_size=5),
    rows=st.integers(60, 1000),
    room=st.floats(1.0, 5.0),
    prices=st.none() | st.floats(0.001, 0.1),
)
def test_where_all_draws_fit_on_the_fewest_rows_every_arm_has_them(
    speeds: list[float], rows: int, room: float, prices: float | None
) -> None:
    demands = {f"arm{i}": demand(speed, usd=prices and prices * speed) for i, speed in enumerate(speeds)}
    least = [one.least(rows) for one in demands.values()]
    seconds, usd = (
        1.001 * room * sum(values) / 0.9 for values in zip(*((x.seconds, x.usd) for x in least), strict=True)
    )
    costly = {arm for arm, one in demands.items() if one.is_costly(rows, seconds)}
    shares = allot(demands, rows=rows, seconds=max(seconds, 1.0), usd=usd if prices else None)
    if costly == demands.keys():
        assert {share.trials for share in shares.values()} == {3}


def test_where_rows_cost_little_all_validation_rows_are_used() -> None:
    quick, slow = replace(demand(0.001), validation_rows=200), replace(demand(1.0), validation_rows=100)
    shares = allot({"quick": quick, "slow": slow}, rows=500, seconds=36_000, usd=None)
    assert shares == {"quick": Allotment(500, 3, 200), "slow": Allotment(500, 3, 100)}


def test_an_arm_whose_rows_nobody_waits_for_answers_all_of_them() -> None:
    """60 ms a row is slow, but 50 rows of three trials are a wait of 9 seconds; a bill counts whatever it takes."""
    few = demand(0.06)
    assert not few.is_costly(50, 30)
    assert few.is_costly(400, 30)
    assert not few.is_costly(400, 36_000), "2 % of ten hours"
    assert demand(0.06, usd=0.01).is_costly(50, 36_000)
    assert allot({"few": few}, rows=50, seconds=1, usd=None)["few"] == Allotment(50, 3)


def test_answers_of_a_trial_that_goes_on_are_not_asked_for_again() -> None:
    begun = replace(demand(1.0, trials=3), fit_seconds=1.0, answered=(Answered(50, 0), Answered(50, 0)))
    assert begun.seconds(Allotment(50, 3)) == 1.0 + 50
    assert begun.seconds(Allotment(80, 3)) == 1.0 + 80 + 2 * 30
    assert begun.seconds(Allotment(40, 2)) == 0


def test_a_model_that_is_gone_is_made_again_and_answers_all_rows_again() -> None:
    trained = replace(demand(1.0, trials=2), fit_seconds=0.0, refit_seconds=20.0, answered=(Answered(50, 30),) * 2)
    assert trained.seconds(Allotment(50, 2, 30)) == 0
    assert trained.seconds(Allotment(60, 2, 30)) == 2 * (20 + 90)
    running = replace(trained, answered=(Answered(50, 30), Answered(50, 30, under_way=True)))
    assert running.seconds(Allotment(60, 2, 30)) == 20 + 90 + 10


def test_training_that_fills_the_time_takes_no_row_from_answers_that_cost_little() -> None:
    """Seen: counts were added until the time was full, and then every trial answered 60 of 300 rows to save seconds."""
    running = Answered(25, 0, under_way=True)
    trained = replace(
        demand(0.004, trials=30),
        fit_seconds=1500.0,
        refit_seconds=1.0,
        answered=(running,),
        redraws=False,
        validation_rows=200,
    )
    assert allot({"trained": trained}, rows=300, seconds=1200, usd=None)["trained"] == Allotment(300, 30, 200)


def test_models_that_answered_fewer_rows_are_made_again_where_there_is_time_and_else_decide_the_rows() -> None:
    before = Answered(110, 100)
    trained = replace(
        demand(0.004, trials=4), fit_seconds=0.0, refit_seconds=300.0, answered=(before,) * 4, validation_rows=200
    )
    assert allot({"trained": trained}, rows=300, seconds=3000, usd=None)["trained"] == Allotment(300, 4, 200)
    assert allot({"trained": trained}, rows=300, seconds=600, usd=None)["trained"] == Allotment(110, 4, 100)


@given(
    rows=st.integers(50, 1000),
    seconds=st.floats(1, 3600),
    speed=st.floats(0.05, 3.0),
    before=st.integers(0, 1000),
    answered=st.integers(0, 1000),
)
def test_a_share_never_shrinks(rows: int, seconds: float, speed: float, before: int, answered: int) -> None:
    given_before = Allotment(min(rows, before), 3, 20)
    one = replace(demand(speed), validation_rows=40, answered=(Answered(min(rows, answered), 20),))
    share = allot({"llm": one}, rows=rows, seconds=seconds, usd=None, given={"llm": given_before})["llm"]
    assert share.or_more(given_before) == share


def test_training_that_takes_long_leaves_an_llm_the_draws_without_which_nobody_wins() -> None:
    """Seen in a study that was given ten more minutes: all of them went to further runs of the largest count."""
    llm = demand(1.0, trials=3)
    least = llm.seconds(llm.share(FEWEST_ROWS, 3, all_rows=False))
    for seconds in (0.5 * least, least, 1.5 * least, 3 * least, 30 * least):
        room = room_beside({"llm": llm}, rows=500, seconds=seconds, settled_seconds=0.0)
        assert room <= max(0.0, seconds - least)
        share = allot({"llm": llm}, rows=500, seconds=seconds - room, usd=None)["llm"]
        assert share.trials == 3 or seconds < 1.2 * least
    assert room_beside({"llm": llm}, rows=500, seconds=30 * least, settled_seconds=0.0) > 10 * least
