"""The bundled flow is the survey's; another flow is another file, refused with line and remedy where it is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tuningfork.errors import InputError
from tuningfork.guide.evidence import key_points
from tuningfork.guide.flow import LEAVES, load_flow

SURVEY_ORDER = [
    ("mimics_human", "llm", "emergent_ability"),
    ("emergent_ability", "llm", "multiple_tasks"),
    ("multiple_tasks", "llm", "far_from_language_modelling"),
    ("far_from_language_modelling", "fine-tuned", "few_labels"),
    ("few_labels", "llm", "out_of_distribution"),
    ("out_of_distribution", "llm", "creative_generation"),
    ("creative_generation", "llm", "knowledge_intensive"),
    ("knowledge_intensive", "context_has_knowledge", "fine-tuned"),
    ("context_has_knowledge", "fine-tuned", "knowledge_contradicts_world"),
    ("knowledge_contradicts_world", "neither", "llm"),
]
"""Question, where yes leads, where no leads: the survey's figure 2."""

SMALL = """version: 1
name: house-rules
title: Our own rules
start: secret
questions:
  secret:
    ask: Is it secret?
    short: Secret
    meaning: Nobody outside may see it.
    example_yes: Salaries.
    example_no: The menu.
    if_yes: {to: fine-tuned}
    if_no: {to: urgent}
  urgent:
    ask: Is it urgent?
    short: Urgent
    meaning: Needed today.
    example_yes: An outage.
    example_no: A plan.
    if_yes: {to: llm}
    if_no: {to: fine-tuned}
"""


def _file(folder: Path, text: str, name: str = "flow.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_bundled_flow_asks_what_the_survey_asks_in_its_order() -> None:
    flow = load_flow()
    asked = [(name, flow.questions[name].if_yes.to, flow.questions[name].if_no.to) for name in flow.order]
    assert asked == SURVEY_ORDER


def test_every_question_explains_itself_to_a_stranger_and_every_leaf_has_a_reason() -> None:
    for name, question in load_flow().questions.items():
        assert question.ask.endswith("?"), name
        assert len(question.meaning) > 60, name
        assert question.example_yes != question.example_no, name
        assert question.key_points, name
        assert all(branch.why for _, branch in question.branches if branch.leaf), name
        assert all(point in key_points() for point in question.key_points)


def test_another_flow_is_another_file_in_yaml_or_json(tmp_path: Path) -> None:
    from_yaml = load_flow(_file(tmp_path, SMALL))
    from_json = load_flow(_file(tmp_path, json.dumps(yaml.safe_load(SMALL), indent=1), "flow.json"))
    assert from_yaml == from_json
    assert from_yaml.order == ("secret", "urgent")
    assert from_yaml.number("urgent") == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("if_no: {to: urgent}", "if_no: {to: urgnet}", ["line 13", "secret.if_no.to", "'urgnet'", "'urgent'", "llm"]),
        ("if_no: {to: fine-tuned}", "if_no: {to: secret}", ["circle: secret -> urgent -> secret", "end at a leaf"]),
        ("if_no: {to: urgent}", "if_no: {to: llm}", ["line 14", "urgent", "no walk", "take it out"]),
        ("start: secret", "start: secrt", ["line 4", "start", "'secret'"]),
        ("    meaning: Needed today.\n", "", ["line 14", "urgent.meaning", "missing"]),
        ("    short: Urgent\n", "    short: Urgent\n    colour: red\n", ["line 17", "urgent.colour", "unknown key"]),
        ("version: 1", "version: 2", ["line 1", "version"]),
        ("  urgent:\n", "  llm:\n", ["line 14", "name of a leaf", "Rename"]),
        ("  urgent:\n", "  very urgent:\n", ["very urgent", "no name", "small letters"]),
        ("    short: Secret\n", "    short: Secret\n    key_points: [KP9]\n", ["line 9", "'KP9'", "KP8"]),
        ("  urgent:\n", "  secret:\n", ["line 14", "questions.secret", "twice"]),
        ("name: house-rules", "nmae: house-rules", ["nmae", "unknown key", "'name'"]),
        ("title: Our own rules", "title: [", ["line", "no valid YAML"]),
        (SMALL, "- 1\n- 2\n", ["no YAML mapping", "version: 1"]),
        (SMALL, "questions: {}\nversion: 1\nname: a\ntitle: b\nstart: c\n", ["line 1", "questions"]),
    ],
)
def test_a_file_that_is_no_flow_is_refused_with_place_and_remedy(
    tmp_path: Path, old: str, new: str, told: list[str]
) -> None:
    text = SMALL.replace(old, new)
    assert text != SMALL
    path = _file(tmp_path, text)
    with pytest.raises(InputError) as refused:
        load_flow(path)
    message = str(refused.value)
    assert str(path) in message
    assert not [part for part in told if part not in message], message


def test_a_flow_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_flow(tmp_path / "none.yaml")


def test_leaves_are_the_contract() -> None:
    assert LEAVES == ("llm", "fine-tuned", "neither")
