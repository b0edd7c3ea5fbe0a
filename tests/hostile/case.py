"""One case of hostile or odd input: files, a command line, and what a person has to be told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

Content = str | bytes | Callable[[Path], object]
"""What a file holds, or what makes something else of that name (a link, a pipe, a folder)."""

Files = Mapping[str, Content]

TEXTS = [f"word{i % 7} thing{i % 5} number {i}" for i in range(60)]
ANSWERS = ["yes" if i % 2 else "no" for i in range(60)]

LINEAR_STUDY = ("--arm", "linear", "--label-counts", "16", "--seeds", "1", "--yes", "--out", "study")
NOTHING: Files = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Case:
    """A command line in a folder of files.

    Attributes:
        name: what is odd, as the test's id.
        arguments: after `tuningfork`.
        says: words that its message (where refused) or its output (where it works) must hold, in any case of letters.
        files: made in the working folder, which holds `good.csv` besides.
        code: the exit code.
        labels: of the study that it makes, where they matter.
    """

    name: str
    arguments: tuple[str, ...]
    says: tuple[str, ...]
    files: Files
    code: int
    labels: tuple[str, ...] = ()

    def with_says(self, *says: str) -> Case:
        """The same, told in these words instead."""
        return replace(self, says=says)

    def with_labels(self, *labels: str) -> Case:
        """The same; the study it makes has these labels, to the character."""
        return replace(self, labels=labels)

    def with_files(self, files: Files) -> Case:
        """The same with further files."""
        return replace(self, files={**self.files, **files})


def refused(name: str, arguments: str | Sequence[str], *says: str, files: Files = NOTHING, code: int = 2) -> Case:
    """A case that ends in one message."""
    return Case(name, _split(arguments), says, files, code)


def works(name: str, arguments: str | Sequence[str], *says: str, files: Files = NOTHING) -> Case:
    """A case that is odd, and fine."""
    return Case(name, _split(arguments), says, files, 0)


def bad_rows(name: str, content: Content, *says: str, file: str = "rows.csv", options: str = "") -> Case:
    """A file of rows that cannot be used; its message names the file."""
    return refused(name, ["plan", file, *options.split()], file, *says, files={file: content})


def odd_rows(name: str, content: Content, *says: str, file: str = "rows.csv", options: str = "") -> Case:
    """A file of rows that is odd, and fine: a whole study with one linear trial."""
    return works(name, ["run", file, *LINEAR_STUDY, *options.split()], *says, files={file: content})


def noted(name: str, content: Content, *says: str, file: str = "rows.csv", options: str = "") -> Case:
    """A file of rows that is odd, and fine; the plan says what is odd."""
    arguments = ["plan", file, "--arm", "linear", "--json", *options.split()]
    return works(name, arguments, *says, files={file: content})


def csv_of(labels: Sequence[str], texts: Sequence[str] = TEXTS, header: str = "text,label") -> str:
    """A CSV file of so many rows, every field quoted."""
    rows = (f"{_quoted(text)},{_quoted(label)}" for text, label in zip(texts, labels, strict=False))
    return "\n".join([header, *rows, ""])


def json_lines(rows: Sequence[object]) -> str:
    """A JSONL file, everything beyond ASCII escaped."""
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def make_files(folder: Path, files: Files) -> None:
    """Write them; names may hold folders."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def _split(arguments: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(arguments.split()) if isinstance(arguments, str) else tuple(arguments)


def _quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'


GOOD = csv_of(ANSWERS)
