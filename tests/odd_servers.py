"""Servers on loopback that know the right label, and say it in ways of their own.

    with OddServer(gold, lambda label, asked: said(reasoning_content=label)) as server:
        ...

A shape gives the response's fields from the label and the request; `said` makes the usual ones.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from llm_servers import Answered, Asked, Rule, ScriptedServer, planted

Shape = Callable[[str, Asked], dict[str, Any]]


class OddServer(ScriptedServer):
    """A `ScriptedServer` that is always right.

    Args:
        gold: text of a row -> its label.
        shape: how it says so; None: as JSON of the request's schema.
    """

    def __init__(self, gold: Mapping[str, str], shape: Shape | None = None, *rules: Rule, **habits: Any) -> None:
        super().__init__(planted(gold, 1.0), *rules, **habits)
        self.shape = shape

    def completion(self, asked: Asked) -> dict[str, Any]:
        usual = super().completion(asked)
        return usual if self.shape is None else usual | self.shape(self.answer(asked), asked)


def said(content: Any = None, *, finish: str = "stop", tokens: int = 5, **message: Any) -> dict[str, Any]:
    """One choice with this message."""
    spoken = {"role": "assistant", "content": content, **message}
    choice = {"index": 0, "message": spoken, "finish_reason": finish}
    return {"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": tokens}}


def bare(template: str) -> Shape:
    """Content that has the label in the place of {}."""
    return lambda label, asked: said(template.replace("{}", label))


def room_of(asked: Asked) -> int:
    """Tokens that the request allows."""
    return int(asked.body.get("max_tokens", asked.body.get("max_completion_tokens", 10**6)))


def thinks(tokens: int, shape: Shape, thought: Callable[[int], dict[str, Any]]) -> Shape:
    """Answers after a thought of so many tokens; with less room only the thought is there.

    Args:
        thought: what it says, given the room that was used up.
    """

    def answer(label: str, asked: Asked) -> dict[str, Any]:
        return thought(room_of(asked)) if room_of(asked) < tokens else shape(label, asked)

    return answer


def characters_of(asked: Asked) -> int:
    """Characters of the prompt."""
    return sum(len(message["content"]) for message in asked.body["messages"])


def cuts_prompts(gold: Mapping[str, str], tokens: int, *, characters_per_token: float = 4.0) -> Shape:
    """Says the first label to longer prompts, and that they had `tokens`; else the right one and the true number."""
    first = sorted(set(gold.values()))[0]

    def answer(label: str, asked: Asked) -> dict[str, Any]:
        true = round(characters_of(asked) / characters_per_token)
        told = said(json.dumps({"label": label if true <= tokens else first}))
        return told | {"usage": {"prompt_tokens": min(true, tokens), "completion_tokens": 5}}

    return answer


def refuses_over(characters: int, status: int, body: Mapping[str, Any] | str) -> Rule:
    """An error for a last message that is longer."""
    text = body if isinstance(body, str) else json.dumps(body)

    def rule(asked: Asked) -> Answered | None:
        return Answered(status, text) if len(str(asked.body["messages"][-1]["content"])) > characters else None

    return rule


def gold_of(*files: Path) -> dict[str, str]:
    """Text -> label of CSV files."""
    rows = [row for file in files for row in csv.DictReader(file.open(encoding="utf-8", newline=""))]
    return {row["text"]: row["label"] for row in rows}
