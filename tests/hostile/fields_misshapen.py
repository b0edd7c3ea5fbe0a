"""Fields that are no text or no list of texts; and odd ones that can be read."""

from __future__ import annotations

import json

from hostile.case import json_lines
from hostile.field_rows import PAIRS, N, as_csv, as_parquet, bad, in_all_formats, pair, question, read, rows

SHAPE = [
    *in_all_formats(
        "one option",
        "choice",
        rows(question, {6: {"choices": ["red"], "answer": "red"}}),
        "row 6",
        "'choices'",
        "one option only, 'red'",
        "two options",
    ),
    bad(
        "a list for a text",
        "pair",
        "rows.jsonl",
        json_lines(rows(pair, {2: {"premise": ["a", "b"]}})),
        "row 2",
        "'premise'",
        "nested value",
        "one string",
    ),
    bad(
        "an object for a text",
        "pair",
        "rows.json",
        json.dumps(rows(pair, {2: {"premise": {"text": "a"}}})),
        "row 2",
        "'premise'",
        "nested value",
    ),
    bad(
        "lists for a text in Parquet",
        "pair",
        "rows.parquet",
        as_parquet([row | {"premise": [row["premise"]]} for row in rows(pair)]),
        "'premise'",
        "List",
        "one string",
    ),
    bad(
        "a list for a nested text",
        "choice",
        "rows.jsonl",
        json_lines([row | {"question": {"stem": ["a", "b"]}} for row in rows(question)]),
        "row 1",
        "'question'",
        "no one text at 'stem'",
        options="--field question=question.stem",
    ),
    bad(
        "a text for options",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, {8: {"choices": "red or green"}})),
        "row 8",
        "'choices'",
        "no list of texts",
        "--label-separator",
        "--field choices",
    ),
    bad(
        "texts for options in CSV",
        "choice",
        "rows.csv",
        as_csv([row | {"choices": "red|green|blue", "answer": "red"} for row in rows(question)]),
        "row 1",
        "no list of texts: 'red|green|blue'",
        "--label-separator",
    ),
    bad(
        "texts without the separator that is said",
        "choice",
        "rows.csv",
        as_csv(rows(question, {3: {"choices": "red"}})),
        "row 3",
        "no list of texts",
        options="--label-separator |",
    ),
    bad(
        "a number for options",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, {1: {"choices": 4}})),
        "row 1",
        "no list of texts",
    ),
    bad(
        "lists of lists",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, {1: {"choices": [["a"], ["b"]]}})),
        "row 1",
        "no list of texts",
    ),
    bad(
        "objects without a text",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, {1: {"choices": [{"x": 1}, {"x": 2}]}})),
        "row 1",
        "no list of texts",
    ),
    bad(
        "a list cut off",
        "choice",
        "rows.csv",
        as_csv(rows(question, {1: {"choices": '["red", "gre'}})),
        "row 1",
        "no list of texts",
    ),
    bad(
        "a list that NumPy has shortened",
        "choice",
        "rows.csv",
        as_csv(rows(question, {1: {"choices": "['a' 'b' ... 'z']"}})),
        "row 1",
        "NumPy has left out its middle",
    ),
    bad(
        "numbers as NumPy prints them",
        "choice",
        "rows.csv",
        as_csv(rows(question, {1: {"choices": "[1. 2. 3.]"}})),
        "row 1",
        "no list of texts",
        "JSON",
    ),
    bad(
        "a program for options",
        "choice",
        "rows.csv",
        as_csv(rows(question, {1: {"choices": "[open('x', 'w'), 'b']"}})),
        "row 1",
        "no list of texts",
    ),
    bad(
        "too many options",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, {1: {"choices": [f"o{i}" for i in range(30)], "answer": "o1"}})),
        "row 1",
        "30 options",
        "26 at most",
    ),
    bad(
        "a nested answer",
        "choice",
        "rows.jsonl",
        json_lines(rows(question, {2: {"answer": {"key": "A"}}})),
        "row 2",
        "'answer'",
        "none of its options",
    ),
    bad(
        "a NUL in one of the texts",
        "pair",
        "rows.jsonl",
        json_lines(rows(pair, {2: {"hypothesis": "a\0b"}})),
        "row 2",
        "'hypothesis'",
        "NUL",
    ),
    bad(
        "a label that is a list",
        "pair",
        "rows.jsonl",
        json_lines(rows(pair, {2: {"label": ["y", "n"]}})),
        "row 2",
        "several labels",
        "--several-labels",
    ),
]

WORKS = [
    read(
        "a header repeated among pairs",
        PAIRS + "premise,hypothesis,label\n" + "another,text pair,y\n",
        "header repeated",
        options="--type pair",
    ),
    read(
        "rows without any field",
        as_csv(rows(pair, {3: {"premise": "", "hypothesis": ""}})),
        "1 row of rows.csv without text",
        options="--type pair",
    ),
    read(
        "options in a column each, some short of one",
        as_csv(
            [
                {
                    "question": f"what is {i}",
                    "a": f"x{i}",
                    "b": f"y{i}",
                    "c": f"z{i}" if i % 2 else "",
                    "answer": "ab"[i % 2],
                }
                for i in range(N)
            ]
        ),
        "choices",
        options="--type choice --field choices=a,b,c",
    ),
    read(
        "options between separators",
        as_csv(
            [
                row | {"choices": "red|green|blue", "answer": ["red", "green"][i % 2]}
                for i, row in enumerate(rows(question))
            ]
        ),
        "choices",
        options="--type choice --label-separator |",
    ),
    read(
        "texts that look like lists",
        as_csv(rows(pair, {3: {"premise": '["a", "b"]'}})),
        "text_a",
        options="--type pair",
    ),
    read(
        "names of fields in capitals",
        PAIRS.replace("premise,hypothesis", "Premise,HYPOTHESIS", 1),
        "HYPOTHESIS",
        options="--type pair",
    ),
    read("a premise as group", PAIRS, "premise", options="--type pair --group text_a"),
]

CASES = [*SHAPE, *WORKS]
