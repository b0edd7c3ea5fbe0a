"""The report's heading: the first sentence, or as much of it as a heading can hold; nothing of the reason is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.report.page import split_reason

UNREAD = (
    "Undecided: the answers of my-model could not be read (100 % are no label): 60 of 60 answers are prose that does "
    "not come down to one label; name the kind of server: --arm 'prompt:m@http://127.0.0.1:8/v1?server=vllm'. The first"
    " such answer: 'well'."
)
TWINS = (
    "Train a small model (TF-IDF and a linear classifier); 21 of 60 evaluation rows nearly repeat a training row: 0.97 "
    "(TF-IDF and a linear classifier) against 0.69 (answers in a.csv) on the 39 without. It scores 0.92."
)


@pytest.mark.parametrize(
    ("reason", "heading", "evidence"),
    [
        ("Prompt GPT-5 mini. It scores 0.93.", "Prompt GPT-5 mini.", "It scores 0.93."),
        ("Undecided: no LLM arm has finished.", "Undecided: no LLM arm has finished.", ""),
        (UNREAD, "Undecided: the answers of my-model could not be read (100 % are no label).", "60 of 60 answers are"),
        (
            TWINS,
            "Train a small model (TF-IDF and a linear classifier); 21 of 60 evaluation rows nearly repeat a training "
            "row.",
            "0.97 (TF-IDF",
        ),
    ],
)
def test_long_first_sentences_give_their_first_clauses(reason: str, heading: str, evidence: str) -> None:
    found, rest = split_reason(reason)
    assert found == heading
    assert rest.startswith(evidence)


@given(st.lists(st.text("ab ;:.", min_size=1, max_size=60), min_size=1, max_size=6))
def test_every_word_of_the_reason_is_shown(parts: list[str]) -> None:
    reason = " ".join(" ".join(parts).split())
    heading, rest = split_reason(reason)
    shown = f"{heading} {rest}"
    assert [c for c in shown.lower() if c.isalpha()] == [c for c in reason.lower() if c.isalpha()]
