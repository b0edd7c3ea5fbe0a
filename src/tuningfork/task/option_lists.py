"""Lists of texts in one cell, as files write them: JSON, Python, NumPy, objects with letters, or parts between
separators."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from tuningfork.task.literals import written_value
from tuningfork.task.readers.json_values import as_text

_TEXTS = ("text", "texts", "choices", "choice", "options", "option", "answer", "value", "para")
_KEYS = ("label", "labels", "key", "letter", "id")
_OPENING = ("[", "(", "{", "array(")


@dataclass(frozen=True, slots=True)
class OptionList:
    """The texts of one cell.

    Attributes:
        texts: in their order; none where the cell is empty.
        keys: what the file calls each ('A', '1'); empty where it calls them nothing.
    """

    texts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str], keys: Iterable[str] = ()) -> Self:
        """The list of these texts; empty ones at its end fill up a table, and are none."""
        plain, named = [text.strip() for text in texts], [key.strip() for key in keys]
        while plain and not plain[-1]:
            plain.pop()
        named = named[: len(plain)]
        told = len(named) == len(plain) == len(set(named)) and all(named)
        return cls(tuple(plain), tuple(named) if told else ())

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def written(self) -> str:
        """As JSON that `option_list` reads again; '' for no text."""
        if not self.texts:
            return ""
        plain = list(self.texts)
        return json.dumps({"text": plain, "label": list(self.keys)} if self.keys else plain, ensure_ascii=False)


NOTHING = OptionList()


def option_list(cell: str, *, separator: str | None = None) -> OptionList | None:
    """The list that a cell holds; None where it holds none.

    JSON is read, and what Python and NumPy print of lists; an object of lists ('text' and 'label', as hubs have it), a
    list of objects with a text and a letter each, and an object of letters; with a separator, parts between it. An
    empty cell is an empty list.
    """
    bare = cell.strip()
    if not bare:
        return NOTHING
    found = _of_value(_value(bare)) if bare.startswith(_OPENING) else None
    if found is None and separator is not None and separator in cell:
        return OptionList.of(cell.split(separator))
    return found


def options_in(cell: str) -> OptionList:
    """The list of a cell that `OptionList.written` wrote."""
    return option_list(cell) or NOTHING


def _value(bare: str) -> object:
    try:
        return written_value(bare)
    except ValueError:
        return None


def _of_value(value: object) -> OptionList | None:
    if isinstance(value, list):
        objects = [one for one in value if isinstance(one, dict)]
        return _of_objects(objects) if objects and len(objects) == len(value) else _plain(value)
    if not isinstance(value, dict) or not value:
        return None
    texts = _first_list(value, _TEXTS)
    if texts is not None:
        return _plain(texts, _first_list(value, _KEYS) or ())
    return _plain(list(value.values()), list(value))


def _first_list(value: Mapping[str, object], keys: Iterable[str]) -> list[object] | None:
    for key in keys:
        found = value.get(key)
        if isinstance(found, list):
            return found
    return None


def _of_objects(values: Sequence[Mapping[str, object]]) -> OptionList | None:
    texts = [next((one[key] for key in _TEXTS if key in one), None) for one in values]
    keys = [next((one[key] for key in _KEYS if key in one), None) for one in values]
    return None if None in texts else _plain(texts, [] if None in keys else keys)


def _plain(texts: Sequence[object], keys: Sequence[object] = ()) -> OptionList | None:
    if any(isinstance(one, dict | list) for one in texts):
        return None
    return OptionList.of(map(as_text, texts), map(as_text, keys))
