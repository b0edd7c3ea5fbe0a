"""When a text is a label but for its writing: case, blanks, look-alike characters, separators, codes turned floats.

One rule for answers of LLMs, for files of answers and for labels that a reader cannot tell apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

_TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2044\u2215", "/"),
    }
)
_UNSEEN_CATEGORIES = ("Cf", "Cc")
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x180B, 0x180E))
_BETWEEN_WORDS = re.compile(r"(?<=[^\W_])[\s_\-]+(?=[^\W\d_])|(?<=[^\W\d_])[\s_\-]+(?=[^\W_])")
_WHOLE_NUMBER = re.compile(r"([+-]?)0*(\d+)(?:[.,]0+)?")


def looks(text: str) -> str:
    """The text as a reader sees it: one way of composing characters, plain quotes and dashes, single blanks, and
    nothing that is not seen (variation selectors, joiners, marks of direction)."""
    if text.isascii():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHIC))
    return " ".join("".join(filter(_is_seen, composed)).split())


def folded(text: str) -> str:
    """The same without case: labels that share it differ in nothing that one would say aloud."""
    return unicodedata.normalize("NFKC", looks(text).casefold())


def joined(text: str) -> str:
    """The same without what separates words: 'refund_request', 'Refund-Request' and 'refund request' are one. Signs of
    numbers ('-1') and what stands between digits are no separators."""
    return _BETWEEN_WORDS.sub("", folded(text))


def as_number(text: str) -> str:
    """A whole number in its shortest writing: '2' for '2.0', '02' and '+2'; any other text `joined`."""
    found = _WHOLE_NUMBER.fullmatch(folded(text))
    if found is None:
        return joined(text)
    return f"-{found[2]}" if found[1] == "-" and found[2] != "0" else found[2]


_WRITINGS: tuple[Callable[[str], str], ...] = (str.strip, looks, folded, joined, as_number)
"""From the strictest to the loosest; each takes together at least what the one before it does."""


class WrittenAlike:
    """Finds the label that a text is, however it is written.

    The strictest writing that finds one decides; two labels that a looser writing would take together are told apart
    by it no more, so it finds neither of them.

    Args:
        labels: any number of labels, in an order that gives them their numbers; where one stands there twice, the
            first counts.
    """

    def __init__(self, labels: Iterable[str]) -> None:
        given = list(labels)
        self._found_by = [(writing, _numbers(given, writing)) for writing in _WRITINGS]
        self._known: dict[str, int | None] = {}

    def find(self, text: str) -> int | None:
        """Number of the label that `text` is, or None where it is none of them."""
        if text not in self._known:
            self._known[text] = self._look_up(text)
        return self._known[text]

    def _look_up(self, text: str) -> int | None:
        for writing, numbers in self._found_by:
            written = writing(text)
            if written in numbers:
                return numbers[written]
        return None


def _numbers(labels: list[str], writing: Callable[[str], str]) -> dict[str, int | None]:
    """Number by writing; None for one that different labels share."""
    numbers: dict[str, int | None] = {}
    for number, label in enumerate(labels):
        written = writing(label)
        known = numbers.setdefault(written, number)
        if known is not None and labels[known] != label:
            numbers[written] = None
    return {written: number for written, number in numbers.items() if written}


def _is_seen(character: str) -> bool:
    if character.isspace():
        return True
    code = ord(character)
    return unicodedata.category(character) not in _UNSEEN_CATEGORIES and not any(
        code in selectors for selectors in _VARIATION_SELECTORS
    )
