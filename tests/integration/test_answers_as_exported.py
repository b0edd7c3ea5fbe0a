"""Files of answers as toolkits, spreadsheets and scripts leave them, beside one file of right labels."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tuningfork.cli.app import run_app

LABELS = ("refund_request", "delivery", "account access")
WORDS = ("late", "parcel", "kettle", "mirror", "shoe", "login", "password", "invoice", "driver", "table", "guitar")
ROWS = 120

_draw = random.Random(5)
IDS = [f"{row:03d}" for row in range(ROWS)]
TEXTS = [f"{' '.join(_draw.choice(WORDS) for _ in range(7))} no {row}" for row in range(ROWS)]
GOLD = [_draw.choice(LABELS) for _ in range(ROWS)]
ORDER = _draw.sample(range(ROWS), ROWS)


def system(accuracy: float, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [
        label if draw.random() < accuracy else draw.choice([one for one in LABELS if one != label]) for label in GOLD
    ]


A, B = system(0.8, 1), system(0.6, 2)
SCORE = sum(a == gold for a, gold in zip(A, GOLD, strict=True)) / ROWS
CODES = [str(LABELS.index(label)) for label in A]

Columns = Mapping[str, Sequence[object]]


def write(name: str, columns: Columns, *, encoding: str = "utf-8", delimiter: str = ",") -> str:
    with Path(name).open("w", newline="", encoding=encoding) as file:
        table = csv.writer(file, delimiter=delimiter)
        table.writerow(columns)
        table.writerows(zip(*columns.values(), strict=True))
    return name


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("gold.csv", {"id": IDS, "text": TEXTS, "label": GOLD})
    write("b.csv", {"id": IDS, "prediction": B})


def compared(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    code = run_app(["compare", *arguments, "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    return json.loads(out)  # type: ignore[no-any-return]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run_app(["compare", *arguments]) == 2
    return " ".join(capsys.readouterr().err.split())


def json_label(label: str) -> str:
    return json.dumps({"label": label})


@pytest.mark.parametrize(
    "written",
    [
        [label.upper().replace("_", " ") + "." for label in A],
        [f"{label}\u200b " for label in A],
        [f"**{label}**" for label in A],
        [f'"{label}"' for label in A],
        [json_label(label) for label in A],
        [f"__label__{label.replace(' ', '_')}" for label in A],
        [f"['{label}']" for label in A],
    ],
    ids=["capitals", "unseen characters", "bold", "quoted", "JSON", "fastText", "a list of one"],
)
def test_an_answer_that_is_a_label_but_for_its_writing_is_that_label(
    written: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = compared(capsys, "gold.csv", write("a.csv", {"id": IDS, "prediction": written}), "b.csv")
    assert (found["score_a"], found["notes"]) == (pytest.approx(SCORE), [])


@pytest.mark.parametrize(
    ("columns", "answer"),
    [
        ({"id": IDS, "pred": CODES, "pred_label": A}, "pred_label"),
        ({"id": IDS, "pred": CODES, "label": GOLD, "label_id": [LABELS.index(g) for g in GOLD]}, "pred"),
        ({"id": IDS, "gpt-4o": A, "seconds": [0.3] * ROWS}, "gpt-4o"),
        ({"id": IDS, "label": GOLD, "y_pred": A}, "y_pred"),
        ({"id": IDS, "predictedLabel": A, "Confidence Score": [0.5] * ROWS}, "predictedLabel"),
        ({"id": IDS, "label": A}, "label"),
        ({"id": IDS, "gold": GOLD, "label": A}, "label"),
        ({"id": IDS, "raw": [f"It is {a}, I think" for a in A], "answer": A}, "answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_column_that_answers_is_found_and_said(
    columns: Columns, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = compared(capsys, "gold.csv", write("a.csv", columns), "b.csv")
    assert found["score_a"] == pytest.approx(SCORE)
    assert found["read"][1]["columns"]["answer"] == answer


@pytest.mark.parametrize(
    ("columns", "one", "other"),
    [
        ({"id": IDS, "prediction": A, "predicted": B}, "prediction", "predicted"),
        ({"id": IDS, "output": A, "answer": GOLD}, "output", "answer"),
        ({"id": IDS, "gpt4": A, "claude": B}, "gpt4", "claude"),
        ({"id": IDS, "label": GOLD, "gpt4": A}, "label", "gpt4"),
        ({"id": IDS, "prediction": GOLD, "output": A}, "prediction", "output"),
    ],
)
def test_of_two_possible_columns_the_user_is_asked_with_the_whole_command(
    columns: Columns, one: str, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.csv", columns)
    told = refused(capsys, "gold.csv", "a.csv", "b.csv")
    assert "a.csv" in told and repr(one) in told and repr(other) in told
    assert "tuningfork compare gold.csv a.csv b.csv --answer " in told
    write("b.csv", {"id": IDS, "gpt4": B, "output": B, "prediction": B})
    answer = next(name for name, values in columns.items() if values is A)
    assert compared(capsys, "gold.csv", "a.csv", "b.csv", "--answer", answer)["score_a"] == pytest.approx(SCORE)


def test_a_copy_of_the_right_labels_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    found = compared(capsys, "gold.csv", write("a.csv", {"id": IDS, "label": GOLD}), "b.csv")
    assert found["score_a"] == 1
    assert "a.csv: column 'label' is the right label in all 120 rows: if it was kept from gold.csv" in found["notes"][0]
    named = compared(capsys, "gold.csv", write("a.csv", {"id": IDS, "prediction": GOLD}), "b.csv")
    assert (named["score_a"], named["notes"]) == (1, []), "who is always right may say so"


@pytest.mark.parametrize(
    ("columns", "matched"),
    [
        ({"id": [int(i) for i in IDS], "prediction": A}, "by id"),
        ({"id": [f"{int(i)}.0" for i in IDS], "prediction": A}, "by id"),
        ({"text": [text[:30] for text in TEXTS], "prediction": A}, "by text"),
        ({"text": [f"{text[:35]}..." for text in TEXTS], "prediction": A}, "by text"),
        ({"text": [text.replace(" ", "  ") + "\r\n" for text in TEXTS], "prediction": A}, "by text"),
        ({"id": [row % 50 for row in range(ROWS)], "text": TEXTS, "prediction": A}, "by text"),
        ({"id": IDS, "text": [text.upper() + "!" for text in TEXTS], "prediction": A}, "by id"),
        ({"id": IDS, "text": [f"Label this: {text}" for text in TEXTS], "prediction": A}, "by id"),
        ({"id": IDS, "message": [f"I would say {a}" for a in A], "prediction": A}, "by id"),
        ({"id": [*IDS, *IDS[:9]], "prediction": [*A, *A[:9]]}, "by id"),
        ({"id": [*IDS, "900"], "prediction": [*A, "delivery"]}, "by id"),
        ({"label": GOLD, "prediction": A}, "row by row"),
    ],
    ids=[
        *("ids without zeros", "ids that became floats", "cut texts", "texts with ellipsis", "blanks and line ends"),
        *("ids of batches", "tidied texts", "prompts", "replies", "rows twice", "more rows", "in the same order"),
    ],
)
def test_rows_are_matched_by_the_key_that_fits(
    columns: Columns, matched: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = compared(capsys, "gold.csv", write("a.csv", columns), "b.csv")
    assert (found["score_a"], found["read"][1]["matched"]) == (pytest.approx(SCORE), matched)


SHUFFLED = {"label": [GOLD[row] for row in ORDER], "prediction": [A[row] for row in ORDER]}


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (
            {"id": IDS, "text": [f"something else {row}" for row in range(ROWS)], "prediction": A},
            ("120 have their id", "0 their text", "first in row 1 of gold.csv", "--match id"),
        ),
        (
            {"id": IDS[:-1], "text": TEXTS[:60] + TEXTS[61:], "prediction": A[1:]},
            ("119 have their id and 119 their text", "in 58 the id is of another text"),
        ),
        (SHUFFLED, ("column 'label'", "matched row by row", "in another order")),
        ({"id": IDS} | SHUFFLED, ("column 'label'", "matched by id", "the rows are others")),
        ({"id": IDS[:50], "prediction": A[:50]}, ("no answer for row 51 of gold.csv, nor for 69 more of 120",)),
        ({"prediction": A[:100]}, ("has 100 rows, gold.csv has 120",)),
        ({"id": [f"t{i}" for i in IDS], "prediction": A}, ("nor for 119 more", "such as 't000'", "A column 'text'")),
        ({"id": [row % 50 for row in range(ROWS)], "prediction": A}, ("row 51, column 'id': a second,",)),
    ],
    ids=[
        "of other rows",
        "one row left out",
        "another order",
        "numbered anew",
        "rows missing",
        "fewer rows",
        "other ids",
        "twice",
    ],
)
def test_rows_that_do_not_fit_are_refused(
    columns: Columns, says: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "gold.csv", write("a.csv", columns), "b.csv")
    for words in ("a.csv", *says):
        assert words in told


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"id": IDS, "prediction": CODES}, ("column 'prediction'", "no answer is a label", "--label-names names.csv")),
        ({"id": IDS, "label": [f"LABEL_{code}" for code in CODES]}, ("'LABEL_0'", "--label-names names.csv")),
        ({"id": IDS, "prediction": ["nan"] * ROWS}, ("'nan'", "--answer COLUMN")),
        ({"id": IDS, "prediction": ["delivery", *["dunno"] * (ROWS - 1)]}, ("only 1 of 120 answers",)),
        ({"id": IDS, "prediction": [" "] * ROWS}, ("all 120 answers are blank",)),
        ({"id": IDS, "weight": range(ROWS)}, ("no column 'label' or 'prediction'", "'weight'")),
        ({IDS[0]: IDS[1:], A[0]: A[1:]}, ("the header is missing", "such as id,prediction")),
    ],
)
def test_a_file_whose_answers_are_never_labels_is_refused(
    columns: Columns, says: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "gold.csv", write("a.csv", columns), "b.csv")
    for words in ("a.csv", *says):
        assert words in told


def test_codes_are_read_where_somebody_says_what_they_mean(capsys: pytest.CaptureFixture[str]) -> None:
    files = ("gold.csv", write("a.csv", {"id": IDS, "prediction": CODES}), "b.csv")
    write("names.csv", {"label": range(3), "name": LABELS})
    assert compared(capsys, *files, "--label-names", "names.csv")["score_a"] == pytest.approx(SCORE)
    write("named.csv", {"id": IDS, "label": GOLD, "label_id": [LABELS.index(label) for label in GOLD]})
    assert compared(capsys, "named.csv", *files[1:])["score_a"] == pytest.approx(SCORE), "the gold file says it"
    coded = {"id": IDS, "label": [LABELS.index(label) for label in GOLD]}
    write("coded.csv", coded)
    assert "--label-names" in refused(capsys, "coded.csv", "b.csv", "b.csv")
    found = compared(capsys, "coded.csv", *files[1:], "--label-names", "names.csv")
    assert found["score_a"] == pytest.approx(SCORE)
    write("coded.csv", {**coded, "label_text": GOLD})
    assert compared(capsys, "coded.csv", *files[1:])["score_a"] == pytest.approx(SCORE)
    write("names.csv", {"label": "xyz", "name": "uvw"})
    assert "names.csv: names no label of this task" in refused(capsys, *files, "--label-names", "names.csv")


def test_honest_errors_go_on_counting(capsys: pytest.CaptureFixture[str]) -> None:
    """A label that these rows lack is a label; and some answers that are none are errors, and told."""
    rows = {"id": IDS, "label": ["delivery" if label == LABELS[0] else label for label in GOLD]}
    write("two.csv", rows)
    write("a.csv", {"id": IDS, "prediction": [LABELS[0]] * ROWS})
    assert compared(capsys, "two.csv", "a.csv", "b.csv")["score_a"] == 0
    write("a.csv", {"id": IDS, "prediction": [a if row % 2 else "dunno" for row, a in enumerate(A)]})
    found = compared(capsys, "gold.csv", "a.csv", "b.csv")
    assert found["notes"] == [
        "a.csv: 60 of 120 answers are no label of this task (most often 'dunno'); they count as errors"
    ]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-16", ";"), ("utf-8", "\t"), ("cp1252", "|")]
)
def test_a_file_that_is_plainly_otherwise_is_read_as_it_is(
    encoding: str, delimiter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = ["Rückgabe" if label == LABELS[0] else label for label in A]
    gold = {"id": IDS, "label": ["Rückgabe" if label == LABELS[0] else label for label in GOLD]}
    write("gold.csv", gold, encoding="cp1252", delimiter=";")
    write("a.csv", {"id": IDS, "prediction": other}, encoding=encoding, delimiter=delimiter)
    typed = ("--encoding", "cp1252", "--delimiter", ";")
    assert compared(capsys, "gold.csv", "a.csv", "b.csv", *typed)["score_a"] == pytest.approx(SCORE)


def test_the_right_column_is_found_named_or_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    a = write("a.csv", {"id": IDS, "prediction": A})
    for name in ("gold", "y_true", "ground_truth", "intent", "target"):
        right = write("right.csv", {"id": IDS, "text": TEXTS, name: GOLD})
        assert compared(capsys, right, a, "b.csv")["score_a"] == pytest.approx(SCORE), name
    right = write("right.csv", {"id": IDS, "label": B, "gold_label": GOLD})
    told = refused(capsys, right, a, "b.csv")
    assert "columns 'label' and 'gold_label' could both hold the right labels" in told
    assert compared(capsys, right, a, "b.csv", "--label", "gold_label")["score_a"] == pytest.approx(SCORE)
    write("right.csv", {"number": IDS, "label": GOLD})
    write("a.csv", {"number": IDS[::-1], "prediction": A[::-1]})
    write("b.csv", {"number": IDS, "prediction": B})
    assert compared(capsys, right, a, "b.csv", "--id", "number")["score_a"] == pytest.approx(SCORE)
    assert "column 'numbr': no such column; did you mean 'number'? Say which with --id" in refused(
        capsys, right, a, "b.csv", "--id", "numbr"
    )


def test_what_was_read_stands_under_the_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["compare", "gold.csv", write("a.csv", {"id": IDS, "prediction": A}), "b.csv"]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [  # a line a file, however wide the terminal
        "Read gold.csv (CSV): 120 rows; label from 'label', text from 'text'.",
        "Read a.csv (CSV): 120 rows; answer from 'prediction', id from 'id'; matched by id.",
        "Read b.csv (CSV): 120 rows; answer from 'prediction', id from 'id'; matched by id.",
    ]
