"""Which languages the texts are in, and which models do not know them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from tuningfork.profile.figures import Languages
from tuningfork.profile.language_names import language_name
from tuningfork.task.randomness import ROWS, random_order
from tuningfork.task.schema import Note

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

MOST_ROWS = 5000
"""Rows that are looked at: enough for every share to be within 1.5 points."""

_MOST_CHARACTERS = 1000
_SURE_FROM = 0.6
"""On real English and German sentences, queries and tweets this leaves out up to a tenth, and one in a thousand of the
rest is wrong."""

_FEWEST_TOLD = 0.2
_MOSTLY = 0.5
_WORTH_NAMING = 0.01
_NO_LANGUAGE = re.compile(r"https?://\S+|www\.\S+|@\w+|</?[A-Za-z][^<>]{0,300}>|&\w{2,8};|[#_\d]")


def languages_of(texts: Sequence[str], *, seed: int = 0) -> Languages:
    """Languages of the texts, told by py3langid, of those that have an ISO 639-1 code.

    Where there are more than `MOST_ROWS` texts, a random sample of them is looked at. Links, mentions, numbers and
    markup are left out of a text; one that is too short to be sure is not told.

    Args:
        seed: of the sample.
    """
    sample = [texts[row] for row in random_order(len(texts), seed, ROWS)[:MOST_ROWS]]
    told = Counter(code for code in map(_language_of, sample) if code is not None)
    n = told.total()
    ordered = sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))
    return Languages(
        shares=tuple((code, count / n) for code, count in ordered),
        looked_at=len(sample),
        told=n,
    )


def unknown_languages(languages: Languages, known: Mapping[str, Collection[str]]) -> tuple[Note, ...]:
    """A warning `language_mismatch` for models that do not know the language of most rows.

    Models that know the same are named in one. Nothing is said where fewer than a fifth of the rows could be told.

    Args:
        known: model -> the codes of all languages that it knows; a model of which that is not stated is not in it.
    """
    if not languages.told or languages.told < _FEWEST_TOLD * languages.looked_at:
        return ()
    foreign: dict[tuple[str, ...], list[str]] = {}
    for model, codes in known.items():
        if sum(share for code, share in languages.shares if code in codes) < _MOSTLY:
            foreign.setdefault(tuple(sorted(codes)), []).append(model)
    return tuple(Note("language_mismatch", _warning(languages, models, codes)) for codes, models in foreign.items())


def _warning(languages: Languages, models: Sequence[str], codes: Sequence[str]) -> str:
    main = [(code, share) for code, share in languages.shares if code not in codes][:2]
    told = " and ".join(f"{100 * share:.0f} % {language_name(code)}" for code, share in main if share >= _WORTH_NAMING)
    do, they_know = ("does", "it knows") if len(models) == 1 else ("do", "they know")
    return (
        f"The rows are mostly in a language that {_joined(models)} {do} not know ({told}; {they_know} "
        f"{_joined([language_name(code) for code in codes])}): expect less there, or name a model that knows it."
    )


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _language_of(text: str) -> str | None:
    words = _NO_LANGUAGE.sub(" ", text[:_MOST_CHARACTERS])
    if not any(map(str.isalpha, words)):
        return None
    code, confidence = _identifier().classify(words)
    return code if confidence >= _SURE_FROM else None


@cache
def _identifier() -> LanguageIdentifier:
    """The detector with its model, which takes most of a second to load."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in identifier.labels if len(code) == 2])
    return identifier
