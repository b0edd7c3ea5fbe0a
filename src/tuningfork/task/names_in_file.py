"""Names of codes that a file brings itself: in its metadata, or in a column beside the codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tuningfork.task.label_names import is_code
from tuningfork.task.schema import Note
from tuningfork.task.table import Table
from tuningfork.task.wording import listed, quoted
from tuningfork.task.written_alike import folded

_ENDINGS = ("_text", "_name", "_names", "_str", "_string", "_title", "_label", "_word")
_STEMS = ("label", "category", "class", "intent", "topic", "target", "sentiment", "emotion")

Names = Mapping[str, str]
"""Code -> name."""


def name_columns(names: Sequence[str], label: str | None) -> list[str]:
    """Columns that may name what the codes of the label column mean, the likeliest first."""
    if label is None:
        return []
    stems = dict.fromkeys((folded(label), *_STEMS))
    likely = [f"{stem}{ending}" for stem in stems for ending in _ENDINGS]
    by_name = {folded(name): name for name in names if name != label}
    return [by_name[one] for one in likely if one in by_name]


def names_in(table: Table, label: str, columns: Sequence[str]) -> tuple[Names, tuple[Note, ...]]:
    """Names of all codes in the label column, and what is to be said of them; no names where the labels are words.

    Args:
        columns: those that may hold names.
    """
    codes = {value for value in map(str.strip, set(table.columns[label])) if value}
    if not codes or not all(is_code(code) for code in codes):
        return {}, ()
    told = table.found.label_names.get(label, {})
    names: Names = {code: told[code].strip() for code in codes if told.get(code, "").strip()}
    if _name_all(names, codes):
        return names, (_used("the file's metadata", names),)
    for column in columns:
        names, clash = _pairs(table, label, column)
        if clash:
            note = Note(
                "names_not_one_to_one",
                f"Column {quoted(column)} is not taken for the names of the codes in {quoted(label)}: {clash}.",
            )
            return {}, (note,)
        if _name_all(names, codes):
            return names, (_used(f"column {quoted(column)}", names),)
    return {}, ()


def _pairs(table: Table, label: str, column: str) -> tuple[Names, str]:
    """Code -> name, and what contradicts that they are one to one."""
    names: dict[str, str] = {}
    codes: dict[str, str] = {}
    pairs = set(zip(table.columns[label], table.columns[column], strict=True))
    for code, name in sorted((code.strip(), name.strip()) for code, name in pairs):
        if code and name:
            if names.setdefault(code, name) != name:
                return {}, f"{quoted(code)} is both {quoted(names[code])} and {quoted(name)}"
            if codes.setdefault(name, code) != code:
                return {}, f"{quoted(name)} is both {quoted(codes[name])} and {quoted(code)}"
    return names, ""


def _name_all(names: Names, codes: set[str]) -> bool:
    """Whether every code has a name of its own, and that is no code again."""
    return (
        set(names) == codes
        and len(set(names.values())) == len(codes)
        and not all(is_code(name) for name in names.values())
    )


def _used(where: str, names: Names) -> Note:
    shown = listed([f"{code} = {name}" for code, name in sorted(names.items())])
    return Note("names_from_file", f"Names of the labels come from {where}: {shown}.")
