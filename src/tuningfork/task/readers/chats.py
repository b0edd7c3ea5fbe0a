"""Conversations as rows: what was said before the last answer is the text, that answer is the label."""

from __future__ import annotations

from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.readers.json_values import Record, as_text

Turns = list[tuple[str, str]]
"""(role, what it says)."""

_KEYS = ("messages", "conversations", "conversation", "contents", "dialog", "dialogue", "turns")
_ROLES = {"human": "user", "prompter": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
_UNSAID = ("system", "developer")


def chat_key(record: Record) -> str | None:
    """The key that holds a conversation: a list of objects with a role and what it says."""
    return next((key for key in _KEYS if _is_chat(record.get(key))), None)


def turns_of(path: Path, row: int, key: str, value: object) -> Turns:
    """The turns of one row, without those that tell the assistant what it is.

    Raises:
        InputError: no conversation of text.
    """
    if value is None or value == []:
        return []
    if not _is_chat(value):
        raise InputError(
            "holds no list of turns such as the rows above",
            file=path,
            row=row,
            column=key,
            remedy='Write [{"role": "user", "content": …}, {"role": "assistant", "content": …}] there.',
        )
    assert isinstance(value, list)
    told = [(_role(turn), _content(path, row, key, turn)) for turn in value]
    return [(role, text) for role, text in told if role not in _UNSAID]


def answer(turns: Turns) -> str:
    """The last turn where it is the assistant's; '' where the conversation has no answer yet."""
    return turns[-1][1] if turns and turns[-1][0] == "assistant" else ""


def question(turns: Turns) -> str:
    """All that was said before that answer; with several turns, each begins with its role."""
    before = _before(turns)
    if len(before) == 1:
        return before[0][1]
    return "\n".join(f"{role}: {text}" for role, text in before)


def has_history(turns: Turns) -> bool:
    """Whether more than one turn comes before the answer."""
    return len(_before(turns)) > 1


def plain_or_turns(path: Path, row: int, key: str, value: object) -> str:
    """A string, or what the turns of a list say.

    Raises:
        InputError: neither of them.
    """
    if not isinstance(value, list):
        return as_text(value)
    return question([(role, text) for role, text in turns_of(path, row, key, value)] + [("assistant", "")])


def _before(turns: Turns) -> Turns:
    return turns[:-1] if turns and turns[-1][0] == "assistant" else turns


def _is_chat(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, dict) and ("role" in turn or "from" in turn) for turn in value)
    )


def _role(turn: Record) -> str:
    given = as_text(turn.get("role", turn.get("from"))).strip().lower()
    return _ROLES.get(given, given)


def _arguments(calls: object) -> str:
    """What an assistant answers by calling a function: the arguments of its one call."""
    only = calls[0] if isinstance(calls, list) and len(calls) == 1 else None
    function = only.get("function") if isinstance(only, dict) else None
    return as_text(function.get("arguments")) if isinstance(function, dict) else ""


def _content(path: Path, row: int, key: str, turn: Record) -> str:
    content = next((turn[name] for name in ("content", "value", "text", "parts") if name in turn), None)
    if content is None and turn.get("tool_calls"):
        return _arguments(turn["tool_calls"])
    if isinstance(content, list):
        # Parts of several media, as newer APIs take them.
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        if all(isinstance(part, str) for part in parts):
            return "\n".join(map(as_text, parts))
    elif not isinstance(content, dict):
        return as_text(content)
    raise InputError("holds a turn that is no text", file=path, row=row, column=key, remedy="Write one string there.")
