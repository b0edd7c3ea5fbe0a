"""Which rows become examples."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_settings import form_of, label_space, shot_of, text_row, word_vectors
from tuningfork.arms.prompt.shots import NearestShots, shots_of, walk
from tuningfork.errors import RoleError
from tuningfork.task.rows import Evaluation


def different(n: int) -> list[str]:
    """So many texts, no two alike."""
    return [f"text {row}" for row in range(n)]


def test_a_label_that_has_its_share_is_walked_past() -> None:
    gold = np.array([0, 0, 0, 1, 0, 1, 1], dtype=np.int32)
    assert walk(different(7), gold, 4, 2) == ((0, 1, 3, 5), 6)


def test_a_text_that_is_shown_already_is_walked_past() -> None:
    """Copies of a text stand together in a seed's order; shown again they would take the place of another example."""
    texts = ["my card", "My  card ", "my card", "a card", "refund", "refund please"]
    gold = np.array([0, 0, 0, 0, 1, 1], dtype=np.int32)
    assert walk(texts, gold, 4, 2) == ((0, 3, 4, 5), 6)
    assert walk(["same"] * 4, gold[:4], 2, 2) == ((0,), 4)


def test_no_shots_need_no_labels() -> None:
    assert walk(different(2), np.array([0, 1], dtype=np.int32), 0, 2) == ((), 0)


def test_a_pool_without_enough_of_a_label_is_walked_to_its_end() -> None:
    assert walk(different(4), np.array([0, 0, 0, 1], dtype=np.int32), 4, 2) == ((0, 1, 3), 4)


@given(gold=st.lists(st.integers(0, 4), max_size=60), count=st.integers(0, 20))
def test_the_walk_is_the_shortest_that_gives_the_shots(gold: list[int], count: int) -> None:
    kept, walked = walk(different(len(gold)), np.array(gold, dtype=np.int32), count, 5)
    most = -(-count // 5)
    held = Counter(gold[place] for place in kept)
    assert all(number <= most for number in held.values())
    assert list(kept) == sorted(set(kept))
    if len(kept) == count:
        assert walked == (kept[-1] + 1 if kept else 0)
    else:
        assert walked == len(gold)
        assert held == {label: min(most, number) for label, number in Counter(gold).items()}


TEXTS = ("lost my card", "where is my refund", "card lost again", "refund please", "hello")


def nearest(count: int) -> NearestShots:
    shots = tuple(shot_of(text, str(i)) for i, text in enumerate(TEXTS))
    return NearestShots(shots, word_vectors(TEXTS), count, word_vectors)


def test_the_nearest_rows_are_shown_the_nearest_last() -> None:
    (found,) = nearest(2).for_rows([text_row("i lost my card")])
    assert [shot.row.joined for shot in found] == ["card lost again", "lost my card"]


@given(query=st.lists(st.sampled_from(["my", "card", "refund", "hello", "lost", "again"]), min_size=1, max_size=5))
def test_nearest_agrees_with_a_search_by_hand(query: list[str]) -> None:
    text = " ".join(query)
    similarity = (word_vectors(TEXTS) @ word_vectors([text])[0]).tolist()
    (found,) = nearest(3).for_rows([text_row(text)])
    shown = [similarity[int(shot.answer)] for shot in found]
    assert all(later >= earlier - 2e-5 for earlier, later in itertools.pairwise(shown))
    assert shown[0] >= max(s for i, s in enumerate(similarity) if i not in {int(shot.answer) for shot in found}) - 2e-5


def test_a_text_gets_the_same_shots_alone_and_in_company() -> None:
    rows = tuple(shot_of(f"row {i % 7} about {i % 11}", str(i)) for i in range(300))
    source = NearestShots(rows, word_vectors([shot.row.joined for shot in rows]), 5, word_vectors)
    asked = [text_row(f"row {i} about {i}") for i in range(40)]
    assert source.for_rows(asked) == [source.for_rows([row])[0] for row in asked]


def test_rows_set_aside_are_not_shown_even_to_themselves() -> None:
    source = nearest(5).without([0, 1])
    (found,) = source.for_rows([text_row("lost my card")])
    assert {shot.row.joined for shot in found} == set(TEXTS[2:])
    assert source.for_rows([]) == []


def test_evaluation_rows_never_become_shots() -> None:
    rows = Evaluation(ids=("a",), texts=("a text",), gold=np.array([0], dtype=np.int32))
    with pytest.raises(RoleError, match="Evaluation"):
        shots_of(form_of(label_space("a")), rows)  # type: ignore[arg-type]
