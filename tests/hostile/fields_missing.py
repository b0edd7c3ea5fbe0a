"""Rows of several fields that lack one of them: no such column or key, or nothing in it."""

from __future__ import annotations

from hostile.case import GOOD, json_lines
from hostile.field_rows import CHOICES, PAIRS, N, as_csv, as_parquet, bad, in_all_formats, pair, question, rows

MISSING = [
    *in_all_formats("no second text", "pair", rows(pair, without=["hypothesis"]), "text_a", "--field", "'premise'"),
    *in_all_formats("no options", "choice", rows(question, without=["choices"]), "the options (choices)", "--field"),
    bad(
        "no question",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, without=["question"])),
        "the question",
        "--field",
    ),
    bad(
        "a field of no column",
        "pair",
        "rows.csv",
        PAIRS,
        "no such column",
        "'premis'",
        "did you mean 'premise'",
        "--field",
        options="--field text_a=premis --field text_b=hypothesis",
    ),
    bad(
        "a nested field of no column",
        "choice",
        "rows.jsonl",
        CHOICES,
        "no such column",
        "'stem.text'",
        "--field question",
        options="--field question=stem.text",
    ),
    bad(
        "a list of a column that is not there",
        "choice",
        "rows.jsonl",
        CHOICES,
        "no such column",
        "'o2'",
        options="--field choices=question,o2",
    ),
    bad(
        "several columns for one text",
        "pair",
        "rows.csv",
        PAIRS,
        "is one text",
        options="--field text_a=premise,hypothesis --field text_b=label",
    ),
    bad(
        "a field that the type has not",
        "pair",
        "rows.csv",
        PAIRS,
        "no field of pair 'premise'",
        "text_a",
        options="--field premise=premise",
    ).with_says("no field of pair 'premise'", "text_a", "text_b"),
    bad("a field of a choice for a pair", "pair", "rows.csv", PAIRS, options="--field question=premise").with_says(
        "no field of pair 'question'", "text_b"
    ),
    bad("a field for a classification", "classification", "good.csv", GOOD, options="--field text_a=text").with_says(
        "no field of classification 'text_a'", "text"
    ),
    bad(
        "no key of that name in a nested field",
        "choice",
        "rows.jsonl",
        json_lines(
            [{"question": {"text": f"what {i}"}, "choices": ["a", "b"], "answer": "AB"[i % 2]} for i in range(N)]
        ),
        "row 1",
        "'question'",
        "no value at 'stem'",
        options="--field question=question.stem",
    ),
    bad(
        "a nested field in a plain text",
        "choice",
        "rows.jsonl",
        CHOICES,
        "row 1",
        "no value at 'stem'",
        options="--field question=question.stem",
    ),
    bad(
        "a key that lacks in one row",
        "choice",
        "rows.jsonl",
        json_lines([*rows(question)[:-1], {"question": "and this", "answer": "A"}]),
        "row 40",
        "'choices'",
        "lacks this key",
    ),
    bad(
        "no nested question where its name is usual",
        "choice",
        "rows.jsonl",
        json_lines([{"question": f"what is {i}", "answer": "A"} for i in range(N)]),
        "not obvious which column is the options (choices)",
        "--field choices=",
    ),
    bad(
        "the test file lacks a field",
        "pair",
        "rows.csv",
        PAIRS,
        "t.csv",
        "'hypothesis'",
        "no such column",
        "alike",
        options="--test t.csv",
    )
    .with_files({"t.csv": as_csv(rows(pair, without=["hypothesis"]))})
    .with_says("t.csv", "'hypothesis'", "no such column", "alike"),
]

EMPTY = [
    *in_all_formats(
        "an empty second text",
        "pair",
        rows(pair, {7: {"hypothesis": ""}}),
        "row 7",
        "'hypothesis'",
        "text_b is empty",
        "fill it in",
    ),
    *in_all_formats(
        "an empty question", "choice", rows(question, {9: {"question": " "}}), "row 9", "'question'", "is empty"
    ),
    bad(
        "a null text", "pair", "rows.jsonl", json_lines(rows(pair, {3: {"premise": None}})), "row 3", "text_a is empty"
    ),
    bad(
        "a null text in Parquet",
        "pair",
        "rows.parquet",
        as_parquet(rows(pair, {3: {"premise": None}})),
        "row 3",
        "is empty",
    ),
    bad(
        "no options in one row",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, {5: {"choices": []}})),
        "row 5",
        "'choices'",
        "choices is empty",
    ),
    bad(
        "null for options",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, {5: {"choices": None}})),
        "row 5",
        "is empty",
    ),
    bad(
        "an empty cell for options",
        "choice",
        "rows.csv",
        as_csv(rows(question, {5: {"choices": ""}})),
        "row 5",
        "is empty",
    ),
    bad(
        "no row has both texts",
        "pair",
        "rows.csv",
        as_csv([row | {"premise": "", "hypothesis": ""} for row in rows(pair)]),
        "no row has a text",
    ),
    bad(
        "an empty option among others",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, {4: {"choices": ["a", "", "b"]}})),
        "row 4",
        "'choices'",
        "empty option",
    ),
    bad(
        "a blank option",
        "choice",
        "rows.csv",
        as_csv(rows(question, {4: {"choices": ["a", "  ", "b"]}})),
        "row 4",
        "empty option",
    ),
    bad(
        "an empty column between options",
        "choice",
        "rows.csv",
        as_csv([{"question": f"what is {i}", "a": f"x{i}", "b": "", "c": f"z{i}", "answer": "a"} for i in range(N)]),
        "row 1",
        "'a,b,c'",
        "empty option",
        options="--field choices=a,b,c",
    ),
    bad("an empty text in the test file", "pair", "rows.csv", PAIRS, options="--test t.csv")
    .with_files({"t.csv": as_csv(rows(pair, {2: {"premise": ""}}))})
    .with_says("t.csv", "row 2", "text_a is empty"),
]

CASES = [*MISSING, *EMPTY]
