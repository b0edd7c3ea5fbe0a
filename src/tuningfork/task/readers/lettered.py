"""Answers to questions with choices: by the choice's text where rows share their choices, else by its letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tuningfork.task.readers.json_values import Number, Record, as_text, as_whole

NO_RESPONSE = "[no response]"
"""Stands for an empty answer: it is an answer, and wrong, where an empty field is a missing one."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LEAST_SHARED = 0.5
"""Share of the choices that more than one row must offer for them to be labels of a task."""


def letter(place: int) -> str:
    """'A' for the first choice; behind 'Z' stands '1', as inspect_ai writes it."""
    return _LETTERS[place] if place < len(_LETTERS) else str(place - len(_LETTERS) + 1)


def place_of(said: str, choices: int) -> int | None:
    """The place of the choice with this letter; None where it is none of so many."""
    number = as_whole(said)
    if number is None:
        place = _LETTERS.find(said) if len(said) == 1 else -1
    else:
        place = len(_LETTERS) + number - 1 if number else -1
    return place if 0 <= place < choices else None


def are_labels(choices: Sequence[Sequence[str]]) -> bool:
    """Whether the choices of all rows are the labels of one task, and no row offers the same one twice."""
    if not choices or any(len(set(one)) < len(one) or not all(one) for one in choices):
        return False
    offered = Counter(text for one in choices for text in one)
    shared = sum(count > 1 for count in offered.values())
    return shared >= _LEAST_SHARED * len(offered) or len(choices) == 1


def plain_fields(prefix: str, record: object) -> dict[str, str]:
    """The fields of an object that hold one value, by names with a prefix: none is taken for anything by its name."""
    if not isinstance(record, dict):
        return {}
    plain = (str, Number, bool, type(None))
    return {f"{prefix}.{name}": as_text(value) for name, value in record.items() if isinstance(value, plain)}


def object_at(record: Record, key: str) -> Record:
    """The object under a key; an empty one where there is none."""
    found = record.get(key)
    return found if isinstance(found, dict) else {}
