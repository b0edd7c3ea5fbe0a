"""A prompt as it was shown to a model, without the rows in it: for copies that others may see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from tuningfork.arms.prompt.wordings import Wording, wordings_of
from tuningfork.task.task_type import TASK_TYPES

THE_ROW = "[the row]"
NOT_SHOWN = "[prompt not shown: its rows cannot be told from its words]"
_TURN = re.compile(r"^\[(?:system|user|assistant)\]$", re.MULTILINE)
_LABEL = re.compile(r"^- (.+)$", re.MULTILINE)
_CAPTION = r"(?!- )[^\n:]{1,200}"
"""What a file calls a field; no line of a list of labels."""


def without_rows(prompt: str) -> str:
    """The instructions and labels of a prompt, each example as '[example, label LABEL]', and the row as '[the row]'.

    Args:
        prompt: as `Asker.prompt` writes it: turns under their roles in brackets.

    Everything from the first row on is left out, whatever it holds, so that no row can pass for something else; of the
    answers to examples those stay that the instructions list as labels. A prompt in another form is not shown at all.
    """
    first = min(_row_beginnings(prompt), default=None)
    if first is None or not prompt.startswith("["):
        return NOT_SHOWN
    instructions = prompt[:first].rstrip()
    if instructions.endswith("[user]"):
        instructions = instructions.removesuffix("[user]").rstrip()
    labels = {label for line in _LABEL.findall(instructions) for label in (line, line.partition(": ")[0])}
    answers = [turn.strip() for turn in _TURN.split(prompt[first:])[1::2]]
    examples = [f"[example, label {answer}]" if answer in labels else "[example]" for answer in answers]
    return "\n\n".join([instructions, *examples, THE_ROW])


def _row_beginnings(prompt: str) -> Iterator[int]:
    """Where the first row may begin: as rows that are one text do, of which older prompts had other instructions too,
    and as rows do whose type's instructions stand in it. One too many leaves out more, and never less."""
    for words, opens in _known():
        if all(part in prompt for part in words):
            found = opens.search(prompt, prompt.find(words[0]) if words else 0)
            if found is not None:
                yield found.start()


@cache
def _known() -> tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]:
    """Words of each instruction by which it is known, none where it need not be, and how its rows begin."""
    found = []
    for type_ in map(TASK_TYPES.get, TASK_TYPES.names()):
        optional = {field.name for field in type_.fields if field.is_optional}
        for wording in wordings_of(type_):
            words = () if type_.has_one_text else tuple(re.split(r"\{[^{}]+\}", wording.instruction))
            found.append((words, _opening(wording, optional)))
    return tuple(found)


def _opening(wording: Wording, optional: set[str]) -> re.Pattern[str]:
    """Lines with which a row may begin: the first one, and the next where rows may lack what the first one shows."""
    begins = []
    for line in wording.row.split("\n"):
        pieces = re.split(r"(\{[^{}]+\})", line)
        before = [_CAPTION if piece.startswith("{captions[") else re.escape(piece) for piece in _up_to_text(pieces)]
        begins.append("".join(before))
        if not any(f"{{{name}}}" in pieces for name in optional):
            break
    return re.compile(rf"^(?:{'|'.join(begins)})", re.MULTILINE)


def _up_to_text(pieces: list[str]) -> list[str]:
    """The pieces of a line before the first text of the row."""
    is_text = [piece.startswith("{") and not piece.startswith("{captions[") for piece in pieces]
    return pieces[: is_text.index(True)] if True in is_text else pieces
