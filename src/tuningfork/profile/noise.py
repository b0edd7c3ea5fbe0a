"""What typing, scraping and markup left in texts: in how many rows each was seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tuningfork.models.store import ModelStore
from tuningfork.profile.figures import Finding
from tuningfork.profile.misspellings import rows_with_misspellings
from tuningfork.profile.vocabulary import vocabulary_there

# Patterns have bounded repeats, so that their time is linear in the text's length.
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\ufe0f\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,15}(?:\s[^<>]{0,300})?/?>")
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{2,7}|#x[0-9A-Fa-f]{2,6});")
_MARKDOWN = re.compile(
    r"\*\*\S[^*\n]{0,200}\*\*|\[[^\]\n]{1,200}\]\([^)\s]{1,300}\)|^#{1,6} \S|^```|^\|.{0,200}\|$", re.MULTILINE
)
_LINK = re.compile(r"https?://\S|www\.\w", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w@.+/-])@\w")
_HASHTAG = re.compile(r"(?<![\w&/#])#[^\W\d_]\w")
_SMALL = re.compile(r"[a-z]+")
_TWO_WORDS = re.compile(r"[^\W\d_]{2}\W{1,10}[^\W\d_]{2}")
_STRETCHED = re.compile(r"([^\W\d_])\1\1")
_NOT_STRETCHED = re.compile(r"\bwww\b|\b[ivx]{3,9}\b", re.IGNORECASE)
_MARKS = re.compile(r"[!?]{2}|\.{4}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_BROKEN = re.compile("\ufffd|[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac[\u0090-\u009d\u02dc\u2122\u0153\u201c\u00a6]")
_SHOUTING_FROM = 0.7
_FEWEST_LETTERS = 8


def noise_in(texts: Sequence[str], *, store: ModelStore | None = None) -> tuple[Finding, ...]:
    """Kinds of noise and the rows that hold some, in a fixed order, none with no row.

    'emoji'; 'markup': HTML or XML tags and entities, and Markdown; 'link', 'mention' (@name), 'hashtag'; 'shouting':
    two words or more with 70 % of the letters capitals; 'stretched word': one letter three times (soooo);
    'repeated marks' (!!, ....); 'control character': also unseen ones that steer the reading direction;
    'broken character': U+FFFD, and UTF-8 that was read as a Western code page; 'non-ASCII'; and 'misspelling':
    probable ones (see `misspellings`).

    Args:
        store: where a starter's tokenizer may be, by default the user's own. Without one no misspellings are looked
            for, as there are no words to tell them from.
    """
    counts = {kind: sum(1 for text in texts if holds(text)) for kind, holds in _KINDS.items()}
    vocabulary = vocabulary_there(store or ModelStore())
    if vocabulary is not None:
        counts["misspelling"] = rows_with_misspellings(texts, vocabulary.words)
    return tuple(Finding(kind=kind, rows=rows) for kind, rows in counts.items() if rows)


def _has_markup(text: str) -> bool:
    return bool(_TAG.search(text) or _ENTITY.search(text) or _MARKDOWN.search(text))


def _shouts(text: str) -> bool:
    # Most texts are decided by what is left without small letters.
    left = _SMALL.sub("", text)
    if len(left) < _SHOUTING_FROM * len(text) or not _TWO_WORDS.search(text):
        return False
    letters = sum(map(str.isalpha, text))
    return letters >= _FEWEST_LETTERS and sum(map(str.isupper, left)) >= _SHOUTING_FROM * letters


def _is_stretched(text: str) -> bool:
    # Few texts have three equal letters at all, so most are decided by the first search.
    return bool(_STRETCHED.search(text)) and bool(_STRETCHED.search(_NOT_STRETCHED.sub(" ", text)))


def _seen(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


_KINDS: dict[str, Callable[[str], bool]] = {
    "emoji": lambda text: not text.isascii() and _EMOJI.search(text) is not None,
    "markup": _has_markup,
    "link": _seen(_LINK),
    "mention": lambda text: "@" in text and _MENTION.search(text) is not None,
    "hashtag": lambda text: "#" in text and _HASHTAG.search(text) is not None,
    "shouting": _shouts,
    "stretched word": _is_stretched,
    "repeated marks": _seen(_MARKS),
    "control character": _seen(_CONTROL),
    "broken character": lambda text: not text.isascii() and _BROKEN.search(text) is not None,
    "non-ASCII": lambda text: not text.isascii(),
}
