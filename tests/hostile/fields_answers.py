"""Answers of rows of several fields that cannot be: none of the options, or with two readings."""

from __future__ import annotations

from hostile.case import json_lines
from hostile.field_rows import BOTH_FIT, BOTH_USED, CHOICES, as_csv, bad, in_all_formats, pair, question, rows

ANSWERED = [
    *in_all_formats(
        "an answer outside the options",
        "choice",
        rows(question, {11: {"answer": "purple"}}),
        "row 11",
        "'answer'",
        "'purple' is none of its options",
        "'red 10'",
    ),
    *in_all_formats("answers from 0 or from 1", "choice", BOTH_FIT, "'answer'", "from 0 or from 1", "--first-option 1"),
    *in_all_formats(
        "answers from 0 and from 1", "choice", BOTH_USED, "row 2", "'3' counts the options from 1, and row 1"
    ),
    bad(
        "a letter outside the options",
        "choice",
        "rows.csv",
        as_csv([row | {"answer": "ABCD"[i % 4]} for i, row in enumerate(rows(question))]),
        "row 4",
        "'D' is none of its options",
    ),
    bad(
        "a place outside the options",
        "choice",
        "rows.csv",
        as_csv([row | {"answer": i % 5} for i, row in enumerate(rows(question))]),
        "row 5",
        "'4' is none of its options",
    ),
    bad(
        "a place below the first one that is said",
        "choice",
        "rows.csv",
        as_csv([row | {"answer": i % 3} for i, row in enumerate(rows(question))]),
        "row 1",
        "'0' is none of its options",
        options="--first-option 1",
    ),
    bad(
        "a text that stands twice",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, {2: {"choices": ["red", "red", "blue"], "answer": "red"}})),
        "row 2",
        "stands twice among its options",
        "letter",
    ),
    bad(
        "numbers that are texts or places",
        "choice",
        "rows.jsonl",
        json_lines([row | {"choices": ["2", "1", "0"], "answer": i % 3} for i, row in enumerate(rows(question))]),
        "may be a text or a place",
        "--first-option",
    ),
    bad("an answer outside the options of the test file", "choice", "rows.jsonl", CHOICES, options="--test t.jsonl")
    .with_files({"t.jsonl": json_lines(rows(question, {2: {"answer": "E"}}))})
    .with_says("t.jsonl", "row 2", "none of its options"),
    bad(
        "no answer at all",
        "choice",
        "rows.jsonl",
        json_lines([row | {"answer": ""} for row in rows(question)]),
        "no row has a label",
        "to_label.csv",
    ),
    bad(
        "no label of any pair",
        "pair",
        "rows.csv",
        as_csv([row | {"label": ""} for row in rows(pair)]),
        "no row has a label",
        "--type pair",
        "--field text_a=premise",
    ),
    bad(
        "pairs of one class", "pair", "rows.csv", as_csv([row | {"label": "y"} for row in rows(pair)]), "only one class"
    ),
    bad(
        "two columns that may be the answer",
        "choice",
        "rows.csv",
        as_csv([row | {"gold": "A"} for row in rows(question)]),
        "'answer', 'gold'",
        "--label",
    ),
]

CASES = [*ANSWERED]
