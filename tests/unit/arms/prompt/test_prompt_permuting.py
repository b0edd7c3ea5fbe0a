"""Orders of a row's options, and what several askings come to."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.answers.category import Categories
from tuningfork.arms.prompt.permuting import Positions, averaged, in_orders, rotated
from tuningfork.arms.prompt.rows import PromptRow
from tuningfork.arms.results import NO_LABEL, Prediction

NAN = float("nan")


def row(options: int, question: str = "q") -> PromptRow:
    return PromptRow(
        (("question", question),), tuple(f"option {i}" for i in range(options)), tuple(range(options)), question
    )


def asked(labels: list[int], probabilities: list[list[float]] | None = None) -> Prediction:
    return Prediction(
        Categories(np.array(labels, np.int32)),
        None if probabilities is None else np.array(probabilities, np.float32),
        row_seconds=np.full(len(labels), 0.5),
    )


@given(options=st.integers(2, 6), most=st.integers(1, 24), question=st.text(max_size=5))
def test_orders_differ_and_turning_round_comes_first(options: int, most: int, question: str) -> None:
    found = in_orders(row(options, question), most)
    orders = [each.order for each in found]
    assert len(set(orders)) == len(orders) == min(most, math.factorial(options))
    assert orders[0] == tuple(range(options))
    for each in found:
        assert each.options == tuple(f"option {place}" for place in each.order)
    turned = orders[:options]
    assert all((later - former) % options == 1 for order in turned for former, later in itertools.pairwise(order))
    assert in_orders(row(options, question), most) == found
    assert in_orders(row(options, question), 24)[: len(found)] == found, "more orders add to those of fewer"


def test_after_as_many_orders_as_options_each_stood_at_each_place_once() -> None:
    orders = [each.order for each in in_orders(row(5), 5)]
    assert all(len(set(at_place)) == 5 for at_place in zip(*orders, strict=True))


def test_which_turn_comes_first_hangs_on_the_row() -> None:
    seconds = Counter(rotated(row(4, f"question {i}")).order for i in range(300))
    assert len(seconds) == 3
    assert min(seconds.values()) > 70
    assert (0, 1, 2, 3) not in seconds


def test_probabilities_are_averaged_and_votes_counted_where_there_are_none() -> None:
    table = [[0.6, 0.4, 0], [0.1, 0.9, 0], [NAN] * 3, [0.2, 0.3, 0.5], [NAN] * 3, [NAN] * 3, [NAN] * 3]
    found = averaged(asked([0, 1, 0, 2, 1, 1, NO_LABEL], table), [3, 1, 3])
    assert found.labels.tolist() == [1, 2, 1]
    assert found.probabilities is not None
    assert found.probabilities[0] == pytest.approx([0.35, 0.65, 0])
    assert found.probabilities[1] == pytest.approx([0.2, 0.3, 0.5])
    assert np.isnan(found.probabilities[2]).all()
    assert found.row_seconds is not None
    assert found.row_seconds.tolist() == [1.5, 0.5, 1.5]
    voted = averaged(asked([2, 0, 0, NO_LABEL, NO_LABEL]), [3, 2])
    assert voted.labels.tolist() == [0, NO_LABEL]
    assert voted.probabilities is None


def test_a_tie_goes_to_the_earliest_asking() -> None:
    assert averaged(asked([2, 0, 1]), [3]).labels.tolist() == [2]
    assert averaged(asked([NO_LABEL, 1, 0]), [3]).labels.tolist() == [1]
    even = [[0.7, 0.2, 0.1], [0.1, 0.7, 0.2], [0.2, 0.1, 0.7]]
    assert averaged(asked([1, 2, 0], even), [3]).labels.tolist() == [1]


def test_only_answers_before_another_option_tell_whether_a_place_is_followed() -> None:
    first = row(3)
    turned, same_place, other = first.reordered((1, 2, 0)), first.reordered((0, 2, 1)), first.reordered((2, 0, 1))
    found = Positions()
    assert found.share is None
    found.look_at([first, turned], [0, 1])
    assert (found.share, found.rows) == (1.0, 1), "A again, though another option stands there"
    found.look_at([first, turned, other], [0, 0, 0])
    assert (found.followed, found.pairs, found.rows) == (1, 3, 2)
    found.look_at([first, same_place], [0, 0])
    found.look_at([first, turned], [NO_LABEL, 1])
    found.look_at([first, turned], [1, NO_LABEL])
    assert (found.followed, found.pairs, found.rows) == (1, 3, 2), "these tell nothing"
