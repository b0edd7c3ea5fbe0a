"""Asks the flow's questions on a terminal, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tuningfork.guide.answers import Answer, merge, replies
from tuningfork.guide.flow import LEAF_TITLES, Flow
from tuningfork.guide.walk import Reply, walk
from tuningfork.report.text import one_line

_WORDS: dict[str, Reply] = {
    **dict.fromkeys(("y", "yes"), "yes"),
    **dict.fromkeys(("n", "no"), "no"),
    **dict.fromkeys(("u", "unknown", "?", ""), "unknown"),
}
_HOW = "yes, no, unknown (or Enter), back, quit"


def ask_all(flow: Flow, known: Mapping[str, Answer], read: Callable[[], str], console: Console) -> dict[str, Answer]:
    """A person's answers to every question that still matters.

    The most telling question is asked first; in the survey's flow that is its own order. What is known
    already is not asked. 'back' takes the last answer back, 'quit' leaves, with the command that goes on from there.

    Raises:
        typer.Exit: the person quits.
    """
    console.print(Text(f"{flow.title} Answer {_HOW}.", style="dim"))
    given: dict[str, Answer] = {}
    while (name := _next_question(flow, given, known)) is not None:
        _show(flow, name, console)
        word = _word(read, console)
        if word == "quit":
            _leave(given, console)
        elif word == "back":
            if given:
                given.popitem()
            else:
                console.print("This is the first question.")
        else:
            given[name] = Answer(_WORDS[word])
    return given


def _next_question(flow: Flow, given: Mapping[str, Answer], known: Mapping[str, Answer]) -> str | None:
    """The most telling open question that was not asked yet, or None when the rest cannot change the leaf."""
    answers, _ = merge(given, known)
    walked = walk(flow, replies(answers, flow))
    return next((name for name in walked.open_questions if name not in given), None)


def _show(flow: Flow, name: str, console: Console) -> None:
    question = flow.questions[name]
    console.print()
    console.print(Text.assemble((one_line(question.ask), "bold"), (f"  {name}", "dim")))
    console.print(Padding(Text(one_line(question.meaning)), (0, 0, 0, 3)))
    for choice, branch in question.branches:
        example = question.example_yes if choice == "yes" else question.example_no
        leads = "the next question" if branch.leaf is None else LEAF_TITLES[branch.leaf]
        line = Text.assemble((f"{choice:<4}", "bold"), one_line(example), (f"  -> {leads}", "dim"))
        console.print(Padding(line, (0, 0, 0, 3)))


def _word(read: Callable[[], str], console: Console) -> str:
    """One of the words that may be typed."""
    while True:
        try:
            word = read().strip().lower()
        except EOFError:
            return "quit"
        if word in _WORDS:
            return word
        if word in ("b", "back"):
            return "back"
        if word in ("q", "quit", "exit"):
            return "quit"
        console.print(f"Type {_HOW}.")


def _leave(given: Mapping[str, Answer], console: Console) -> None:
    if given:
        typed = " ".join(f"--answer {name}={answer.reply}" for name, answer in given.items())
        console.print(f"Left. To go on from here: tuningfork advise {typed}", markup=False, soft_wrap=True)
    raise typer.Exit(0)
