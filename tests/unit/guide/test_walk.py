"""The walk: every leaf of the survey's flow by its answers, and what unknown answers leave."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuningfork.errors import UnknownName
from tuningfork.guide.flow import Flow, load_flow
from tuningfork.guide.walk import Reply, walk

FLOW = load_flow()
NAMES = FLOW.order
ANSWERS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["yes", "no", "unknown"]))


def _no(*names: str) -> dict[str, Reply]:
    return dict.fromkeys(names, "no")


ELEVEN: list[tuple[dict[str, Reply], str]] = [
    ({"mimics_human": "yes"}, "llm"),
    ({**_no(*NAMES[:1]), "emergent_ability": "yes"}, "llm"),
    ({**_no(*NAMES[:2]), "multiple_tasks": "yes"}, "llm"),
    ({**_no(*NAMES[:3]), "far_from_language_modelling": "yes"}, "fine-tuned"),
    ({**_no(*NAMES[:4]), "few_labels": "yes"}, "llm"),
    ({**_no(*NAMES[:5]), "out_of_distribution": "yes"}, "llm"),
    ({**_no(*NAMES[:6]), "creative_generation": "yes"}, "llm"),
    (_no(*NAMES[:8]), "fine-tuned"),
    ({**_no(*NAMES[:7]), "knowledge_intensive": "yes", "context_has_knowledge": "yes"}, "fine-tuned"),
    (
        {
            **_no(*NAMES[:7], "context_has_knowledge"),
            "knowledge_intensive": "yes",
            "knowledge_contradicts_world": "yes",
        },
        "neither",
    ),
    ({**_no(*NAMES[:7], *NAMES[8:]), "knowledge_intensive": "yes"}, "llm"),
]


@pytest.mark.parametrize(("answers", "leaf"), ELEVEN, ids=lambda value: str(value)[-40:])
def test_each_of_the_eleven_leaves_is_reached_by_its_answers(answers: dict[str, Reply], leaf: str) -> None:
    found = walk(FLOW, answers)
    assert found.leaf == leaf
    assert {step.question: step.answer for step in found.path} == answers
    assert [step.question for step in found.path] == [name for name in NAMES if name in answers]
    assert len(found.endings) == 1
    assert found.endings[0].question == found.path[-1].question
    assert not found.open_questions


def test_the_eleven_endings_are_all_there_are() -> None:
    endings = {(e.question, e.answer) for e in walk(FLOW, {}).endings}
    assert endings == {(walk(FLOW, a).endings[0].question, walk(FLOW, a).endings[0].answer) for a, _ in ELEVEN}
    assert len(endings) == 11


def test_no_answer_leaves_everything_open_and_asks_in_the_surveys_order() -> None:
    found = walk(FLOW, {})
    assert found.leaf == "open"
    assert found.path == ()
    assert found.open_questions == NAMES


def test_an_unknown_answer_that_changes_nothing_is_not_open() -> None:
    """With few labels, no regression: whatever the first three are, it is the LLM."""
    found = walk(FLOW, {"few_labels": "yes", "far_from_language_modelling": "no"})
    assert found.leaf == "llm"
    assert len(found.endings) == 4
    assert not found.open_questions
    assert [step.question for step in found.path] == ["far_from_language_modelling", "few_labels"]


def test_the_path_to_a_leaf_goes_past_unknown_questions_up_to_the_answer_that_decides() -> None:
    """What a study of categories knows; whether it takes reasoning only a person could say; the leaf is the same."""
    known: dict[str, Reply] = {**_no("mimics_human", *NAMES[2:5], "creative_generation"), "out_of_distribution": "yes"}
    found = walk(FLOW, known)
    assert found.leaf == "llm"
    assert [step.question for step in found.path] == ["mimics_human", *NAMES[2:6]]
    assert (found.path[-1].question, found.path[-1].answer) == ("out_of_distribution", "yes")


def test_the_most_telling_question_comes_first() -> None:
    """Only knowledge is unknown: yes or no at 8 tells more than 9, which tells more than 10."""
    found = walk(FLOW, _no(*NAMES[:7]))
    assert found.open_questions == ("knowledge_intensive", "context_has_knowledge", "knowledge_contradicts_world")
    # Context unknown too, but knowledge needed for sure: 9 first.
    found = walk(FLOW, {**_no(*NAMES[:7]), "knowledge_intensive": "yes"})
    assert found.open_questions[0] == "context_has_knowledge"


def test_answers_that_skip_a_question_reach_further_than_the_path() -> None:
    found = walk(FLOW, {"mimics_human": "no", "few_labels": "yes"})
    assert [step.question for step in found.path] == ["mimics_human"]
    assert {ending.leaf for ending in found.endings} == {"llm", "fine-tuned"}
    assert "out_of_distribution" not in found.reached


def test_an_answer_to_no_question_is_refused_with_near_names() -> None:
    with pytest.raises(UnknownName, match="few_labels"):
        walk(FLOW, {"few_label": "yes"})


def _leaf_of(flow: Flow, answers: dict[str, Reply]) -> str:
    """Straight from the flow's own words, one branch after the other."""
    name = flow.start
    while name in flow.questions:
        question = flow.questions[name]
        name = (question.if_yes if answers[name] == "yes" else question.if_no).to
    return name


@settings(deadline=None)  # up to 1024 ways to fill in what is unknown, on a machine that may be busy
@given(ANSWERS)
def test_possible_leaves_are_those_of_all_ways_to_fill_in_what_is_unknown(answers: dict[str, Reply]) -> None:
    unknown = [name for name in NAMES if answers.get(name, "unknown") == "unknown"]
    filled = [
        {**answers, **dict(zip(unknown, replies, strict=True))}
        for replies in itertools.product(("yes", "no"), repeat=len(unknown))
    ]
    leaves = {_leaf_of(FLOW, full) for full in filled}
    found = walk(FLOW, answers)
    assert {ending.leaf for ending in found.endings} == leaves
    assert found.leaf == (leaves.pop() if len(leaves) == 1 else "open")
    assert bool(found.open_questions) == (found.leaf == "open")
    assert all(answers[step.question] == step.answer for step in found.path)
    if found.leaf != "open":  # nothing that was answered on a way to the leaf is left out
        assert {step.question for step in found.path} == set(found.reached) - set(unknown)


@settings(deadline=None)  # up to 1024 ways to fill in what is unknown, on a machine that may be busy
@given(ANSWERS)
def test_open_questions_are_ordered_by_what_they_tell(answers: dict[str, Reply]) -> None:
    """The oracle counts leaves over all ways to fill in the unknown answers, each as likely as the other."""
    unknown = [name for name in NAMES if answers.get(name, "unknown") == "unknown"]

    def entropy(fixed: dict[str, Reply]) -> float:
        free = [name for name in unknown if name not in fixed]
        counts: dict[str, int] = {}
        for replies in itertools.product(("yes", "no"), repeat=len(free)):
            leaf = _leaf_of(FLOW, {**answers, **fixed, **dict(zip(free, replies, strict=True))})
            counts[leaf] = counts.get(leaf, 0) + 1
        total = sum(counts.values())
        return -sum(n / total * math.log2(n / total) for n in counts.values())

    now = entropy({})
    told = [now - (entropy({name: "yes"}) + entropy({name: "no"})) / 2 for name in walk(FLOW, answers).open_questions]
    assert all(bits > 0 for bits in told)
    assert told == pytest.approx(sorted(told, reverse=True))
