"""What must not matter: the order of rows, of options, and of two texts that may change places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tuningfork as tf
from tuningfork.task.inputs import Field, Fields
from tuningfork.task.schema import TaskData
from tuningfork.task.splits import Content
from tuningfork.task.units import units_of

WORDS = st.sampled_from(["red", "green", "Blue", "a b", "A  B", "c-d", "é", "?!", "10"])
TEXTS = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
OPTIONS = st.lists(TEXTS, min_size=2, max_size=5, unique_by=str.casefold)


def role_of(task: TaskData) -> dict[Any, list[tuple[str, str]]]:
    """What rows say -> their roles and labels, in any order."""
    found: dict[Any, list[tuple[str, str]]] = {}
    parts = {"pool": task.pool, "validation": task.validation, "evaluation": task.evaluation}
    for role, part in parts.items():
        fields = part.inputs.fields.named
        for place in range(len(part)):
            said = tuple(values[place] for values in fields.values())
            found.setdefault(said, []).append((role, task.labels.values[part.gold[place]]))
    return {said: sorted(rows) for said, rows in found.items()}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_pairs_changes_nothing_of_the_split(data: st.DataObject) -> None:
    rows = [(f"premise {i // 2}", f"hypothesis {i}", "yn"[i % 2]) for i in range(40)]
    shuffled = data.draw(st.permutations(rows))
    symmetric = data.draw(st.booleans())
    found = [
        role_of(
            tf.Task.from_rows(
                {"premise": [row[0] for row in of], "hypothesis": [row[1] for row in of]},
                [row[2] for row in of],
                type="pair",
                symmetric=symmetric,
            ).prepare()
        )
        for of in (rows, shuffled)
    ]
    assert found[0] == found[1]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_options_in_any_order_keep_a_question_where_it_is(data: st.DataObject) -> None:
    """The same question, the same right text, and the same role, wherever its options stand."""
    given_options = [[f"red {i}", f"blue {i}", f"green {i}", f"grey {i}"][: 2 + i % 3] for i in range(40)]
    moved = [data.draw(st.permutations(of)) for of in given_options]
    questions = [f"which of {i} is it" for i in range(40)]
    right = [of[i % len(of)] for i, of in enumerate(given_options)]
    found = []
    for options in (given_options, moved):
        task = tf.Task.from_rows({"question": questions, "choices": options}, right, type="choice").prepare()
        roles = {}
        for part in (task.pool, task.validation, task.evaluation):
            asked, lists = part.inputs.fields.text("question"), part.inputs.fields.lists("choices")
            for place in range(len(part)):
                roles[asked[place]] = (type(part).__name__, lists[place][part.gold[place]], part.ids[place])
        found.append(roles)
    assert found[0] == found[1]


def keys(fields: Fields) -> list[int]:
    gold = np.zeros(len(fields), np.int32)
    return [int(key) for key in Content.of(fields.joined, gold, None, same=fields.compared).same]


@given(st.lists(st.tuples(TEXTS, OPTIONS), min_size=1, max_size=8), st.data())
def test_content_keys_do_not_hang_on_the_order_of_options(
    rows: Sequence[tuple[str, list[str]]], data: st.DataObject
) -> None:
    as_given: Mapping[str, Field] = {
        "question": tuple(q for q, _ in rows),
        "choices": tuple(tuple(of) for _, of in rows),
    }
    permuted = [data.draw(st.permutations([text.swapcase() for text in of])) for _, of in rows]
    moved: Mapping[str, Field] = {**as_given, "choices": tuple(map(tuple, permuted))}
    assert keys(Fields(as_given)) == keys(Fields(moved))
    assert units_of(Fields(as_given).compared).tolist() == units_of(Fields(moved).compared).tolist()


@given(st.lists(st.tuples(TEXTS, TEXTS, st.booleans()), min_size=1, max_size=10))
def test_symmetric_texts_may_change_places(rows: Sequence[tuple[str, str, bool]]) -> None:
    as_given: Mapping[str, Field] = {"text_a": tuple(a for a, _, _ in rows), "text_b": tuple(b for _, b, _ in rows)}
    swapped = {
        "text_a": tuple(b.upper() if swap else a for a, b, swap in rows),
        "text_b": tuple(f" {a.title()}" if swap else b for a, b, swap in rows),
    }
    assert keys(Fields(as_given, symmetric=True)) == keys(Fields(swapped, symmetric=True))
    one, other = units_of(Fields(as_given, True).compared), units_of(Fields(swapped, True).compared)
    assert one.tolist() == other.tolist()


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=10), st.booleans())
def test_rows_are_one_unit_only_where_their_keys_are_one(rows: Sequence[tuple[str, str]], symmetric: bool) -> None:
    """Splits keep together at least what counts as one draw."""
    fields = Fields({"text_a": tuple(a for a, _ in rows), "text_b": tuple(b for _, b in rows)}, symmetric)
    same, units = keys(fields), units_of(fields.compared)
    for one in range(len(rows)):
        for other in range(one):
            if units[one] == units[other]:
                assert same[one] == same[other]


@given(st.lists(st.tuples(TEXTS, OPTIONS), min_size=1, max_size=8), st.data())
def test_rows_that_are_taken_are_those_rows(rows: Sequence[tuple[str, list[str]]], data: st.DataObject) -> None:
    fields = Fields({"question": tuple(q for q, _ in rows), "choices": tuple(tuple(of) for _, of in rows)})
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=6))
    taken = fields.take(chosen)
    assert taken.joined == tuple(fields.joined[row] for row in chosen)
    assert fields.part(0, len(rows)).joined == fields.joined
