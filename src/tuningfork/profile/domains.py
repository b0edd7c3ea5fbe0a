"""Which reference domain the rows are nearest to: by embeddings of sentences that sound like it, and by marking words.

The embedding of a text is compared with the mean embedding of each domain's sentences, both seen from the middle of
all domains: what all texts have in common says nothing about any of them. Marking words (and forms, such as hashtags or
calls of functions) are counted beside, for an encoder may not know what a form says. The two must agree before the rows
are said to belong to a domain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuningfork.models.encoders.encoder import Encoder, Vectors
from tuningfork.profile.figures import Domain, Domains
from tuningfork.profile.references import DOMAIN_NAMES, References, references, words_of

MOST_ROWS = 5000
"""Rows looked at, taken evenly from the whole file: shares are then known to within 1.4 points (95 %)."""
_MOST_CHARACTERS = 2000
"""What is searched of a text for marking words."""
_WORDS_SHOWN = 6
_WEIGHT_OF_WORDS = 0.5
"""Of the part that a domain's words have among all marking words, beside a cosine: words are surer, and rarer."""
_CLEAR_LEAD = 0.05
_CLEAR_SHARE = 0.2
"""Of the rows: twice what ten domains would have by chance."""
_CLEAR_TIMES = 1.5
"""As many rows as the domain with the next most."""
_SURE = 1.96
"""Standard errors of the difference of two shares of the same rows."""
_CLEAR_WORDS = 0.05

Scores = NDArray[np.float64]
"""Shape (rows, domains), in the order of `DOMAIN_NAMES`."""


@dataclass(frozen=True, slots=True)
class _Marks:
    """Marking words in texts.

    Attributes:
        parts: of each row's marking words, the part that each domain has; shape (n, domains), a row sums to less
            than 1, the less the fewer there are.
        rows: by (domain, word), rows that hold it.
    """

    parts: Scores
    rows: Counter[tuple[int, str]]


def domains_of(texts: Sequence[str], vectors: Vectors, encoder: Encoder) -> Domains | None:
    """How near the rows are to each reference domain, and the one that they clearly belong to.

    Clearly: the domain leads by similarity, has a fifth of the rows and half as many again as any other, beyond
    chance, and its marking words are the most frequent ones too. Where any of that fails (few or mixed rows, another
    language, no domain of the ten), there is no nearest.

    Args:
        vectors: shape (n, d), the texts' vectors by `encoder`.
        encoder: embeds the domains' sentences.

    Returns:
        None where no row has a vector other than zero.
    """
    known = np.flatnonzero(np.any(vectors, axis=1))
    if not len(known):
        return None
    chosen = known[np.linspace(0, len(known) - 1, min(len(known), MOST_ROWS)).round().astype(np.intp)]
    marks = _marks_in([texts[i] for i in chosen], references())
    middle, directions = _directions(references(), encoder)
    sample = vectors[chosen].astype(np.float64)
    by_row = _unit(sample - middle) @ directions.T + _WEIGHT_OF_WORDS * marks.parts
    # The mean row is compared, not the mean of the rows' cosines: in it, what single short texts are about cancels out.
    words = marks.parts.mean(axis=0)
    similarity = _unit(sample.mean(axis=0) - middle) @ directions.T + _WEIGHT_OF_WORDS * words
    shares = np.bincount(by_row.argmax(axis=1), minlength=len(DOMAIN_NAMES)) / len(chosen)
    order = np.argsort(-similarity, kind="stable")
    return Domains(
        ranked=tuple(
            Domain(
                name=DOMAIN_NAMES[place],
                similarity=float(similarity[place]),
                share=float(shares[place]),
                words=_most_frequent(marks, int(place)),
            )
            for place in order
        ),
        nearest=_nearest(similarity, shares, words, len(chosen)),
    )


def _nearest(similarity: Scores, shares: Scores, words: Scores, rows: int) -> str | None:
    """The leader, if it leads clearly and by every measure."""
    second, first = np.argsort(similarity)[-2:]
    leads = similarity[first] - similarity[second] >= _CLEAR_LEAD
    next_most = np.delete(shares, first).max()
    by_chance = _SURE * np.sqrt((shares[first] + next_most) / rows)
    by_rows = shares[first] >= max(_CLEAR_SHARE, _CLEAR_TIMES * next_most, next_most + by_chance)
    by_words = words.argmax() == first and words[first] >= _CLEAR_WORDS
    return DOMAIN_NAMES[first] if leads and by_rows and by_words else None


def _directions(known: References, encoder: Encoder) -> tuple[Scores, Scores]:
    """The middle of all domains, shape (d,), and from there the unit direction to each, shape (domains, d)."""
    ends = np.cumsum([len(sentences) for sentences in known.sentences])[:-1]
    every = encoder.embed([sentence for sentences in known.sentences for sentence in sentences]).astype(np.float64)
    means = np.stack([part.mean(axis=0) for part in np.split(every, ends)])
    middle = means.mean(axis=0)
    return middle, _unit(means - middle)


def _marks_in(texts: Sequence[str], known: References) -> _Marks:
    counts = np.zeros((len(texts), len(DOMAIN_NAMES)))
    rows: Counter[tuple[int, str]] = Counter()
    for row, text in enumerate(texts):
        found = _found_in(text[:_MOST_CHARACTERS], known)
        rows.update(found.keys())
        for (domain, _), times in found.items():
            counts[row, domain] += times
    return _Marks(counts / (1 + counts.sum(axis=1, keepdims=True)), rows)


def _found_in(text: str, known: References) -> Counter[tuple[int, str]]:
    """How often each marking word and form stands in a text, by (domain, word)."""
    found = Counter((known.words[word], word) for word in words_of(text) if word in known.words)
    for pattern in known.patterns:
        times = sum(1 for _ in pattern.expression.finditer(text))
        if times:
            found[pattern.domain, pattern.name] = times
    return found


def _most_frequent(marks: _Marks, place: int) -> tuple[str, ...]:
    """The domain's marking words in most rows, most first."""
    held = sorted((-rows, word) for (domain, word), rows in marks.rows.items() if domain == place)
    return tuple(word for _, word in held[:_WORDS_SHOWN])


def _unit(vectors: Scores) -> Scores:
    length: Scores = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
