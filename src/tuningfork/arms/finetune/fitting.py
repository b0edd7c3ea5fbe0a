"""One trial of fine-tuning: from its rows to a model that is ready to answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tuningfork.arms._label_names import NamedLabels, head_scale, names_in_details
from tuningfork.arms._trained import texts_read
from tuningfork.arms.family import Progress
from tuningfork.arms.finetune.body import Body
from tuningfork.arms.finetune.encoded import Encoded
from tuningfork.arms.finetune.fitted import FittedFinetune
from tuningfork.arms.finetune.isolation import own_randomness, own_threads
from tuningfork.arms.finetune.losses.loss import LOSSES, Loss
from tuningfork.arms.finetune.lower_outputs import LowerOutputs
from tuningfork.arms.finetune.recipe import BY_LABELS, FIXED_BELOW_50, Recipe, Wishes
from tuningfork.arms.finetune.trainee import Trainee
from tuningfork.arms.kept import KeptAs
from tuningfork.arms.targets.inner_choice import (
    UNSEEN,
    InnerChoice,
    Split,
    best_scale,
    choose_strength,
    inner_splits,
    places,
    row_losses,
)
from tuningfork.arms.targets.logistic import LogisticLearner
from tuningfork.arms.targets.target import TARGETS
from tuningfork.foundation.stopwatch import Stopwatch
from tuningfork.models.encoders.layout import read_layout
from tuningfork.task.rows import Gold, Pool
from tuningfork.task.schema import Note

_HEAD_STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 400.0)
_HEAD_FIXED = InnerChoice(strength=30.0, scale=0.65, basis=FIXED_BELOW_50)
_PATIENCE = 4
# The first steps lose what the first head knew, and the next ones win it back: one or two epochs are worse than none.
_FEWEST_EPOCHS = 3
_ROWS_TO_WATCH = 500
_UNLEARNT = 0.9
"""Share of its first head's hits on its own rows below which a trained model is thrown away."""


@dataclass(frozen=True, slots=True)
class _Stop:
    """When to stop, and the scale of the scores there."""

    epochs: int
    scale: float
    basis: str


def finetune(
    folder: Path,
    about: KeptAs,
    wishes: Wishes,
    sample: Pool,
    *,
    fields: tuple[str, ...],
    kind: str,
    named: NamedLabels,
    n_labels: int,
    seed: int,
    progress: Progress,
    stopwatch: Stopwatch,
) -> FittedFinetune:
    """Fine-tune an encoder on the sample's rows and on the labels' names, each of them one more row.

    The head starts as a logistic regression on the untouched encoder, so that training starts from what
    `head:ENCODER` knows. Where the recipe leaves the epochs open, a fifth is held out to choose them (none at all is
    among the choices) and the scale of the scores; then all labels are trained on for that long.

    Raises:
        ArmFailed: the folder holds no encoder that can be trained.
        InputError: the folder lacks its configuration, tokenizer or weights.
    """
    with own_threads(), own_randomness(seed):
        with stopwatch.not_counted():
            lower = opened(folder)
        recipe = wishes.recipe(len(sample), classes=len(np.union1d(sample.gold, named.gold)))
        cut = _cut(lower.body, recipe)
        texts = (*texts_read(sample.inputs, fields), *named.texts)
        encoded = lower.encode(texts, cut=cut, max_tokens=recipe.max_tokens, owe=stopwatch.owe)
        if recipe.pair_steps:
            gold = np.concatenate([sample.gold, named.gold])
            trainee = _on_pairs(lower.body, cut, recipe, encoded, gold, seed, progress)
            stop, head = _Stop(0, recipe.scale, recipe.basis), _HEAD_FIXED
        else:
            trainee, stop, head = _Run(
                lower.body, cut, recipe, encoded, sample, named, LOSSES.get(kind), seed, progress
            ).fit()
    return FittedFinetune(
        about,
        trainee,
        lower,
        cut=cut,
        max_tokens=recipe.max_tokens,
        fields=fields,
        read=TARGETS.get(kind).read(trainee.classes, sample.gold, stop.scale, n_labels, evenly=False),
        details=(*_details(lower.body, recipe, cut, stop, head), names_in_details(named)),
        notes=_notes(about.spec.model, lower.body, recipe),
        stopwatch=stopwatch,
    )


def _on_pairs(
    body: Body, cut: int | None, recipe: Recipe, encoded: Encoded, gold: Gold, seed: int, progress: Progress
) -> Trainee:
    """Layers trained on pairs, then a head on the vectors that they give, as strong as a fixed one: vectors that know
    the labels of all rows cannot choose a strength among these rows."""
    done = 0

    def tell(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done, recipe.pair_steps * min(recipe.batch_size, len(gold)))

    trainee = Trainee(body, cut)
    trainee.pull_together(encoded, gold, recipe, seed=seed, stepped=tell)
    learner = LogisticLearner(trainee.vectors(encoded), gold)
    learner.fit(_HEAD_FIXED.strength)
    trainee.begin_at(learner, scale=1.0)
    return trainee


class _Run:
    """The rows of a trial, the labels' names after them, and the steps over both. No name is held out."""

    def __init__(
        self,
        body: Body,
        cut: int | None,
        recipe: Recipe,
        encoded: Encoded,
        sample: Pool,
        named: NamedLabels,
        loss: Loss,
        seed: int,
        progress: Progress,
    ) -> None:
        self._body, self._cut, self._recipe, self._seed, self._loss = body, cut, recipe, seed, loss
        self._encoded, self._units, self._progress = encoded, sample.units, progress
        self._gold = np.concatenate([sample.gold, named.gold])
        self._rows, self._names = np.split(np.arange(len(self._gold)), [len(sample)])
        self._vectors = Trainee(body, cut).vectors(encoded)
        self._head = choose_strength(
            self._vectors[self._rows],
            sample.gold,
            sample.units,
            lambda some, gold: LogisticLearner(
                np.vstack([some, self._vectors[self._names]]), np.concatenate([gold, named.gold])
            ),
            _HEAD_STRENGTHS,
            fixed=replace(_HEAD_FIXED, scale=head_scale(named) or _HEAD_FIXED.scale),
        )
        self._passes_done = 0

    def fit(self) -> tuple[Trainee, _Stop, InnerChoice]:
        """The trained model, when it was stopped, and how its head began."""
        if len(np.unique(self._gold)) == 1:
            return self._trained(0), _Stop(0, 1.0, "one label only"), self._head
        if self._recipe.chooses_epochs:
            splits = inner_splits(self._units)
            stop = self._choose_stop(splits[0]) if splits else _Stop(0, 1.0, "nothing: all rows are one unit")
            return self._trained(stop.epochs), stop, self._head
        trained = self._trained(self._recipe.epochs)
        if self._recipe.basis == BY_LABELS and self._has_unlearnt(trained):
            return (
                self._trained(0),
                _Stop(0, self._head.scale, "its own rows, which training made it forget"),
                self._head,
            )
        return trained, _Stop(self._recipe.epochs, self._recipe.scale, self._recipe.basis), self._head

    def _has_unlearnt(self, trained: Trainee) -> bool:
        """Whether training that no held-out row watched over came to nothing: a rate that suits one encoder can ruin
        another, and then even its own rows are no longer known."""
        some = self._rows[:_ROWS_TO_WATCH]
        encoded, gold = self._encoded.take(some), self._gold[some]
        before, after = (
            float(np.mean(places(one.classes, gold) == one.scores(encoded, alone=False).argmax(axis=1)))
            for one in (self._begin(self._rows), trained)
        )
        return after < _UNLEARNT * before

    def _trained(self, epochs: int) -> Trainee:
        """Trained on all rows, with a learning rate that has fallen to zero after these epochs."""
        trainee = self._begin(self._rows)
        for _ in self._epochs(trainee, self._rows, replace(self._recipe, epochs=epochs)):
            pass
        return trainee

    def _choose_stop(self, split: Split) -> _Stop:
        """The last epoch whose held-out log loss cannot be told from the lowest; none if there is no such epoch.

        The last, because a schedule that ends there has let its learning rate fall to zero, and a few held-out rows
        would else send most trials home with the head they came with.
        """
        trainee = self._begin(split.fit)
        held_out, gold = self._encoded.take(split.held_out), places(trainee.classes, self._gold[split.held_out])
        if (gold == UNSEEN).all():
            return _Stop(0, 1.0, "nothing: no held-out row has a label that another row has")
        # The untrained head's scale was chosen on more rows than these.
        scales, losses = [1.0], [row_losses(trainee.scores(held_out, alone=False), gold)]
        for done in self._epochs(trainee, split.fit, self._recipe):
            scores = trainee.scores(held_out, alone=False)
            scales.append(best_scale([scores], [gold], expected=self._recipe.scale)[0])
            losses.append(row_losses(scores, gold, scales[-1]))
            if done - _lowest(losses) >= _PATIENCE:
                break
        epochs = _last_as_good(losses, fewest=min(_FEWEST_EPOCHS, self._recipe.epochs))
        basis = f"{len(split.held_out)} held-out rows of its own, up to {self._recipe.epochs} epochs"
        return _Stop(epochs, scales[epochs], basis)

    def _begin(self, rows: NDArray[np.intp]) -> Trainee:
        taught = self._with_names(rows)
        learner = LogisticLearner(self._vectors[taught], self._gold[taught])
        learner.fit(self._head.strength)
        trainee = Trainee(self._body, self._cut)
        trainee.begin_at(learner, scale=self._head.scale)
        return trainee

    def _epochs(self, trainee: Trainee, rows: NDArray[np.intp], recipe: Recipe) -> Iterator[int]:
        taught = self._with_names(rows)
        encoded, gold = self._encoded.take(taught), self._gold[taught]
        return trainee.epochs(encoded, gold, recipe, loss=self._loss, seed=self._seed, stepped=self._tell)

    def _with_names(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        return np.concatenate([rows, self._names])

    def _tell(self, rows: int) -> None:
        self._passes_done += rows
        most = (2 if self._recipe.chooses_epochs else 1) * self._recipe.epochs * len(self._gold)
        self._progress(min(self._passes_done, most), most)


def _lowest(losses: Sequence[NDArray[np.float64]]) -> int:
    return min(range(len(losses)), key=lambda epoch: float(losses[epoch].sum()))


def _last_as_good(losses: Sequence[NDArray[np.float64]], *, fewest: int) -> int:
    """The last epoch, of `fewest` or more, that loses no more than the best one within a standard error; else none.

    Args:
        losses: of the same held-out rows before any training and after each epoch.
    """
    best = losses[_lowest(losses)]
    for epoch in range(len(losses) - 1, fewest - 1, -1):
        worse = losses[epoch] - best
        if worse.sum() <= np.sqrt(len(worse)) * worse.std():
            return epoch
    return 0


def opened(folder: Path) -> LowerOutputs:
    """The encoder and what is remembered of its lower layers, shared by all trials of this process.

    Raises:
        ArmFailed, InputError: as `finetune`.
    """
    return _opened(folder, _device())


@lru_cache(maxsize=2)
def _opened(folder: Path, device: str) -> LowerOutputs:
    return LowerOutputs(Body(read_layout(folder), device=device))


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _cut(body: Body, recipe: Recipe) -> int | None:
    return None if recipe.layers is None or not body.can_be_cut else max(0, body.depth - recipe.layers)


def _details(
    body: Body, recipe: Recipe, cut: int | None, stop: _Stop, head: InnerChoice
) -> tuple[tuple[str, str], ...]:
    layers = "all, embeddings too" if cut is None else f"top {body.depth - cut} of {body.depth}"
    return (
        ("layers", layers),
        ("steps on pairs", str(recipe.pair_steps)) if recipe.pair_steps else ("epochs", str(stop.epochs)),
        ("chosen on", stop.basis),
        ("learning rate", f"{recipe.learning_rate:g}"),
        ("max tokens", str(min(recipe.max_tokens, body.layout.max_tokens))),
        ("C of the first head", f"{head.strength:g}"),
        ("device", body.device),
    )


def _notes(reference: str, body: Body, recipe: Recipe) -> tuple[Note, ...]:
    if recipe.layers is None or body.can_be_cut:
        return ()
    message = f"the layers of {reference} cannot be run apart, so all of them were trained (slower)"
    return (Note("layers_not_frozen", message),)
