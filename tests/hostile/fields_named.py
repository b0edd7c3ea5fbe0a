"""Columns and options that cannot be meant of rows of several fields, typed or in task.yaml."""

from __future__ import annotations

from hostile.case import GOOD, json_lines, refused
from hostile.field_rows import CHOICES, PAIRS, SAME, N, as_csv, bad, in_all_formats, of_task, question, rows

COLUMNS = [
    *in_all_formats(
        "two texts that are the same",
        "pair",
        SAME,
        "'hypothesis'",
        "says the same as 'premise' in all 40 rows",
        "--field text_b",
    ),
    bad(
        "one column for both texts",
        "pair",
        "rows.csv",
        PAIRS,
        "'premise'",
        "named twice",
        "text_a",
        "text_b",
        options="--field text_a=premise --field text_b=premise",
    ),
    bad(
        "one column for text and label",
        "pair",
        "rows.csv",
        PAIRS,
        "'premise'",
        "named twice",
        "--label",
        options="--field text_a=premise --field text_b=hypothesis --label premise",
    ),
    bad(
        "one column twice among options",
        "choice",
        "rows.csv",
        as_csv([{"question": f"what is {i}", "a": f"x{i}", "b": f"y{i}", "answer": "AB"[i % 2]} for i in range(N)]),
        "'a'",
        "named twice",
        options="--field choices=a,b,a",
    ),
    bad(
        "the question among the options",
        "choice",
        "rows.csv",
        as_csv([{"question": f"what is {i}", "a": f"x{i}", "answer": "AB"[i % 2]} for i in range(N)]),
        "'question'",
        "named twice",
        options="--field question=question --field choices=question,a",
    ),
    bad(
        "text for a pair",
        "pair",
        "rows.csv",
        PAIRS,
        "'premise'",
        "no one text",
        "'text_a', 'text_b'",
        "--field text_a",
        options="--text premise",
    ),
    bad(
        "text for a choice",
        "choice",
        "rows.jsonl",
        CHOICES,
        "'question'",
        "no one text",
        "--field question",
        options="--text question",
    ),
    bad(
        "names of labels for options",
        "choice",
        "rows.jsonl",
        CHOICES,
        "names labels",
        "have none",
        "--label-names",
        options="--label-names names.csv",
    )
    .with_files({"names.csv": "label,name\nA,first\n"})
    .with_says("names.csv", "names labels", "have none", "leave out --label-names"),
    bad("options that change places", "choice", "rows.jsonl", CHOICES, options="--symmetric").with_says(
        "--symmetric", "no", "--type pair"
    ),
    bad("one text that changes places", "classification", "good.csv", GOOD, options="--symmetric").with_says(
        "--symmetric", "type classification"
    ),
    bad("the first option of a pair", "pair", "rows.csv", PAIRS, options="--first-option 1").with_says(
        "--first-option", "type pair", "--type choice"
    ),
    bad("a first option that is none", "choice", "rows.jsonl", CHOICES, options="--first-option 2").with_says(
        "first", "2"
    ),
    bad("a separator that is a word", "choice", "rows.jsonl", CHOICES, options="--label-separator andor").with_says(
        "separator"
    ),
    bad("a type that is none", "pairs", "rows.csv", PAIRS).with_says("no task type 'pairs'", "did you mean 'pair'"),
    bad("a metric of another type", "choice", "rows.jsonl", CHOICES, options="--metric macro_f1").with_says(
        "macro_f1", "accuracy"
    ),
    bad(
        "a group of no column",
        "pair",
        "rows.csv",
        PAIRS,
        "no such column",
        "'topic'",
        "--group",
        options="--group topic",
    ),
    bad(
        "the label as group",
        "pair",
        "rows.csv",
        PAIRS,
        "'label'",
        "two of text, label and group",
        options="--label label --group label",
    ),
    bad("a field without a column", "pair", "rows.csv", PAIRS, options="--field text_a=").with_says(
        "--field", "no column"
    ),
    bad("a field without an equals sign", "pair", "rows.csv", PAIRS, options="--field premise").with_says(
        "--field 'premise'", "NAME=COLUMN"
    ),
    bad(
        "a field named twice", "pair", "rows.csv", PAIRS, options="--field text_a=premise --field text_a=hypothesis"
    ).with_says("--field", "twice"),
    refused(
        "pairs that name no type",
        "plan rows.csv",
        "rows of type pair",
        "--type pair",
        "--text COLUMN",
        files={"rows.csv": PAIRS},
    ),
    refused(
        "options that name no type",
        "plan rows.jsonl --label answer",
        "rows of type choice",
        "--type choice",
        files={"rows.jsonl": json_lines([{"stem": row["question"]} | row for row in rows(question)])},
    ),
    refused(
        "a profile of one column twice",
        "profile rows.csv --type pair",
        "'hypothesis'",
        "says the same as",
        files={"rows.csv": as_csv(SAME)},
    ),
    refused(
        "a profile of one option",
        "profile rows.jsonl --type choice",
        "row 6",
        "one option only",
        files={"rows.jsonl": json_lines(rows(question, {6: {"choices": ["red"], "answer": "red"}}))},
    ),
]

TASKS = [
    of_task("fields that are a list", "data: rows.csv\ntype: pair\nfields: [premise]\n", "fields", "mapping"),
    of_task(
        "a field that is a number",
        "data: rows.csv\ntype: pair\nfields: {text_a: 1, text_b: hypothesis}\n",
        "fields",
        "string",
    ),
    of_task("a field of another type", "data: rows.csv\ntype: pair\nfields: {question: premise}\n", "no field of pair"),
    of_task("text beside a type of two", "data: rows.csv\ntype: pair\ntext: premise\n", "no one text", "--field"),
    of_task("symmetric in words", "data: rows.csv\ntype: pair\nsymmetric: sometimes\n", "symmetric", "true or false"),
    of_task("symmetric for one text", "data: rows.csv\nsymmetric: true\ntext: premise\n", "--symmetric"),
    of_task("a first option of two", "data: rows.csv\ntype: choice\nfirst_option: 2\n", "first_option"),
    of_task(
        "a first option of truth", "data: rows.csv\ntype: choice\nfirst_option: yes\n", "first_option", "truth value"
    ),
    of_task("an empty separator", "data: rows.csv\ntype: choice\nlabel_separator: ''\n", "label_separator"),
    of_task(
        "names of labels for options in YAML", "data: rows.csv\ntype: choice\nlabel_names: rows.csv\n", "names labels"
    ),
    of_task("a type that is none in YAML", "data: rows.csv\ntype: two texts\n", "no task type 'two texts'"),
    of_task(
        "columns that are the same in YAML",
        "data: rows.csv\ntype: pair\nfields: {text_a: premise, text_b: premise}\n",
        "named twice",
    ),
]

CASES = [*COLUMNS, *TASKS]
