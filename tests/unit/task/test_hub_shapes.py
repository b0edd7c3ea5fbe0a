"""Public data sets as they come are read without a word on columns: what is asked, and which answer is right."""

from __future__ import annotations

from pathlib import Path

import pytest

import tuningfork as tf
from hub_shapes import CHOICES, PAIRS, Shape, asked, options, said
from row_writers import WRITERS, as_csv, as_json_lines, as_parquet
from task_files import codes
from tuningfork.errors import InputError
from tuningfork.task.schema import TaskData


def rows_of(task: TaskData) -> dict[int, tuple[dict[str, object], str]]:
    """Number of a row from 0 -> its fields and its label, of all labelled rows."""
    found: dict[int, tuple[dict[str, object], str]] = {}
    for part in (task.pool, task.validation, task.evaluation):
        fields = part.inputs.fields.named
        for place, row_id in enumerate(part.ids):
            number = int(row_id.rpartition(":")[2]) - 1 if ":" in row_id else int(row_id.strip("Mm_7-"), 16)
            found[number] = (
                {name: values[place] for name, values in fields.items()},
                task.labels.values[part.gold[place]],
            )
    return found


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("shape", [*CHOICES, *PAIRS], ids=lambda shape: shape.name)
def test_every_row_is_asked_and_answered_as_the_data_set_means_it(shape: Shape, form: str, tmp_path: Path) -> None:
    write, ending = WRITERS[form]
    rows = [{key: cell for key, cell in row.items() if key != "id"} for row in shape.rows]
    write(tmp_path / "rows", rows)
    task = tf.Task.from_file(tmp_path / f"rows{ending}", type=shape.type, **shape.options).prepare()
    assert dict(task.spec.fields or {}) == shape.fields
    assert task.spec.label == shape.label
    found = rows_of(task)
    assert len(found) == len(rows)
    for number, (fields, label) in found.items():
        if shape.type == "choice":
            texts = fields["choices"]
            assert isinstance(texts, tuple)
            assert texts["ABCDE".index(label)] == shape.answer(number)
            assert set(texts) == {str(text) for text in texts}
        else:
            assert label == shape.answer(number)
            assert set(fields.values()) <= {asked(number), said(number), *("river", "stone", "garden")}


def test_options_stand_in_their_order(tmp_path: Path) -> None:
    shape = next(one for one in CHOICES if one.name == "race")
    as_json_lines(tmp_path / "rows", shape.rows)
    found = rows_of(tf.Task.from_file(tmp_path / "rows.jsonl", type="choice").prepare())
    assert found[5][0]["choices"] == tuple(options(5))
    assert found[5][0]["question"] == asked(5)
    assert str(found[5][0]["context"]).startswith(said(5))


def test_the_guess_is_said(tmp_path: Path) -> None:
    as_json_lines(tmp_path / "rows", CHOICES[0].rows)
    task = tf.Task.from_file(tmp_path / "rows.jsonl", type="choice").prepare()
    assert codes(task)["guessed_columns"] == (
        "Taken by their names: question from column 'question_stem' and label from column 'answerKey'."
    )


def test_a_hidden_answer_is_an_unlabelled_row(tmp_path: Path) -> None:
    shape = next(one for one in CHOICES if one.name == "commonsenseqa")
    rows = [{**row, "answerKey": row["answerKey"] if place % 4 else ""} for place, row in enumerate(shape.rows)]
    as_parquet(tmp_path / "rows", rows)
    task = tf.Task.from_file(tmp_path / "rows.parquet", type="choice").prepare()
    assert len(task.unlabelled) == 6
    assert codes(task)["unlabelled_rows"].startswith("6 rows of rows.parquet without label")


def test_a_gold_label_of_no_majority_is_an_unlabelled_row(tmp_path: Path) -> None:
    rows = [
        {**row, "gold_label": "-" if place % 6 == 0 else row["gold_label"]} for place, row in enumerate(PAIRS[0].rows)
    ]
    as_csv(tmp_path / "rows", rows)
    task = tf.Task.from_file(tmp_path / "rows.csv", type="pair").prepare()
    assert task.labels.values == ("contradiction", "entailment", "neutral")
    assert codes(task)["unlabelled_rows"].startswith("4 rows of rows.csv without label")


def test_right_answers_that_all_stand_first_are_told(tmp_path: Path) -> None:
    shape = next(one for one in CHOICES if one.name == "sciq")
    as_csv(tmp_path / "rows", shape.rows)
    task = tf.Task.from_file(tmp_path / "rows.csv", type="choice", **shape.options).prepare()
    assert "In 100 % of 24 rows of rows.csv option A is the right one" in codes(task)["answers_in_one_place"]


@pytest.mark.parametrize("shape", [PAIRS[1], CHOICES[3]], ids=lambda shape: shape.name)
def test_whoever_names_no_type_is_told_of_it(shape: Shape, tmp_path: Path) -> None:
    as_csv(tmp_path / "rows", shape.rows)
    with pytest.raises(InputError, match="it is not obvious which column is the text") as told:
        tf.Task.from_file(tmp_path / "rows.csv", label=shape.label).prepare()
    assert f"They look like rows of type {shape.type}" in str(told.value)
    assert f"--type {shape.type}" in str(told.value)
