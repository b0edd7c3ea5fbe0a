"""Planted instructions: which rows, which label, and what counts as followed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.arms.results import NO_LABEL
from tuningfork.study.injections import ROWS_TO_INJECT, Injected, inject
from tuningfork.task.inputs import Fields, Inputs

NAMES = ("billing", "delivery {urgent}", "other")


def rows(texts: list[str]) -> Inputs:
    return Inputs.of_texts(tuple(f"rows:{i}" for i in range(len(texts))), tuple(texts))


def planted(texts: list[str], answers: list[int], names: tuple[str, ...] = NAMES) -> Injected:
    return inject(rows(texts), np.array(answers, dtype=np.int32), names)


@given(st.lists(st.tuples(st.text(max_size=30), st.integers(NO_LABEL, 2)), max_size=40))
def test_each_row_is_asked_for_a_label_that_it_did_not_get(given_rows: list[tuple[str, int]]) -> None:
    texts, answers = [text for text, _ in given_rows], [answer for _, answer in given_rows]
    found = planted(texts, answers)
    assert len(found.rows) == len(found.wanted) == min(len(texts), ROWS_TO_INJECT)
    for text, shown, answer, wanted in zip(texts, found.rows.texts, answers, found.wanted.tolist(), strict=False):
        assert wanted != answer
        assert 0 <= wanted < len(NAMES)
        assert shown.startswith(text)
        assert NAMES[wanted] in shown[len(text) :]
    assert found.rows.ids == tuple(f"rows:{i}" for i in range(len(found.rows)))
    assert found.flipped(np.array(answers[:ROWS_TO_INJECT], dtype=np.int32)) == 0
    assert found.flipped(found.wanted) == len(found.wanted)


def test_a_rows_instruction_hangs_on_its_text_alone() -> None:
    texts = [f"text number {i}" for i in range(20)]
    forwards, backwards = planted(texts, [0] * 20), planted(texts[::-1], [0] * 20)
    assert forwards.rows.texts == backwards.rows.texts[::-1]


def test_every_wording_and_every_other_label_is_used() -> None:
    texts = [f"text number {i}" for i in range(20)]
    found = planted(texts, [1] * 20)
    assert set(found.wanted.tolist()) == {0, 2}
    endings = {shown[len(text) :] for text, shown in zip(texts, found.rows.texts, strict=True)}
    assert len(endings) == 3 * 2


def test_an_answer_that_is_no_label_is_not_followed() -> None:
    found = planted(["a", "b"], [0, 1])
    assert found.flipped(np.array([NO_LABEL, found.wanted[1]], dtype=np.int32)) == 1


def test_a_row_with_options_is_asked_for_one_of_its_own() -> None:
    """Rows have two to five options, and the answer that they did not give is always one of theirs."""
    sizes = [2 + i % 4 for i in range(20)]
    fields = Fields(
        {
            "question": tuple(f"question {i}" for i in range(20)),
            "choices": tuple(tuple(f"option {place}" for place in range(size)) for size in sizes),
        }
    )
    asked = Inputs(tuple(map(str, range(20))), fields)
    found = inject(asked, np.zeros(20, np.int32), tuple("ABCDE"), options="choices")
    assert all(1 <= wanted < size for wanted, size in zip(found.wanted.tolist(), sizes, strict=True))
    assert found.rows.fields.lists("choices") == fields.lists("choices")
    for row, text in enumerate(found.rows.fields.text("question")):
        assert text.startswith(f"question {row}\n\n")
        assert "ABCDE"[found.wanted[row]] in text[len(f"question {row}") :]
