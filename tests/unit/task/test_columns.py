"""Which column is what: guesses only where they are obvious."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuningfork.errors import InputError
from tuningfork.task.columns import Columns, find_columns, same_columns
from tuningfork.task.schema import TaskSpec


def spec(**columns: str) -> TaskSpec:
    return TaskSpec(data=Path("rows.csv"), **columns)


@pytest.mark.parametrize(
    ("names", "text", "label"),
    [
        (("text", "label"), "text", "label"),
        (("Label", "TEXT", "other"), "TEXT", "Label"),
        (("id", "utterance", "intent"), "utterance", "intent"),
        (("text", "target", "label"), "text", "label"),
        (("text", "review", "sentiment"), "text", "sentiment"),
    ],
)
def test_obvious_columns_are_guessed_and_said(names: tuple[str, ...], text: str, label: str) -> None:
    columns, (note,) = find_columns(spec(), names, "rows.csv")
    assert (columns.text, columns.label) == (text, label)
    assert note.code == "guessed_columns"
    assert repr(text) in note.message and repr(label) in note.message


def test_named_columns_are_no_guess() -> None:
    columns, notes = find_columns(spec(text="b", label="a", group="c"), ("a", "b", "c", "ID"), "rows.csv")
    assert columns == Columns(text="b", label="a", group="c", id="ID")
    assert columns.wanted == ("b", "a", "c", "ID")
    assert notes == ()


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        (("message", "review", "label"), "--text"),
        (("text", "intent", "topic"), "--label"),
        (("text", "answer"), "--label"),
        (("a", "b"), "--text"),
    ],
)
def test_what_is_not_obvious_is_asked(names: tuple[str, ...], remedy: str) -> None:
    with pytest.raises(InputError, match=f"not obvious.*{remedy} COLUMN"):
        find_columns(spec(), names, "rows.csv")


def test_a_column_that_is_taken_is_no_candidate() -> None:
    columns, _ = find_columns(spec(text="label", group="intent"), ("label", "intent", "topic"), "rows.csv")
    assert (columns.text, columns.label) == ("label", "topic")


def test_a_file_of_nothing_but_texts_has_no_label_column() -> None:
    assert find_columns(spec(), ("id", "text"), "rows.csv")[0].label is None
    with pytest.raises(InputError, match="column 'intent': no such column"):
        find_columns(spec(label="intent"), ("id", "text"), "rows.csv")


@pytest.mark.parametrize("part", ["text", "label", "group"])
def test_a_misspelt_column_gets_a_near_name(part: str) -> None:
    with pytest.raises(InputError, match=rf"column 'Mesage': no such column; did you mean 'message'\?.*--{part}"):
        find_columns(spec(**{part: "Mesage"}), ("message", "label", "text"), "rows.csv")


def test_one_column_cannot_be_two_things() -> None:
    with pytest.raises(InputError, match="named for two"):
        find_columns(spec(text="text", label="text"), ("text", "label"), "rows.csv")


def test_other_files_name_their_columns_alike() -> None:
    columns = Columns(text="text", label="intent", group=None, id="id")
    assert same_columns(columns, ("intent", "text"), "test.csv") == Columns("text", "intent", None, None)
    with pytest.raises(InputError, match=r"test.csv, column 'intent': no such column"):
        same_columns(columns, ("text", "label"), "test.csv")
