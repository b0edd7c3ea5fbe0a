"""Label probabilities from token candidates, by cases worked by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.arms.prompt.forms.probabilities import label_probabilities
from tuningfork.models.llm.chat import TokenChoice


def step(text: str, candidates: dict[str, float]) -> TokenChoice:
    """A token with candidates given as probabilities."""
    return TokenChoice(text, {other: math.log(value) for other, value in candidates.items()})


def test_labels_that_differ_at_once_share_by_their_candidates() -> None:
    tokens = [step("neg", {"neg": 0.6, "pos": 0.3, "The": 0.1}), step("ative", {"ative": 1.0})]
    found = label_probabilities(tokens, ("negative", "positive"), 0)
    assert found == pytest.approx([0.6 / 0.9, 0.3 / 0.9])


def test_the_path_is_followed_to_where_labels_part() -> None:
    names = ("card_arrival", "card_lost", "refund")
    tokens = [
        step("card", {"card": 0.8, "ref": 0.2}),
        step("_", {"_": 0.9, "s": 0.1}),
        step("arr", {"arr": 0.75, "lo": 0.25}),
        step("ival", {"ival": 1.0}),
    ]
    assert label_probabilities(tokens, names, 0) == pytest.approx([0.8 * 0.75, 0.8 * 0.25, 0.2])


def test_a_label_that_begins_another_is_told_by_what_follows() -> None:
    names = ("card", "card_arrival")
    stopped = [step("card", {"card": 1.0}), step("", {"": 0.7, "_arrival": 0.3})]
    assert label_probabilities(stopped, names, 0) == pytest.approx([0.7, 0.3])
    went_on = [step("card", {"card": 1.0}), step("_arrival", {"<|im_end|>": 0.4, "_arrival": 0.6})]
    assert label_probabilities(went_on, names, 1) == pytest.approx([0.4, 0.6])


def test_labels_outside_the_candidates_share_what_is_left_within_the_bound_of_the_least() -> None:
    names = ("a", "b", "c", "d")
    roomy = label_probabilities([step("a", {"a": 0.6, "b": 0.38})], names, 0)
    assert roomy == pytest.approx([0.6, 0.38, 0.01, 0.01])
    bounded = label_probabilities([step("a", {"a": 0.5, "x": 0.02})], names, 0)
    assert bounded is not None
    assert bounded[1:] == pytest.approx([0.01 / 0.53] * 3)


def test_a_token_outside_the_candidates_keeps_its_label_ahead() -> None:
    """Servers that keep a constraint may write a token far down their list."""
    found = label_probabilities([step("b", {"The": 0.9, "It": 0.05, "b": 0.001})], ("a", "b", "c"), 1)
    assert found is not None
    assert found.argmax() == 1


@pytest.mark.parametrize("wrapper", ['{"label": "', '{ "label":"', '"', "**", "\n", '```json\n{"label": "'])
def test_the_wrapper_of_an_answer_is_passed_over(wrapper: str) -> None:
    tokens = [step(piece, {piece: 0.4, "other": 0.2}) for piece in wrapper]
    tokens += [step("spam", {"spam": 0.25, "ham": 0.75}), step('"}', {'"}': 1.0})]
    assert label_probabilities(tokens, ("ham", "spam"), 1) == pytest.approx([0.75, 0.25])


def test_a_token_that_holds_a_part_of_the_wrapper_counts_with_its_like() -> None:
    tokens = [step('{"label":', {'{"label":': 1.0}), step(' "sp', {' "sp': 0.6, ' "h': 0.4}), step("am", {"am": 1.0})]
    assert label_probabilities(tokens, ("ham", "spam"), 1) == pytest.approx([0.4, 0.6])


def test_a_label_called_like_the_field_is_found_in_its_place() -> None:
    tokens = [step('{"label": "', {'{"label": "': 1.0}), step("label", {"label": 0.9, "text": 0.1})]
    assert label_probabilities(tokens, ("label", "text"), 0) == pytest.approx([0.9, 0.1])


def test_another_case_is_followed_too() -> None:
    tokens = [step("Pos", {"Pos": 0.5, "pos": 0.2, "neg": 0.3}), step("itive", {"itive": 1.0})]
    assert label_probabilities(tokens, ("negative", "positive"), 1) == pytest.approx([0.3, 0.7])


def test_a_sentence_is_searched_for_its_label() -> None:
    tokens = [step("It is ", {"It is ": 0.5}), step("ham", {"ham": 0.8, "spam": 0.2}), step(".", {".": 1.0})]
    assert label_probabilities(tokens, ("ham", "spam"), 0) == pytest.approx([0.8, 0.2])


def test_without_candidates_there_are_no_probabilities() -> None:
    assert label_probabilities(None, ("a", "b"), 0) is None
    assert label_probabilities([], ("a", "b"), 0) is None
    assert label_probabilities([TokenChoice("a", {})], ("a", "b"), 0) is None
    assert label_probabilities([step("x", {"x": 1.0})], ("a", "b"), 0) is None


@given(
    weights=st.lists(st.floats(0.01, 1.0), min_size=8, max_size=8),
    chosen=st.integers(0, 7),
    cuts=st.sets(st.integers(1, 2), max_size=2),
)
def test_with_all_candidates_named_the_tree_gives_back_the_distribution(
    weights: list[float], chosen: int, cuts: set[int]
) -> None:
    """Labels are the eight words of three letters from {a, b}; each token's candidates are marginals of `weights`,
    and the words are cut into tokens in any way: the probabilities along the path must be the planted ones."""
    words = ["".join(letters) for letters in itertools.product("ab", repeat=3)]
    planted = np.array(weights) / sum(weights)
    edges = [0, *sorted(cuts), 3]
    tokens = []
    for begin, end in itertools.pairwise(edges):
        given_prefix = [i for i, word in enumerate(words) if word[:begin] == words[chosen][:begin]]
        total = planted[given_prefix].sum()
        pieces = {words[i][begin:end] for i in given_prefix}
        candidates = {
            piece: float(sum(planted[i] for i in given_prefix if words[i][begin:end] == piece) / total)
            for piece in pieces
        }
        tokens.append(step(words[chosen][begin:end], candidates))
    found = label_probabilities(tokens, words, chosen)
    assert found is not None
    assert found.sum() == pytest.approx(1.0)
    assert found[chosen] == pytest.approx(planted[chosen])
    for first in "ab":
        group = [i for i, word in enumerate(words) if word[0] == first]
        assert found[group].sum() == pytest.approx(planted[group].sum())
