"""An answer of the real local LLM hangs on its question alone: not on the one before, nor on a server started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from ports import MemoryJournal, MemoryMeter
from prompt_settings import WORDINGS, form_of, label_space, shot_of, text_row
from tuningfork.arms.prompt.shots import Shot
from tuningfork.arms.prompt.wordings import Wording
from tuningfork.models.llm.chat import ChatModel, Choices, Question, Reply
from tuningfork.models.llm.opening import open_chat_model
from tuningfork.models.llm.shared_beginning import MOST_KEPT
from tuningfork.models.store import ModelStore

LABELS = ("positive", "negative")
REVIEWS = (
    "a gorgeous , witty , seductive movie .",
    "a gorgeous , witty mess .",
    "dreadful , boring and far too long",
    "i loved every minute of it",
    "i loved every minute of the trailer and none of the film , which is a waste of time and money",
    "12 monkeys it is not",
    '"the cast is wonderful"',
    "it fails on every level .",
)
SHOTS = tuple(
    shot_of(f"a film that {verb} on all levels", LABELS[place % 2]) for place, verb in enumerate(("works", "fails") * 3)
)
FORM = form_of(label_space(*LABELS))


def asked(wording: Wording = WORDINGS[0], shots: Sequence[Shot] = (), shared: Sequence[Shot] = ()) -> list[Question]:
    return [
        Question(
            messages=wording.messages(FORM, (*shared, *shots), text_row(review)),
            held_to=Choices(LABELS),
            shared=wording.opening(FORM, shared),
        )
        for review in REVIEWS
    ]


def opened(journal: MemoryJournal, announce: Callable[[str], None] | None = None) -> Any:
    return open_chat_model(
        "smollm2-135m", None, {}, store=ModelStore(), journal=journal, meter=MemoryMeter(), prices={}, announce=announce
    )


def said(replies: Sequence[Reply]) -> list[tuple[str, Any]]:
    """Answers with every candidate's log-probability, to the last bit."""
    return [(reply.text, [dict(token.candidates) for token in reply.tokens or ()]) for reply in replies]


def one_by_one(model: ChatModel, questions: Sequence[Question]) -> list[Reply]:
    return [model.answer([question])[0] for question in questions]


@pytest.mark.parametrize(
    ("wording", "given"),
    [(WORDINGS[0], {}), (WORDINGS[1], {"shared": SHOTS}), (WORDINGS[2], {"shots": SHOTS[:2]})],
    ids=["zero-shot", "shared shots", "shots of its own"],
)
def test_an_answer_is_the_same_in_any_order_and_from_a_second_server(
    wording: Wording, given: dict[str, Sequence[Shot]]
) -> None:
    questions = asked(wording, **given)
    with opened(MemoryJournal()) as model:
        expected = said(model.answer(questions))
        cached = {reply.cached_tokens for reply in model.answer(questions)}
    with opened(MemoryJournal()) as model:
        one_by_one(model, asked(WORDINGS[2], shared=SHOTS[:1])[:2])
        assert said(one_by_one(model, questions[::-1])[::-1]) == expected
    assert min(cached) > 20, "the beginning is computed once"


def test_a_crash_in_the_middle_changes_no_bit() -> None:
    announced: list[str] = []
    with opened(MemoryJournal()) as model:
        expected = said(model.answer(asked()))
    with opened(MemoryJournal(), announced.append) as model:
        first = model.answer(asked()[:4])
        os.kill(model._connection.server.process_id, signal.SIGKILL)
        assert said([*first, *model.answer(asked()[4:])]) == expected
    assert any("crashed" in line for line in announced)
    assert not any("cannot keep" in line for line in announced)


def test_what_is_sent_to_prepare_is_in_no_journal_and_no_bill() -> None:
    journal, meter = MemoryJournal(), MemoryMeter()
    with open_chat_model(
        "smollm2-135m", None, {}, store=ModelStore(), journal=journal, meter=meter, prices={}
    ) as model:
        model.answer(asked())
    assert len(journal.entries) == len(meter.tickets) == len(REVIEWS)


def test_more_beginnings_than_are_kept_are_computed_again_to_the_same_bits() -> None:
    kinds = [asked(WORDINGS[0], shared=SHOTS[:count]) for count in range(MOST_KEPT + 2)]
    with opened(MemoryJournal()) as model:
        expected = [said(model.answer(questions[:2])) for questions in kinds]
        folder = Path(model._connection.server._running._log).parent / "states"
        assert len(list(folder.iterdir())) == MOST_KEPT
        again = [said(model.answer([question_again(q) for q in questions[:2]])) for questions in kinds]
    assert again == expected
    assert not folder.exists()


def question_again(question: Question) -> Question:
    """The same question, past the journal."""
    return replace(question, repeat=1)


INTENTS = ("card_arrival", "card_linking", "exchange", "refund", "fee", "loan", "top_up", "salary")
"""All but two are decided by their first token."""


def test_an_answer_that_was_cut_off_between_two_requests_goes_on_to_the_same_bits() -> None:
    """Killed after the tokens that were to decide and before the whole answer, which is asked for on top of them."""
    labels = form_of(label_space(*INTENTS))
    texts = ("card arrival: where is my new card?", "card_linking: how do I link a card to the app?", "a fee")
    wording = WORDINGS[0]
    questions = [
        Question(
            messages=wording.messages(labels, (), text_row(text)),
            held_to=Choices(INTENTS),
            shared=wording.opening(labels, ()),
        )
        for text in texts
    ]
    whole = MemoryJournal()
    with opened(whole) as model:
        expected = said(model.answer(questions))
    assert len(whole.entries) > len(questions), "some answers took two requests"
    for cut in range(1, len(whole.entries)):
        journal = MemoryJournal(entries=dict(list(whole.entries.items())[:cut]), facts=dict(whole.facts))
        with opened(journal) as model:
            assert said(model.answer(questions)) == expected


def test_states_go_with_the_server_even_where_its_parent_is_killed(tmp_path: Path) -> None:
    """Nobody else would remove them."""
    program = f"""
import sys, time
sys.path[:0] = {[str(Path(__file__).parent), *sys.path]!r}
from test_shared_beginning import MemoryJournal, asked, opened
with opened(MemoryJournal()) as model:
    model.answer(asked()[:1])
    print(model._connection.server._running._log.parent / "states", model._connection.server.process_id, flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder, server = process.stdout.readline().split()
        assert list(Path(folder).iterdir())
        served = psutil.Process(int(server))
        process.kill()
    gone, _ = psutil.wait_procs([served], timeout=10)
    assert gone
    assert not Path(folder).exists()
