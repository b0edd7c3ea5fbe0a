"""Labels that a file writes as lists: a list of one is that label, and several labels are no one label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.command import command_with
from tuningfork.task.readers.json_values import as_text, parse
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.steps import Step, only, with_column
from tuningfork.task.table import Table
from tuningfork.task.wording import counted, quoted

Labels = tuple[str, ...]

_LIST = re.compile(r"\[.*\]|\(.*\)|\{.*\}|array\(\[.*\](?:, *dtype=\w+)?\)", re.DOTALL)
_ARRAY = re.compile(r"array\((\[.*\])(?:, *dtype=\w+)?\)", re.DOTALL)
_ITEM = re.compile(
    r"""\s*(?: '(?P<single>(?:[^'\\]|\\.)*)' | "(?P<double>(?:[^"\\]|\\.)*)" | (?P<number>[+-]?\d+(?:\.\d+)?) )\s*,?""",
    re.VERBOSE,
)
_NAMES = ("choices", "choice", "labels", "label", "category", "class", "intent", "answer", "name", "value")
_SPAN = ("start", "start_offset", "end_offset", "span")
_SEPARATORS = ("#", "|", ";", ",")
_IN_NAMES = ","
"""A separator that names hold too ('a, b'): every part has to be a label by itself."""
_KNOWN_ALONE = 0.5
_JOINT = " + "


def one_label_a_row(table: Table, label: str, spec: TaskSpec) -> Step:
    """Every row with its one label as plain text; rows with several are left out, or kept, as the task says.

    Raises:
        InputError: rows with several labels where the task does not say what is to be done; a nested value that is no
            list of labels.
    """
    fields = table.columns[label]
    read = _read_lists(table, label, set(fields))
    read |= _read_joined(set(fields) - set(read), read)
    if not read:
        return Step(table)
    several = [place for place, field in enumerate(fields) if len(read.get(field, ())) > 1]
    if several and spec.several_labels is None:
        raise _several(table, label, fields, several, spec)
    plain = {field: _JOINT.join(sorted(labels)) for field, labels in read.items()}
    table = with_column(table, label, [plain.get(field, field) for field in fields])
    if not several or spec.several_labels == "keep":
        return Step(table)
    unfit = set(several)
    message = f"{counted(len(several), 'row')} of {Path(table.source).name} with several labels: left out."
    note = Note("several_labels_left_out", message)
    kept = [place for place in range(len(fields)) if place not in unfit]
    return Step(only(table, kept), {"with several labels": len(several)}, (note,))


def _several(table: Table, label: str, fields: Sequence[str], several: Sequence[int], spec: TaskSpec) -> InputError:
    first = several[0]
    return InputError(
        f"{len(several)} of {counted(len(fields), 'row')} have several labels, here {quoted(fields[first])}; one label "
        "a row is what is decided",
        file=table.source,
        row=table.rows[first],
        column=label,
        remedy=f"Leave those rows out: {command_with(spec, '--several-labels drop')}; or take each combination for a "
        f"label of its own: {command_with(spec, '--several-labels keep')}.",
    )


def _read_lists(table: Table, label: str, fields: set[str]) -> dict[str, Labels]:
    """Fields that are written as lists -> their labels; a field that only looks like one is none."""
    found: dict[str, Labels] = {}
    for field in fields:
        bare = field.strip()
        if bare and bare[0] in "[({a" and _LIST.fullmatch(bare):
            labels = labels_in(bare)
            if labels is not None:
                found[field] = tuple(dict.fromkeys(one.strip() for one in labels if one.strip()))
            elif _is_nested(bare):
                raise _nested(table, label, field)
    return found


def labels_in(field: str) -> Sequence[str] | None:
    """The labels of a list as JSON, Python or NumPy write it, or under a key as labelling tools have it; None where it
    is none of these."""
    try:
        return _of_value(parse(field))
    except ValueError:
        pass
    array = _ARRAY.fullmatch(field)
    written = array[1] if array else field
    items = list(_items(written[1:-1].strip(), numbers=written[0] == "["))
    return None if None in items else [one for one in items if one is not None]


def _items(inner: str, *, numbers: bool) -> Iterator[str | None]:
    """Quoted strings, and numbers, between blanks and commas; None for anything else."""
    place = 0
    while place < len(inner):
        item = _ITEM.match(inner, place)
        if item is None or (item["number"] and not numbers):
            yield None
            return
        text = next(part for part in item.groups() if part is not None)
        yield re.sub(r"\\(.)", r"\1", text)
        place = item.end()


def _of_value(value: object) -> Sequence[str] | None:
    if isinstance(value, list):
        parts = [_of_value(one) if isinstance(one, dict) else _plain(one) for one in value]
        return None if None in parts else [label for part in parts for label in part or ()]
    if isinstance(value, dict):
        if any(key in value for key in _SPAN):
            return None
        key = next((name for name in _NAMES if name in value), None)
        inner = None if key is None else value[key]
        return _of_value(inner) if isinstance(inner, list | dict) else None if key is None else _plain(inner)
    return _plain(value)


def _plain(value: object) -> Sequence[str] | None:
    return None if isinstance(value, list | dict) else [as_text(value)]


def _is_nested(field: str) -> bool:
    try:
        return isinstance(parse(field), list | dict)
    except ValueError:
        return False


def _nested(table: Table, label: str, field: str) -> InputError:
    place = list(table.columns[label]).index(field)
    return InputError(
        f"holds a nested value that is no list of labels: {quoted(field)}",
        file=table.source,
        row=table.rows[place],
        column=label,
        remedy="Write one string there. Marks on parts of a text (spans, boxes) are no label of the whole text.",
    )


def _read_joined(plain: Collection[str], lists: Mapping[str, Labels]) -> dict[str, Labels]:
    """Labels joined by a separator ('account#refund') -> those labels, where the parts are labels of other rows too.

    A separator may as well be part of a label ('a, b'): so each part has to occur elsewhere, and most of them alone.
    """
    alone = {field.strip() for field in plain}
    alone |= {label for labels in lists.values() if len(labels) == 1 for label in labels}
    for separator in _SEPARATORS:
        joined = {
            field: tuple(part.strip() for part in field.split(separator)) for field in plain if separator in field
        }
        parts = Counter(part for field, labels in joined.items() for part in set(labels))
        known = [part for part in parts if part in alone]
        if (
            joined
            and "" not in parts
            and all(part in alone or (times > 1 and separator != _IN_NAMES) for part, times in parts.items())
            and len(known) >= _KNOWN_ALONE * len(parts)
        ):
            return {field: tuple(dict.fromkeys(labels)) for field, labels in joined.items()}
    return {}
