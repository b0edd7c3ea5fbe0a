"""The choice within a trial's rows, and what makes probabilities of scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from tuningfork.arms.targets.inner_choice import (
    InnerChoice,
    best_scale,
    choose_strength,
    inner_splits,
    places,
    row_losses,
    softmax,
)
from tuningfork.arms.targets.lbfgs import minimise
from tuningfork.arms.targets.logistic import LogisticLearner

FIXED = InnerChoice(30.0, 0.65, "fixed")


def blobs(rows: int, classes: int, dimensions: int, seed: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(classes, dimensions))
    gold = random.integers(classes, size=rows)
    vectors = centres[gold] + spread * random.normal(size=(rows, dimensions))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), gold.astype(np.int32)


@given(rows=st.integers(1, 700))
def test_inner_splits_part_the_rows(rows: int) -> None:
    splits = inner_splits(np.arange(rows))
    if rows == 1:
        assert splits == ()
        return
    for split in splits:
        assert sorted([*split.fit, *split.held_out]) == list(range(rows))
    if len(splits) > 1:
        assert sorted(row for split in splits for row in split.held_out) == list(range(rows))
    else:
        assert len(splits[0].held_out) == pytest.approx(rows / 5, abs=1)


@given(numbers=st.lists(st.integers(0, 999), min_size=50, max_size=700, unique=True))
def test_where_no_row_repeats_another_every_fifth_row_is_held_out(numbers: list[int]) -> None:
    rows = np.arange(len(numbers))
    splits = inner_splits(np.array(numbers))
    assert len(splits) == (5 if len(numbers) <= 300 else 1)
    for fold, split in enumerate(splits):
        assert split.held_out.tolist() == rows[rows % 5 == fold].tolist()
        assert split.fit.tolist() == rows[rows % 5 != fold].tolist()


@given(numbers=st.lists(st.integers(0, 40), min_size=2, max_size=500))
def test_no_unit_is_on_both_sides_of_an_inner_split(numbers: list[int]) -> None:
    units = np.array(numbers)
    splits = inner_splits(units)
    assert bool(splits) == (len(set(numbers)) > 1)
    for split in splits:
        assert len(split.fit) > 0
        assert len(split.held_out) > 0
        assert not set(units[split.fit]) & set(units[split.held_out])
        assert sorted([*split.fit, *split.held_out]) == list(range(len(units)))
    if len(numbers) <= 300:
        assert sorted(row for split in splits for row in split.held_out) == list(range(len(units))) * bool(splits)


def test_one_large_unit_is_not_what_is_held_out() -> None:
    units = np.array([0] * 250 + list(range(1, 151)))
    (split,) = inner_splits(units)
    assert 0 not in units[split.held_out]
    assert len(split.held_out) < 80


def test_copies_do_not_choose_what_learns_them_by_heart() -> None:
    """Every row four times: where its copies are held out, the choice is certain of itself and wrong on fresh rows."""
    vectors, gold = blobs(3000, 5, 40, seed=0, spread=1.6)
    rows = np.random.default_rng(0).permutation(np.repeat(np.arange(60), 4))
    losses = {}
    for name, units in (("by unit", rows), ("by row", np.arange(240))):
        chosen = choose_strength(
            vectors[rows], gold[rows], units, LogisticLearner, (0.1, 1.0, 10.0, 100.0, 1000.0), fixed=FIXED
        )
        learner = LogisticLearner(vectors[rows], gold[rows])
        learner.fit(chosen.strength)
        held_out = places(learner.classes, gold[60:])
        losses[name] = row_losses(learner.scores(vectors[60:]), held_out, chosen.scale).mean()
    assert losses["by unit"] < np.log(5)
    assert losses["by row"] > losses["by unit"] + 0.5


def test_rows_of_one_unit_choose_nothing() -> None:
    vectors, gold = blobs(60, 3, 20, seed=0, spread=0.3)
    chosen = choose_strength(vectors, gold, np.zeros(60, np.intp), LogisticLearner, (1.0,), fixed=FIXED)
    assert (chosen.strength, chosen.scale) == (FIXED.strength, FIXED.scale)
    assert "one unit" in chosen.basis


@settings(deadline=None, max_examples=12)
@given(
    strength=st.sampled_from([0.3, 3.0, 30.0]),
    classes=st.integers(2, 6),
    shape=st.sampled_from([(30, 50), (200, 20)]),
    seed=st.integers(0, 5),
)
def test_logistic_regression_agrees_with_scikit_learn(
    strength: float, classes: int, shape: tuple[int, int], seed: int
) -> None:
    vectors, gold = blobs(shape[0], classes, shape[1], seed, spread=1.0)
    ours = LogisticLearner(vectors, gold)
    ours.fit(strength)
    # Two classes are one set of weights there and two opposite ones here, which share the penalty.
    oracle_strength = 2 * strength if len(ours.classes) == 2 else strength
    oracle = LogisticRegression(C=oracle_strength, tol=1e-6, max_iter=2000).fit(vectors.astype(np.float64), gold)
    # It stops where a step gains little: of all 180 combinations one has a row that is .097 away, their means .003.
    away = np.abs(softmax(ours.scores(vectors)) - oracle.predict_proba(vectors))
    assert away.mean() < 0.005
    assert away.max() < 0.1
    best = oracle.decision_function(vectors).reshape(shape[0], -1)
    best = best * np.array([[-0.5, 0.5]]) if best.shape[1] == 1 else best
    lowest = row_losses(best, gold_places(gold)).sum() + (oracle.coef_**2).sum() / (2 * oracle_strength)
    reached = row_losses(ours.scores(vectors), gold_places(gold)).sum() + (ours.weights**2).sum() / (2 * strength)
    assert reached / shape[0] == pytest.approx(lowest / shape[0], abs=2e-3)


def gold_places(gold: np.ndarray) -> np.ndarray:
    return np.unique(gold, return_inverse=True)[1]


def test_a_warm_start_ends_where_a_cold_one_does() -> None:
    vectors, gold = blobs(300, 8, 40, seed=1, spread=1.0)
    warm, cold = LogisticLearner(vectors, gold), LogisticLearner(vectors, gold)
    for strength in (1.0, 10.0, 100.0):
        warm.fit(strength)
    cold.fit(100.0)
    assert softmax(warm.scores(vectors)) == pytest.approx(softmax(cold.scores(vectors)), abs=0.03)


def test_below_50_rows_nothing_is_chosen() -> None:
    vectors, gold = blobs(49, 3, 20, seed=0, spread=0.3)
    assert choose_strength(vectors, gold, np.arange(49), LogisticLearner, (1.0, 10.0), fixed=FIXED) is FIXED


def test_the_chosen_strength_is_near_the_best_on_fresh_rows() -> None:
    vectors, gold = blobs(3000, 5, 40, seed=0, spread=1.6)
    own, fresh = (vectors[:150], gold[:150]), (vectors[150:], gold[150:])
    strengths = (0.1, 1.0, 10.0, 100.0, 1000.0)
    chosen = choose_strength(*own, np.arange(150), LogisticLearner, strengths, fixed=FIXED)
    losses = {}
    learner = LogisticLearner(*own)
    for strength in strengths:
        learner.fit(strength)
        losses[strength] = best_scale([learner.scores(fresh[0])], [fresh[1]])[1]
    assert losses[chosen.strength] < min(losses.values()) + 0.02
    assert losses[chosen.strength] < losses[1000.0] - 0.02


def test_the_scale_undoes_a_planted_one() -> None:
    random = np.random.default_rng(0)
    log_odds = random.normal(size=(4000, 3)).astype(np.float32) * 2
    gold = np.array([random.choice(3, p=row / row.sum()) for row in softmax(log_odds).astype(np.float64)])
    scale, loss = best_scale([log_odds * 5], [gold])
    assert scale == pytest.approx(0.2, rel=0.1)
    assert loss == pytest.approx(row_losses(log_odds, gold).mean(), rel=0.01)


@given(seed=st.integers(0, 1000), numbers=st.integers(1, 60))
def test_l_bfgs_finds_the_bottom_of_any_convex_bowl(seed: int, numbers: int) -> None:
    random = np.random.default_rng(seed)
    stretch = np.exp(random.uniform(-2, 2, numbers)).astype(np.float32)
    bottom = random.normal(size=numbers).astype(np.float32)

    def bowl(place: np.ndarray) -> tuple[float, np.ndarray]:
        away = place - bottom
        return float((stretch * away**2).sum() + (away**4).sum()), 2 * stretch * away + 4 * away**3

    found = minimise(bowl, np.zeros(numbers, np.float32), least_gain=1e-9, most_steps=500)
    assert found == pytest.approx(bottom, abs=0.02)


def test_rows_of_labels_never_seen_make_an_arm_less_sure() -> None:
    scores = np.array([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0], [3.0, 0.0, 0.0]], np.float32)
    classes, known, half_unknown = np.array([2, 5, 9], np.int32), [2, 5, 9, 2], [2, 5, 7, 11]
    assert places(classes, np.array(half_unknown, np.int32)).tolist() == [0, 1, -1, -1]
    sure, unsure = (
        best_scale([scores], [places(classes, np.array(gold, np.int32))])[0] for gold in (known, half_unknown)
    )
    assert unsure < 1 < sure
    assert row_losses(scores, np.array([-1] * 4)) == pytest.approx(-np.log(softmax(scores)).mean(axis=1), rel=1e-5)
