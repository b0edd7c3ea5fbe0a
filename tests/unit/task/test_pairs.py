"""Rows of several fields in their roles: which are the same, what they share, and what stays together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import tuningfork as tf
from task_files import codes, write
from tuningfork.errors import InputError
from tuningfork.task.rows import Evaluation, Pool
from tuningfork.task.schema import TaskData
from tuningfork.task.to_label import NoLabelledRows, write_rows_to_label

HEADER = ("premise", "hypothesis", "label")
THINGS = ("harbour", "lantern", "quarry", "saddle", "teapot", "violin", "walnut")


def texts(i: int) -> tuple[str, str]:
    return f"{THINGS[i % 7]} {i} stood alone", f"somebody moved {THINGS[i * 3 % 7]} {7 * i}"


def pairs(n: int) -> list[list[str]]:
    return [[*texts(i), ("yes", "no")[i % 2]] for i in range(n)]


def prepared(path: Path, rows: Sequence[Sequence[str]], **options: Any) -> TaskData:
    return tf.Task.from_file(write(path / "rows.csv", rows, HEADER), type="pair", **options).prepare()


def premises(rows: Pool | Evaluation) -> set[str]:
    return set(rows.inputs.fields.text("text_a"))


def test_both_texts_and_their_labels_arrive_at_the_arms(tmp_path: Path) -> None:
    task = prepared(tmp_path, pairs(60))
    given = task.evaluation.inputs
    for place, row_id in enumerate(given.ids):
        number = int(row_id.rpartition(":")[2]) - 1
        assert (given.fields.text("text_a")[place], given.fields.text("text_b")[place]) == texts(number)
        assert given.texts[place] == "\n".join(texts(number))
        assert task.labels.values[task.evaluation.gold[place]] == ("yes", "no")[number % 2]
    assert task.evaluation.texts == given.texts


def test_rows_are_one_unit_where_both_texts_are_equal(tmp_path: Path) -> None:
    rows = pairs(60)
    again = [[rows[0][0].upper(), f"  {rows[0][1]} ", "yes"], [rows[1][0], "something else entirely", "no"]]
    task = prepared(tmp_path, [*rows, *again], eval_rows="all")
    assert "2 rows of rows.csv repeat a text" in codes(task)["duplicates_kept_together"]
    for part in (task.pool, task.evaluation, task.validation):
        units = dict(zip(part.ids, part.units.tolist(), strict=True))
        assert ("rows.csv:1" in units) == ("rows.csv:61" in units)
        if "rows.csv:1" in units:
            assert units["rows.csv:1"] == units["rows.csv:61"]
        if {"rows.csv:2", "rows.csv:62"} <= set(units):
            assert units["rows.csv:2"] != units["rows.csv:62"]


def test_swapped_texts_are_the_same_row_only_where_that_is_said(tmp_path: Path) -> None:
    rows = pairs(60)
    rows += [[b, a, label] for a, b, label in rows[:10]]
    assert "duplicates_kept_together" not in codes(prepared(tmp_path, rows))
    told = codes(prepared(tmp_path, rows, symmetric=True))
    assert told["duplicates_kept_together"].startswith("20 rows of rows.csv repeat a text")


def test_texts_that_only_run_together_alike_are_other_rows(tmp_path: Path) -> None:
    """Blanks are dropped when rows are compared, but not what parts two fields."""
    rows = [*pairs(58), ["ab", "c d", "yes"], ["a", "bc d", "no"]]
    assert "duplicates_kept_together" not in codes(prepared(tmp_path, rows))


def three_hypotheses(n: int) -> list[list[str]]:
    return [[texts(i // 3)[0], texts(i)[1], ("yes", "no")[i % 2]] for i in range(n)]


def test_a_field_that_rows_share_is_told_with_the_group_that_keeps_them_together(tmp_path: Path) -> None:
    task = prepared(tmp_path, three_hypotheses(120), twins="keep")
    told = codes(task)["shared_field"]
    assert told.startswith(
        "120 of 120 rows of rows.csv share their 'premise' with rows that say something else (40 values)"
    )
    known = sum(premise in premises(task.pool) for premise in task.evaluation.inputs.fields.text("text_a"))
    assert known > 0
    assert f"of {len(task.evaluation)} evaluation rows {known} have one that the pool has too" in told
    assert "--group premise" in told
    assert "'hypothesis'" not in told


@pytest.mark.parametrize("group", ["premise", "text_a"])
def test_a_field_may_be_the_group(group: str, tmp_path: Path) -> None:
    task = prepared(tmp_path, three_hypotheses(120), group=group)
    assert task.spec.group == "premise"
    assert premises(task.pool).isdisjoint(premises(task.evaluation))
    assert "shared_field" not in codes(task)
    assert len(set(task.evaluation.units.tolist())) == len(premises(task.evaluation))


def test_a_nested_field_may_be_the_group() -> None:
    rows = [{"stem": f"of {i // 3}"} for i in range(60)]
    choices = [[f"red {i}", f"blue {i}"] for i in range(60)]
    task = tf.Task.from_rows(
        {"question": rows, "choices": choices},
        [i % 2 for i in range(60)],
        type="choice",
        fields={"question": "question.stem"},
        group="question",
    )
    with pytest.raises(InputError, match="no such column"):
        task.with_options(group="nothing").prepare()
    data = task.with_options(group="question.stem").prepare()
    asked = [set(part.inputs.fields.text("question")) for part in (data.pool, data.evaluation)]
    assert asked[0].isdisjoint(asked[1])


def test_a_field_of_few_values_is_told_as_what_it_is(tmp_path: Path) -> None:
    rows = [[("river", "sea")[i % 2], texts(i)[1], ("yes", "no")[i // 2 % 2]] for i in range(60)]
    assert "(it has 2 values: that asks how arms do on others)" in codes(prepared(tmp_path, rows))["shared_field"]


def test_rows_that_share_nothing_or_little_are_not_told_of(tmp_path: Path) -> None:
    assert "shared_field" not in codes(prepared(tmp_path, pairs(60)))
    rows = pairs(60)
    rows[1][0] = rows[0][0]
    assert "shared_field" not in codes(prepared(tmp_path, rows))


def test_premises_of_a_test_file_that_the_pool_has_too_are_counted(tmp_path: Path) -> None:
    write(
        tmp_path / "test.csv",
        [[texts(i)[0], f"other {i} words {i * i}", ("yes", "no")[i % 2]] for i in range(30)],
        HEADER,
    )
    told = codes(prepared(tmp_path, pairs(60), test=tmp_path / "test.csv", validation=None, twins="keep"))
    assert "0 of 60 rows of rows.csv share their 'premise'" in told["shared_field"]
    assert "of 30 evaluation rows" in told["shared_field"]


def test_options_in_another_order_are_the_same_question() -> None:
    n = 60
    questions = [f"which {THINGS[i % 7]} is {i} years old" for i in range(n)]
    options = [[f"red {i}", f"blue {i}", f"green {i}"] for i in range(n)]
    questions += questions[:5]
    options += [list(reversed(of)) for of in options[:5]]
    answers = [of[0] for of in options[:n]] + [of[-1] for of in options[n:]]
    task = tf.Task.from_rows({"question": questions, "choices": options}, answers, type="choice").prepare()
    told = codes(task)
    assert told["duplicates_kept_together"].startswith("10 rows")
    assert "contradicting_duplicates" not in told


def test_rows_to_label_can_be_run_once_they_are_labelled(tmp_path: Path) -> None:
    rows = [[*texts(i), ""] for i in range(30)]
    with pytest.raises(NoLabelledRows) as told:
        prepared(tmp_path, rows)
    path = tmp_path / "to_label.csv"
    write_rows_to_label(path, told.value.rows, told.value.spec)
    filled = path.read_text().splitlines()
    assert filled[0] == "premise,hypothesis,label"
    path.write_text("\n".join([filled[0], *(f"{line}{'yn'[i % 2]}" for i, line in enumerate(filled[1:]))]))
    assert len(tf.Task.from_file(path, type="pair").prepare().pool) > 0


def test_rows_that_are_not_kept_may_lack_a_field(tmp_path: Path) -> None:
    rows = [[*row, "train"] for row in pairs(60)]
    rows[7] = ["a premise alone", "", "yes", "test"]
    path = write(tmp_path / "rows.csv", rows, (*HEADER, "split"))
    with pytest.raises(InputError, match="row 8, column 'hypothesis': text_b is empty"):
        tf.Task.from_file(path, type="pair").prepare()
    task = tf.Task.from_file(path, type="pair", keep={"split": ("train",)}).prepare()
    assert task.read[0].left_out == {"whose 'split' is not 'train'": 1}


def test_a_row_with_a_context_only_is_left_out(tmp_path: Path) -> None:
    rows = [[f"context {i}", f"question {i}", f'["red {i}", "blue {i}"]', "A"] for i in range(30)]
    rows[3] = ["a context alone", "", "", ""]
    path = write(tmp_path / "rows.csv", rows, ("context", "question", "choices", "answer"))
    assert "1 row of rows.csv without text" in codes(tf.Task.from_file(path, type="choice").prepare())["empty_texts"]


def test_rows_without_a_context_say_the_same_to_profile_and_arms(tmp_path: Path) -> None:
    rows = [["" if i % 2 else f"context {i}", f"question {i}", f'["red {i}", "blue {i}"]', "A"] for i in range(30)]
    path = write(tmp_path / "rows.csv", rows, ("context", "question", "choices", "answer"))
    task = tf.Task.from_file(path, type="choice").prepare()
    assert task.evaluation.inputs.texts == task.evaluation.texts
    assert all(text == text.strip() for text in task.evaluation.texts)
