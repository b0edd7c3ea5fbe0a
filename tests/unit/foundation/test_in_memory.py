"""What arrays and data frames hold for 'nothing here', and as plain values."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tuningfork.errors import InputError
from tuningfork.foundation.in_memory import is_blank, is_missing, plain_values

MISSING = [None, float("nan"), np.nan, np.float32("nan"), np.datetime64("NaT"), pd.NA, pd.NaT, decimal.Decimal("nan")]
PRESENT = ["", "nan", "None", 0, 0.0, False, np.int64(3), np.str_("a"), datetime.date(2026, 1, 1), np.array([1, 2])]


@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_what_is_missing(value: object) -> None:
    assert is_missing(value)
    assert is_blank(value)


@pytest.mark.parametrize("value", PRESENT, ids=repr)
def test_what_is_not(value: object) -> None:
    assert not is_missing(value)


@pytest.mark.parametrize(("value", "blank"), [("", True), (" \t", True), ("nan", False), (0, False), (False, False)])
def test_a_blank_label_says_nothing(value: object, blank: bool) -> None:
    assert is_blank(value) is blank


@pytest.mark.parametrize(
    "values",
    [[1, 2], (1, 2), np.array([1, 2]), pd.Series([1, 2]), pl.Series([1, 2]), iter([1, 2]), [np.int64(1), np.int32(2)]],
    ids=lambda values: type(values).__name__,
)
def test_any_column_is_a_list_of_python_values(values: object) -> None:
    found = plain_values(values)  # type: ignore[arg-type]
    assert found == [1, 2]
    assert all(type(value) is int for value in found)


def test_one_string_is_not_a_column() -> None:
    with pytest.raises(InputError, match="texts are needed row by row, not as one string"):
        plain_values("positive", what="texts")
