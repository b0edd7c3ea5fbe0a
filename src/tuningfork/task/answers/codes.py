"""Which code stands for which label, where a file holds both or says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.answers.labels import NO_LABEL, LabelReader
from tuningfork.task.answers.sheet import Sheet
from tuningfork.task.label_names import read_label_names
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.wording import listed

_MOST_CODES = 2000


def codes_in_file(path: Path, reader: LabelReader, form: TextFormat) -> dict[str, str]:
    """Code -> label, from a file with the columns label,name whose one side is labels of the task.

    Raises:
        InputError: no readable file of label names, or neither side is labels of the task.
    """
    pairs = [(entry.label, entry.name) for entry in read_label_names(path, form)]
    turned = [(name, label) for label, name in pairs]
    by_name = sum(reader.find(name) != NO_LABEL for _, name in pairs)
    by_label = sum(reader.find(label) != NO_LABEL for label, _ in pairs)
    if not by_name and not by_label:
        raise InputError(
            f"names no label of this task: its columns hold {listed([label for label, _ in pairs], most=3)} and "
            f"{listed([name for _, name in pairs], most=3)}, the labels are {listed(reader.labels.values, most=3)}",
            file=path,
            remedy="One of its columns, label or name, has to hold labels as the rows have them.",
        )
    return dict(pairs if by_name >= by_label else turned)


def codes_beside(
    sheets: Sequence[Sheet], reader: LabelReader, wanted: Sequence[str], *, answer: tuple[Sheet, str]
) -> dict[str, str]:
    """Code -> label for answers that are none, from two columns of one file that say the same one for one: the one
    holds labels, the other holds every wanted answer. Empty where there are none, or several that differ.

    Args:
        wanted: the answers, blank ones left out.
        answer: where they stand: what a system answered says nothing of what its codes mean.
    """
    codes = set(wanted)
    if not codes or len(codes) > _MOST_CODES:
        return {}
    found = [pairs for sheet in sheets for pairs in _pairs(sheet, reader, codes, answer)]
    return found[0] if found and all(pairs == found[0] for pairs in found) else {}


def _pairs(sheet: Sheet, reader: LabelReader, codes: set[str], answer: tuple[Sheet, str]) -> list[dict[str, str]]:
    # What was said in full is the answer once more, where nothing had to be read out of it.
    given = answer[0].column(answer[1])
    columns = {
        name: fields
        for name in sheet.names
        if (sheet, name) != answer and (fields := sheet.readable(name)) is not None and fields != given
    }
    of_codes = [fields for fields in columns.values() if codes <= set(fields)]
    of_labels = [
        fields
        for fields in columns.values()
        if len(set(fields)) > 1 and all(reader.find(field) != NO_LABEL for field in set(fields) if field)
    ]
    return [
        {code: label for code, label in pairs if code}
        for coded in of_codes
        for named in of_labels
        if (pairs := _one_for_one(coded, named)) is not None
    ]


def _one_for_one(coded: Sequence[str], named: Sequence[str]) -> set[tuple[str, str]] | None:
    """The pairs of two columns, where each value of the one goes with one of the other, and some come twice."""
    pairs = {(code, label) for code, label in zip(coded, named, strict=True) if code and label}
    alone = {code for code, _ in pairs}, {label for _, label in pairs}
    return pairs if len(pairs) == len(alone[0]) == len(alone[1]) < len(coded) else None
