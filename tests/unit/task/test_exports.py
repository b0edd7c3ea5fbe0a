"""Readers of exports: what stands above a header, rows that a quote swallowed, JSON that holds rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tuningfork.errors import InputError
from tuningfork.task.command import command_with
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.reading import column_names, read_table
from tuningfork.task.schema import TaskSpec


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, newline="")
    return path


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("sep=;\r\na;b\r\n1,5;2\r\n", ("a", "b")),
        ("\ufeffsep=\t\na\tb\n1\t2\n", ("a", "b")),
        ('"sep=|"\na|b\n1|2\n', ("a", "b")),
        ("# one\n# two, three\na,b\n1,2\n", ("a", "b")),
        ("# exported today\n\na,b\n1,2\n", ("a", "b")),
        ("#a,b\n1,2\n", ("#a", "b")),
        ("#a,b\n", ("#a", "b")),
        ("sep,b\n1,2\n", ("sep", "b")),
    ],
)
def test_what_stands_above_a_header(tmp_path: Path, content: str, names: tuple[str, ...]) -> None:
    assert column_names(written(tmp_path, "rows.csv", content)) == names


def test_a_given_delimiter_wins_over_a_line_for_spreadsheets(tmp_path: Path) -> None:
    path = written(tmp_path, "rows.csv", "sep=,\na;b\n1;2\n")
    assert column_names(path, TextFormat(delimiter=";")) == ("a", "b")


def test_columns_of_a_file_without_a_header(tmp_path: Path) -> None:
    form = TextFormat(columns=("label", "text"))
    path = written(tmp_path, "rows.csv", "a,one\nb,two\nlabel,text\nc,three\n")
    table = read_table(path, form=form)
    assert list(table.columns["text"]) == ["one", "two", "three"]
    assert list(table.rows) == [1, 2, 4]
    headed = read_table(written(tmp_path, "test.csv", "text,label,more\none,a,x\n"), ["label"], form)
    assert list(headed.columns["label"]) == ["a"]


def test_lines_are_counted_however_many_are_left_out(tmp_path: Path) -> None:
    rows = "".join(f'"a text of\nlines {i}",x\n\n' if i % 2 else f"text {i},y\n" for i in range(50))
    table = read_table(written(tmp_path, "rows.csv", f"text,label\n---,---\n{rows}text,label\n{rows}"))
    assert len(table) == 100
    assert table.found.left_out == {"of dashes only": 1, "header repeated among the rows (row 52)": 1}
    assert (table.rows[0], table.rows[-1]) == (2, 102)


@pytest.mark.parametrize("names", ["label,text", "text,label,more\nx,y,z"])
def test_a_table_below_a_blank_line(tmp_path: Path, names: str) -> None:
    path = written(tmp_path, "rows.csv", f"text,label\none,a\ntwo,b\n\n{names}\n")
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert caught.value.row == 3


def test_a_quote_that_swallows_rows_with_three_columns(tmp_path: Path) -> None:
    rows = "".join(f"{i},text {i},{'ab'[i % 2]}\n" for i in range(20))
    path = written(tmp_path, "rows.csv", f'id,text,label\n{rows}20,"5 inch,a\n21,late,b\n22,of 5",a\n')
    with pytest.raises(InputError, match="row 21: a quote that opens in this row swallows the 2 lines below it"):
        read_table(path)
    assert len(read_table(path, ["id"])) == 21, "nothing tells labels from text without them"


@pytest.mark.parametrize("break_", ["\n", "\r\n"])
def test_a_poem_is_no_row(tmp_path: Path, break_: str) -> None:
    poem = break_.join(("roses are red, so", "violets blue, a bit", "sugar, too"))
    rows = "".join(f'"{poem} {i}",{"ab"[i % 2]}\n' for i in range(20))
    assert len(read_table(written(tmp_path, "rows.csv", f"text,label\n{rows}"))) == 20


def test_json_beside_another_container(tmp_path: Path) -> None:
    rows = [{"text": "a", "label": 1}, {"text": "b", "label": 1.0}]
    for name, content in {
        "array.json": json.dumps(rows),
        "lines.json": "\n".join(map(json.dumps, rows)),
        "under.json": json.dumps({"count": 2, "items": rows}),
        "joined.json": json.dumps(rows[:1]) + json.dumps(rows[1:]),
        "array.ndjson": json.dumps(rows, indent=2),
        "lines.jsonl": ",\n".join(map(json.dumps, rows)),
    }.items():
        table = read_table(written(tmp_path, name, content))
        assert list(table.columns["label"]) == ["1", "1.0"], name


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[]", "has no row"),
        ("[1]", "row 1: is no JSON object"),
        ('[{"text": "a"}, {"text": "b"', "no valid JSON"),
        ('{"text": "a"}\n{"text": ', "row 2: is no valid JSON"),
        ('[{"text": "a"}, {"text": ["b"]}]', "row 2, column 'text': holds a nested value"),
        ('[{"text": "a"}, {"txt": "b"}]', "row 2, column 'text': ragged"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_json_that_holds_no_rows(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read_table(written(tmp_path, "rows.json", content))


def test_columns_that_are_only_looked_at_may_hold_anything(tmp_path: Path) -> None:
    rows = [{"text": "a", "more": [1]}, {"text": "b", "more": "x"}, {"text": "c"}]
    path = written(tmp_path, "rows.jsonl", "\n".join(map(json.dumps, rows)))
    assert list(read_table(path, ["text"]).columns["text"]) == ["a", "b", "c"]
    table = read_table(path, ["text", "more"], TextFormat(aside=("more",)))
    assert list(table.columns["more"]) == ['["1"]', "x", ""]
    with pytest.raises(InputError, match="row 1, column 'more': holds a nested value"):
        read_table(path, ["more"])


def test_the_whole_command() -> None:
    spec = TaskSpec(data=Path("my rows.csv"), text="a b", keep={"x": "1,2"}, columns="a b,label", group="g")
    told = "tuningfork plan 'my rows.csv' --text 'a b' --group g --columns 'a b,label' --keep x=1,2 --keep y=3"
    assert command_with(spec, "--keep y=3") == told
    assert "--group h" in command_with(spec, "--group h") and "--group g" not in command_with(spec, "--group h")
