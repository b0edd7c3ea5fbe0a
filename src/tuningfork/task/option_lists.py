"""Lists of texts in one cell, as files write them: JSON, Python, objects with letters, or parts between separators."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from tuningfork.task.readers.json_values import as_text, parse
from tuningfork.task.several import labels_in

_TEXTS = ("text", "texts", "choice", "option", "answer", "value", "para")
_KEYS = ("label", "labels", "key", "letter", "id")


@dataclass(frozen=True, slots=True)
class OptionList:
    """The texts of one cell.

    Attributes:
        texts: two or more, in their order.
        keys: what the file calls each ('A', '1'); empty where it calls them nothing.
    """

    texts: tuple[str, ...]
    keys: tuple[str, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str], keys: Iterable[str] = ()) -> Self:
        """The list of these texts; empty ones at its end fill up a table, and are none."""
        plain, named = [text.strip() for text in texts], [key.strip() for key in keys]
        while plain and not plain[-1]:
            plain.pop()
        named = named[: len(plain)]
        told = len(named) == len(plain) == len(set(named))
        return cls(tuple(plain), tuple(named) if told else ())

    @property
    def written(self) -> str:
        """As JSON that `option_list` reads again."""
        plain = list(self.texts)
        return json.dumps({"text": plain, "label": list(self.keys)} if self.keys else plain, ensure_ascii=False)


def option_list(cell: str, *, separator: str | None = None) -> OptionList | None:
    """The list that a cell holds; None where it holds none.

    JSON and Python lists are read, an object of lists ('text' and 'label', as hubs have it), a list of objects with a
    text and a letter each, and an object of letters; with a separator, parts between it.
    """
    bare = cell.strip()
    try:
        found = _of_value(parse(bare))
    except ValueError:
        written = labels_in(bare) if bare[:1] in {"[", "(", "a"} else None
        found = None if written is None else OptionList.of(written)
    if found is None and separator:
        return OptionList.of(cell.split(separator)) if separator in cell else None
    return found


def _of_value(value: object) -> OptionList | None:
    if isinstance(value, list):
        objects = [one for one in value if isinstance(one, dict)]
        return _of_objects(objects) if objects and len(objects) == len(value) else _plain(value)
    if not isinstance(value, dict) or not value:
        return None
    texts = next((value[key] for key in _TEXTS if isinstance(value.get(key), list)), None)
    if texts is not None:
        return _plain(texts, next((value[key] for key in _KEYS if isinstance(value.get(key), list)), []))
    return _plain(list(value.values()), list(value))


def _of_objects(values: Sequence[Mapping[str, object]]) -> OptionList | None:
    texts = [next((one[key] for key in _TEXTS if key in one), None) for one in values]
    keys = [next((one[key] for key in _KEYS if key in one), None) for one in values]
    return None if None in texts else _plain(texts, [] if None in keys else keys)


def _plain(texts: Sequence[object], keys: Sequence[object] = ()) -> OptionList | None:
    if any(isinstance(one, dict | list) for one in texts):
        return None
    return OptionList.of(map(as_text, texts), map(as_text, keys))
