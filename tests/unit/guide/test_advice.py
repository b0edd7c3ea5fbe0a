"""What the advice rests on, and what would change it."""

from __future__ import annotations

import json

from tuningfork.guide.advice import advise
from tuningfork.guide.answers import Answer
from tuningfork.guide.flow import load_flow

FLOW = load_flow()
COMMON_NLU = dict.fromkeys(FLOW.order[:8], Answer("no"))


def test_the_json_has_the_contracts_names() -> None:
    told = json.loads(json.dumps(advise(FLOW, COMMON_NLU).as_dict()))
    assert told["leaf"] == "fine-tuned"
    assert told["path"][0] == {"question": "mimics_human", "answer": "no", "source": "you"}
    assert len(told["path"]) == 8
    assert told["open_questions"] == []
    assert isinstance(told["candidates"], list)
    assert {point["id"] for point in told["key_points"]} == {"KP2", "KP4", "KP8"}
    assert told["leaves"] == [
        {"leaf": "fine-tuned", "question": "knowledge_intensive", "answer": "no", "why": told["leaves"][0]["why"]}
    ]


def test_the_key_points_are_those_of_the_deciding_questions() -> None:
    few = {**dict.fromkeys(FLOW.order[:4], Answer("no")), "few_labels": Answer("yes")}
    assert advise(FLOW, few).key_points == ("KP1", "KP8")


def test_every_flip_really_leads_elsewhere() -> None:
    advice = advise(FLOW, COMMON_NLU)
    assert [flip.partition(":")[0] for flip in advice.flips] == [
        name for name in FLOW.order[:8] if name != "far_from_language_modelling"
    ]
    for flip in advice.flips:
        name, reply = flip.partition(":")[0], flip.split()[1]
        assert advise(FLOW, {**COMMON_NLU, name: Answer(reply)}).walk.leaf != "fine-tuned"  # type: ignore[arg-type]


def test_an_open_advice_names_all_leaves_still_possible() -> None:
    told = advise(FLOW, {"few_labels": Answer("yes")}).as_dict()
    assert told["leaf"] == "open"
    assert {end["leaf"] for end in told["leaves"]} == {"llm", "fine-tuned"}
    assert told["open_questions"][0] == "mimics_human"
    assert told["path"] == []


def test_answers_to_other_flows_questions_are_left_out() -> None:
    advice = advise(FLOW, {"of_another_flow": Answer("yes", "label count"), "mimics_human": Answer("yes")})
    assert advice.walk.leaf == "llm"
    assert set(advice.answers) == {"mimics_human"}
