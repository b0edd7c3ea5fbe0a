"""Sharing out evaluation rows within minutes and dollars."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tuningfork.study.allotment import FEWEST_ROWS, Allotment, Demand, allot


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
    total = sum(demands[arm].seconds(share.rows, share.trials) for arm, share in shares.items())
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
    assert 30 <= tight.validation_with(share.rows) < 50
    assert tight.seconds(share.rows, 3) <= 470
    assert tight.seconds(share.rows + 10, 3) > 470


def test_where_rows_cost_little_all_validation_rows_are_used() -> None:
    assert replace(demand(0.001), validation_rows=200).validation_with(50) == 200
    assert replace(demand(1.0), validation_rows=100).validation_with(500) == 100
