"""A question that was changed after a verdict was seen is told in the next verdict."""

from __future__ import annotations

import dataclasses

from builders import PlantedArm, make_records
from tuningfork.study.records import Look, StudyRecords
from tuningfork.verdict.decide import decide
from tuningfork.verdict.looks import is_new, look_at
from tuningfork.verdict.verdict_json import VerdictRecord

LINEAR = PlantedArm("linear", accuracy={32: 0.7, 128: 0.84})
HEAD = PlantedArm("head:minilm", accuracy={128: 0.9}, validation_accuracy=0.9)
PROMPT = PlantedArm("prompt:smollm2-135m?shots=5", accuracy={5: 0.86}, seeds=3, ms_per_row=400.0)


def records(*arms: PlantedArm, margin: float = 0.03, metric: str = "accuracy") -> StudyRecords:
    return make_records(arms=arms, margin=margin, metric=metric)


def seen(study: StudyRecords, *looks: Look) -> StudyRecords:
    return dataclasses.replace(study, looks=looks)


def told(verdict: VerdictRecord) -> str | None:
    return next((caution.message for caution in verdict.warnings if caution.code == "changed_after_look"), None)


def test_the_first_verdict_has_nothing_to_tell() -> None:
    verdict = decide(records(LINEAR, PROMPT))
    assert verdict.looks == ()
    assert told(verdict) is None


def test_a_wider_margin_after_an_undecided_verdict_stands_beside_it() -> None:
    first = decide(records(LINEAR, PROMPT))
    assert first.call == "undecided"
    second = decide(seen(records(LINEAR, PROMPT, margin=0.2), look_at(first, at=1_700_000_000.0)))
    assert second.call == "same"
    message = told(second)
    assert message is not None
    assert message == second.warnings[0].message
    assert "2023-11-14 22:13 UTC: undecided at a margin of 3 points" in message
    assert "the margin (3 points then, 20 points now) changed" in message
    assert "This verdict is another one" in message
    assert "2 questions" in message
    (look,) = second.looks
    assert (look.margin, look.call, look.at) == (0.03, "undecided", "2023-11-14T22:13:20+00:00")


def test_another_metric_and_arms_that_joined_or_left_are_told() -> None:
    first = look_at(decide(records(LINEAR, PROMPT)), at=0.0)
    message = told(decide(seen(records(HEAD, PROMPT, metric="macro_f1"), first)))
    assert message is not None
    assert "the metric (accuracy then, macro-F1 now)" in message
    assert "head:minilm joined" in message
    assert "linear left" in message


def test_the_same_question_again_is_no_new_look_and_no_warning() -> None:
    verdict = decide(records(LINEAR, PROMPT))
    look = look_at(verdict, at=5.0)
    assert not is_new(look_at(verdict, at=9.0), [look])
    again = decide(seen(records(LINEAR, PROMPT), look))
    assert again == verdict


def test_to_mend_what_could_not_be_compared_is_no_other_question() -> None:
    unread = dataclasses.replace(PROMPT, arm="prompt:other", accuracy={5: 0.0}, spread=0.0, invalid=1.0)
    for arms in ((LINEAR,), (LINEAR, unread)):
        first = decide(records(*arms))
        assert first.comparison is None
        second = decide(seen(records(LINEAR, PROMPT), look_at(first, at=1.0)))
        assert told(second) is None
        assert len(second.looks) == 1


def test_looks_are_counted_by_question() -> None:
    looks = [look_at(decide(records(LINEAR, PROMPT, margin=margin)), at=margin) for margin in (0.03, 0.05, 0.03, 0.1)]
    assert all(is_new(look, looks[:place]) for place, look in enumerate(looks))
    message = told(decide(seen(records(LINEAR, PROMPT, margin=0.2), *looks)))
    assert message is not None
    assert "asked 4 questions" in message
