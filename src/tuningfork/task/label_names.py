"""Names for labels that look like codes: what an LLM and a reader see in place of '0' or 'B-17'."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from tuningfork.errors import InputError
from tuningfork.task.documents import read_yaml_file
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.readers.text_file import TextFormat, open_text
from tuningfork.task.reading import column_names, read_table
from tuningfork.task.schema import Note
from tuningfork.task.wording import counted, listed, near, near_names, quoted

_MAPPINGS = (".yaml", ".yml", ".json")
_HOW = "Columns label,name[,description], or a YAML or JSON mapping: label -> name or {name, description}."
_SHARE_OF_CODES = 0.1
_NEARLY = 0.8
_CODE = re.compile(
    r"""[+-]?\d+([.,]\d+)?                                        # 0, -1, 2.5
      | [a-z]                                                     # a single letter
      | [a-z]{1,3}[-_ .]?\d+                                      # B-17, c3
      | (label|class|category|cat|topic|intent|group|cluster|type)([-_ .]?\d+|[-_ .][a-z])  # LABEL_0, class b
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LabelName:
    """How one label is shown; `row` is where the file says so, where that is known."""

    label: str
    name: str
    description: str | None
    row: int | None = None


def label_space(values: Iterable[str], names: Sequence[LabelName] = (), *, file: Path | None = None) -> LabelSpace:
    """The label space of these values, in their order, with the names given to them. Names of further labels are passed
    over: a file may well name all labels of a system, and the rows have some of them.

    Raises:
        InputError: no label of the rows is named; a label that no row has is named where one that is nearly written so
            has no name; a label named twice, two labels of one name, an empty name.
    """
    ordered = sorted(set(values))
    given: dict[str, LabelName] = {}
    for entry in names:
        problem = _problem(entry, given)
        if problem:
            raise InputError(problem, file=file, row=entry.row, remedy=_HOW)
        given[entry.label] = entry
    _refuse_misspelt(ordered, given, file)
    labels = tuple(_label(value, given) for value in ordered)
    _refuse_shared_names(labels, file)
    return LabelSpace(labels)


def read_label_names(path: Path, form: TextFormat = TextFormat()) -> tuple[LabelName, ...]:
    """The names that a file gives: CSV, JSONL or Parquet with columns label, name and perhaps description, or a
    YAML or JSON mapping of label to name, or to name and description. Labels are strings as written ('1', 'no').

    Raises:
        InputError: the file cannot be read, or is none of these.
    """
    if path.suffix.lower() in _MAPPINGS:
        return tuple(_from_mapping(path, _read_mapping(path, form.encoding)))
    return tuple(_from_table(path, form))


def unused_names(values: Iterable[str], names: Sequence[LabelName], file: Path) -> Iterator[Note]:
    """A note on names of labels that no row has."""
    known = set(values)
    unused = [entry.label for entry in names if entry.label not in known]
    if unused:
        message = f"{file.name} names {counted(len(unused), 'label')} that no row has, and that no arm is told of"
        yield Note("unused_label_names", f"{message}: {listed(unused)}.")


def unnamed_labels(labels: LabelSpace) -> Iterator[Note]:
    """A note on labels that look like codes and have no other name: an LLM can only guess what they mean, and a trained
    model has no name to learn from.

    A code among many words may well be a word itself ('w2', a tax form), so it takes a tenth of the labels.
    """
    codes = [label.value for label in labels.labels if label.name == label.value and is_code(label.value)]
    if codes and len(codes) >= _SHARE_OF_CODES * len(labels):
        yield Note(
            "unnamed_labels",
            f"Labels that look like codes: {listed(codes)}. An LLM has to guess what they mean, and trained models "
            f"learn nothing from them; give them names with --label-names FILE.",
        )


def is_code(label: str) -> bool:
    """Whether a label looks like a code: '0', 'B-17', 'LABEL_2'."""
    return _CODE.fullmatch(label) is not None


def _label(value: str, given: Mapping[str, LabelName]) -> Label:
    entry = given.get(value)
    return Label(value, value) if entry is None else Label(value, entry.name, entry.description)


def _refuse_misspelt(values: Sequence[str], given: Mapping[str, LabelName], file: Path | None) -> None:
    """A name that was meant for a label of the rows is not passed over: none fits, or one fits nearly."""
    unused = [entry for entry in given.values() if entry.label not in set(values)]
    nameless = [value for value in values if value not in given]
    wrong = next((entry for entry in unused if _nearly(entry.label, nameless)), None)
    if wrong is None and unused and len(unused) == len(given):
        wrong = unused[0]
    if wrong is not None:
        hint = near_names(wrong.label, _nearly(wrong.label, nameless) or values)
        raise InputError(f"no row has the label {quoted(wrong.label)}; {hint}", file=file, row=wrong.row, remedy=_HOW)


def _nearly(label: str, values: Sequence[str]) -> list[str]:
    """Labels that are written almost so. Codes are told apart by little: '12' is not a slip for '112'."""
    words = [value for value in values if not _CODE.fullmatch(value)]
    return [] if _CODE.fullmatch(label) else near(label, words, least=_NEARLY)


def _problem(entry: LabelName, given: Mapping[str, LabelName]) -> str | None:
    if entry.label in given:
        return f"label {quoted(entry.label)} is named twice"
    if not entry.name:
        return f"label {quoted(entry.label)} has an empty name"
    if "\0" in entry.name or "\0" in (entry.description or ""):
        return f"the name of label {quoted(entry.label)} holds a NUL character"
    return None


def _refuse_shared_names(labels: Sequence[Label], file: Path | None) -> None:
    owner: dict[str, str] = {}
    for label in labels:
        other = owner.setdefault(label.name, label.value)
        if other != label.value:
            raise InputError(
                f"labels {quoted(other)} and {quoted(label.value)} would both be called {quoted(label.name)}",
                file=file,
                remedy="An answer has to mean one label; give them different names.",
            )


def _from_table(path: Path, form: TextFormat) -> Iterator[LabelName]:
    found = column_names(path, form)
    for column in ("label", "name"):
        if column not in found:
            raise InputError("no such column", file=path, column=column, remedy=_HOW)
    columns = [name for name in ("label", "name", "description") if name in found]
    table = read_table(path, columns, form)
    descriptions = table.columns.get("description", [""] * len(table))
    fields = zip(table.rows, table.columns["label"], table.columns["name"], descriptions, strict=True)
    for row, label, name, description in fields:
        yield LabelName(label.strip(), name.strip(), description.strip() or None, row)


def _read_mapping(path: Path, encoding: str) -> Mapping[object, object]:
    if path.suffix.lower() == ".json":
        found = _read_json(path, encoding)
    else:
        found = read_yaml_file(path, encoding, as_written=True, remedy=_HOW)
    if not isinstance(found, Mapping):
        raise InputError("is no mapping of labels to names", file=path, remedy=_HOW)
    return found


def _read_json(path: Path, encoding: str) -> object:
    with open_text(path, encoding, row_of=lambda text: text.count("\n") + 1) as file:
        text = file.read()
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError(f"is no valid JSON ({reason})", file=path, remedy=_HOW) from error


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice")
        found[key] = value
    return found


def _from_mapping(path: Path, mapping: Mapping[object, object]) -> Iterator[LabelName]:
    for label, given in mapping.items():
        parts = {"name": given} if isinstance(given, str) else given
        if not isinstance(label, str) or not _is_naming(parts):
            raise InputError(f"label {quoted(str(label))} has no name that can be read", file=path, remedy=_HOW)
        description = str(parts.get("description") or "").strip()
        yield LabelName(label.strip(), parts["name"].strip(), description or None)


def _is_naming(parts: object) -> TypeGuard[Mapping[str, str]]:
    return (
        isinstance(parts, Mapping)
        and isinstance(parts.get("name"), str)
        and set(parts) <= {"name", "description"}
        and all(isinstance(value, str | None) for value in parts.values())
    )
