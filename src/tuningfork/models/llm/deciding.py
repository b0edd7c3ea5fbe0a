"""Asking for no more of an answer than decides between the choices.

A server that is held to the choices writes a label token by token, each a pass through the model; most labels are
known after the first. So the answer is asked for as far as it is likely to decide, and, where it has not, asked for
again in full: the prompt is still in the server's memory then, so that asking again costs little more than the tokens.
What is read is the same either way, because the tokens before the cut are the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

_COST_OF_ASKING_AGAIN = 1.0
"""In tokens: the round trip, and the last token of the prompt once more."""


def deciding_tokens(choices: Sequence[Sequence[str]]) -> int | None:
    """After how many tokens to stop at first, so that all answers together take the fewest, choices equally likely.

    Args:
        choices: every choice as its tokens.

    Returns:
        None where asking for the whole answer at once is as good.
    """
    whole = sum(map(len, choices)) / len(choices) + 1
    names = sorted("".join(choice) for choice in choices)
    best, fewest = None, whole
    for stop in range(1, max(map(len, choices)) + 1):
        beginnings = ["".join(choice[:stop]) for choice in choices]
        open_share = sum(_is_open(beginning, names) for beginning in beginnings) / len(choices)
        taken = stop + open_share * (_COST_OF_ASKING_AGAIN + whole)
        if taken < fewest:
            best, fewest = stop, taken
    return best


def decided(text: str, choices: Sequence[str], *, finished: bool) -> str | None:
    """The choice that the text is the beginning of, where it is the only one.

    Args:
        text: the answer as far as it was written.
        finished: the model ended it there, so that a choice of exactly this text is meant.
    """
    if finished and text in choices:
        return text
    possible = [choice for choice in choices if choice.startswith(text)] if text else []
    return possible[0] if len(possible) == 1 else None


def _is_open(beginning: str, names: Sequence[str]) -> bool:
    """Whether more than one of the sorted names begins like this: they stand side by side."""
    first = bisect_left(names, beginning)
    return len(names) > first + 1 and names[first + 1].startswith(beginning)
