"""The rows of a study, laid out as a user would have them: in one folder, under plain names, so that neither commands
nor results hold a path of a machine."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from studies.listing import StudyCase
from tuningfork.task.content import normalised

_SPLIT = "rows that rank arms, split 0"
"""What the drawing of the rows that rank arms hangs on, beside their texts."""


def lay_out(case: StudyCase, data: Path, folder: Path) -> list[str]:
    """Write the files of a study into `folder`; what `tuningfork run` is told of them.

    Args:
        data: the folder of public data sets.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = data / case.folder
    train, test, validation, shifted = (f"{case.name}{end}.csv" for end in ("", "_test", "_validation", "_shifted"))
    shutil.copyfile(source / f"{case.prefix}train.csv", folder / train)
    told = [train, "--test", test]
    if case.set_aside:
        ranking, rest = set_aside(read_csv(source / f"{case.prefix}test.csv"), case.set_aside)
        write_csv(folder / test, rest)
        write_csv(folder / validation, ranking)
    else:
        shutil.copyfile(source / f"{case.prefix}test.csv", folder / test)
    if case.validation:
        shutil.copyfile(source / f"{case.prefix}validation.csv", folder / validation)
    if case.set_aside or case.validation:
        told += ["--validation", validation]
    if case.shifted:
        shutil.copyfile(source / f"{case.shifted}.csv", folder / shifted)
        told += ["--shifted", shifted]
    for file in case.answers.values():
        shutil.copyfile(source / f"{case.prefix}{file}.csv", folder / f"{file}.csv")
    return told


def set_aside(rows: Sequence[dict[str, str]], wanted: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Rows that rank arms, and those that are left for the verdict, both in the order of the file.

    Units, which are all rows of one text, are taken whole, in the order of a hash of the text: it is random, the same
    on every machine, and does not hang on the order of the rows. No more rows than wanted are taken.
    """
    units: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        units.setdefault(normalised(row["text"]), []).append(place)
    taken: set[int] = set()
    for text in sorted(units, key=_lot):
        if len(taken) + len(units[text]) <= wanted:
            taken.update(units[text])
    return [row for place, row in enumerate(rows) if place in taken], [
        row for place, row in enumerate(rows) if place not in taken
    ]


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of rows, by its name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.csv"))}


def read_csv(path: Path) -> list[dict[str, str]]:
    """All records of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """Records that share their columns, as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _lot(text: str) -> str:
    return hashlib.sha256(f"{_SPLIT}\0{text}".encode()).hexdigest()
