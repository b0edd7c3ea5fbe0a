"""Columns that void a row: those of known tools decide, all others are only told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuningfork.errors import InputError
from tuningfork.task.schema import TaskSpec
from tuningfork.task.steps import Step
from tuningfork.task.table import Table
from tuningfork.task.void import without_void


def step(keep: dict[str, str] | None = None, *, is_data: bool = True, **columns: list[str]) -> Step:
    n = len(next(iter(columns.values())))
    rows = Table.from_columns({"text": ["t"] * n, "label": ["a"] * n, **columns}, source="rows.csv")
    return without_void(rows, ("text", "label"), TaskSpec(data=Path("rows.csv"), keep=keep), is_data=is_data)


@pytest.mark.parametrize(
    ("column", "values", "kept"),
    [
        ("answer", ["accept", "reject", "ignore", "accept"], [1, 4]),
        ("Answer", ["ACCEPT", "reject", "", "accept"], [1, 3, 4]),
        ("was_cancelled", ["false", "true", "False", "1"], [1, 3]),
        ("status", ["submitted", "discarded", "draft", "pending"], [1]),
        ("status", ["Validated", "Default", "Discarded", "Edited"], [1, 2, 4]),
    ],
)
def test_what_a_tool_has_voided_is_left_out(column: str, values: list[str], kept: list[int]) -> None:
    made = step(**{column: values})
    assert list(made.table.rows) == kept
    assert sum(made.left_out.values()) == 4 - len(kept)
    assert [note.code for note in made.notes] == ["void_rows"]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("answer", ["yes", "no", "accept", "reject"]),
        ("answer", ["reject", "reject", "reject", "reject"]),
        ("status", ["open", "closed", "pending", "open"]),
        ("status", ["submitted", "submitted", "submitted", "submitted"]),
        ("was_cancelled", ["false", "false", "false", "false"]),
    ],
)
def test_another_vocabulary_is_not_the_tool_s(column: str, values: list[str]) -> None:
    assert not step(**{column: values}).left_out


def test_what_the_user_keeps_wins() -> None:
    answers = ["accept", "reject", "ignore", "accept"]
    made = step({"answer": "accept, Ignore"}, answer=answers)
    assert list(made.table.rows) == [1, 3, 4]
    assert made.left_out == {"whose 'answer' is not 'accept' or 'Ignore'": 1}
    assert list(step({"answer": "reject"}, answer=answers).table.rows) == [2]


def test_conditions_on_several_columns_all_hold() -> None:
    made = step({"a": "1", "b": "x"}, a=["1", "1", "2", "1"], b=["x", "y", "x", ""])
    assert list(made.table.rows) == [1]
    assert made.left_out == {"whose 'a' is not '1'": 1, "whose 'b' is not 'x'": 2}


def test_another_file_need_not_have_the_column_nor_the_value() -> None:
    assert not step({"split": "train"}, is_data=False, x=["1", "2"]).left_out
    with pytest.raises(InputError, match="no row is left: 2 whose 'x' is not '3'"):
        step({"x": "3"}, is_data=False, x=["1", "2"])


@pytest.mark.parametrize(
    ("column", "values", "option"),
    [
        ("is_deleted", ["no", "yes", "no", ""], "--keep is_deleted=no,"),
        ("flagged", ["0", "1", "0", "0"], "--keep flagged=0"),
        ("verified", ["True", "False", "True", "True"], "--keep verified=True"),
        ("annotation_approver", ["ann", "", "bob", "ann"], "--keep annotation_approver=ann,bob"),
        ("state", ["done", "in progress", "done", "done"], "--keep state=done"),
        ("split", ["train", "train", "test", "train"], "--keep split=train"),
    ],
)
def test_what_may_mean_something_is_told_and_counts(column: str, values: list[str], option: str) -> None:
    made = step(**{column: values})
    (note,) = made.notes
    assert option in note.message and "tuningfork plan rows.csv" in note.message
    assert not made.left_out


@pytest.mark.parametrize(
    ("column", "values"),
    [("is_deleted", ["no"] * 4), ("valid", ["1"] * 4), ("split", ["train"] * 4), ("skip", [""] * 4)],
)
def test_a_column_that_says_the_same_of_all_rows_is_no_remark(column: str, values: list[str]) -> None:
    assert not step(**{column: values}).notes
