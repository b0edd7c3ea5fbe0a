"""What holds for columns of every kind, ours and another package's: on the disk, cut, joined and compared."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toy_kind import WordLists
from tuningfork.answers.category import NO_LABEL, Categories
from tuningfork.answers.column import Column

CATEGORIES = st.lists(st.integers(NO_LABEL, 2**31 - 1) | st.integers(NO_LABEL, 2), max_size=30).map(
    lambda indices: Categories(np.array(indices, np.int32))
)
WORDS = st.lists(st.none() | st.lists(st.text(max_size=5), max_size=4).map(tuple), max_size=30).map(
    lambda rows: WordLists(tuple(rows))
)
KINDS = pytest.mark.parametrize("kind", [CATEGORIES, WORDS], ids=["category", "words"])


def same_throughout(one: Column, other: Column) -> bool:
    return len(one) == len(other) and bool(one.same(other).all()) and one.valid.tolist() == other.valid.tolist()


@KINDS
@given(data=st.data())
def test_a_column_comes_back_from_its_blob(kind: Any, data: st.DataObject) -> None:
    column = data.draw(kind)
    blob = column.to_blob()
    back = type(column).from_blob(len(column), blob)
    assert same_throughout(back, column)
    assert back.to_blob() == blob


@KINDS
@given(data=st.data())
def test_a_blob_of_another_length_is_refused(kind: Any, data: st.DataObject) -> None:
    column = data.draw(kind)
    n = data.draw(st.integers(0, 40).filter(lambda n: n != len(column)))
    with pytest.raises(ValueError):
        type(column).from_blob(n, column.to_blob())


@KINDS
@given(data=st.data())
def test_what_was_cut_joins_to_what_it_was(kind: Any, data: st.DataObject) -> None:
    column = data.draw(kind)
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(column)), max_size=4))), len(column)]
    first, *others = [column.take(slice(start, stop)) for start, stop in pairwise(cuts)]
    assert same_throughout(first.joined(others), column)


@KINDS
@given(data=st.data())
def test_rows_are_taken_in_the_order_asked_as_often_as_asked(kind: Any, data: st.DataObject) -> None:
    column = data.draw(kind)
    rows = np.array(data.draw(st.lists(st.integers(0, len(column) - 1), max_size=20)) if len(column) else [], np.intp)
    taken = column.take(rows)
    assert len(taken) == len(rows)
    for place, row in enumerate(rows.tolist()):
        assert same_throughout(taken.take(np.array([place])), column.take(np.array([row])))


@KINDS
@given(data=st.data())
def test_same_is_an_equivalence_that_sees_a_lost_answer(kind: Any, data: st.DataObject) -> None:
    pool = data.draw(kind)
    if not len(pool):
        return
    places = st.lists(st.integers(0, len(pool) - 1), min_size=3, max_size=3)
    a, b, c = (pool.take(np.array(data.draw(places))) for _ in range(3))
    assert a.same(a).all()
    assert a.same(b).tolist() == b.same(a).tolist()
    assert (a.same(c) | ~(a.same(b) & b.same(c))).all()
    assert (a.valid == b.valid)[a.same(b)].all()
