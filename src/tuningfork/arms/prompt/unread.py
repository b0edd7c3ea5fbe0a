"""Answers that gave no label: the first of them, why, and what can be done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tuningfork.arms.results import LONGEST_QUOTE
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import TuningforkError
from tuningfork.models.llm.chat import Reply
from tuningfork.models.llm.habits import MOST_GROWN, MOST_ROOM
from tuningfork.models.llm.replies import BLOCKED, ROW_REFUSED, TOO_LONG, is_cut

_FEW_WORDS = 4
_MOST_SHOWN = 3
_MORE_ROOM = 4


class Kind(StrEnum):
    """How an answer without a label looks; one kind, one cause."""

    TOO_LONG = "too long"
    REFUSED = "refused"
    DECLINED = "declined"
    NO_ROOM = "no room"
    CUT_OFF = "cut off"
    ONLY_THOUGHT = "only thought"
    EMPTY = "empty"
    CALL = "call"
    MARKS = "marks"
    JSON = "json"
    OTHER_WORDS = "other words"
    PROSE = "prose"


def kind_of(reply: Reply) -> Kind:
    """Why a reply gives no label."""
    text, ended = reply.text.strip(), reply.finish_reason
    known = {TOO_LONG: Kind.TOO_LONG, ROW_REFUSED: Kind.REFUSED, BLOCKED: Kind.DECLINED}
    if ended in known:
        return known[ended]
    if reply.place == "refusal":
        return Kind.DECLINED
    if not text:
        if is_cut(ended):
            return Kind.NO_ROOM
        return Kind.ONLY_THOUGHT if reply.thought or reply.reasoning_tokens else Kind.EMPTY
    return _kind_of_text(text, reply)


def _kind_of_text(text: str, reply: Reply) -> Kind:
    if is_cut(reply.finish_reason):
        return Kind.CUT_OFF
    if reply.place == "tool call":
        return Kind.CALL
    if text.startswith(("{", "[{")):
        return Kind.JSON
    if text.startswith(("<", "[", "◁")) and not text.startswith("< "):
        return Kind.MARKS
    return Kind.OTHER_WORDS if len(text.split()) <= _FEW_WORDS else Kind.PROSE


@dataclass
class Unread:
    """Looks at what a trial's rows were answered.

    Args:
        spec: the arm, for the commands that remedies are.
        names: the labels, or letters, as shown to the model.
        takes: whether a spec is one that its server can do with.
        called: the word for one of `names`.

    Attributes:
        asked: rows answered so far.
        first: the first answer that gave no label, None while all gave one.
    """

    spec: ArmSpec
    names: Sequence[str]
    takes: Callable[[ArmSpec], bool]
    called: str = "label"
    asked: int = 0
    first: Reply | None = None
    _kinds: Counter[Kind] = field(default_factory=Counter)
    _firsts: dict[Kind, Reply] = field(default_factory=dict)
    _words: Counter[str] = field(default_factory=Counter)

    def look_at(self, replies: Sequence[Reply], read: Sequence[bool]) -> None:
        """Take replies into account, each with whether an answer was read in it."""
        self.asked += len(replies)
        for reply, is_read in zip(replies, read, strict=True):
            if is_read:
                continue
            kind = kind_of(reply)
            self.first = self.first or reply
            self._kinds[kind] += 1
            self._firsts.setdefault(kind, reply)
            if kind is Kind.OTHER_WORDS:
                self._words[reply.text.strip()] += 1

    def count(self, kind: Kind) -> int:
        """Answers of one kind."""
        return self._kinds[kind]

    def quote(self) -> str:
        """The first answer without a label, as it came; what the server said where it gave none."""
        said = "" if self.first is None else self.first.text.strip() or self.first.refused_because or ""
        return said[:LONGEST_QUOTE]

    def told(self, room: int) -> tuple[str, str]:
        """Cause and remedy of the most frequent kind, a sentence each.

        Args:
            room: most tokens that an answer was given.
        """
        kind, rows = self._kinds.most_common(1)[0]
        share = f"{rows:,} of {self.asked:,} answers"
        cause, remedy = getattr(self, f"_{kind.name.lower()}")(share, self._firsts[kind], room)
        return cause, remedy

    def more_room(self, room: int) -> str:
        """How to give hidden reasoning more room, or make it need less."""
        wider = self._arm(room=str(min(MOST_ROOM, max(MOST_GROWN, room) * _MORE_ROOM)))
        brief = ArmSpec.parse(self.spec.with_option("effort", "low"))
        less = f", or let it think less: {self._arm(effort='low')}" if self.takes(brief) else ""
        return f"Give it more room: {wider}{less}."

    def _arm(self, **options: str) -> str:
        """The spec with options, as the command line takes it."""
        spec = self.spec
        for name, value in options.items():
            spec = ArmSpec.parse(spec.with_option(name, value))
        return f"--arm '{spec.text}'"

    def _too_long(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        told = f"{share} are refusals of rows that do not fit ({first.refused_because})."
        return told, "Use a server with a larger context, or shorten these rows."

    def _refused(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        told = f"{share} are refusals of the server ({first.refused_because})."
        return told, "Look at these rows: what is in them that the server does not take?"

    def _declined(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        why = first.refused_because or first.text.strip()[:LONGEST_QUOTE] or "no reason given"
        told = f"{share} are refusals to answer ({why})."
        return told, "Use another model, or one without this filter."

    def _no_room(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        return f"{share} ended in hidden reasoning: the room of {room:,} tokens was used up.", self.more_room(room)

    def _cut_off(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        told = f"{share} were cut after {room:,} tokens, before a {self.called} was given."
        return told, self.more_room(room)

    def _only_thought(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        where = ", though the bill has hidden reasoning"
        if first.thought:
            where = f" and the text stands in the field for its thought ({_brief(first.thought)!r})"
        return (
            f"{share} are empty{where}.",
            "Serve the model with thinking turned off (vLLM: --default-chat-template-kwargs "
            "'{\"enable_thinking\": false}'; llama.cpp: --reasoning-budget 0), or without a parser of its reasoning.",
        )

    def _empty(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        return f"{share} are empty.", "Check that a chat model is served, with the chat template that belongs to it."

    def _call(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        told = f"{share} are calls of a function that nobody offered ({_brief(first.text)!r})."
        return told, "Serve the model without tool calls (vLLM: without --enable-auto-tool-choice)."

    def _marks(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        told = f"{share} are marks of a template with no {self.called} behind them ({_brief(first.text)!r})."
        return told, "Serve the model with the chat template, and the parser of reasoning, that belong to it."

    def _json(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        return f"{share} are JSON in which no field, or more than one, gives the {self.called}.", self._hold()

    def _other_words(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        given = ", ".join(repr(word[:40]) for word, _ in self._words.most_common(_MOST_SHOWN))
        labels = ", ".join(repr(name[:40]) for name in self.names[:_MOST_SHOWN])
        told = f"{share} are other words ({given}) than the {self.called}s ({labels})."
        renaming = "Show the model the names that it uses, with --label-names FILE. " if self.called == "label" else ""
        return told, f"{renaming}{self._hold()}"

    def _prose(self, share: str, first: Reply, room: int) -> tuple[str, str]:
        return f"{share} are prose that does not come down to one {self.called}.", self._hold()

    def _hold(self) -> str:
        """How answers are held to the labels."""
        reword = self._arm(wording="2" if self.spec.options.get("wording") != "2" else "3")
        if self.spec.url is None or "server" in self.spec.options:
            return f"Try another wording: {reword}."
        named = self._arm(server="vllm")
        return f"Name the kind of server, so that it is held to the {self.called}s: {named} (or llama.cpp, sglang)."


def takes(check: Callable[[ArmSpec], object]) -> Callable[[ArmSpec], bool]:
    """Whether a check lets a spec pass."""

    def passes(spec: ArmSpec) -> bool:
        try:
            check(spec)
        except TuningforkError:
            return False
        return True

    return passes


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
