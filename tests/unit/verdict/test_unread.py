"""An arm whose answers were mostly not read wins nothing and loses nothing."""

from __future__ import annotations

import json

import pytest

from builders import PlantedArm, make_records
from tuningfork.report.terminal import plain_text
from tuningfork.task.schema import Note
from tuningfork.verdict.decide import decide
from tuningfork.verdict.failures import failed_sides
from tuningfork.verdict.verdict_json import Caution, VerdictRecord

LINEAR = PlantedArm("linear", accuracy={32: 0.6, 128: 0.8}, validation_accuracy=0.8)
LLM = "prompt:my-model@http://127.0.0.1:9/v1"
TOLD = json.dumps(
    {
        "answer": "<think>\nthe customer\x1b[31m wants",
        "cause": "Every answer ended within its 240 tokens, before the label.",
        "remedy": "Give it room: --arm 'prompt:my-model@http://127.0.0.1:9/v1?max_tokens=2048'",
    }
)


def llm(accuracy: float, invalid: float, *, told: bool = True, arm: str = LLM, **options: object) -> PlantedArm:
    """An LLM arm; `invalid` is the share of its wrong answers that are no label."""
    details = (("unread", TOLD),) if told else (("recipe", "planted"),)
    return PlantedArm(
        arm,
        accuracy={0: accuracy},
        deterministic=True,
        invalid=invalid,
        **{"details": details, "side": "llm"} | options,
    )


def warned(record: VerdictRecord, code: str) -> list[Caution]:
    return [warning for warning in record.warnings if warning.code == code]


def flat(record: VerdictRecord) -> str:
    return " ".join(plain_text(record).split())


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_nobody_wins_and_the_first_sentence_says_why_and_what_to_do(metric: str) -> None:
    record = decide(make_records(arms=[LINEAR, llm(0.0, 1.0)], metric=metric))
    assert (record.recommendation, record.call, record.chosen_arm) == ("undecided", "undecided", None)
    assert record.comparison is None
    first, _, rest = record.reason.partition("max_tokens=2048'. ")
    assert first == (
        "Undecided: the answers of my-model, zero-shot could not be read (100 % are no label): every answer ended "
        "within its 240 tokens, before the label; give it room: --arm 'prompt:my-model@http://127.0.0.1:9/v1?"
    )
    assert rest.startswith(r"The first such answer: '<think> the customer\x1b[31m wants'.")
    assert "TF-IDF and a linear classifier, the arm whose answers were read, scores 0." in rest
    assert "If you must choose" not in record.reason
    assert record.if_you_must_choose is not None
    assert (record.if_you_must_choose.arm, record.if_you_must_choose.why) == (
        "linear",
        "the arm whose answers were read",
    )
    assert record.next_step is not None
    assert "max_tokens=2048" in record.next_step


def test_nothing_else_draws_on_it_and_pairs_are_marked() -> None:
    record = decide(make_records(arms=[LINEAR, llm(0.0, 1.0)]))
    assert record.flips == ()
    assert record.disagreement is None
    assert record.break_even_labels.mean is None
    assert record.break_even_labels.mean_bound is None
    assert record.break_even_labels.reason == "the answers of my-model, zero-shot could not be read"
    assert [pair.not_read for pair in (*record.pairs, *record.comparisons)] == [(LLM,), (LLM,)]
    row = next(row for row in record.arms if row.arm == LLM)
    assert row.not_read is not None
    assert (row.not_read.mostly, row.not_read.share, row.invalid) == (True, 1.0, 1.0)
    assert row.not_read.answer == "<think>\nthe customer\x1b[31m wants"
    assert "unread" not in dict(row.details)
    assert len(warned(record, "answers_not_read")) == 1
    assert not warned(record, "nothing_to_compare")
    assert not warned(record, "invalid_answers")


def test_the_screen_says_not_read_and_tells_it_once() -> None:
    shown = flat(decide(make_records(arms=[LINEAR, llm(0.0, 1.0)])))
    assert "not read" in shown
    assert shown.count("max_tokens=2048") == 1


def test_a_server_that_cuts_prompts_names_no_winner_though_it_answers_labels() -> None:
    cut = "The server cut prompts to 1,024 tokens; raise its context, or --arm 'prompt:m?shots=4'"
    arm = llm(0.36, 0.0, told=False, notes=(Note("prompt_cut", cut),))
    record = decide(make_records(arms=[LINEAR, arm], labels=3))
    assert record.recommendation == "undecided"
    assert record.reason.startswith(
        "Undecided: the answers of my-model, zero-shot could not be read: the server cut prompts to 1,024 tokens; "
        "raise its context, or --arm 'prompt:m?shots=4'."
    )
    assert "first such answer" not in record.reason
    assert not warned(record, "prompt_cut"), "told as the cause"


def test_older_records_say_the_share_and_the_most_frequent_reason() -> None:
    note = Note("invalid_answers", "llm.csv: 150 of 150 answers are no label of this task (most often '2'); …")
    arm = llm(0.0, 1.0, told=False, arm="predictions:llm.csv?side=llm", notes=(note,))
    record = decide(make_records(arms=[LINEAR, arm]))
    assert record.recommendation == "undecided"
    assert "(most often '2')" in record.reason
    assert "write the task's labels into its answers ('label 0', 'label 1')" in record.reason


def test_an_empty_answer_is_said_to_be_empty() -> None:
    told = json.dumps({"answer": "", "cause": "The answers were empty", "remedy": "Ask it by hand"})
    record = decide(make_records(arms=[LINEAR, llm(0.0, 1.0, details=(("unread", told),))]))
    assert "The first such answer is empty." in record.reason


@pytest.mark.parametrize("broken", ["[1]", "{", '{"answer": 3}'])
def test_details_that_are_no_such_object_do_no_harm(broken: str) -> None:
    record = decide(make_records(arms=[LINEAR, llm(0.0, 1.0, details=(("unread", broken),))]))
    assert "100 % of them are none of the task's labels" in record.reason


def test_a_remedy_of_two_sentences_stays_in_the_first_one() -> None:
    told = json.dumps(
        {
            "answer": "I",
            "cause": "They are prose",
            "remedy": "Name the server: server=vllm. Or give --label-names FILE.",
        }
    )
    note = Note("no_room", "60 of 60 answers ended in hidden reasoning.")
    arm = llm(0.0, 1.0, details=(("unread", told),), notes=(note,))
    record = decide(make_records(arms=[LINEAR, arm]))
    first = record.reason.partition(". ")[0]
    assert first.endswith(
        "(100 % are no label): they are prose; name the server: server=vllm; or give --label-names FILE"
    )
    assert record.next_step == "Name the server: server=vllm; or give --label-names FILE."
    shown = flat(record)
    assert shown.count("server=vllm") == 1
    assert "hidden reasoning" not in shown, "the cause is told above"
    assert "no_room" in {warning.code for warning in record.warnings}


def test_honest_errors_count_up_to_half() -> None:
    """45 % of the answers are no label: errors, with cause and remedy on the first screen; 55 % are not judged."""
    half = decide(make_records(arms=[LINEAR, llm(0.55, 1.0)]))
    assert half.recommendation == "fine-tune"
    (warning,) = warned(half, "invalid_answers")
    assert "45 % of the answers of" in warning.message
    assert "Every answer ended within its 240 tokens, before the label; give it room: --arm" in warning.message
    assert "The first such answer:" in warning.message
    assert "max_tokens=2048" in flat(half)
    assert decide(make_records(arms=[LINEAR, llm(0.45, 1.0)])).recommendation == "undecided"
    few = decide(make_records(arms=[LINEAR, llm(0.5, 0.1)]))
    assert few.recommendation == "fine-tune"


def test_an_unread_arm_does_not_stand_for_its_side_where_another_was_read() -> None:
    other = llm(0.5, 0.0, arm="prompt:other", told=False, validation_accuracy=0.5)
    for unread in (llm(0.2, 1.0, validation_accuracy=0.9), llm(0.2, 1.0)):
        record = decide(make_records(arms=[LINEAR, unread, other]))
        assert record.comparison is not None
        assert (record.comparison.llm_arm, record.comparison.best_of) == ("prompt:other", 1)
        assert record.recommendation == "fine-tune"
        assert len(warned(record, "answers_not_read")) == 1
        assert not warned(record, "not_ranked")


def test_both_sides_unread_leave_nothing_to_choose() -> None:
    elsewhere = PlantedArm(
        "predictions:t.csv?side=fine-tuned",
        accuracy={0: 0.0},
        invalid=1.0,
        side="fine-tuned",
        deterministic=True,
        n_labels={0: None},
    )
    record = decide(make_records(arms=[elsewhere, llm(0.0, 1.0)]))
    assert record.if_you_must_choose is None
    assert len(warned(record, "answers_not_read")) == 2


def test_a_side_of_which_nothing_was_read_has_failed() -> None:
    asked = {"linear": "fine-tuned", LLM: "llm", "prompt:other": "llm"}
    other = llm(0.5, 0.0, arm="prompt:other", told=False)
    failed = llm(0.5, 0.0, arm="prompt:other", told=False, failure="no such key")
    assert failed_sides(decide(make_records(arms=[LINEAR, llm(0.0, 1.0), failed])).arms, asked) == {
        "llm": (LLM, "prompt:other")
    }
    assert failed_sides(decide(make_records(arms=[LINEAR, llm(0.0, 1.0), other])).arms, asked) == {}
    assert failed_sides(decide(make_records(arms=[LINEAR, llm(0.55, 1.0)])).arms, {LLM: "llm"}) == {}
