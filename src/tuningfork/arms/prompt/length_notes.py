"""What a reader must know of rows that were too long for their server, and of room that was not enough."""

from __future__ import annotations

from collections.abc import Iterable

from tuningfork.arms.prompt.overlong import Overlong
from tuningfork.arms.prompt.rows import PromptRow
from tuningfork.arms.prompt.unread import Kind, Unread
from tuningfork.models.llm.chat import ChatModel
from tuningfork.task.schema import Note
from tuningfork.task.wording import counted

_LARGER = "give the server a larger context (Ollama: num_ctx; llama.cpp: --ctx-size; vLLM: --max-model-len)"


def length_notes(overlong: Overlong, unread: Unread, model: str, chat: ChatModel) -> list[Note]:
    """The notes of one trial."""
    who = f"{model} at {chat.host}"
    found = [*_cut_notes(overlong, unread, who, chat), *_refused_notes(overlong, who, chat)]
    rows = unread.count(Kind.NO_ROOM)
    if rows:
        ended = f"{rows:,} of {unread.asked:,} answers of {who} ended in hidden reasoning"
        message = f"{ended}: the room of {chat.widest:,} tokens was used up, and no answer was left."
        found.append(Note("no_room", f"{message} {unread.more_room(chat.widest)}"))
    return found


def told_lengths(overlong: Overlong, unread: Unread) -> tuple[str, str] | None:
    """Cause and remedy where cut prompts are why answers give no label; None where they are not."""
    if not overlong.still_cut:
        return None
    cause = f"The server cut the prompts of {_rows(overlong.still_cut)} without a word."
    return cause, f"Show fewer examples, {_fewer_shots(unread)}, or {_LARGER}."


def _cut_notes(overlong: Overlong, unread: Unread, who: str, chat: ChatModel) -> list[Note]:
    limit = chat.lengths.limit
    at = f"at {limit.tokens:,} tokens" if limit is not None else "at its limit"
    if overlong.still_cut:
        rows = _rows(overlong.still_cut)
        message = f"{who} cut the prompts of {rows} {at} without a word: they answer to a part of what was asked."
        return [Note("prompt_cut", f"{message} Show fewer examples, {_fewer_shots(unread)}, or {_LARGER}.")]
    if not overlong.cut:
        return []
    fewer = "" if overlong.fewest_shots is None else f" with as few as {counted(overlong.fewest_shots, 'example')}"
    rows = _rows(overlong.cut)
    message = f"{who} cuts prompts {at} without a word. {rows} that did not fit were asked so that they do{fewer}."
    return [Note("prompt_fitted", f"{message} To have all of every prompt, {_LARGER}.")]


def _refused_notes(overlong: Overlong, who: str, chat: ChatModel) -> list[Note]:
    found = []
    if overlong.refused:
        rows, said = _rows(overlong.refused), chat.lengths.said
        found.append(
            Note("row_too_long", f"{who} refused {rows} as too long ({said}). {_became(overlong)} Else {_LARGER}.")
        )
    if overlong.not_taken:
        rows = _rows(overlong.not_taken)
        found.append(Note("row_refused", f"{who} refused {rows} while it answered others; they count as no label."))
    return found


def _became(overlong: Overlong) -> str:
    """What became of the rows that were refused."""
    shortened, fewer = overlong.refused & overlong.without_middle, overlong.refused - overlong.without_middle
    parts = []
    if shortened - overlong.still_refused:
        parts.append(f"{_rows(shortened - overlong.still_refused)} without the middle of the text")
    if fewer - overlong.still_refused:
        parts.append(f"{_rows(fewer - overlong.still_refused)} with fewer examples")
    told = f"Asked again, it took {' and '.join(parts)}." if parts else "Asked again, it took none."
    lost = overlong.still_refused
    return f"{told} {_rows(lost)} it never took; no label was counted for them." if lost and parts else told


def _rows(askings: Iterable[PromptRow]) -> str:
    """How many rows these are; one that was asked with its options in several orders is one."""
    return counted(len({row.joined for row in askings}), "row")


def _fewer_shots(unread: Unread) -> str:
    shots = int(unread.spec.options.get("shots", "0"))
    if shots < 2:
        return "or shorter label descriptions"
    return f"--arm '{unread.spec.with_option('shots', str(shots // 2))}'"
