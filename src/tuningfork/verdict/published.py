"""A verdict as others may see it: every figure and sentence, and nothing of the rows or of this machine's folders.

Rows are often somebody else's, under terms that let one use them and not hand them on. What a verdict holds of them is
taken out: examples in prompts, and what was said or quoted of single rows. Doing so twice changes nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from tuningfork.arms.prompt.without_rows import NOT_SHOWN, THE_ROW, without_rows
from tuningfork.arms.results import UNREAD
from tuningfork.task.wording import quoted
from tuningfork.verdict.unread import first_answer
from tuningfork.verdict.verdict_json import ArmRow, VerdictRecord

_PROMPT = "prompt"
_SAID_OF_ROWS = frozenset({UNREAD, "an answer that is no label"})
"""Details of an arm that hold what a model said, which may be the row itself."""
_WORDS = ("cause", "remedy")
_LONGEST_QUOTE = 24
"""Characters of several words that may stand in quotes and be no label; a single word, which names a label, a column or
a file, may be longer."""
_QUOTE = re.compile(r"(?<!\w)'(?:[^'\\\n]|\\.)*'(?!\w)|(?<!\w)\"(?:[^\"\\\n]|\\.)*\"(?!\w)")
_FOLDERS = re.compile(r"(?<![\w/~.])(?:[A-Za-z]:|~)?[/\\](?![/\\\s])(?:[^\s/\\'\"?&]+[/\\])*(?=[^\s/\\'\"?&])")


def published(record: VerdictRecord, *, labels: Collection[str] = ()) -> VerdictRecord:
    """The same verdict for others' eyes.

    Args:
        labels: of the task, which may be quoted however long they are.
    """
    said = [first_answer(row.not_read) for row in record.arms if row.not_read is not None]
    arms = tuple(_arm(row) for row in record.arms)
    names = frozenset((*labels, *(row.arm for row in record.arms)))

    def clean(sentence: str) -> str:
        for answer in filter(None, said):
            sentence = sentence.replace(f" {answer}", "")
        return published_sentence(sentence, names=names)

    told = _each_string(record.model_copy(update={"arms": arms}).model_dump(mode="json"), _without_folders)
    told["reason"], told["next_step"] = clean(told["reason"]), told["next_step"] and clean(told["next_step"])
    told["flips"] = [clean(flip) for flip in told["flips"]]
    for caution in told["warnings"]:
        caution["message"] = clean(caution["message"])
    for arm in told["arms"]:
        arm["failure"] = arm["failure"] and clean(arm["failure"])
        if arm["not_read"] is not None:
            arm["not_read"] |= {part: clean(words) for part in _WORDS if (words := arm["not_read"][part])}
    return VerdictRecord.model_validate(told)


def published_sentence(sentence: str, *, names: Collection[str] = ()) -> str:
    """A sentence without folders, and without long quotes that are none of these names: such are of rows, or of what
    was said of them.

    Args:
        names: labels, and arms as they are typed.
    """
    known = {quoted(_without_folders(name)) for name in names} | {f"'{_without_folders(name)}'" for name in names}

    def shown(match: re.Match[str]) -> str:
        quote = match[0]
        is_name = quote in known or " " not in quote or len(quote) - 2 <= _LONGEST_QUOTE
        return quote if is_name else f"{quote[0]}…{quote[0]}"

    return _QUOTE.sub(shown, _without_folders(sentence))


def _arm(row: ArmRow) -> ArmRow:
    details = tuple(
        (name, _prompt(value) if name == _PROMPT else value) for name, value in row.details if name not in _SAID_OF_ROWS
    )
    not_read = row.not_read and row.not_read.model_copy(update={"answer": None})
    return row.model_copy(update={"details": details, "not_read": not_read})


def _prompt(value: str) -> str:
    return value if value.endswith(THE_ROW) or value == NOT_SHOWN else without_rows(value)


def _without_folders(text: str) -> str:
    """Names of files without the folders that they lie in, where these are told from the root or from home."""
    return _FOLDERS.sub("", text)


def _each_string(value: Any, change: Callable[[str], str]) -> Any:
    """The same plain data with every string in it changed, names of fields and arms included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): _each_string(item, change) for key, item in value.items()}
    return [_each_string(item, change) for item in value] if isinstance(value, list) else value
