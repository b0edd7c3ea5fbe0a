"""From an LLM's answer to a label, strictly: a constraint may have been ignored, and a guess is no answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from tuningfork.arms.records import NO_LABEL

_LONGEST_SENTENCE = 12
"""Words of a short sentence, its label counted as one."""

_QUOTES = (
    ('"', '"'),
    ("'", "'"),
    ("“", "”"),
    ("‘", "’"),
    ("„", "“"),
    ("„", "”"),
    ("«", "»"),
    ("「", "」"),
    ("`", "`"),
)
_FENCE = re.compile(r"(`{3,})(?:[\w+-]*\n)?(.*?)\n?\1", re.DOTALL)
_BOLD = re.compile(r"(\*\*|__)(.+?)\1", re.DOTALL)
_DENIAL = re.compile(r"\b(?:not|no|never|neither|nor|cannot|without)\b|n[’']t\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?]\s+\S")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that set no blanks between words."""


class LabelParser:
    """Reads answers against one set of label names.

    An answer counts in this order: the whole of it, then its first line, each freed of its wrapping, must be a
    label; else it must be one short sentence that holds exactly one label and denies nothing. Everything else is
    no answer. Case does not matter unless two labels differ by nothing else.

    Args:
        names: the labels as shown to the model, at least one, all different.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._exact = {_tidy(name): index for index, name in enumerate(names)}
        self._folded = _unambiguous((_tidy(name).casefold(), index) for index, name in enumerate(names))
        longest_first = sorted(self._exact, key=len, reverse=True)
        self._mention = re.compile("|".join(_bounded(name) for name in longest_first), re.IGNORECASE)

    def parse(self, answer: str) -> int:
        """Index of the label that the answer gives, or NO_LABEL."""
        whole = answer.strip()
        first_line = whole.partition("\n")[0]
        for part in (whole, first_line):
            label = self._unwrapped(part)
            if label is not None:
                return label
        label = self._mentioned(first_line) if whole == first_line else None
        return NO_LABEL if label is None else label

    def _label(self, text: str) -> int | None:
        tidy = _tidy(text)
        exact = self._exact.get(tidy)
        return self._folded.get(tidy.casefold()) if exact is None else exact

    def _unwrapped(self, text: str) -> int | None:
        """The label that is left when one wrapping after the other is taken off."""
        label = self._label(text)
        while label is None:
            inner = _peel(text)
            if inner is None:
                return None
            text, label = inner, self._label(inner)
        return label

    def _mentioned(self, line: str) -> int | None:
        """The one label in a short sentence."""
        if line.startswith(("{", "[")):
            return None
        found = {self._label(match.group()) for match in self._mention.finditer(line)}
        around = self._mention.sub("LABEL", line)
        is_short = len(around.split()) <= _LONGEST_SENTENCE and not _SENTENCE_END.search(around)
        if len(found) != 1 or not is_short or _DENIAL.search(around):
            return None
        return found.pop()


def _peel(text: str) -> str | None:
    """The text without its outermost wrapping, or None where there is none."""
    text = text.strip()
    for pattern in (_FENCE, _BOLD):
        match = pattern.fullmatch(text)
        if match:
            return match.group(2)
    inner = _json_value(text)
    if inner is not None:
        return inner
    for opening, closing in _QUOTES:
        if len(text) > 2 and text.startswith(opening) and text.endswith(closing):
            return text[1:-1]
    return None


def _json_value(text: str) -> str | None:
    """What a JSON string, or an object with one plain value, holds."""
    if not text.startswith(("{", '"')):
        return None
    try:
        value = json.loads(text, parse_float=str, parse_int=str, strict=False)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        value = next(iter(value.values())) if len(value) == 1 else None
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else None


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _bounded(name: str) -> str:
    """A pattern for the name where it is no part of a longer word ('card' is not in 'card_arrival')."""
    before = r"(?<![\w-])" if _joins_words(name[:1]) else ""
    after = r"(?![\w-])" if _joins_words(name[-1:]) else ""
    return f"{before}{re.escape(name)}{after}"


def _joins_words(character: str) -> bool:
    return bool(re.match(r"\w", character)) and not _UNSPACED.match(character)


def _unambiguous(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    doubtful: set[str] = set()
    for key, index in pairs:
        if key in found:
            doubtful.add(key)
        found[key] = index
    return {key: index for key, index in found.items() if key not in doubtful}
