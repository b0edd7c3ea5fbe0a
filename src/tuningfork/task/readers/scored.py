"""What an evaluation harness says of its own answers: which are right, by a score of its task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.readers.pick import Pick, only_one
from tuningfork.task.wording import listed

RIGHT, WRONG = "right", "wrong"
SCORE = "score"
"""The column that says one of the two of each answer."""
NO_ANSWER = None
"""Stands for the score of an answer that is missing."""

_RIGHT = dict.fromkeys(("1.0", "1", "true", "True", "C"), True)
_WRONG = dict.fromkeys(("0.0", "0", "false", "False", "I", "N"), False)
_WRITTEN = _RIGHT | _WRONG
"""Numbers and truth values as both harnesses write them; correct, incorrect and no answer, as inspect_ai does."""


class Unanswerable(InputError):
    """What a file's answers are cannot be told as labels, though its harness may have scored them."""


def score_columns(scores: Mapping[str, Sequence[str | None]]) -> dict[str, list[str]]:
    """A column 'score.NAME' for each score that says of every answer whether it is right."""
    return {f"{SCORE}.{name}": _said(written) for name, written in scores.items() if _other(written) is None}


def is_right(written: str) -> bool | None:
    """Whether an answer is right by its score; None for a score that says neither."""
    return _WRITTEN.get(written)


def right_or_wrong(
    path: Path, scores: Mapping[str, Sequence[str | None]], rows: Sequence[int], pick: Pick
) -> tuple[str, list[str]]:
    """The score that is meant, and what it says of each answer: RIGHT, WRONG, or '' where there is none.

    Args:
        scores: name -> what is written of each answer, NO_ANSWER where it is missing.
        rows: of the answers, for messages.

    Raises:
        Undecided: several scores say of every answer whether it is right, and none was named.
        UnknownName: no such score.
        InputError: no score says that of every answer.
    """
    plain = [name for name, written in scores.items() if _other(written) is None]
    asked = pick.score
    if asked is not None and asked in scores and asked not in plain:
        place = _other(scores[asked]) or 0
        raise InputError(
            f"the score {asked!r} is {scores[asked][place] or 'missing'} here, and what is compared is right or wrong",
            file=path,
            row=rows[place],
            remedy=f"Name another score: {listed(plain)}." if plain else "A score in degrees cannot be compared yet.",
        )
    if not plain:
        there = f": its scores are {listed(list(scores))}" if scores else ""
        raise InputError(
            f"no score says of each answer whether it is right{there}",
            file=path,
            remedy="Name a task whose score is 1 or 0, such as acc or exact_match.",
        )
    name = only_one(path, "score", plain, pick)
    return name, _said(scores[name])


def _said(written: Sequence[str | None]) -> list[str]:
    return ["" if one is NO_ANSWER else RIGHT if is_right(one) else WRONG for one in written]


def _other(written: Sequence[str | None]) -> int | None:
    """The place of the first answer that is there and neither right nor wrong."""
    return next((at for at, one in enumerate(written) if one is not NO_ANSWER and is_right(one) is None), None)
