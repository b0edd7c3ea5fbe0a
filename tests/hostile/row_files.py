"""What the name DATA may turn out to be: no file, no file of rows, or one in an unforeseen encoding."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import socket
import sqlite3
import zipfile
from pathlib import Path

from hostile.case import ANSWERS, GOOD, LINEAR_STUDY, TEXTS, Case, bad_rows, csv_of, odd_rows, refused, works


def folder(path: Path) -> None:
    path.mkdir()


def link_to(target: str) -> object:
    return lambda path: path.symlink_to(target)


def hard_link_to(name: str) -> object:
    return lambda path: path.hardlink_to(path.with_name(name))


def listening(path: Path) -> None:
    """A socket; its name stays after it is closed. The way to it may be longer than an address may be."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE rows (text, label)")
    connection.commit()
    connection.close()


def zipped(name: str, content: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


PACKED = GOOD.encode()
CAFES = csv_of(ANSWERS, [f"café {text}" for text in TEXTS])

NOT_THERE = [
    refused("a file that is not there", "plan gone.csv", "gone.csv", "no such file", "check the path"),
    refused("a file in no folder", "plan nowhere/rows.csv", "nowhere/rows.csv", "no such file"),
    refused("a file below a file", "plan good.csv/rows.csv", "good.csv/rows.csv", "no such file"),
    refused("an address", "plan https://example.org/rows.csv", "example.org/rows.csv", "no such file", "download"),
    refused("nothing", ["plan", ""], "is a folder", "name one"),
    refused("a name longer than names may be", ["plan", "x" * 300 + ".csv"], "xxx", "too long"),
    refused("a name with an escape", ["plan", "a\x1b[31m\n.csv"], r"\x1b", "no such file"),
    refused("the home of nobody", ["plan", "~nobody-here/rows.csv"], "~nobody-here", "no such file"),
]

NO_FILE_OF_ROWS = [
    refused("a folder", "plan .", "is a folder", "name one"),
    bad_rows("a folder called CSV", folder, "is a folder", "name one"),
    bad_rows("a folder of Parquet", folder, "is a folder", "name one", file="rows.parquet"),
    bad_rows("a link to nothing", link_to("gone.csv"), "no such file"),
    bad_rows("a link to itself", link_to("rows.csv"), "cannot be opened", "symbolic link"),
    bad_rows("a link to a folder", link_to("."), "is a folder"),
    bad_rows("a link to a device", link_to("/dev/null"), "pipe or a device"),
    bad_rows("a socket", listening, "no regular file"),
    refused("the null device", "plan /dev/null", "/dev/null", "pipe or a device", "write its rows to a file"),
    bad_rows("empty", "", "is empty", "header"),
    bad_rows("empty JSONL", "", "is empty", "rows", file="rows.jsonl"),
    bad_rows("empty Parquet", "", "is empty", file="rows.parquet"),
    bad_rows("no ending", GOOD, "without an ending", ".csv", ".parquet", file="rows"),
    bad_rows("an ending of another kind", GOOD, ".docx", ".csv", file="rows.docx"),
    bad_rows("a text file", GOOD, ".txt", ".csv", file="rows.txt"),
    bad_rows("JSON without a row", "[]", "no row", file="rows.json"),
    bad_rows("JSON of numbers", "[1, 2]", "row 1", "no JSON object", file="rows.json"),
    bad_rows("JSON cut off", '[{"text": "a", "label": "b"}, {"te', "no valid JSON", "cut off", file="rows.json"),
    bad_rows("gzip", gzip.compress(PACKED), "gzip", "unpack", file="rows.csv.gz"),
    bad_rows("gzip called CSV", gzip.compress(PACKED), "gzip", "unpack"),
    bad_rows("gzip called JSONL", gzip.compress(b"{}"), "gzip", "unpack", file="rows.jsonl"),
    bad_rows("gzip called Parquet", gzip.compress(PACKED), "gzip", "unpack", file="rows.parquet"),
    bad_rows("zip", zipped("rows.csv", GOOD), "zip", "unpack", file="rows.zip"),
    bad_rows("a spreadsheet called CSV", zipped("xl/workbook.xml", "<x/>"), "spreadsheet"),
    bad_rows("a spreadsheet", zipped("xl/workbook.xml", "<x/>"), "spreadsheet", file="rows.xlsx"),
    bad_rows("bzip2 called CSV", bz2.compress(PACKED), "bzip2", "unpack"),
    bad_rows("xz called CSV", lzma.compress(PACKED), "xz", "unpack"),
    bad_rows("zstandard called CSV", b"\x28\xb5\x2f\xfd\x04\x58\x11\x00", "zstandard", "unpack"),
    bad_rows("Parquet called CSV", b"PAR1\x15\x04\x15\x00PAR1", "Parquet", ".parquet"),
    bad_rows("Parquet called JSONL", b"PAR1\x15\x04\x15\x00PAR1", "Parquet", ".parquet", file="rows.jsonl"),
    bad_rows("CSV called Parquet", GOOD, "no readable Parquet", "CSV", file="rows.parquet"),
    bad_rows("CSV called JSONL", GOOD, "row 1", "no valid JSON", "one JSON object a line", file="rows.jsonl"),
    bad_rows("JSONL called CSV", '{"text": "a", "label": "b"}\n' * 9, "JSON", "rows.jsonl"),
    bad_rows("a database called CSV", database, "utf-8"),
    bad_rows("a PDF called CSV", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "row 1", "utf-8"),
    bad_rows("a web page called CSV", "<!DOCTYPE html>\n<html><p>Sign in</p></html>\n", "--text"),
]

ODD_BUT_ROWS = [
    odd_rows("an ending in capitals", GOOD, file="ROWS.CSV"),
    odd_rows("a TSV file", GOOD.replace('","', '"\t"').replace("text,label", "text\tlabel"), file="rows.tsv"),
    odd_rows("a link to a file", link_to("good.csv")),
    odd_rows("a link to a link", link_to("rows.csv"), file="again.csv").with_files({"rows.csv": link_to("good.csv")}),
    works("blanks in the name", ["run", "my own rows.csv", *LINEAR_STUDY], files={"my own rows.csv": GOOD}),
    works("quotes in the name", ["run", '"it\'s".csv', *LINEAR_STUDY], files={'"it\'s".csv': GOOD}),
    works("a name in Greek", ["run", "γραμμές 🙂.csv", *LINEAR_STUDY], files={"γραμμές 🙂.csv": GOOD}),
    works("a line break in the name", ["run", "a\nb.csv", *LINEAR_STUDY], files={"a\nb.csv": GOOD}),
    works("a name that is no UTF-8", ["run", "caf\udce9.csv", *LINEAR_STUDY], files={"caf\udce9.csv": GOOD}),
    works("markup in the name", ["run", "[bold]<b>.csv", *LINEAR_STUDY], files={"[bold]<b>.csv": GOOD}),
    works("a name like an option", ["run", *LINEAR_STUDY, "--", "--label.csv"], files={"--label.csv": GOOD}),
    works("a way round", ["run", "sub/../good.csv", *LINEAR_STUDY], files={"sub": folder}),
]

ENCODINGS = [
    odd_rows("UTF-8 with a byte-order mark", b"\xef\xbb\xbf" + CAFES.encode()),
    odd_rows("UTF-16 with a byte-order mark", CAFES.encode("utf-16")),
    odd_rows("UTF-16, big end first, with its mark", b"\xfe\xff" + CAFES.encode("utf-16-be")),
    odd_rows("UTF-32 with a byte-order mark", CAFES.encode("utf-32")),
    odd_rows(
        "UTF-16 in JSONL", '{"text": "é", "label": "a"}\n{"text": "è", "label": "b"}\n'.encode("utf-16"), file="r.jsonl"
    ),
    bad_rows("UTF-16 without a mark", CAFES.encode("utf-16-le"), "row 1", "--encoding", "utf-16-le"),
    bad_rows("UTF-16 of plain letters without a mark", GOOD.encode("utf-16-le"), "NUL", "--encoding utf-16-le"),
    odd_rows("UTF-16 that is said", CAFES.encode("utf-16-le"), options="--encoding utf-16-le"),
    odd_rows("UTF-32 that is said", CAFES.encode("utf-32-le"), options="--encoding utf-32-le"),
    bad_rows("Latin-1", CAFES.encode("latin-1"), "row 1", "utf-8", "--encoding"),
    bad_rows("Latin-1 in row 40", csv_of(ANSWERS, [*TEXTS[:39], "café"]).encode("latin-1"), "row 40", "--encoding"),
    bad_rows("Latin-1 in the header", "texté,label\na,b\n".encode("latin-1"), "header", "--encoding"),
    odd_rows("Latin-1 that is said", CAFES.encode("latin-1"), options="--encoding latin-1"),
    odd_rows("Windows that is said", CAFES.encode("cp1252"), options="--encoding CP1252"),
    bad_rows("not the encoding that is said", CAFES.encode(), "ascii", "row 1", options="--encoding ascii"),
    bad_rows("half a character at the end", GOOD.encode() + b"caf\xc3", "row 61", "utf-8"),
    bad_rows("half a UTF-16 character at the end", GOOD.encode("utf-16") + b"\x00", "utf-16"),
    bad_rows("surrogates in UTF-8", GOOD.encode() + b"\xed\xa0\x80,yes\n", "row 61", "utf-8"),
    odd_rows("two byte-order marks", b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD.encode()),
    *(
        refused(f"the encoding {shown}", ["plan", "good.csv", "--encoding", name], "--encoding utf-8", *words)
        for shown, name, *words in [
            ("of no name", "", "''"),
            ("utf-9", "utf-9", "utf-9"),
            ("base64, which is none", "base64", "base64"),
            ("rot13, which is none", "rot13", "rot13"),
            ("undefined", "undefined", "undefined"),
            ("of a long name", "x" * 5000, "xxx"),
            ("of an escape", "\x1b[31m", r"\x1b"),
        ]
    ),
]

CASES: list[Case] = [*NOT_THERE, *NO_FILE_OF_ROWS, *ODD_BUT_ROWS, *ENCODINGS]
