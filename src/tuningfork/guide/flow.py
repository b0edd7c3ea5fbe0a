"""The decision flow: questions, what their answers lead to, and the checks that make it a flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from tuningfork.errors import UnknownName
from tuningfork.guide.evidence import key_points
from tuningfork.task.documents import Document, parse_document, read_document
from tuningfork.task.wording import near_names

Leaf = Literal["llm", "fine-tuned", "neither"]
YesNo = Literal["yes", "no"]

LEAVES: tuple[Leaf, ...] = get_args(Leaf)
LEAF_TITLES: Mapping[str, str] = {
    "llm": "Prompt an LLM",
    "fine-tuned": "Fine-tune a model",
    "neither": "Neither is known to fit",
    "open": "Open",
}
"""What a leaf says to do, for people."""

_DATA = "tuningfork.guide.data"


class _Schema(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Schema):
    """Where a flow comes from."""

    title: str
    year: int | None = None
    link: str | None = None


class Branch(_Schema):
    """What one answer leads to.

    Attributes:
        to: the name of a question, or a leaf.
        why: the reason for the leaf; for people.
    """

    to: str
    why: str | None = None

    @property
    def leaf(self) -> Leaf | None:
        """The leaf that the branch ends at, or None where it goes on to a question."""
        return next((leaf for leaf in LEAVES if leaf == self.to), None)


class Question(_Schema):
    """One question of a flow.

    Attributes:
        ask: the question in full.
        short: its words in a drawing.
        meaning: what is meant, for somebody who never read where the flow comes from.
        example_yes, example_no: one task on either side.
        key_points: ids of the key points behind it.
        if_yes, if_no: what the answers lead to.
    """

    ask: str
    short: str
    meaning: str
    example_yes: str
    example_no: str
    key_points: tuple[str, ...] = ()
    if_yes: Branch
    if_no: Branch

    def branch(self, choice: YesNo) -> Branch:
        """What an answer leads to."""
        return self.if_yes if choice == "yes" else self.if_no

    @property
    def branches(self) -> tuple[tuple[YesNo, Branch], ...]:
        """Both answers with what they lead to, yes first."""
        return ("yes", self.if_yes), ("no", self.if_no)


class Flow(_Schema):
    """A decision flow: from `start`, every walk ends at a leaf, and every question can be reached.

    Attributes:
        version: of the schema.
        name, title: for programs, for people.
        start: name of the first question.
        questions: by name, in the order in which a drawing shows them.
    """

    version: Literal[1]
    name: str
    title: str
    source: Source | None = None
    start: str
    questions: Mapping[str, Question] = Field(min_length=1)

    def question(self, name: str) -> Question:
        """A question by its name.

        Raises:
            UnknownName: this flow has no such question.
        """
        if name not in self.questions:
            raise UnknownName(f"question of the flow {self.name!r}", name, known=self.questions)
        return self.questions[name]

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Names of the questions from the start on, each after all questions that lead to it."""
        return tuple(_topological(self))

    def number(self, name: str) -> int:
        """The place of a question in `order`, from 1."""
        return self.order.index(name) + 1


def load_flow(path: Path | None = None) -> Flow:
    """The survey's flow, or another one from a YAML or JSON file.

    Raises:
        InputError: the file is no flow: a key that is unknown or missing, an answer that leads nowhere, a circle, a
            question that cannot be reached; file, line, key and remedy are told.
    """
    return _bundled() if path is None else checked(read_document(path))


@cache
def _bundled() -> Flow:
    return checked(parse_document(files(_DATA).joinpath("flow.yaml").read_text(encoding="utf-8"), "flow.yaml"))


def checked(document: Document) -> Flow:
    """The flow that a document holds, with every rule of a flow checked.

    Raises:
        InputError: as `load_flow`.
    """
    flow = document.as_model(Flow)
    _check_names(document, flow)
    _check_targets(document, flow)
    _check_no_circle(document, flow)
    _check_reachable(document, flow)
    return flow


def _check_names(document: Document, flow: Flow) -> None:
    for name, question in flow.questions.items():
        if name in LEAVES or name == "open":
            raise document.problem(("questions", name), "a question cannot have the name of a leaf", "Rename it.")
        if not name.replace("_", "").isalnum() or name != name.lower():
            remedy = "Use small letters, digits and _ so that `--answer NAME=yes` can be typed."
            raise document.problem(("questions", name), "is no name for a question", remedy)
        for key_point in question.key_points:
            if key_point not in key_points():
                problem = f"no key point {key_point!r}; {near_names(key_point, key_points())}"
                raise document.problem(("questions", name, "key_points"), problem)


def _check_targets(document: Document, flow: Flow) -> None:
    if flow.start not in flow.questions:
        raise document.problem(("start",), f"no question {flow.start!r}; {near_names(flow.start, flow.questions)}")
    for name, question in flow.questions.items():
        for choice, branch in question.branches:
            if branch.leaf is None and branch.to not in flow.questions:
                near = near_names(branch.to, [*flow.questions, *LEAVES])
                remedy = f"An answer leads to a question or to {', '.join(LEAVES)}."
                place = ("questions", name, f"if_{choice}", "to")
                raise document.problem(place, f"leads to {branch.to!r}, which is not there; {near}", remedy)


def _check_no_circle(document: Document, flow: Flow) -> None:
    """Follow every branch once; a question met again on the way to itself closes a circle."""
    finished: set[str] = set()
    way: list[str] = []
    pending: list[tuple[str, Iterator[str]]] = [(flow.start, _next(flow, flow.start))]
    way.append(flow.start)
    while pending:
        name, rest = pending[-1]
        target = next(rest, None)
        if target is None:
            finished.add(name)
            pending.pop()
            way.pop()
        elif target in way:
            circle = " -> ".join([*way[way.index(target) :], target])
            place = ("questions", name)
            raise document.problem(
                place, f"the answers go round in a circle: {circle}", "Let one of them end at a leaf."
            )
        elif target not in finished:
            pending.append((target, _next(flow, target)))
            way.append(target)


def _check_reachable(document: Document, flow: Flow) -> None:
    reached = set(_topological(flow))
    for name in flow.questions:
        if name not in reached:
            remedy = "Let an answer lead to it, or take it out."
            raise document.problem(("questions", name), "no walk from the start ever asks this", remedy)


def _next(flow: Flow, name: str) -> Iterator[str]:
    """Questions that follow a question."""
    return iter([branch.to for _, branch in flow.questions[name].branches if branch.leaf is None])


def _topological(flow: Flow) -> list[str]:
    """Questions in reach of the start, each after all that lead to it; ties in the file's order."""
    reached, pending = {flow.start}, [flow.start]
    while pending:
        for target in _next(flow, pending.pop()):
            if target not in reached:
                reached.add(target)
                pending.append(target)
    waiting = {name: {other for other in reached if name in _next(flow, other)} for name in reached}
    placed: list[str] = []
    while len(placed) < len(reached):
        ready = next(n for n in flow.questions if n in reached and n not in placed and waiting[n] <= set(placed))
        placed.append(ready)
    return placed
