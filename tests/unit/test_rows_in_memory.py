"""`Task.from_rows`: rows of a program, with all that lists and data frames put where nothing is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tuningfork as tf
from tuningfork.errors import InputError

TEXTS = [f"text number {place}" for place in range(40)]
LABELS = ["good", "bad"] * 20


def labels_of(task: tf.Task) -> set[str]:
    return set(task.prepare().labels.values)


@pytest.mark.parametrize("nothing", [None, float("nan"), np.float64("nan"), pd.NA, pd.NaT, "", "  "], ids=repr)
def test_a_missing_label_is_an_unlabelled_row(nothing: Any) -> None:
    data = tf.Task.from_rows([*TEXTS, "without a label"], [*LABELS, nothing]).prepare()
    assert set(data.labels.values) == {"good", "bad"}
    assert data.unlabelled.texts == ("without a label",)


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, "", " "], ids=repr)
def test_a_missing_text_is_left_out_and_said_as_in_files(nothing: Any) -> None:
    data = tf.Task.from_rows([*TEXTS, nothing], [*LABELS, "good"]).prepare()
    assert len(data.pool) + len(data.validation) + len(data.evaluation) == len(TEXTS)
    assert "empty_texts" in {note.code for note in data.notes}
    assert "nan" not in {*data.pool.texts, *data.evaluation.texts}


@pytest.mark.parametrize(
    "column", [list, tuple, np.array, pd.Series, pl.Series, iter], ids=lambda column: column.__name__
)
def test_any_column_makes_the_same_task(column: Callable[[list[str]], Iterable[str]]) -> None:
    expected = tf.Task.from_rows(TEXTS, LABELS).prepare()
    assert tf.Task.from_rows(column(TEXTS), column(LABELS)).prepare().fingerprint == expected.fingerprint


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([0, 1] * 20, {"0", "1"}),
        ([0.0, 1.0] * 20, {"0", "1"}),
        ([0, 1.0] * 20, {"0", "1"}),
        (np.array([0, 1] * 20), {"0", "1"}),
        (pd.Series([0, 1] * 19 + [1, None]), {"0", "1"}),
        ([True, False] * 20, {"True", "False"}),
        ([4.5, 4.0] * 20, {"4.5", "4"}),
        (pd.Series(["good", "bad"] * 20, dtype="category"), {"good", "bad"}),
    ],
    ids=["ints", "floats", "both", "array", "ints of a data frame beside nothing", "truth", "halves", "categories"],
)
def test_numbers_and_truth_values_are_labels(labels: Any, names: set[str]) -> None:
    assert labels_of(tf.Task.from_rows(TEXTS, labels)) == names


@pytest.mark.parametrize("value", [["good", "bad"], {"label": "good"}, b"good"], ids=repr)
def test_what_is_not_one_value_is_refused_with_its_row(value: Any) -> None:
    with pytest.raises(InputError, match=r"row 41, column 'label'.*not one value"):
        tf.Task.from_rows([*TEXTS, "one more"], [*LABELS, value])


def test_one_string_is_not_taken_for_its_letters() -> None:
    with pytest.raises(InputError, match="texts are needed row by row"):
        tf.Task.from_rows("a text", LABELS)
