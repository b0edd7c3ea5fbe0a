"""Labels that stand for none: '-1' and '?' of hidden or unfinished rows, 'nan' and '#N/A' of tables.

Such a row is unlabelled, and that is said. Plain words that may be a class ('none', 'other', 'unknown', 'neutral')
are labels wherever the labelled file has them, and so is whatever a file of label names gives a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.cleaning import CleanRows
from tuningfork.task.command import command
from tuningfork.task.label_names import read_label_names
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.wording import counted, listed
from tuningfork.task.written_alike import WrittenAlike, as_number

_TO_DO = ("todo", "to do", "tbd", "fixme", "unlabelled", "unlabeled", "not labelled", "not labeled", "unannotated")
_OF_TABLES = ("nan", "<na>", "#n/a", "#value!", "#ref!", "#name?", "#null!", "#num!", "#div/0!", "<null>", "\\n")
_NO_LABEL_ANYWHERE = frozenset((*_TO_DO, *_OF_TABLES, "not annotated", "to be labelled", "to be labeled"))
_MAY_BE_THE_OTHER_CLASS = frozenset({"n/a", "null", "-"})
"""No label beside two others or more; beside one alone they may be the other one ('applicable', 'n/a')."""
_SIGNS = frozenset({"?", "??", "???", "-", "--", "---", "\u2013", "\u2014", "...", "\u2026"})
"""No label beside words; beside other signs they are what is to be told ('+' and '-', '?' and '!')."""
_NUMBERS = frozenset({"-1", "-100"})
"""How data hubs, learning libraries (-1) and losses (-100) mark a row without label."""
_ONLY_WHERE_UNKNOWN = frozenset({"none", "na", "nil", "missing", "undefined", "no label"})
"""No label in a scored file where the labelled file has none such."""
_FEWEST_CODES = 3
"""Codes from 0 (or 1) up beside which -1 is no code: -1, 0 and 1 are a polarity."""


def without_placeholders(
    files: Mapping[str, CleanRows], spec: TaskSpec, *, scored: bool = True
) -> tuple[dict[str, CleanRows], tuple[Note, ...]]:
    """The rows of all files, with '' for labels that stand for none, and what was taken for such.

    Args:
        files: role -> rows, 'data' being the labelled file; the others are scored.
        spec: the task, columns filled in.
        scored: whether rows of the other files will be scored, which needs labels that the labelled file has.

    Raises:
        InputError: no labelled row of a scored file has a label that the labelled file has; or the file of label names
            cannot be read.
    """
    named = frozenset(_named(spec))
    data = files["data"]
    found = {"data": _in_labelled(frozenset(filter(None, data.labels)) - named)}
    known = frozenset(filter(None, data.labels)) - found["data"]
    for role, rows in files.items():
        if role != "data" and known:
            unknown = frozenset(filter(None, rows.labels)) - known - named
            found[role] = frozenset(label for label in unknown if _is_none_in_scored(label))
            if scored:
                _require_known(role, rows, known, spec, data.name)
    clean = {role: _blanked(rows, found.get(role, frozenset())) for role, rows in files.items()}
    notes = [note for role in found if found[role] for note in _notes(role, files, found[role], spec)]
    if scored:
        notes += [note for role in files if role != "data" for note in _one_label(clean[role], known, data.name)]
    return clean, tuple(notes)


def _named(spec: TaskSpec) -> Iterator[str]:
    if spec.label_names is not None:
        yield from (entry.label for entry in read_label_names(spec.label_names, TextFormat(spec.encoding)))


def _in_labelled(labels: frozenset[str]) -> frozenset[str]:
    """Those of the labels of the labelled file that stand for none."""
    textual = frozenset(label for label in labels if _plain(label) in _NO_LABEL_ANYWHERE)
    numbers = frozenset(label for label in labels if as_number(label) in _NUMBERS)
    doubtful = frozenset(label for label in labels if _plain(label) in _MAY_BE_THE_OTHER_CLASS | _SIGNS)
    others = labels - textual - numbers - doubtful
    if any(_is_sign(label) for label in others):
        doubtful = frozenset(label for label in doubtful if not _is_sign(label))
    if len(labels - textual - numbers - doubtful) == 1:
        doubtful = frozenset(label for label in doubtful if _plain(label) not in _MAY_BE_THE_OTHER_CLASS)
    others = labels - textual - numbers - doubtful
    return textual | doubtful | frozenset(label for label in numbers if _is_no_code(as_number(label), others))


def _is_no_code(number: str, others: Collection[str]) -> bool:
    """Whether '-1' or '-100' cannot be one of the codes: the others are words, or all codes from 0 or 1 up."""
    codes = {as_number(label) for label in others}
    if not any(code.lstrip("-").isdecimal() for code in codes):
        return len(codes) != 1
    if not all(code.isdecimal() for code in codes):
        return False
    if number == "-100":
        return True
    n, values = len(codes), {int(code) for code in codes}
    return n >= _FEWEST_CODES and values in (set(range(n)), set(range(1, n + 1)))


def _is_none_in_scored(label: str) -> bool:
    plain = _plain(label)
    return plain in _NO_LABEL_ANYWHERE | _MAY_BE_THE_OTHER_CLASS | _SIGNS | _ONLY_WHERE_UNKNOWN or (
        as_number(label) in _NUMBERS
    )


def _plain(label: str) -> str:
    return " ".join(label.casefold().split())


def _is_sign(label: str) -> bool:
    return not any(character.isalnum() for character in label)


def _require_known(role: str, rows: CleanRows, known: Collection[str], spec: TaskSpec, data: str) -> None:
    """A scored file of which no label is known would score every arm 0."""
    seen = Counter(filter(None, rows.labels))
    if not seen or not seen.keys().isdisjoint(known):
        return
    values = [label for label, _ in seen.most_common()]
    says = "every labelled row says" if len(values) == 1 else "its labels are"
    path: Path | None = getattr(spec, role)
    raise InputError(
        f"no row has a label of {data} ({listed(sorted(known))}); {says} {listed(values)}",
        file=path or rows.name,
        column=spec.label,
        remedy=_remedy(role, values, sorted(known), spec),
    )


def _remedy(role: str, values: list[str], known: list[str], spec: TaskSpec) -> str:
    alike = WrittenAlike(known)
    same = [(value, known[place]) for value in values if (place := alike.find(value)) is not None]
    if same:
        return f"Write labels alike in both files: {same[0][0]!r} here is {same[0][1]!r} there."
    without = f"leave --{role} out: {command(spec, **{role: None})}"
    if all(_is_none_in_scored(value) for value in values) or len(values) == 1:
        kept_back = "Labels that are kept secret, as data hubs do for test files, can score nothing"
        return f"{kept_back}: label rows of it, or {without}"
    return f"Name the column that holds the same labels (--label), or {without}"


def _blanked(rows: CleanRows, none: Collection[str]) -> CleanRows:
    return replace(rows, labels=tuple("" if label in none else label for label in rows.labels)) if none else rows


def _notes(role: str, files: Mapping[str, CleanRows], none: frozenset[str], spec: TaskSpec) -> Iterator[Note]:
    rows = files[role]
    n = sum(label in none for label in rows.labels)
    were = "was" if n == 1 else "were"
    told = f"{counted(n, 'row')} of {rows.name}, labelled {listed(sorted(none))}, {were} taken as"
    why = "" if role == "data" else f", for no row of {files['data'].name} has such a label"
    otherwise = f"If it is a label, give it a name: {command(spec, label_names='FILE')}" if role == "data" else ""
    yield Note("placeholder_labels", f"{told} unlabelled{why}. {otherwise}".strip())


def _one_label(rows: CleanRows, known: Collection[str], data: str) -> Iterator[Note]:
    """All rows of a scored file have one label, as files with secret labels do that fill in the first one."""
    present: Iterable[str] = set(filter(None, rows.labels))
    if len(labels := sorted(present)) == 1 and len(known) > 1 and len(rows) > 1:
        yield Note(
            "one_scored_label",
            f"Every labelled row of {rows.name} has the label {listed(labels)}, and {data} has "
            f"{counted(len(known), 'label')}: is it a file whose labels are kept secret? Always answering that label "
            "would score 1.00.",
        )
