"""CSV, JSONL and Parquet that are broken, or stranger than they have to be."""

from __future__ import annotations

import datetime
import decimal
import io
import json
from collections.abc import Mapping, Sequence

import polars

from hostile.case import (
    ANSWERS,
    GOOD,
    LINEAR_STUDY,
    TEXTS,
    Case,
    bad_rows,
    csv_of,
    json_lines,
    noted,
    odd_rows,
    refused,
    works,
)

ROWS = [f"{text},{answer}" for text, answer in zip(TEXTS, ANSWERS, strict=True)]


def lines(*given: str, header: str = "text,label", end: str = "\n") -> str:
    return end.join([header, *given, ""])


CSV = [
    bad_rows("blank lines only", "\n \n\t\n", "blank", "header"),
    bad_rows("a byte-order mark only", b"\xef\xbb\xbf", "header"),
    bad_rows("a header only", "text,label\n", "no row", "add rows"),
    bad_rows("a header and blank lines", "text,label\n\n\n", "no row"),
    bad_rows("no header", lines(*ROWS[1:], header=ROWS[0]), "header", "--columns text,label"),
    bad_rows("one column", lines(*TEXTS, header="text"), "no row has a label", "label some"),
    bad_rows("a row too long", lines(*ROWS[:4], "too,many,fields", *ROWS[4:]), "row 5", "3 fields", "2", "quote"),
    bad_rows("a row too short", lines(*ROWS[:4], "too few", *ROWS[4:]), "row 5", "1 field", "empty label field"),
    bad_rows("ragged below blank lines", lines(ROWS[0], "", "  ", ROWS[1], "a,b,c"), "row 3", "ragged"),
    bad_rows("ragged below a field of two lines", lines('"one\ntwo",yes', "a,b,c"), "row 2", "ragged"),
    bad_rows("a quote never closed", lines(*ROWS[:9], '"never closed,yes', *ROWS[9:]), "row 10", "never closed"),
    bad_rows("a quote never closed in the header", '"text,label\na,b\n', "quote", "doubled"),
    bad_rows("letters after a quote", lines(*ROWS[:3], '"closed" too early,yes'), "row 4", "quoting", "doubled"),
    odd_rows("quotes inside a field", lines(*ROWS, '5" pipes "here",yes')),
    odd_rows("every field quoted", csv_of(ANSWERS)),
    odd_rows("line ends of Windows", lines(*ROWS, end="\r\n")),
    odd_rows("line ends of old", lines(*ROWS, end="\r")),
    odd_rows("mixed line ends", lines(*ROWS[:30], end="\r\n") + "\r".join(ROWS[30:])),
    odd_rows("no line end at the end", lines(*ROWS).rstrip("\n")),
    odd_rows("blank lines between", lines(*ROWS).replace("\n", "\n\n")),
    odd_rows("blanks around the names", lines(*ROWS, header=" text , label ")),
    odd_rows("a nameless column", lines(*(f"{row}," for row in ROWS), header="text,label,")),
    odd_rows("two nameless columns", lines(*(f"{row},," for row in ROWS), header="text,label,,")),
    odd_rows("names in capitals", lines(*ROWS, header="Text,LABEL")),
    bad_rows("a name twice", lines("a,b,c", header="text,label,label"), "'label'", "twice", "rename"),
    bad_rows("a name twice, blanks aside", lines("a,b,c", header="text,label, label"), "'label'", "twice"),
    bad_rows("two columns that could be the text", lines("a,b,c", header="message,body,label"), "--text", "'body'"),
    bad_rows("two columns that could be the label", lines("a,b,c", header="text,intent,topic"), "--label", "'topic'"),
    bad_rows("no such column", GOOD, "'txt'", "did you mean", "'text'", "--text", options="--text txt"),
    bad_rows("no such label column", GOOD, "'lable'", "did you mean", "'label'", options="--label lable"),
    bad_rows("no such group column", GOOD, "'customer'", "'text'", "--group", options="--group customer"),
    bad_rows("a NUL in a text", csv_of(ANSWERS, ["a\0b", *TEXTS]), "row 1", "'text'", "NUL", "remove"),
    bad_rows("a NUL in a label", csv_of(["yes", "n\0o", *ANSWERS]), "row 2", "'label'", "NUL", "remove"),
    bad_rows("a NUL in the header", lines(*ROWS, header="te\0xt,label"), "NUL", "header"),
    odd_rows("semicolons", GOOD.replace('","', '";"').replace("text,label", "text;label")),
    odd_rows("bars", GOOD.replace('","', '"|"').replace("text,label", "text|label")),
    odd_rows("tabs", GOOD.replace('","', '"\t"').replace("text,label", "text\tlabel")),
    bad_rows("two delimiters", "text;label,more\na;b,c\n", "delimiter", "--delimiter"),
    odd_rows(
        "a delimiter that is said",
        GOOD.replace('","', '"^"').replace("text,label", "text^label"),
        options="--delimiter ^",
    ),
    refused("a delimiter of two characters", "plan good.csv --delimiter ,;", "',;'", "one character"),
    refused("no delimiter", ["plan", "good.csv", "--delimiter", ""], "''", "one character"),
    refused("a quote as delimiter", ["plan", "good.csv", "--delimiter", '"'], "delimiter", "one character"),
    refused("a line end as delimiter", ["plan", "good.csv", "--delimiter", "\n"], "delimiter", "one character"),
    refused("a delimiter that is not there", "plan good.csv --delimiter |", "good.csv", "'text,label'", "--text"),
    odd_rows("a line for spreadsheets", "sep=;\n" + GOOD.replace('","', '";"').replace("text,label", "text;label")),
    bad_rows("a line for spreadsheets alone", "sep=;\n", "blank lines only"),
]

PAIRS = [{"text": text, "label": answer} for text, answer in zip(TEXTS, ANSWERS, strict=True)]


def bad_json(name: str, content: str | bytes, *says: str) -> Case:
    return bad_rows(name, content, *says, file="rows.jsonl")


def with_line(line: str, at: int = 3) -> str:
    """A sound JSONL file but for one line."""
    sound = json_lines(PAIRS).splitlines()
    return "\n".join([*sound[: at - 1], line, *sound[at:], ""])


JSON_LINES = [
    bad_json("blank lines", "\n\n \n", "no keys"),
    bad_json("an empty object", "{}\n", "no keys", "each line"),
    bad_json("an array over all", "[\n" + '{"text": "a", "label": "b"},\n' * 3 + "]", "row 1", "no valid JSON"),
    odd_rows("an array on one line", json.dumps(PAIRS), file="rows.jsonl"),
    odd_rows("objects over lines", "\n".join(json.dumps(pair, indent=1) for pair in PAIRS), file="rows.jsonl"),
    bad_json("one object over lines", '{\n "text": "a",\n "label": "b"\n}\n', "only one class"),
    bad_json("a line cut off", with_line('{"text": "a", "lab'), "row 3", "no valid JSON"),
    bad_json("cut off at the end", json_lines(PAIRS)[:-9], "row 60", "no valid JSON"),
    bad_json("Python's quotes", with_line("{'text': 'a', 'label': 'b'}"), "row 3", "no valid JSON"),
    bad_json("a comma too many", with_line('{"text": "a", "label": "b",}'), "row 3", "no valid JSON"),
    bad_json(
        "two objects on a line", with_line('{"text": "a", "label": "b"} {"text": "c"}'), "row 3", "one JSON object"
    ),
    bad_json("a string", with_line('"text"'), "row 3", "no JSON object"),
    bad_json("a number that is none", with_line('{"text": "a", "label": NaN}'), "row 3", "NaN", "null"),
    bad_json("no end", with_line('{"text": "a", "label": -Infinity}'), "row 3", "Infinity"),
    bad_json("a key twice", with_line('{"text": "a", "label": "b", "label": "c"}'), "row 3", "twice"),
    bad_json("a key missing", with_line('{"text": "a"}'), "row 3", "'label'", "ragged", "null"),
    bad_json("nested text", with_line('{"text": ["a"], "label": "yes"}'), "row 3", "'text'", "nested", "one string"),
    bad_json("nested label", with_line('{"text": "a", "label": {"is": "yes"}}'), "row 3", "'label'", "nested"),
    bad_json("numbers among strings", with_line('{"text": "a", "label": 3}'), "row 3", "'label'", "mixed", "strings"),
    bad_json("truth among strings", with_line('{"text": "a", "label": true}'), "row 3", "'label'", "truth value"),
    bad_json("a text of number", with_line('{"text": 5, "label": "yes"}'), "row 3", "'text'", "mixed"),
    bad_json("nested beyond reason", with_line("[" * 100_000), "row 3", "nested too deeply"),
    bad_json("a NUL", with_line('{"text": "a\\u0000b", "label": "yes"}'), "row 3", "'text'", "NUL"),
    bad_json("a tab in a string", with_line('{"text": "a\tb", "label": "yes"}'), "row 3", "control character"),
    noted("half a character", with_line('{"text": "a\\ud800b", "label": "yes"}'), "surrogate", file="rows.jsonl"),
    odd_rows(
        "half a character in a label",
        json_lines([{**row, "label": row["label"] + "\udc80"} for row in PAIRS]),
        file="rows.jsonl",
    ),
    odd_rows(
        "labels of number", json_lines([{"text": t, "label": i % 2} for i, t in enumerate(TEXTS)]), file="rows.jsonl"
    ),
    odd_rows(
        "labels of truth",
        json_lines([{"text": t, "label": i % 2 == 0} for i, t in enumerate(TEXTS)]),
        file="rows.jsonl",
    ),
    odd_rows(
        "labels of endless digits",
        "".join(f'{{"text": "{t}", "label": 1{"0" * 5000}{i % 2}}}\n' for i, t in enumerate(TEXTS)),
        file="rows.jsonl",
    ),
    noted("labels missing", with_line('{"text": "a", "label": null}'), "without label", file="rows.jsonl"),
    odd_rows("other keys nested", json_lines([{**row, "more": {"a": [1]}} for row in PAIRS]), file="rows.jsonl"),
    odd_rows("further keys later", with_line('{"text": "a", "label": "yes", "more": 1}'), file="rows.jsonl"),
    odd_rows("keys in another order", with_line('{"label": "yes", "text": "a"}'), file="rows.jsonl"),
    odd_rows("line ends of Windows in JSONL", json_lines(PAIRS).replace("\n", "\r\n"), file="rows.jsonl"),
    odd_rows(
        "separators of lines in a text", with_line('{"text": "a\u2028b\x85c", "label": "yes"}'), file="rows.ndjson"
    ),
    odd_rows("an empty key", json_lines([{**row, "": 1} for row in PAIRS]), file="rows.jsonl"),
]


def parquet(columns: Mapping[str, Sequence[object]]) -> bytes:
    buffer = io.BytesIO()
    polars.DataFrame(columns, strict=False).write_parquet(buffer)
    return buffer.getvalue()


SOUND = parquet({"text": TEXTS, "label": ANSWERS})
NUMBERS = [float(i % 2) for i in range(60)]


def bad_parquet(name: str, content: bytes, *says: str) -> Case:
    return bad_rows(name, content, *says, file="rows.parquet")


def odd_parquet(name: str, labels: Sequence[object], *says: str) -> Case:
    return odd_rows(name, parquet({"text": TEXTS, "label": labels}), *says, file="rows.parquet")


PARQUET = [
    bad_parquet("cut off", SOUND[: len(SOUND) // 2], "no readable Parquet", "complete"),
    bad_parquet("cut off at the start", SOUND[40:], "no readable Parquet"),
    bad_parquet("its mark alone", b"PAR1", "no readable Parquet"),
    bad_parquet("two marks and nothing between", b"PAR1PAR1", "no readable Parquet"),
    bad_parquet("a footer of lies", b"PAR1" + b"\xff" * 40 + b"\xff\xff\xff\x7fPAR1", "no readable Parquet"),
    bad_parquet("damaged inside", SOUND[:60] + b"\xff" * 60 + SOUND[120:], "no readable Parquet"),
    bad_parquet("no row", parquet({"text": [], "label": []}), "no row"),
    bad_parquet("no column", parquet({}), "--text"),
    bad_parquet("other columns", parquet({"a": TEXTS, "b": ANSWERS}), "--text", "'a'"),
    bad_parquet("lists", parquet({"text": [[t] for t in TEXTS], "label": ANSWERS}), "'text'", "List", "one string"),
    bad_parquet("structs", parquet({"text": TEXTS, "label": [{"is": a} for a in ANSWERS]}), "'label'", "nested value"),
    bad_parquet("bytes", parquet({"text": [t.encode() for t in TEXTS], "label": ANSWERS}), "'text'", "Binary"),
    bad_parquet("nulls only", parquet({"text": TEXTS, "label": [None] * 60}), "no row has a label"),
    bad_parquet("a NUL in Parquet", parquet({"text": ["a\0", *TEXTS[1:]], "label": ANSWERS}), "row 1", "'text'", "NUL"),
    odd_parquet("Parquet with labels of number", NUMBERS),
    noted(
        "Parquet with labels of number, some none",
        parquet({"text": TEXTS, "label": [*NUMBERS[:50], *[float("nan")] * 10]}),
        "without label",
        file="rows.parquet",
    ),
    odd_parquet("Parquet with labels of truth", [i % 2 == 0 for i in range(60)]),
    odd_parquet("Parquet with labels of date", [datetime.date(2024, 1, 1 + i % 2) for i in range(60)]),
    odd_parquet(
        "Parquet with labels of time", [datetime.datetime(2024, 1, 1 + i % 2, tzinfo=datetime.UTC) for i in range(60)]
    ),
    odd_parquet("Parquet with labels of cents", [decimal.Decimal(i % 2) / 100 for i in range(60)]),
    odd_parquet("Parquet with a dictionary of labels", polars.Series(ANSWERS, dtype=polars.Categorical)),
    works("a name like a pattern", ["run", "rows[1]*.parquet", *LINEAR_STUDY], files={"rows[1]*.parquet": SOUND}),
    works(
        "a folder like a partition",
        ["run", "label=5/rows.parquet", *LINEAR_STUDY],
        files={"label=5/rows.parquet": SOUND},
    ),
    works(
        "Parquet whose name is no UTF-8",
        ["run", "caf\udce9.parquet", *LINEAR_STUDY],
        files={"caf\udce9.parquet": SOUND},
    ),
    odd_rows("a delimiter for Parquet", SOUND, file="rows.parquet", options="--delimiter ; --encoding latin-1"),
]

CASES: list[Case] = [*CSV, *JSON_LINES, *PARQUET]
