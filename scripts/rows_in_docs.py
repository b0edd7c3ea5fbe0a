"""Fail where a row of the public data sets stands in the documentation: they are not ours to republish.

    python scripts/rows_in_docs.py

Looks for every run of 40 characters of a text of ../shared/data in every page, drawing and file of results under docs,
in README.md and in the committed results of tests. Case, blanks and punctuation are passed over; what JSON, HTML and
SVG write as codes or cut into elements is read as it is shown. Says so and passes where the data sets are not there.
Pictures of pixels cannot be read: they are made of reports without rows.
"""

from __future__ import annotations

import csv
import html
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PLACES = ("README.md", "docs", "tests/golden")
WINDOW = 40
"""Characters in a row of a text that make it that text."""
NO_ROWS = frozenset({"atlas", "scaling"})
"""Folders of facts on models, with their sources, which the pages cite."""
NO_TEXTS = frozenset({"id", "label", "labels", "tags", "type", "focus", "target_group", "functionality"})
"""Fields that say something of a row and are none of its texts."""
_SHOWN = frozenset({".md", ".json", ".html", ".svg", ".csv", ".txt", ".yaml"})
_TAG = re.compile(r"<[^<>]*>")
_NO_WORDS = re.compile(r"\W+")
_BASE = 1_000_003
_BLOCK = 4_000_000
"""Characters of rows that are looked at at a time."""
_TABLE_BITS = 26

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Found:
    """A row that stands in a page: where, which, and the characters."""

    page: str
    row: str
    text: str


def rows_in(pages: Mapping[str, str], fields: Iterable[tuple[str, str]]) -> list[Found]:
    """Every page that shares 40 characters with a field, at most one entry a page and file of rows.

    Args:
        pages: by name, as they are shown.
        fields: where each stands, and what it says. The name before its last ':' is that of its file.
    """
    plain = {name: _plain(page) for name, page in pages.items()}
    hashed = [(name, _windows(text)) for name, text in plain.items()]
    known = np.unique(np.concatenate([hashes for _, hashes in hashed] or [np.zeros(0, np.uint64)]))
    likely = np.zeros(1 << _TABLE_BITS, np.bool_)
    likely[_place(known)] = True
    found: dict[tuple[str, str], Found] = {}
    for names, text, starts in _blocks(fields):
        hashes = _windows(text)
        for place in _matching(hashes, known, likely):
            field = int(np.searchsorted(starts, place, side="right")) - 1
            window = text[place : place + WINDOW]
            if "\n" in window:
                continue
            for page, shown in plain.items():
                if window in shown:
                    found.setdefault((page, names[field].rpartition(":")[0]), Found(page, names[field], window))
    return list(found.values())


def shown_text(path: Path) -> str:
    """What a file shows: strings of JSON, text between tags, codes of characters resolved."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return "\n".join(_strings(json.loads(text)))  # no name of a field is as long as a text
    if path.suffix in {".svg", ".html", ".md"}:
        return html.unescape(_TAG.sub(" ", text))
    return text


def fields_of(data: Path) -> Iterator[tuple[str, str]]:
    """Every text field of every file of rows, long enough to be found, under 'file:row'."""
    for path in sorted(data.rglob("*")):
        if path.relative_to(data).parts[0] in NO_ROWS:
            continue
        if path.suffix == ".csv":
            yield from _fields_of_csv(path, data)
        elif path.suffix == ".jsonl":
            yield from _fields_of_jsonl(path, data)


def pages_of(root: Path) -> dict[str, str]:
    """Every file that is shown to readers, by its path below `root`."""
    found = [root / place for place in PLACES]
    files = [path for place in found for path in (place.rglob("*") if place.is_dir() else [place])]
    shown = sorted(path for path in files if path.suffix in _SHOWN and path.is_file())
    return {str(path.relative_to(root)): shown_text(path) for path in shown}


def main() -> int:
    """Print what was found; 1 if anything was."""
    if not DATA.is_dir():
        print(f"rows in docs: not looked for, the data sets are not at {DATA}")
        return 0
    pages = pages_of(ROOT)
    found = rows_in(pages, fields_of(DATA))
    for one in found:
        print(f"{one.page} holds a row ({one.row}): '{one.text}'")
    print(f"rows in docs: {len(found)} in {len(pages)} files")
    return 1 if found else 0


def _fields_of_csv(path: Path, data: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for number, record in enumerate(csv.DictReader(file), start=1):
            yield from _long(f"{path.relative_to(data)}:{number}", record)


def _fields_of_jsonl(path: Path, data: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            told = json.loads(line)
            if "tokens" in told:
                told["tokens"] = " ".join(told["tokens"])
            yield from _long(f"{path.relative_to(data)}:{number}", told)


def _long(row: str, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    texts = (text for name, value in record.items() if name not in NO_TEXTS for text in _strings(value))
    return ((row, text) for text in texts if len(text) >= WINDOW)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _plain(text: str) -> str:
    """In small letters, one blank for whatever is no letter, digit or underscore; labels have one where texts have
    blanks."""
    return _NO_WORDS.sub(" ", text.casefold())


def _blocks(fields: Iterable[tuple[str, str]]) -> Iterator[tuple[list[str], str, NDArray[np.intp]]]:
    """Fields in one long text, a line each, with where each begins."""
    names: list[str] = []
    texts: list[str] = []
    size = 0
    for name, field in fields:
        text = _plain(field).strip()
        names.append(name)
        texts.append(text)
        size += len(text) + 1
        if size >= _BLOCK:
            yield _block(names, texts)
            names, texts, size = [], [], 0
    if texts:
        yield _block(names, texts)


def _block(names: list[str], texts: list[str]) -> tuple[list[str], str, NDArray[np.intp]]:
    lengths = np.array([len(text) + 1 for text in texts])
    return names, "\n".join(texts), np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)


def _windows(text: str) -> Hashes:
    """A hash of the 40 characters from each place on: a polynomial modulo 2^64, doubled from 1 to 32, and 8 more."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if len(codes) < WINDOW:
        return np.zeros(0, np.uint64)
    of_length: dict[int, Hashes] = {1: codes + np.uint64(1)}
    for length in (1, 2, 4, 8, 16):
        half = of_length[length]
        of_length[2 * length] = half[:-length] * _power(length) + half[length:]
    eight, last = of_length[8], len(codes) - WINDOW + 1
    return of_length[32][:last] * _power(8) + eight[32 : 32 + last]


def _power(length: int) -> np.uint64:
    return np.uint64(pow(_BASE, length, 1 << 64))


def _place(hashes: Hashes) -> NDArray[np.uint64]:
    return hashes >> np.uint64(64 - _TABLE_BITS)


def _matching(hashes: Hashes, known: Hashes, likely: NDArray[np.bool_]) -> list[int]:
    """Places of hashes that are among the known ones."""
    candidates = np.flatnonzero(likely[_place(hashes)])
    return [int(place) for place in candidates[np.isin(hashes[candidates], known)]]


if __name__ == "__main__":
    sys.exit(main())
