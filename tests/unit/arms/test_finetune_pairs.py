"""Training on pairs: the loss by hand, the order of rows, and what the option takes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.arms.finetune.pairs import loss_of_pairs, rows_in_turn
from tuningfork.arms.finetune.recipe import ON_PAIRS, Wishes
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError


def test_the_loss_is_the_one_that_is_counted_by_hand() -> None:
    """Cosines: .6 within label 0; 0 and .8 between 0 and 1. The third row has no partner of its label."""
    vectors = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    found = loss_of_pairs(vectors, torch.tensor([0, 0, 1]))
    assert found.item() == pytest.approx((1 - 0.6) ** 2 + (0.0**2 + 0.8**2) / 2)


def test_rows_that_are_as_they_should_be_cost_nothing() -> None:
    vectors = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    assert loss_of_pairs(vectors, torch.tensor([3, 3, 7, 7])).item() == 0
    assert loss_of_pairs(vectors[:1], torch.tensor([3])).item() == 0


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(0, 1000))
def test_every_row_comes_once_a_round_and_labels_come_in_twos(gold: list[int], seed: int) -> None:
    draws = rows_in_turn(np.array(gold, np.int32), np.random.default_rng(seed))
    once = [next(draws) for _ in gold]
    assert sorted(once) == list(range(len(gold)))
    labels = [gold[row] for row in once]
    first = dict.fromkeys(labels)
    start = 0
    for label in first:  # the first turn: two of each label, or all it has
        size = min(2, gold.count(label))
        assert labels[start : start + size] == [label] * size
        start += size
    assert sorted(next(draws) for _ in gold) == list(range(len(gold)))


def test_pairs_train_the_top_two_layers_for_a_fixed_number_of_steps() -> None:
    recipe = Wishes.of(ArmSpec.parse("finetune:minilm?recipe=pairs")).recipe(64)
    assert (recipe.layers, recipe.pair_steps, recipe.batch_size, recipe.basis) == (2, 30, 32, ON_PAIRS)
    assert Wishes.of(ArmSpec.parse("finetune:minilm?recipe=pairs&layers=all")).recipe(64).layers is None
    assert Wishes.of(ArmSpec.parse("finetune:minilm")).recipe(64).pair_steps == 0
    assert math.isclose(Wishes.of(ArmSpec.parse("finetune:minilm?recipe=pairs&lr=1e-5")).recipe(64).learning_rate, 1e-5)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [("recipe=setfit", "no recipe 'setfit'"), ("recipe=pairs&epochs=3", "30 steps whatever the labels")],
)
def test_what_the_recipe_does_not_take_is_refused(options: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        Wishes.of(ArmSpec.parse(f"finetune:minilm?{options}"))
