"""Reading a file of answers: its form, its columns, and what it tells beside the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars
import pytest

from tuningfork.errors import InputError
from tuningfork.task.answers.columns import find_right, in_words
from tuningfork.task.answers.form import form_of
from tuningfork.task.answers.labels import Remedies, space_of
from tuningfork.task.answers.reading import AnswersFile, Said, read_answers
from tuningfork.task.answers.sheet import open_sheet
from tuningfork.task.readers.text_file import TextFormat

REMEDIES = Remedies("tool {}", column="--answer {}", label_names="", codes="", encoding="--encoding {}", match="")
LABELS = space_of(("refund", "delivery"))
UTF8 = TextFormat()


def written(path: Path, columns: Mapping[str, Sequence[object]]) -> Path:
    frame = polars.DataFrame(dict(columns))
    frame.write_parquet(path) if path.suffix == ".parquet" else frame.write_csv(path)
    return path


def read(path: Path, said: Said = Said()) -> AnswersFile:
    return read_answers(path, LABELS, said=said, study=UTF8, remedies=REMEDIES)


@pytest.mark.parametrize(
    ("name", "words"),
    [("predictedLabel", "predicted_label"), ("Model Output", "model_output"), ("y-pred", "y_pred"), ("ID", "id")],
)
def test_names_of_columns_are_compared_in_words(name: str, words: str) -> None:
    assert in_words(name) == words


@pytest.mark.parametrize(
    ("content", "study", "expected"),
    [
        ("id,prediction\n1,refund\n", TextFormat("cp1252", ";"), TextFormat("cp1252", None)),
        ("id;prediction\n1;Rückgabe\n", TextFormat("cp1252", ";"), TextFormat("utf-8", ";")),
        ("id,prediction\n1,refund\n", TextFormat("utf-16", None), TextFormat("utf-8", None)),
        ("\ufeffid,prediction\n1,refund\n", TextFormat("latin-1", None), TextFormat("utf-8", None)),
    ],
)
def test_a_file_is_read_as_the_study_unless_it_is_plainly_otherwise(
    tmp_path: Path, content: str, study: TextFormat, expected: TextFormat
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    assert form_of(path, study) == expected
    assert form_of(path, study, encoding="utf-8", delimiter=",") == TextFormat("utf-8", ",")
    path.write_bytes(content.replace("\ufeff", "").replace("Rückgabe", "Rückgabe").encode("cp1252"))
    if study.encoding == "cp1252":
        assert form_of(path, study).encoding == "cp1252"


@pytest.mark.parametrize(
    ("name", "content", "form", "told"),
    [
        ("a.csv", "id;prediction\n1;Rückgabe\n", TextFormat("cp1252"), "CSV, delimiter ';', cp1252"),
        ("a.csv", "id,prediction\n1,refund\n", UTF8, "CSV"),
        ("a.jsonl", '{"prediction": "refund"}', UTF8, "JSONL"),
    ],
)
def test_the_form_is_told_in_words(tmp_path: Path, name: str, content: str, form: TextFormat, told: str) -> None:
    (tmp_path / name).write_text(content, encoding=form.encoding)
    sheet = open_sheet(tmp_path / name, form)
    sheet.column("prediction")
    assert sheet.format == told


def test_what_was_said_in_full_is_no_book_of_codes(tmp_path: Path) -> None:
    """Right in every row, these go one for one with the right labels beside them; that does not translate them."""
    right = ["refund", "delivery"] * 4
    said = [f"It is about {label}." for label in right]
    path = written(tmp_path / "a.csv", {"id": range(8), "prediction": said, "raw": said, "target": right})
    with pytest.raises(InputError, match="no answer is a label"):
        read(path)


def test_bytes_of_another_encoding_are_told_with_the_whole_command(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("id,prediction\n1,R\xfcckgabe\n".encode("cp1252"))
    with pytest.raises(InputError, match=r"row 1: is not valid utf-8.*tool --encoding cp1252"):
        read(path)


def test_only_the_columns_that_are_needed_have_to_be_readable(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [{"id": str(n), "prediction": "refund", "meta": {"n": n}, "score": "n/a" if n else 0.5} for n in range(8)]
    lines[3].pop("meta")
    path.write_text("\n".join(map(json.dumps, lines)))
    file = read(path)
    assert (file.column.name, file.labels_at([0, None]), file.extras.columns) == ("prediction", [1, -1], {})
    lines[4].pop("prediction")
    path.write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(InputError, match="row 5, column 'prediction': ragged"):
        read(path)


def test_an_answer_in_a_list_of_one_is_that_answer_and_a_list_of_two_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    given = [["refund"], ["delivery"], ["refund", "delivery"], ["refund"]]
    path.write_text("\n".join(json.dumps({"id": n, "prediction": answer}) for n, answer in enumerate(given)))
    assert read(path).labels_at(range(4)) == [1, 0, -1, 1]
    polars.DataFrame({"id": [0, 1, 2, 3], "prediction": given}).write_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").labels_at(range(4)) == [1, 0, -1, 1]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_a_file_tells_beside_its_answers(tmp_path: Path, ending: str) -> None:
    columns = {
        "text": ["a", "b", "c"],
        "prediction": ["refund", "delivery", "dunno"],
        "confidence": [0.9, 0.6, 0.5],
        "latency_ms": [100.0, 300.0, None],
        "usd": [0.1, 0.2, 0.3],
        "score": [90, 60, 50],
    }
    extras = read(written(tmp_path / f"a.{ending}", columns)).extras
    assert extras.columns == {
        "probability": "confidence",
        "seconds": "latency_ms",
        "usd": "usd",
    }
    assert extras.probabilities is not None and extras.seconds is not None
    np.testing.assert_allclose(extras.probabilities, [[0.1, 0.9], [0.6, 0.4], [np.nan] * 2], rtol=1e-6)
    np.testing.assert_allclose(extras.seconds, [0.1, 0.3, np.nan])


@pytest.mark.parametrize(
    ("columns", "taken"),
    [
        ({"p_refund": [0.2, 0.9], "p_delivery": [0.8, 0.1]}, True),
        ({"refund": [0.2, 0.9], "Delivery": [0.8, 0.1]}, True),
        ({"p_refund": [0.2, 0.9], "p_delivery": [0.2, 0.1]}, False),
        ({"p_refund": [0.2, 0.9]}, False),
        ({"refund": [0, 1], "delivery": [1, 0]}, False),
        ({"refund": [-1.2, 3.0], "delivery": [2.2, -2.0]}, False),
    ],
)
def test_probabilities_of_all_labels_add_up_to_one(
    tmp_path: Path, columns: dict[str, list[float]], taken: bool
) -> None:
    path = written(tmp_path / "a.csv", {"id": ["1", "2"], "prediction": ["refund", "delivery"], **columns})
    found = read(path).extras.probabilities
    assert (found is not None) == taken
    if found is not None:
        np.testing.assert_allclose(found, [[0.8, 0.2], [0.1, 0.9]], rtol=1e-6)


@pytest.mark.parametrize(
    ("columns", "right"),
    [
        ({"label": ["a"], "prediction": ["b"]}, "label"),
        ({"gold": ["a"], "prediction": ["b"]}, "gold"),
        ({"label": ["1", "2"], "label_text": ["a", "b"], "category": ["x", "y"]}, "label"),
        ({"prediction": ["a"]}, "prediction"),
        ({"Label": ["a", "b"], "y_true": ["0", "1"]}, "Label"),
    ],
)
def test_the_right_column(tmp_path: Path, columns: dict[str, list[str]], right: str) -> None:
    sheet = open_sheet(written(tmp_path / "g.csv", columns), UTF8)
    assert find_right(sheet, taken=(), said=None, remedies=REMEDIES) == right


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", {"id": ["1"], "prediction": ["refund"]})
    assert read(path).column.given == ["refund"]
    written(path, {"id": ["1", "2"], "prediction": ["delivery", "delivery"]})
    assert read(path).column.given == ["delivery", "delivery"]
