"""How a server is made to answer as it should, by each of the means that servers know."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tuningfork.models.llm.chat import Choices, HeldTo, JsonSchema
from tuningfork.models.llm.providers import Constraint

PARAMETERS: Mapping[Constraint, tuple[str, ...]] = {
    "choice": ("structured_outputs", "guided_choice"),
    "regex": ("regex",),
    "grammar": ("grammar",),
    "json_schema": ("response_format",),
}
"""The body's parameters that carry each constraint."""

ANSWER_FIELD = "label"
JSON_TOKENS = 24
"""Room for what a JSON answer has around the choice, blank lines of a chatty model included."""


def means_for(held_to: HeldTo) -> frozenset[Constraint]:
    """The means that can carry it."""
    if isinstance(held_to, Choices):
        return frozenset(PARAMETERS)
    return frozenset({"json_schema"}) if isinstance(held_to, JsonSchema) else frozenset({"grammar"})


def parameters_for(constraint: Constraint, held_to: HeldTo) -> dict[str, Any]:
    """The body's parameters that ask for such an answer by one of `means_for` it.

    vLLM renamed its parameter in 0.12 and ignores the other name without a word, so both are sent.
    """
    if isinstance(held_to, JsonSchema):
        return {"response_format": _json_schema(json.loads(held_to.schema))}
    if not isinstance(held_to, Choices):
        return {"grammar": held_to.gbnf}
    choices = held_to.texts
    if constraint == "choice":
        return {"structured_outputs": {"choice": list(choices)}, "guided_choice": list(choices)}
    if constraint == "regex":
        return {"regex": "(" + "|".join(re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", choice) for choice in choices) + ")"}
    if constraint == "grammar":
        return {"grammar": grammar_of(choices)}
    return {"response_format": _json_schema(_object_with(choices))}


def grammar_of(choices: Sequence[str]) -> str:
    """A GBNF grammar (llama.cpp) that derives exactly the choices."""
    return "root ::= " + " | ".join(f'"{_escaped(choice)}"' for choice in choices)


def is_kept(text: str, choices: Sequence[str]) -> bool:
    """Whether an answer is what a kept constraint gives: a choice, or JSON that holds one and nothing else."""
    answer = text.strip()
    if answer in {choice.strip() for choice in choices}:
        return True
    try:
        value = json.loads(answer)
    except ValueError:
        return False
    return isinstance(value, dict) and list(value) == [ANSWER_FIELD] and value[ANSWER_FIELD] in choices


def _object_with(choices: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {ANSWER_FIELD: {"type": "string", "enum": list(choices)}},
        "required": [ANSWER_FIELD],
        "additionalProperties": False,
    }


def _json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


def _escaped(text: str) -> str:
    """A text inside a GBNF string: what could end or break it is written as a code point."""
    return "".join(c if c.isprintable() and c not in '"\\' else _code_point(c) for c in text)


def _code_point(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02X}" if number < 0x80 else f"\\U{number:08X}"
