"""From an LLM's answer to one of a row's options, strictly: by the letter, in any writing of it, or by the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tuningfork.arms.prompt.forms.parsing import (
    DENIAL,
    LONGEST_EXPLAINED,
    LONGEST_SENTENCE,
    SENTENCE_END,
    LabelParser,
)
from tuningfork.task.right_options import LETTERS
from tuningfork.task.written_alike import looks

_CALLED = r"(?:(?i:option|choice|letter)\b\s*:?\s*)?"
_LETTER = re.compile(rf"{_CALLED}[(\[]?\s*([A-Za-z])\s*[)\].:,]*")
"""An answer that is its letter: 'B', 'b.', '(B)', 'Option B:'."""

_WITH_TEXT = re.compile(
    rf"{_CALLED}(?:[(\[]\s*(?P<held>[A-Za-z])\s*[)\]][.:,]?|(?P<marked>[A-Za-z])\s*[).:,]|(?P<set_off>[A-Z])\s+-)"
    r"\s*(?P<rest>\S.*)",
    re.DOTALL,
)
"""A letter and its option's text, or the reason for it: 'B. a tundra', '(B) because …', 'B - a tundra'."""

_BESIDE_TEXT = re.compile(rf"{_CALLED}(?P<bare>[A-Z])\s+(?P<rest>\S.*)", re.DOTALL)
"""'B a tundra'; what stands behind the letter has to be its option's text."""

_SAID = re.compile(
    r".*?\b(?:answer|option|choice)\s+(?:is|would\s+be|must\s+be|should\s+be)\s*:?\s*(?P<answer>\S.*)", re.IGNORECASE
)
"""A line that says its answer: 'So the correct answer is (B).'"""

_STANDS_ALONE = re.compile(
    r"[(\[](?P<held>[A-Za-z])[)\]]|(?i:option|choice|letter)\s+(?P<called>[A-Za-z])(?![\w'’])"
    r"|(?:(?i:answer(?:\s+is)?):?\s+(?P<said>[A-Za-z])|(?<![\w'’.-])(?P<bare>[A-Z]))(?![\w'’-])(?=(?P<after>\s+[\w'’]+)?)"
)
_WORDS = "AaIi"
"""Letters that are words as well."""

_NO_ARTICLE = re.compile(r"\s+(?:(?i:is|because|as|since|fits|seems|would|or|and|nor)\b|[A-Z]\b)")
"""What stands behind an 'A' that is a letter."""

_BEYOND = -2
"""A letter that none of the options has."""


class OptionParser(LabelParser):
    """Reads answers against one row's options.

    A letter counts in whatever writing, alone, with its option's text or with a reason; so does the text of exactly one
    option. Two letters, a letter beyond the options, a letter beside the text of another option, and a denial are no
    answer.

    Args:
        options: the texts as shown to the model, lettered from A in this order; at least one.
    """

    def __init__(self, options: Sequence[str]) -> None:
        # The stop at the end of a sentence is said or left out.
        self._options = tuple(option.rstrip(" .") or option for option in options)
        super().__init__(self._options)

    def _label(self, text: str) -> int | None:
        alone = _LETTER.fullmatch(text.strip())
        if alone and (place := self._place(alone[1])) != _BEYOND:
            return place
        own = self._by_text(text)
        if own is not None or alone:
            return own
        for pattern in (_WITH_TEXT, _BESIDE_TEXT):
            found = pattern.fullmatch(text.strip())
            if found and self._says(found["rest"], self._place(_letter(found))):
                return self._place(_letter(found))
        return None

    def _leading(self, text: str) -> int | None:
        """The letter that an answer begins with, where what follows is its option's text or explains it."""
        if len(text) > LONGEST_EXPLAINED:
            return None
        plain = re.sub(r"[*`]+", "", looks(text)).strip()
        found = _WITH_TEXT.fullmatch(plain)
        # A small letter in front of a text that is none of the options is the text's own first word as often as not.
        if found is None or not _letter(found).isupper():
            return None
        place, rest = self._place(_letter(found)), found["rest"]
        begins = self._mention.match(rest)
        of_others = {self._by_text(one.group()) for one in self._mention.finditer(rest)} - {place}
        without = self._mention.sub("OPTION", rest)
        if place == _BEYOND or set(self._letters_in(without)) - {place}:
            return None
        if begins is not None and self._says(begins.group(), place):
            return place
        return None if of_others or DENIAL.search(without) else place

    def _explicit(self, text: str) -> int | None:
        found = super()._explicit(text)
        if found is not None:
            return found
        lines = [line for line in text.splitlines() if line.strip()]
        said = [self._answer_of(match["answer"].strip()) for line in lines if (match := _SAID.fullmatch(line.strip()))]
        closes = bool(lines) and _SAID.fullmatch(lines[-1].strip()) is not None
        return said[-1] if closes and len(set(said)) == 1 else None

    def _mentioned(self, line: str) -> int | None:
        """The one option that a short sentence names, by letter or by text."""
        if line.startswith(("{", "[")) or len(line) > self._longest + LONGEST_SENTENCE * 40:
            return None
        plain = looks(line)
        named = {self._by_text(match.group()) for match in self._mention.finditer(plain)}
        around = self._mention.sub("OPTION", plain)
        found = named | set(self._letters_in(around))
        is_short = len(around.split()) <= LONGEST_SENTENCE and not SENTENCE_END.search(around)
        if len(found) != 1 or not is_short or DENIAL.search(around):
            return None
        place = found.pop()
        return None if place == _BEYOND else place

    def _by_text(self, text: str) -> int | None:
        """The one option of this text."""
        place = super()._label(text)
        return None if place is None or self._options.count(self._options[place]) > 1 else place

    def _says(self, text: str, place: int) -> bool:
        """Whether a text is that of the option at this place, be it that of others too."""
        said = [super(OptionParser, self)._label(each) for each in (text, text.strip().rstrip("."))]
        return place != _BEYOND and any(
            found is not None and self._options[found] == self._options[place] for found in said
        )

    def _place(self, letter: str) -> int:
        place = LETTERS.index(letter.upper())
        return place if place < len(self._options) else _BEYOND

    def _letters_in(self, text: str) -> Iterator[int]:
        """Places of the letters that stand in a text as letters, and not as words."""
        for found in _STANDS_ALONE.finditer(text):
            letter, after = _letter(found), found["after"]
            may_be_word = found["held"] is None and found["called"] is None and letter in _WORDS
            is_word = may_be_word and after is not None and (letter in "Ii" or not _NO_ARTICLE.match(after))
            if not is_word:
                yield self._place(letter)


def _letter(found: re.Match[str]) -> str:
    """The letter, in whichever of a pattern's groups it stands."""
    groups = {name: text for name, text in found.groupdict().items() if name not in ("rest", "after")}
    return next(text for text in groups.values() if text)
