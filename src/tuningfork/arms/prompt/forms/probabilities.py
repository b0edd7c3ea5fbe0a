"""Label probabilities from the candidates that a server names for each generated token.

The answer is a path through a tree of labels: while several labels begin like the text written so far, the next
token decides between them. At each such step the candidates that begin a label share the mass by their
probabilities, those that begin none (the model was kept from saying them) drop out; what the written token carries
goes on to the next step. So the result is what a server that may write nothing but labels would draw from. It works
on text, not on token numbers, and so for any tokenizer.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuningfork.models.llm.chat import TokenChoice

_WRAPPING = re.compile(r"\s*(?:```[\w+-]*\s*)?(?:\{\s*\"[^\"]*\"\s*:\s*)?[\s\"'`*_]*")
_ENDS = re.compile(r"[^\w-]")
"""What may stand behind a finished label: anything that is no part of a word."""

_PLAIN = str.maketrans(
    {**dict.fromkeys("_-\u2010\u2011\u2012\u2013\u2014\u00a0", " "), **dict.fromkeys("\u2018\u2019\u02bc", "'")}
)


@dataclass(frozen=True, slots=True)
class _Step:
    """One token of the label: what it wrote of it, and what else could have stood there (log-probabilities)."""

    written: str
    others: Mapping[str, float]
    log_probability: float | None


def label_probabilities(
    tokens: Sequence[TokenChoice] | None, names: Sequence[str], answered: int
) -> NDArray[np.float64] | None:
    """Shape (labels,), summing to 1: how likely each label was as the answer.

    A label that no candidate begins gets an equal part of the mass that the candidates leave, but at most half of
    the least of them: a token likelier than that one would have been named or written.

    Args:
        tokens: the answer's tokens; None where the server gives no log-probabilities.
        names: the labels as shown to the model.
        answered: index of the label that the answer was read as.

    Returns:
        None where there are no candidates, or where the label cannot be found in the tokens.
    """
    found = _found(tokens or (), names, answered)
    if found is None:
        return None
    steps, names = found
    shares = np.zeros(len(names))
    alive, mass, written = list(range(len(names))), 1.0, ""
    for step in steps:
        if len(alive) == 1:
            break
        ahead = _after(written, step.written, alive, names)
        weights, onward = _weigh(step, written, alive, ahead, names)
        total = sum(weights.values()) + onward
        if total <= 0:
            return None
        for label, weight in weights.items():
            shares[label] += mass * weight / total
        mass *= onward / total
        written += step.written
        alive = ahead or [answered]
    shares[alive[0] if len(alive) == 1 else answered] += mass
    return shares


def _found(
    tokens: Sequence[TokenChoice], names: Sequence[str], answered: int
) -> tuple[list[_Step], Sequence[str]] | None:
    """The tokens that write the label, and all labels in the writing in which it was found: as they are, without case,
    without what an eye passes over. A writing in which two labels are one says nothing of either."""
    for writing in (str, str.casefold, _plain):
        written = [writing(name) for name in names]
        if len(set(written)) < len(written):
            return None
        steps = _steps_of([_in(writing, token) for token in tokens], written[answered])
        if steps is not None:
            return steps, written
    return None


def _plain(text: str) -> str:
    """Characters in one way of composing them, what separates words as a blank, and nothing that is not seen; a text
    may be put together from plain parts."""
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    return "".join(character for character in apart if not "\ufe00" <= character <= "\ufe0f")


def _weigh(
    step: _Step, written: str, alive: Sequence[int], ahead: Sequence[int], names: Sequence[str]
) -> tuple[dict[int, float], float]:
    """What this step gives to labels off the path, and what goes on along it; not yet normalised."""
    weights: dict[int, float] = {}
    for text, log_probability in step.others.items():
        reached = _after(written, text, alive, names)
        for label in reached:
            weights[label] = weights.get(label, 0.0) + math.exp(log_probability) / len(reached)
    named = [math.exp(value) for value in step.others.values()]
    own = None if step.log_probability is None else math.exp(step.log_probability)
    unseen = max(0.0, 1.0 - sum(named) - (own or 0.0))
    silent = [label for label in alive if label not in weights and label not in ahead]
    least = min(named if own is None else [*named, own], default=unseen)
    part = min(unseen / max(1, len(silent) + (own is None)), least / 2)
    for label in silent:
        weights[label] = part
    return weights, part if own is None else own


def _after(written: str, token: str, alive: Sequence[int], names: Sequence[str]) -> list[int]:
    """Labels that are still possible after one more token: those that the text can become, else the one that it has
    become, with something behind it. A token without text is an end token: the label is finished.
    """
    if not token:
        return [label for label in alive if names[label] == written]
    text = written + token
    open_ = [label for label in alive if names[label].startswith(text)]
    if open_:
        return open_
    done = [label for label in alive if text.startswith(names[label]) and _ENDS.match(text[len(names[label]) :])]
    return [max(done, key=lambda label: len(names[label]))] if done else []


def _steps_of(tokens: Sequence[TokenChoice], name: str) -> list[_Step] | None:
    """The tokens that write the label, and the one behind it, which says whether a longer label was meant."""
    text = "".join(token.text for token in tokens)
    start = _start_of(text, name)
    if start is None or not any(token.candidates for token in tokens):
        return None
    return list(_steps(tokens, start, start + len(name)))


def _steps(tokens: Sequence[TokenChoice], start: int, end: int) -> Iterator[_Step]:
    place = 0
    for token in tokens:
        begin, place = place, place + len(token.text)
        if place <= start:
            continue
        if begin > end:
            return
        head = token.text[: max(0, start - begin)]
        others = {
            text[len(head) :]: value
            for text, value in token.candidates.items()
            if text != token.text and text.startswith(head)
        }
        yield _Step(token.text[len(head) :], others, token.candidates.get(token.text))


def _in(writing: Callable[[str], str], token: TokenChoice) -> TokenChoice:
    """The token in another writing; candidates that become one are added."""
    if writing is str:
        return token
    candidates: dict[str, float] = {}
    for text, value in token.candidates.items():
        written = writing(text)
        candidates[written] = float(np.logaddexp(candidates.get(written, -math.inf), value))
    return TokenChoice(writing(token.text), candidates)


def _start_of(text: str, name: str) -> int | None:
    """Where the label begins: behind the usual wrapping, else where it stands in a sentence. One that stands there
    twice is not found: the other may be a mention on the way to the answer."""
    wrapping = _WRAPPING.match(text)
    assert wrapping is not None, "the pattern matches the empty text"
    for start in range(wrapping.end(), -1, -1):
        if text.startswith(name, start):
            return start
    found = text.find(name)
    if found >= 0:
        return found if text.rfind(name) == found else None
    return wrapping.end() if _is_beginning(text[wrapping.end() :], of=name) else None


def _is_beginning(text: str, *, of: str) -> bool:
    """An answer may end where it has decided."""
    return bool(text) and of.startswith(text)
