"""Rows of several fields from a program and from task.yaml: what was asked comes back, and goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest

import tuningfork as tf
from task_files import write
from tuningfork.cli.rows import task_of
from tuningfork.errors import InputError, UnknownName
from tuningfork.study.settings import StudySettings
from tuningfork.study.study_file import keep_rows, read_study_file, write_study_file

N = 60
QUESTIONS = [f"which one of the {i} is it, and why {i * i}" for i in range(N)]
CHOICES = [[f"red {i}", f"blue {i}", f"green {i}"] for i in range(N)]
PLACES = [i % 3 for i in range(N)]
PREMISES = [f"a premise about {i} things of {i % 7}" for i in range(N)]
HYPOTHESES = [f"somebody thinks {i * 3} of them" for i in range(N)]
LABELS = ["yes", "no"] * (N // 2)


def fingerprint(inputs: Any, answers: Any, **options: Any) -> str:
    return tf.Task.from_rows(inputs, answers, **options).prepare().fingerprint


def test_lists_of_lists_are_options() -> None:
    task = tf.Task.from_rows({"question": QUESTIONS, "choices": CHOICES}, PLACES, type="choice").prepare()
    for part in (task.pool, task.evaluation):
        for place, row_id in enumerate(part.ids):
            number = int(row_id.rpartition(":")[2]) - 1
            assert part.inputs.fields.lists("choices")[place] == tuple(CHOICES[number])
            assert part.gold[place] == PLACES[number]


@pytest.mark.parametrize(
    "inputs",
    [
        {"question": tuple(QUESTIONS), "choices": [tuple(of) for of in CHOICES]},
        {"question": np.array(QUESTIONS), "choices": np.array(CHOICES)},
        {"question": polars.Series(QUESTIONS), "choices": polars.Series(CHOICES)},
        polars.DataFrame({"question": QUESTIONS, "choices": CHOICES}),
        {"question": QUESTIONS, "choices": [{"text": of, "label": ["A", "B", "C"]} for of in CHOICES]},
    ],
    ids=["tuples", "arrays", "columns", "frame", "objects"],
)
@pytest.mark.parametrize(
    "answers", [PLACES, np.array(PLACES), ["ABC"[place] for place in PLACES]], ids=["0", "array", "A"]
)
def test_the_same_rows_from_whatever_holds_them(inputs: Any, answers: Any) -> None:
    expected = fingerprint({"question": QUESTIONS, "choices": CHOICES}, PLACES, type="choice")
    if isinstance(inputs, dict) and isinstance(inputs["choices"][0], dict) and not isinstance(answers[0], str):
        answers = ["ABC"[place] for place in PLACES]
    assert fingerprint(inputs, answers, type="choice") == expected


def test_texts_and_labels_are_the_same_by_their_old_names() -> None:
    assert fingerprint(PREMISES, LABELS) == tf.Task.from_rows(texts=PREMISES, labels=LABELS).prepare().fingerprint


@pytest.mark.parametrize(
    ("inputs", "answers", "options", "problem"),
    [
        (PREMISES, LABELS, {"type": "pair"}, "no one text, but 'text_a', 'text_b'.*Give named lists"),
        (
            {"premise": PREMISES, "hypothesis": HYPOTHESES[:3]},
            LABELS,
            {"type": "pair"},
            "3 rows of 'hypothesis' and 60 labels",
        ),
        (
            {"premise": PREMISES, "label": LABELS, "hypothesis": HYPOTHESES},
            LABELS,
            {"type": "pair"},
            "a column 'label' of their own",
        ),
        (
            {"premise": CHOICES, "hypothesis": HYPOTHESES},
            LABELS,
            {"type": "pair"},
            "row 1, column 'premise': holds a list",
        ),
        ({"premise": PREMISES}, LABELS, {"type": "pair"}, "not obvious which column is the first text"),
        (
            {"question": QUESTIONS, "choices": QUESTIONS},
            PLACES,
            {"type": "choice"},
            "row 1, column 'choices': holds no list",
        ),
        ({"question": QUESTIONS, "choices": [["red"]] * N}, PLACES, {"type": "choice"}, "one option only"),
        (
            {"question": QUESTIONS, "choices": [["red", None, "blue"]] * N},
            PLACES,
            {"type": "choice"},
            "an empty option",
        ),
        ({"question": QUESTIONS, "choices": [["a", ["b"]]] * N}, PLACES, {"type": "choice"}, "holds no list of texts"),
        ({"text": CHOICES}, LABELS, {}, "row 1, column 'text': holds a list"),
        ({}, LABELS, {}, "the inputs have no column"),
        (None, LABELS, {}, "neither inputs nor texts"),
        (PREMISES, None, {}, "neither answers nor labels"),
        (PREMISES, LABELS, {"texts": PREMISES}, "both given"),
        ({"premise": "one text", "hypothesis": HYPOTHESES}, LABELS, {"type": "pair"}, "row by row"),
        ({"premise": PREMISES, "hypothesis": HYPOTHESES}, LABELS, {"type": "pair", "first_option": 1}, "first-option"),
    ],
)
def test_rows_that_cannot_be_are_told(inputs: Any, answers: Any, options: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        tf.Task.from_rows(inputs, answers, **options).prepare()


def test_a_type_that_is_none_is_told() -> None:
    with pytest.raises(UnknownName, match="no task type 'pears'"):
        tf.Task.from_rows(PREMISES, LABELS, type="pears")


@pytest.mark.parametrize(
    ("inputs", "answers", "options"),
    [
        ({"question": QUESTIONS, "choices": CHOICES}, PLACES, {"type": "choice", "first_option": 0}),
        (
            {"premise": PREMISES, "hypothesis": HYPOTHESES},
            LABELS,
            {"type": "pair", "symmetric": True, "group": "text_a"},
        ),
        (PREMISES, LABELS, {}),
    ],
    ids=["choice", "pair", "classification"],
)
def test_a_study_keeps_its_rows_and_goes_on_from_them(
    inputs: Any, answers: Any, options: dict[str, Any], tmp_path: Path
) -> None:
    task = tf.Task.from_rows(inputs, answers, **options)
    data = task.prepare()
    spec = data.spec.model_copy(update={"data": tmp_path / "rows.jsonl"})
    assert task.table is not None
    keep_rows(spec.data, task.table)
    write_study_file(tmp_path / "task.yaml", spec, StudySettings())
    again = tf.Task.from_yaml(tmp_path / "task.yaml")
    assert again.spec == spec
    assert again.prepare().fingerprint == data.fingerprint
    assert again.prepare().spec == spec


def test_task_yaml_says_where_fields_stand(tmp_path: Path) -> None:
    rows = [
        [f"{premise}!", hypothesis, label]
        for premise, hypothesis, label in zip(PREMISES, HYPOTHESES, LABELS, strict=True)
    ]
    write(tmp_path / "rows.csv", rows, ("left", "right", "label"))
    (tmp_path / "task.yaml").write_text(
        "data: rows.csv\ntype: pair\nfields: {text_a: left, text_b: right}\nsymmetric: true\nlabel_separator: '|'\n"
    )
    spec, _ = read_study_file(tmp_path / "task.yaml")
    assert (spec.fields, spec.symmetric, spec.label_separator) == ({"text_a": "left", "text_b": "right"}, True, "|")
    assert len(tf.Task.from_yaml(tmp_path / "task.yaml").prepare().pool) > 0


def test_what_is_typed_joins_what_the_file_says(tmp_path: Path) -> None:
    rows = [
        [premise, hypothesis, label] for premise, hypothesis, label in zip(PREMISES, HYPOTHESES, LABELS, strict=True)
    ]
    write(tmp_path / "rows.csv", rows, ("left", "right", "label"))
    (tmp_path / "task.yaml").write_text("data: rows.csv\ntype: pair\nfields: {text_a: left, text_b: label}\n")
    task = task_of(tmp_path / "task.yaml", {"fields": ["text_b=right"]})
    assert task.spec.fields == {"text_a": "left", "text_b": "right"}
    assert task_of(tmp_path / "task.yaml", {}).spec.fields == {"text_a": "left", "text_b": "label"}


def test_a_task_without_truths_has_none_in_its_file(tmp_path: Path) -> None:
    data = tf.Task.from_rows(PREMISES, LABELS).prepare()
    write_study_file(tmp_path / "task.yaml", data.spec, StudySettings())
    assert "symmetric" not in (tmp_path / "task.yaml").read_text()
