"""Files read for a look at them: labels may be missing or odd, texts may not."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tuningfork.errors import InputError
from tuningfork.task.loading import prepare
from tuningfork.task.schema import TaskSpec
from tuningfork.task.table import Table
from tuningfork.task.unsplit import Unsplit, read_unsplit

Rows = Sequence[Sequence[str]]


def write(path: Path, rows: Rows, header: Sequence[str] = ("text", "label")) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def codes(source: Unsplit) -> dict[str, str]:
    return {note.code: note.message for note in source.notes}


def test_all_files_are_read_in_order_and_nothing_is_split_or_left_out(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", [["one", "a"], ["one", "a"], ["two", ""], ["  ", "a"], ["three", "b"]])
    shifted = write(tmp_path / "later.csv", [["one", "c"]])
    test = write(tmp_path / "test.csv", [["four", "a"]])
    source = read_unsplit(TaskSpec(data=data, shifted=shifted, test=test))
    assert list(source.files) == ["data", "test", "shifted"]
    assert source.files["data"].texts == ("one", "one", "two", "three")
    assert source.files["data"].labels == ("a", "a", "", "b")
    assert source.files["shifted"].labels == ("c",)
    assert source.ids("data") == ("rows.csv:1", "rows.csv:2", "rows.csv:3", "rows.csv:5")
    assert (source.spec.text, source.spec.label, source.spec.name) == ("text", "label", "rows")
    assert codes(source)["empty_texts"].startswith("1 row of rows.csv")
    assert "guessed_columns" in codes(source)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [(["same"] * 3, {"same"}), (["0.25", "1.5", "4"], {"0.25", "1.5", "4"}), (["", "", ""], {""})],
)
def test_labels_that_no_study_could_use_are_fine(tmp_path: Path, labels: list[str], expected: set[str]) -> None:
    data = write(tmp_path / "rows.csv", [[f"text {n}", label] for n, label in enumerate(labels)])
    source = read_unsplit(TaskSpec(data=data))
    assert set(source.files["data"].labels) == expected
    assert source.spec.label == (None if expected == {""} else "label")


def test_without_an_obvious_label_column_none_is_taken_and_the_note_says_how_to_name_one(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", [["hello", "greeting", "0.9"]], ("text", "intent", "topic"))
    source = read_unsplit(TaskSpec(data=data))
    assert source.files["data"].labels == ("",)
    assert source.spec.label is None
    assert "'intent', 'topic' could all be it" in codes(source)["no_label_column"]
    assert "--label" in codes(source)["no_label_column"]
    named = read_unsplit(TaskSpec(data=data, label="topic"))
    assert named.files["data"].labels == ("0.9",)
    assert "no_label_column" not in codes(named)


def test_other_files_may_lack_labels_and_groups(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", [["hello", "yes", "g"], ["bye", "no", "g"]], ("text", "intent", "author"))
    plain = write(tmp_path / "plain.csv", [["later"]], ("text",))
    source = read_unsplit(TaskSpec(data=data, shifted=plain, group="author"))
    assert source.files["shifted"].labels == ("",)
    assert source.files["shifted"].groups is None
    assert source.files["data"].groups == ("g", "g")
    assert "plain.csv" in codes(source)["no_labels_there"]


def test_labels_of_another_file_count_where_the_data_have_none(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", [["hello"]], ("text",))
    test = write(tmp_path / "test.csv", [["bye", "no"]])
    source = read_unsplit(TaskSpec(data=data, test=test))
    assert source.files["test"].labels == ("no",)
    assert source.spec.label == "label"


def test_a_text_column_called_label_is_no_label(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", [["hello"]], ("label",))
    test = write(tmp_path / "test.csv", [["bye"]], ("label",))
    source = read_unsplit(TaskSpec(data=data, test=test, text="label"))
    assert source.files["test"].labels == ("",)


@pytest.mark.parametrize(
    ("header", "options", "problem"),
    [
        (("one", "two"), {}, "not obvious which column is the text"),
        (("text", "label"), {"text": "txt"}, "no such column; did you mean 'text'"),
        (("text", "label"), {"label": "labels"}, "no such column; did you mean 'label'"),
        (("text", "label"), {"label": "text", "text": "text"}, "named for two"),
    ],
)
def test_texts_have_to_be_found_and_named_columns_to_be_there(
    tmp_path: Path, header: tuple[str, str], options: dict[str, str], problem: str
) -> None:
    data = write(tmp_path / "rows.csv", [["hello", "yes"], ["bye", "no"]], header)
    for read in (read_unsplit, prepare):
        with pytest.raises(InputError, match=problem):
            read(TaskSpec(data=data, **options))  # type: ignore[arg-type]


def test_another_file_without_the_text_column_is_refused(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", [["hello", "yes"]])
    test = write(tmp_path / "test.csv", [["bye"]], ("message",))
    with pytest.raises(InputError, match=r"test\.csv.*'text'.*no such column"):
        read_unsplit(TaskSpec(data=data, test=test))


@pytest.mark.parametrize("role", ["data", "test"])
def test_a_file_without_any_text_is_refused(tmp_path: Path, role: str) -> None:
    full = write(tmp_path / "full.csv", [["hello", "yes"]])
    empty = write(tmp_path / "empty.csv", [[" ", "yes"]])
    files = {"data": full, "test": full} | {role: empty}
    with pytest.raises(InputError, match=r"empty\.csv.*no row has a text"):
        read_unsplit(TaskSpec(**files))  # type: ignore[arg-type]


def test_a_file_in_two_roles_is_refused_under_whatever_name(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", [["hello", "yes"]])
    again = tmp_path / "again.csv"
    os.link(data, again)
    with pytest.raises(InputError, match="given twice, as data and as shifted"):
        read_unsplit(TaskSpec(data=data, shifted=again))


def test_rows_in_memory_take_the_place_of_files(tmp_path: Path) -> None:
    table = Table.from_columns({"text": ["hello", "bye"], "label": [1, None]})
    source = read_unsplit(TaskSpec(data=tmp_path / "none.csv"), {"data": table, "test": table})
    assert source.files["data"].labels == ("1", "")
    assert source.ids("data")[0] == "data:rows in memory:1"


def test_many_and_similar_labels_are_said(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", [[f"text {n}", f"Label {n % 30}"] for n in range(40)] + [["x", "label 1"]])
    notes = codes(read_unsplit(TaskSpec(data=data)))
    assert "is this column really the label" in notes["many_labels"]
    assert "Label 1 / label 1" in notes["similar_labels"]
