"""Row files as people have them: what is read, and what is refused with the place and the remedy."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import polars
import pytest

from tuningfork.errors import InputError
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.reading import column_names, read_table
from tuningfork.task.table import Table

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write


def columns(table: Table) -> dict[str, list[str]]:
    return {name: list(values) for name, values in table.columns.items()}


# ---- what is read


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_from_the_header(write: Write, delimiter: str) -> None:
    table = read_table(write("rows.csv", f"text{delimiter}label\na b{delimiter}x\n"))
    assert columns(table) == {"text": ["a b"], "label": ["x"]}


def test_delimiters_inside_quoted_names_do_not_count(write: Write) -> None:
    table = read_table(write("rows.csv", '"text; or, message; all";label\nhi;x\n'))
    assert table.names == ("text; or, message; all", "label")


def test_a_given_delimiter_wins(write: Write) -> None:
    table = read_table(write("rows.csv", "te,xt^la,bel\na^b\n"), form=TextFormat(delimiter="^"))
    assert columns(table) == {"te,xt": ["a"], "la,bel": ["b"]}


def test_tsv_is_cut_at_tabs_only(write: Write) -> None:
    assert read_table(write("rows.tsv", "text,or so\tlabel\na\tb\n")).names == ("text,or so", "label")


def test_quoting_newlines_and_crlf(write: Write) -> None:
    table = read_table(write("rows.csv", 'text,label\r\n"two\nlines, ""quoted""",x\r\n\r\nplain,\r\n'))
    assert columns(table) == {"text": ['two\nlines, "quoted"', "plain"], "label": ["x", ""]}
    assert list(table.rows) == [1, 2]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_line_end(write: Write, newline: str) -> None:
    assert columns(read_table(write("r.csv", newline.join(["text,label", "a,b", "c,d"])))) == {
        "text": ["a", "c"],
        "label": ["b", "d"],
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"])
def test_utf8_and_utf16_by_its_mark(write: Write, encoding: str) -> None:
    content = "text,label\nnaïve 😀 שלום,é\n"
    marks = {"utf-16-le-bom": b"\xff\xfe", "utf-16-be-bom": b"\xfe\xff"}
    encoded = marks.get(encoding, b"") + content.encode(encoding.removesuffix("-bom"))
    assert columns(read_table(write("rows.csv", encoded))) == {"text": ["naïve 😀 שלום"], "label": ["é"]}
    lines = json.dumps({"text": "naïve 😀 שלום"}, ensure_ascii=False) + "\n"
    encoded = marks.get(encoding, b"") + lines.encode(encoding.removesuffix("-bom"))
    assert columns(read_table(write("rows.jsonl", encoded))) == {"text": ["naïve 😀 שלום"]}


def test_another_encoding_when_it_is_said(write: Write) -> None:
    path = write("rows.csv", "text,label\ncafé,x\n".encode("latin-1"))
    assert columns(read_table(path, form=TextFormat(encoding="latin-1")))["text"] == ["café"]


def test_csv_agrees_with_polars_on_awkward_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [[f'say "{i}", then\nleave', f"label,{i % 3}"] for i in range(200)]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["text", "label"], *rows])
    oracle = polars.read_csv(path, infer_schema=False)
    assert columns(read_table(path)) == {name: oracle[name].to_list() for name in oracle.columns}


def test_a_ten_megabyte_cell_and_many_columns(write: Write) -> None:
    before = csv.field_size_limit()
    wide = ",".join(f"c{i}" for i in range(20_000))
    path = write("rows.csv", f"text,label,{wide}\n{'x' * 10_000_000},b,{',' * 19_999}\n")
    table = read_table(path, ["text", "label"])
    assert (len(table.columns["text"][0]), table.columns["label"][0]) == (10_000_000, "b")
    assert csv.field_size_limit() == before, "the limit is the process's, not ours to change"


def test_jsonl_keeps_numbers_as_written_and_counts_lines(write: Write) -> None:
    path = write(
        "rows.jsonl",
        '{"text": "a", "label": 1, "meta": {"n": [1]}}\n\n{"text": "b", "label": 1.0}\n'
        '{"text": null, "label": 1e400}\n{"text": "d", "label": null, "more": 1}\n',
    )
    table = read_table(path, ["text", "label"])
    assert columns(table) == {"text": ["a", "b", "", "d"], "label": ["1", "1.0", "1e400", ""]}
    assert list(table.rows) == [1, 3, 4, 5]
    assert column_names(path) == ("text", "label", "meta")


def test_jsonl_truth_values_and_words_that_look_like_nothing(write: Write) -> None:
    assert columns(read_table(write("a.jsonl", '{"l": true}\n{"l": false}\n')))["l"] == ["true", "false"]
    words = "".join(f'{{"l": "{word}"}}\n' for word in ("nan", "null", "True", "NA"))
    assert columns(read_table(write("b.jsonl", words)))["l"] == ["nan", "null", "True", "NA"]


def test_parquet_columns_become_strings(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    polars.DataFrame(
        {
            "text": ["a", None, "nan"],
            "whole": [1, 2, None],
            "real": [1.0, float("nan"), None],
            "truth": [True, False, None],
            "kind": polars.Series(["x", "y", None], dtype=polars.Categorical),
            "nested": [[1], [2], None],
        }
    ).write_parquet(path)
    table = read_table(path, ["text", "whole", "real", "truth", "kind"])
    assert columns(table) == {
        "text": ["a", "", "nan"],
        "whole": ["1", "2", ""],
        "real": ["1.0", "", ""],
        "truth": ["true", "false", ""],
        "kind": ["x", "y", ""],
    }
    with pytest.raises(InputError, match=r"column 'nested': holds List"):
        read_table(path)


def test_links_and_odd_paths(write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "my \"data\" & 'more'"
    folder.mkdir()
    link = folder / "r o w s.csv"
    link.symlink_to(write("rows.csv", "text,label\na,b\n"))
    assert columns(read_table(link)) == {"text": ["a"], "label": ["b"]}


# ---- what is refused: each with file, row, column and remedy as far as they are known

REFUSED: list[tuple[str, str, str | bytes, str, int | None]] = [
    ("empty", "r.csv", "", "is empty", None),
    ("byte-order mark only", "r.csv", b"\xef\xbb\xbf", "blank lines only", None),
    ("blank lines only", "r.csv", "\n \n\n", "blank lines only", None),
    ("header only", "r.csv", "text,label\n", "has a header and no row", None),
    ("too few fields", "r.csv", 'text,label\n"a\nb",x\nc\n', "ragged", 2),
    ("too many fields", "r.csv", "text,label\na,b\n\nc,d\ne,f,g\n", "ragged", 3),
    ("open quote", "r.csv", 'text,label\na,b\n"c,d\ne,f\n', "opened and never closed", 2),
    ("text after a quote", "r.csv", 'text,label\n"a"b,c\n', "quoting is broken", 1),
    ("repeated column", "r.csv", "text,label,text\na,b,c\n", "twice", None),
    ("undecidable", "r.csv", "text,label;more\na,b;c\n", "delimiter cannot be told", None),
    ("latin-1", "r.csv", b"text,label\nok,x\n\nca\xe9 x,y\nz,z\n", "not valid utf-8", 2),
    ("latin-1 in a quoted row", "r.csv", b'text,label\n"o\nk",x\n"ca\n\xe9",y\n', "not valid utf-8", 2),
    ("latin-1 in the header", "r.csv", b"t\xe9xt,label\nok,x\n", "in the header", None),
    ("latin-1 far down", "r.csv", b"text,label\n" + b"ok,x\n" * 50_000 + b"\xe9,y\n", "not valid utf-8", 50_001),
    (
        "half a utf-16 character",
        "r.csv",
        b"\xff\xfe" + "text,label\na,".encode("utf-16-le") + b"\x00\xd8\n\x00",
        "utf-16",
        1,
    ),
    ("unmarked utf-16", "r.csv", "text,label\na,b\n".encode("utf-16-le"), "NUL characters in its header", None),
    ("gzip by name", "r.csv.gz", gzip.compress(b"text,label\na,b\n"), "compressed: gzip", None),
    ("gzip in disguise", "r.csv", gzip.compress(b"text,label\na,b\n"), "compressed: gzip", None),
    ("spreadsheet", "r.xlsx", b"PK\x03\x04....", "is a spreadsheet.*CSV UTF-8.*LibreOffice.*r.csv", None),
    ("spreadsheet in disguise", "r.csv", b"PK\x03\x04....", "compressed: zip", None),
    ("unknown ending", "r.txt", "a", r"\.txt is no format", None),
    ("no ending", "rows", "a", "without an ending", None),
    ("array of nothing", "r.json", "[{}]", "no keys", None),
    ("JSONL: text", "r.jsonl", '{"text": "a"}\n{"text": \n', "no valid JSON", 2),
    ("JSONL: array", "r.jsonl", '{"text": "a"}\n["a"]\n', "no JSON object", 2),
    ("JSONL: nested", "r.jsonl", '{"text": "a"}\n{"text": ["a"]}\n', "nested value", 2),
    ("JSONL: mixed", "r.jsonl", '{"text": "1"}\n{"text": 1}\n', "mixed types", 2),
    ("JSONL: mixed truth", "r.jsonl", '{"text": 1}\n{"text": true}\n', "mixed types", 2),
    ("JSONL: lacking", "r.jsonl", '{"text": "a"}\n{"txt": "b"}\n', "ragged", 2),
    ("JSONL: repeated key", "r.jsonl", '{"text": "a", "text": "b"}\n', "twice", 1),
    ("JSONL: NaN", "r.jsonl", '{"text": "a"}\n{"text": NaN}\n', "NaN is not of JSON", 2),
    ("JSONL: deep", "r.jsonl", '{"text": ' + "[" * 200_000 + "\n", "nested too deeply", 1),
    ("JSONL: no keys", "r.jsonl", "{}\n", "no keys", None),
    ("JSONL: latin-1", "r.jsonl", b'{"text": "a"}\n\n{"text": "\xe9"}\n', "not valid utf-8", 3),
    ("Parquet: text", "r.parquet", "text,label\n", "no readable Parquet", None),
]


@pytest.mark.parametrize(
    ("name", "content", "problem", "row"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_refused_with_place_and_remedy(
    write: Write, name: str, content: str | bytes, problem: str, row: int | None
) -> None:
    path = write(name, content)
    with pytest.raises(InputError, match=problem) as caught:
        read_table(path)
    error = caught.value
    assert error.exit_code == 2
    assert (Path(error.file), error.row) == (path, row)
    assert error.remedy
    assert "\n" not in str(error)


def test_encoding_problems_name_the_option(write: Write) -> None:
    with pytest.raises(InputError, match=r"row 1: is not valid utf-8.*--encoding"):
        read_table(write("rows.csv", b"text,label\n\xe9,x\n"))
    with pytest.raises(InputError, match="no text encoding is called 'utf-9'"):
        read_table(write("rows.csv", "text,label\na,b\n"), form=TextFormat(encoding="utf-9"))
    with pytest.raises(InputError, match="no text encoding is called 'base64'"):
        read_table(write("rows.csv", "text,label\na,b\n"), form=TextFormat(encoding="base64"))


def test_truncated_parquet(tmp_path: Path, write: Write) -> None:
    whole = tmp_path / "whole.parquet"
    polars.DataFrame({"text": [f"row {i}" for i in range(5000)]}).write_parquet(whole)
    content = whole.read_bytes()
    for name, broken in (
        ("half", content[: len(content) // 2]),
        ("mangled", content[:64] + b"\0" * 64 + content[128:]),
    ):
        with pytest.raises(InputError, match="no readable Parquet"):
            read_table(write(f"{name}.parquet", broken))


def test_not_a_file_at_all(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nowhere.csv")
    for name, problem in {
        "pipe.csv": "no regular file",
        "folder.csv": "is a folder",
        "device.csv": "no regular file",
        "dangling.csv": "no such file",
        "missing.jsonl": "no such file",
        "missing.parquet": "no such file",
        "folder.csv/rows.csv": "no such file",
        "x" * 300 + ".csv": "cannot be opened",
        "nul\0.csv": "cannot be opened",
    }.items():
        with pytest.raises(InputError, match=problem):
            read_table(tmp_path / name)


def test_an_unwanted_column_may_hold_anything_a_wanted_one_must_exist(write: Write) -> None:
    path = write("rows.csv", "text,,\na,b,c\n")
    assert columns(read_table(path)) == {"text": ["a"]}
    with pytest.raises(InputError, match=r"column 'label': no such column; there are: 'text'"):
        read_table(path, ["label"])


def test_columns_in_memory() -> None:
    table = Table.from_columns({"text": ["a", None, float("nan")], "label": [1, 1.5, True]})
    assert columns(table) == {"text": ["a", "", ""], "label": ["1", "1.5", "True"]}
    assert list(table.rows) == [1, 2, 3]
    with pytest.raises(InputError, match="differ in length"):
        Table.from_columns({"text": ["a"], "label": []})
