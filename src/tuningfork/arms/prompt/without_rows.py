"""A prompt as it was shown to a model, without the rows in it: for copies that others may see."""

from __future__ import annotations

import re

from tuningfork.arms.prompt.wordings import WORDINGS

THE_ROW = "[the row]"
NOT_SHOWN = "[prompt not shown: its rows cannot be told from its words]"
_TURN = re.compile(r"^\[(?:system|user|assistant)\]$", re.MULTILINE)
_LABEL = re.compile(r"^- (.+)$", re.MULTILINE)
_ROW_OPENS = [re.escape(wording.row.partition("{text}")[0]) for wording in WORDINGS]
_FIRST_ROW = re.compile(rf"^(?:{'|'.join(dict.fromkeys(_ROW_OPENS))})", re.MULTILINE)


def without_rows(prompt: str) -> str:
    """The instructions and labels of a prompt, each example as '[example, label LABEL]', and the row as '[the row]'.

    Args:
        prompt: as `Asker.prompt` writes it: turns under their roles in brackets.

    Everything from the first row on is left out, whatever it holds, so that no row can pass for something else; of the
    answers to examples those stay that the instructions list as labels. A prompt in another form is not shown at all.
    """
    first = _FIRST_ROW.search(prompt)
    if first is None or not prompt.startswith("["):
        return NOT_SHOWN
    instructions = prompt[: first.start()].rstrip()
    if instructions.endswith("[user]"):
        instructions = instructions.removesuffix("[user]").rstrip()
    labels = {label for line in _LABEL.findall(instructions) for label in (line, line.partition(": ")[0])}
    answers = [turn.strip() for turn in _TURN.split(prompt[first.start() :])[1::2]]
    examples = [f"[example, label {answer}]" if answer in labels else "[example]" for answer in answers]
    return "\n\n".join([instructions, *examples, THE_ROW])
