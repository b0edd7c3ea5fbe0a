"""Choosing within a trial's own rows: how strongly to fit, and the scale that turns scores into probabilities.

Both come from the same held-out scores: the strength is the one whose held-out log loss, after its best scale, is
lowest. That follows accuracy closely (seen on four data sets), is finer than accuracy on few rows, and calibrates
on rows the model has not seen (temperature scaling: Guo et al. 2017, arXiv 1706.04599).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from tuningfork.task.rows import Gold
from tuningfork.task.units import Units

FEWEST_TO_CHOOSE = 50
"""Below this many labels nothing is chosen: the recipe is fixed."""

UNSEEN = -1
"""In place of a class: the row's label is none of the fitted ones."""

Scores = NDArray[np.float32]
"""Shape (n, classes): the higher, the likelier; a softmax of them, scaled, gives probabilities."""

_MOST_FOR_FOLDS = 300
_FOLDS = 5
_PULL = 3.0
_SCALES = np.exp(np.linspace(np.log(0.02), np.log(50.0), 91))


class Scorer(Protocol):
    """What gives rows their scores.

    Inputs are anything that an index array picks rows from: dense vectors, a sparse matrix.
    """

    @property
    def classes(self) -> NDArray[np.int32]:
        """What is scored, ascending, shape (k,)."""

    def scores(self, inputs: Any) -> Scores:
        """Scores of any rows, shape (n, k)."""

    def as_arrays(self) -> Mapping[str, NDArray[Any]]:
        """Named arrays of numbers that `Target.scorer` makes the same scorer of."""


class Learner(Scorer, Protocol):
    """A model of some rows that can be fitted again at another strength, warm where it can."""

    def fit(self, strength: float) -> None:
        """Fit its rows; a larger strength follows them more closely."""


class WarmLearner(Learner, Protocol):
    """A learner that can start from where another one ended."""

    def begin_at(self, other: Self) -> None:
        """Start the next fit from where another learner's last one ended; nothing where their labels differ."""


@dataclass(frozen=True, slots=True)
class InnerChoice:
    """What was settled on.

    Attributes:
        strength: how strongly to fit.
        scale: factor on the scores before the softmax.
        basis: what it rests on, in words.
    """

    strength: float
    scale: float
    basis: str


def choose_strength(
    inputs: Any,
    gold: Gold,
    units: Units,
    learn: Callable[[Any, Gold], Learner],
    strengths: Sequence[float],
    *,
    fixed: InnerChoice,
) -> InnerChoice:
    """Walk up the strengths until the held-out log loss rises.

    Args:
        inputs, gold, units: the trial's rows, in their random order.
        learn: makes a learner of some of these rows.
        strengths: ascending.
        fixed: the recipe where there are too few rows to choose, all are one unit, or the held-out rows cannot tell.
    """
    if len(gold) < FEWEST_TO_CHOOSE:
        return fixed
    splits = inner_splits(units)
    if not splits:
        return replace(fixed, basis="fixed: all rows are one unit")
    learners = [learn(inputs[split.fit], gold[split.fit]) for split in splits]
    golds = [places(of.classes, gold[split.held_out]) for of, split in zip(learners, splits, strict=True)]
    if all((block == UNSEEN).all() for block in golds):
        return fixed
    best, best_loss = fixed, np.inf
    for strength in strengths:
        for learner in learners:
            learner.fit(strength)
        pairs = zip(learners, splits, strict=True)
        scale, loss = best_scale([learner.scores(inputs[split.held_out]) for learner, split in pairs], golds)
        if not loss < best_loss:
            break
        best, best_loss = InnerChoice(strength, scale, _in_words(len(splits))), loss
    return best


def fits_needed(n: int, strengths: int) -> float:
    """How many fits of all n rows the choice and the final fit come to, at most; for estimates."""
    if n < FEWEST_TO_CHOOSE:
        return 1.0
    splits = _FOLDS if n <= _MOST_FOR_FOLDS else 1
    return 1.0 + splits * strengths * (1 - 1 / _FOLDS)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Indices into the trial's rows: what to fit on, and what to hold out."""

    fit: NDArray[np.intp]
    held_out: NDArray[np.intp]


def inner_splits(units: Units) -> tuple[Split, ...]:
    """Five folds up to 300 rows (fewer where there are fewer units), one split (a fifth held out) above.

    Rows of one unit are never on both sides: what was fitted to a text knows its copies by heart, and the strength and
    the scale that do best on copies are those of a memory. A sample comes in its seed's random order, so that where
    every row is a unit of its own every fifth row is a random fifth.

    Args:
        units: of the rows, shape (n,).

    Returns:
        No split where all rows are one unit.
    """
    fold_of = _folds(units)
    sizes = np.bincount(fold_of, minlength=_FOLDS)
    held_out = np.flatnonzero(sizes)
    if len(held_out) < 2:
        return ()
    if len(units) > _MOST_FOR_FOLDS:
        a_fifth = -(-len(units) // _FOLDS)
        held_out = held_out[np.argmin(np.abs(sizes[held_out] - a_fifth))][None]
    return tuple(Split(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in held_out)


def _folds(units: Units) -> NDArray[np.intp]:
    """The fold of each row, shape (n,): units in turn to the fold with the fewest rows, large ones first."""
    _, first, unit_of, sizes = np.unique(units, return_index=True, return_inverse=True, return_counts=True)
    fold_of_unit = np.empty(len(sizes), dtype=np.intp)
    filled = [0] * _FOLDS
    for unit in np.lexsort((first, -sizes)).tolist():
        fold = filled.index(min(filled))
        fold_of_unit[unit] = fold
        filled[fold] += int(sizes[unit])
    return fold_of_unit[unit_of]


def best_scale(
    scores: Sequence[Scores], golds: Sequence[NDArray[np.intp]], *, expected: float | None = None
) -> tuple[float, float]:
    """The scale with the lowest mean log loss over all blocks, and that loss, in nats a row.

    Args:
        expected: where few rows should pull the scale to; it weighs as much as some twenty rows.
    """
    losses = np.array(
        [sum(row_losses(*block, scale).sum() for block in zip(scores, golds, strict=True)) for scale in _SCALES]
    )
    pull = 0.0 if expected is None else _PULL * np.log(_SCALES / expected) ** 2
    best = int(np.argmin(losses + pull))
    return float(_SCALES[best]), float(losses[best]) / sum(map(len, golds))


def row_losses(scores: Scores, gold: NDArray[np.intp], scale: float = 1.0) -> NDArray[np.float64]:
    """Log loss of each row in nats, shape (n,).

    A row whose label was not among the fitted ones is certain to be wrong; all that its probabilities can do is not
    to be sure. So it asks for equal ones: its loss is the mean over the classes. (Leaving such rows out made arms of
    many labels and few rows far too sure: 77 labels, 128 rows, calibration error .15 against .04.)
    """
    scaled = scores.astype(np.float64) * scale
    top = scaled.max(axis=1)
    total = np.exp(scaled - top[:, None]).sum(axis=1)
    of_gold = np.where(gold == UNSEEN, scaled.mean(axis=1), scaled[np.arange(len(gold)), gold])
    losses: NDArray[np.float64] = top + np.log(total) - of_gold
    return losses


def places(classes: NDArray[np.int32], gold: Gold) -> NDArray[np.intp]:
    """Each label's place among the ascending classes, or UNSEEN."""
    found = np.searchsorted(classes, gold).clip(max=len(classes) - 1)
    return np.where(classes[found] == gold, found, UNSEEN)


def softmax(scores: Scores, scale: float = 1.0) -> NDArray[np.float32]:
    """Probabilities, shape (n, classes), rows summing to 1."""
    scaled = scores * np.float32(scale)
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=1, keepdims=True)
    return scaled


def _in_words(splits: int) -> str:
    return f"{splits} folds of its own rows" if splits > 1 else "one split of its own rows"
