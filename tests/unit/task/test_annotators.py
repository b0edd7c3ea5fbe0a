"""Several annotations of one text: the vote, ties, and files that hold no votes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from tuningfork.task.annotators import one_row_a_text
from tuningfork.task.schema import TaskSpec
from tuningfork.task.steps import Step
from tuningfork.task.table import Table

Rows = list[tuple[str, str, str]]


def voted(rows: Rows, column: str = "annotator", annotators: Literal["vote", "keep"] | None = None) -> Step:
    columns = {name: [row[place] for row in rows] for place, name in enumerate(("text", "label", column))}
    table = Table.from_columns(columns, source="rows.csv")
    spec = TaskSpec(data=Path("rows.csv"), annotators=annotators)
    return one_row_a_text(table, "text", "label", frozenset(("text", "label")), spec)


def labels(step: Step) -> dict[str, str]:
    return dict(zip(step.table.columns["text"], step.table.columns["label"], strict=True))


def pairs(step: Step) -> list[tuple[str, str]]:
    return sorted(zip(step.table.columns["text"], step.table.columns["label"], strict=True))


def test_most_votes_win_and_ties_are_left_out() -> None:
    rows = [("x", "a", "1"), ("x", "b", "2"), ("x", "b", "3"), ("y", "a", "1"), ("y", "b", "2"), ("z", "a", "1")]
    step = voted(rows)
    assert labels(step) == {"x": "b", "z": "a"}
    assert list(step.table.rows) == [2, 6]
    assert step.left_out == {
        "further annotations of the same text": 2,
        "of 1 text on which annotators are tied": 2,
    }
    assert "2 texts of 'rows.csv' have several annotations" in step.notes[0].message
    assert "On 0 of them (0%) all agree" in step.notes[0].message
    assert step.columns == {"annotator": "annotator"}


def test_an_annotation_without_label_is_no_vote() -> None:
    assert labels(voted([("x", "", "1"), ("x", "a", "2"), ("y", "b", "1"), ("y", "b", "2")])) == {"x": "a", "y": "b"}


def test_every_annotation_may_stay_a_row() -> None:
    rows = [("x", "a", "1"), ("x", "b", "2")]
    assert len(voted(rows, annotators="keep").table) == 2


def test_texts_that_one_person_labelled_twice_are_no_votes() -> None:
    assert len(voted([("x", "a", "1"), ("x", "b", "1"), ("y", "a", "1")]).table) == 3


def test_writers_are_no_annotators() -> None:
    writers = [("thanks", "a", "u1"), ("thanks", "a", "u2"), *((f"text {i}", "b", f"u{i}") for i in range(9))]
    assert len(voted(writers, column="user").table) == 11
    people = [(f"text {i}", "b", f"u{k}") for i in range(9) for k in range(3)]
    assert len(voted(people, column="user").table) == 9


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("ab"), st.sampled_from("1234")), min_size=1))
def test_no_row_is_lost_untold_and_the_order_does_not_matter(rows: Rows) -> None:
    step, back = voted(rows), voted(rows[::-1])
    assert len(step.table) + sum(step.left_out.values()) == len(rows)
    assert pairs(step) == pairs(back)
