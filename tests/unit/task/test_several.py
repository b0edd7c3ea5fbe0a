"""Labels that are written as lists, and what is only written like one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tuningfork.errors import InputError
from tuningfork.task.schema import TaskSpec
from tuningfork.task.several import labels_in, one_label_a_row
from tuningfork.task.table import Table


def table(*labels: str) -> Table:
    return Table.from_columns({"text": [f"text {i}" for i in range(len(labels))], "label": labels}, source="rows.csv")


def spec(several_labels: Literal["drop", "keep"] | None = None) -> TaskSpec:
    return TaskSpec(data=Path("rows.csv"), several_labels=several_labels)


@pytest.mark.parametrize(
    ("field", "labels"),
    [
        ("[]", []),
        ('["a"]', ["a"]),
        ("['a']", ["a"]),
        ("['a', 'b']", ["a", "b"]),
        ("['a' 'b']", ["a", "b"]),
        ("['a'\n 'b']", ["a", "b"]),
        ("[0]", ["0"]),
        ("[1 2]", ["1", "2"]),
        ("array(['a'], dtype=object)", ["a"]),
        ("('a',)", ["a"]),
        ("{'a'}", ["a"]),
        ("['it\\'s']", ["it's"]),
        ('["it\'s", "a, b"]', ["it's", "a, b"]),
        ('{"choices": ["a", "b"]}', ["a", "b"]),
        ('{"label": "a"}', ["a"]),
        ('[{"label": "a"}, {"label": "b"}]', ["a", "b"]),
        ('[{"choices": ["a"]}]', ["a"]),
    ],
)
def test_lists_in_any_writing(field: str, labels: list[str]) -> None:
    assert labels_in(field) == labels


@pytest.mark.parametrize("field", ["(a)", "{a}", "[a]", "(1)", "[urgent] refund", "['a', b]", "[[0, 5, 'PER']]"])
def test_what_only_looks_like_a_list_is_none(field: str) -> None:
    assert labels_in(field) is None


def test_lists_of_one_become_that_label_beside_plain_ones() -> None:
    step = one_label_a_row(table("['a']", "b", " ['a'] ", "[]"), "label", spec())
    assert list(step.table.columns["label"]) == ["a", "b", "a", ""]
    assert not step.left_out and not step.notes


def test_several_labels_are_refused_left_out_or_combined() -> None:
    rows = table("a", "['b', 'a']", "b", "['a', 'b']")
    with pytest.raises(InputError, match="2 of 4 rows have several labels") as caught:
        one_label_a_row(rows, "label", spec())
    assert (caught.value.row, caught.value.column) == (2, "label")
    assert "tuningfork plan rows.csv --several-labels drop" in str(caught.value)
    dropped = one_label_a_row(rows, "label", spec("drop"))
    assert (list(dropped.table.rows), dropped.left_out) == ([1, 3], {"with several labels": 2})
    kept = one_label_a_row(rows, "label", spec("keep"))
    assert list(kept.table.columns["label"]) == ["a", "a + b", "b", "a + b"]


@pytest.mark.parametrize(
    "labels",
    [
        ("a, b", "a", "b, a"),
        ("news|sport", "news|politics", "tech"),
        ("Albany, NY", "Buffalo, NY", "other"),
        ("R&D; other", "sales"),
        ("0,5", "0,7", "1"),
    ],
)
def test_separators_that_are_part_of_a_label(labels: tuple[str, ...]) -> None:
    rows = table(*labels)
    assert one_label_a_row(rows, "label", spec()).table is rows


@pytest.mark.parametrize("joined", ["a#b", "a|b", "a;b", "a, b", "a;c;b"])
def test_labels_that_are_joined(joined: str) -> None:
    with pytest.raises(InputError, match="1 of 4 rows have several labels"):
        one_label_a_row(table("a", "b", joined, "c"), "label", spec())


def test_an_object_that_holds_no_label_is_refused_with_its_row() -> None:
    with pytest.raises(InputError, match=r"row 2, column 'label': holds a nested value that is no list of labels"):
        one_label_a_row(table("a", '[{"start": 0, "end": 4, "labels": ["PER"]}]'), "label", spec())
