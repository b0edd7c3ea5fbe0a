"""Each means of constraint derives the choices and nothing else."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.models.llm.chat import Choices
from tuningfork.models.llm.constraints import grammar_of, is_kept, parameters_for

labels = st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6, unique=True)


@given(labels)
def test_the_regular_expression_matches_the_choices_only(choices):
    pattern = parameters_for("regex", Choices(tuple(choices)))["regex"]
    assert all(re.fullmatch(pattern, choice) for choice in choices)
    others = {choice + "x" for choice in choices} | {choice[:-1] for choice in choices} | {"", ".*"}
    assert not any(re.fullmatch(pattern, other) for other in others - set(choices))


@given(labels)
def test_the_grammar_can_be_read_back(choices):
    """Undo GBNF's escapes by its own rules: what comes out are the choices."""
    grammar = grammar_of(choices)
    literals = re.findall(r'"((?:\\x..|\\U.{8}|[^"\\])*)"', grammar)
    assert "root ::= " + " | ".join(f'"{literal}"' for literal in literals) == grammar
    assert [re.sub(r"\\(?:x(..)|U(.{8}))", lambda m: chr(int(m[1] or m[2], 16)), x) for x in literals] == choices


@given(labels)
def test_what_a_kept_constraint_gives_is_recognised(choices):
    for choice in choices:
        assert is_kept(choice, choices)
        assert is_kept(f"\n{choice} ", choices)
        assert is_kept(json.dumps({"label": choice}), choices)
        assert not is_kept(f"The label is {choice}.", [c for c in choices if c != f"The label is {choice}."])


@pytest.mark.parametrize(
    "text", ["", '{"label": "else"}', '{"label": "a", "why": "b"}', '["a"]', '{"label": ["a"]}', "a b"]
)
def test_what_a_kept_constraint_never_gives(text):
    assert not is_kept(text, ("a", "b"))


def test_json_schema_lists_the_choices_strictly():
    schema = parameters_for("json_schema", Choices(("a", "b")))["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"]["properties"]["label"]["enum"] == ["a", "b"]
    assert schema["schema"]["additionalProperties"] is False


def test_vllm_is_asked_by_both_names():
    assert parameters_for("choice", Choices(("a", "b"))) == {
        "structured_outputs": {"choice": ["a", "b"]},
        "guided_choice": ["a", "b"],
    }
