"""Categories: indices that nobody changes, names that people read, blobs that are refused where they are not whole."""

from __future__ import annotations

import numpy as np
import pytest

from tuningfork.answers.category import NO_LABEL, Categories
from tuningfork.answers.column import NO_ANSWER
from tuningfork.answers.registry import KINDS
from tuningfork.answers.space import Labels
from tuningfork.errors import UnknownName

COLOURS = Labels(("red", "green", "blue"))


def test_nobody_changes_a_column_not_even_who_made_it() -> None:
    given = np.array([0, 1, NO_LABEL], np.int32)
    column = Categories(given)
    given[0] = 2
    assert column.indices.tolist() == [0, 1, NO_LABEL]
    for part in (column, column.take(slice(2)), column.joined([column]), Categories.from_blob(3, column.to_blob())):
        with pytest.raises(ValueError, match="read-only"):
            part.indices[0] = 2


def test_a_row_without_a_label_is_not_valid() -> None:
    assert Categories(np.array([2, NO_LABEL, 0])).valid.tolist() == [True, False, True]


def test_answers_are_the_same_where_both_say_the_same_or_both_nothing() -> None:
    once, again = Categories(np.array([0, 1, NO_LABEL, NO_LABEL])), Categories(np.array([0, 2, NO_LABEL, 1]))
    assert once.same(again).tolist() == [True, False, True, False]
    with pytest.raises(ValueError, match="4 of category, 1 of category"):
        once.same(Categories(np.array([0])))


def test_an_answer_is_shown_by_its_name() -> None:
    column = Categories(np.array([2, NO_LABEL, 3]))
    assert [column.shown(row, COLOURS) for row in (0, 1)] == ["blue", NO_ANSWER]
    with pytest.raises(ValueError, match=r"no label 3 among 3 \(row 2\)"):
        column.shown(2, COLOURS)


def test_wide_indices_are_kept_in_four_bytes_a_row() -> None:
    column = Categories(np.array([5, 7], np.int64))
    assert column.indices.dtype == np.int32
    assert column.to_blob() == b"\x05\0\0\0\x07\0\0\0"


@pytest.mark.parametrize(
    ("indices", "error", "told"),
    [
        (np.array([0.0, 1.0]), TypeError, "whole numbers, not float64"),
        (np.array([[0, 1]]), ValueError, r"one a row, not of shape \(1, 2\)"),
        (np.array([0, -2]), ValueError, "-2 is no index"),
    ],
)
def test_what_is_no_column_of_categories_is_refused(indices: np.ndarray, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        Categories(indices)


@pytest.mark.parametrize("blob", [b"", b"\0\0\0\0", b"\0\0\0\0\0\0\0", b"\0\0\0\0\xfe\xff\xff\xff", b"\0" * 12])
def test_a_blob_that_is_not_what_was_written_is_refused(blob: bytes) -> None:
    with pytest.raises(ValueError):
        Categories.from_blob(2, blob)


def test_every_kind_is_found_by_the_name_that_it_has_itself() -> None:
    assert "category" in KINDS.names()
    for name in KINDS.names():
        assert KINDS.get(name).kind == name
    with pytest.raises(UnknownName, match="did you mean 'category'"):
        KINDS.get("categories")
