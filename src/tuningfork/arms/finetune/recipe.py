"""How to fine-tune: what the user asked for, and what the label count suggests for the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from tuningfork.arms.spec import ArmSpec
from tuningfork.arms.targets.inner_choice import FEWEST_TO_CHOOSE
from tuningfork.errors import InputError

FIXED_BELOW_50, EPOCHS_GIVEN, ON_PAIRS = "fixed below 50 labels", "epochs as given", "fixed, on pairs of rows"
BY_LABELS = "fixed by the number of labels"

_EPOCHS_OF_FEW = 3
_ROW_PASSES_OF_ALL, _EPOCHS_OF_ALL = 1024, (2, 8)
_ROW_PASSES_OF_SOME, _EPOCHS_OF_SOME = 4000, (4, 8)
"""Passes over rows that are enough, and the fewest and most epochs: of all layers, and of some of them at most."""
_PAIR_STEPS, _ROWS_OF_PAIRS = 30, 32
_SCALE, _LEAST_SCALE_OF_ALL = 0.35, 0.4
_SCALE_OF_MANY_CLASSES, _MANY_CLASSES = 0.85, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A recipe for one trial.

    Attributes:
        layers: how many of the top layers are trained; None for all of them and the embeddings.
        epochs: passes over the rows; the most, where their number is chosen.
        chooses_epochs: whether their number is chosen on held-out rows of the trial's own.
        learning_rate: the peak, for the encoder's layers.
        head_learning_rate: the peak, for the linear head. It acts on unit-length vectors, so its weights are large.
        max_tokens: longer texts are cut here.
        batch_size: rows of a step.
        scale: factor on the scores where nothing is held out to choose one.
        basis: what the number of epochs rests on, in words, where it is not chosen.
        pair_steps: batches that layers are trained on by pairs of rows, before the head is fitted; 0 where layers and
            head are trained together.
    """

    layers: int | None
    epochs: int
    chooses_epochs: bool
    learning_rate: float
    head_learning_rate: float = 1e-3
    max_tokens: int = 128
    batch_size: int = 16
    scale: float = _SCALE
    basis: str = EPOCHS_GIVEN
    pair_steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The options of a spec; None is 'as the label count suggests'."""

    layers: int | Literal["all"] | None
    epochs: int | None
    learning_rate: float | None
    max_tokens: int
    on_pairs: bool = False

    @classmethod
    def of(cls, spec: ArmSpec) -> Wishes:
        """Read `recipe=auto|pairs`, `layers=K|all|auto`, `epochs=`, `lr=`, `max_tokens=`; `names=` is read where the
        names are.

        Raises:
            InputError: an option that is unknown, out of range, or none of this recipe's.
        """
        spec.only_options("recipe", "layers", "epochs", "lr", "max_tokens", "names")
        on_pairs = _is_on_pairs(spec)
        layers: int | Literal["all"] | None = None
        if spec.options.get("layers") == "all":
            layers = "all"
        elif spec.options.get("layers", "auto") != "auto":
            layers = spec.whole_number("layers", 0, least=1, most=100)
        return cls(
            layers=layers,
            epochs=spec.whole_number("epochs", 0, least=1, most=1000) or None,
            learning_rate=_learning_rate(spec),
            max_tokens=spec.whole_number("max_tokens", 128, least=8, most=8192),
            on_pairs=on_pairs,
        )

    def recipe(self, n_labels: int, *, classes: int = 2) -> Recipe:
        """Fill in the rest by label count.

        From 50 labels on all layers, for eight epochs down to two: two layers with a number of epochs that is chosen,
        which is a second training, scored lower or the same on every set. Below 50, where every label counts, the top
        two layers with little training at a low rate: more of it forgets what the encoder knew. Where the user names
        some layers, their epochs are chosen; a number of epochs that he gave is kept to, and no row is held out.

        Args:
            n_labels: labelled rows of the trial.
            classes: how many different labels they and the names have.
        """
        if self.on_pairs:
            return self._on_pairs(classes)
        few = n_labels < FEWEST_TO_CHOOSE
        layers = self.layers or (2 if few else "all")
        whole = layers == "all"
        suggested = _EPOCHS_OF_FEW if few else _epochs_of_all(n_labels) if whole else _most_epochs_of_some(n_labels)
        epochs = self.epochs or suggested
        return Recipe(
            layers=None if layers == "all" else layers,
            epochs=epochs,
            chooses_epochs=not (few or whole or self.epochs),
            learning_rate=self.learning_rate or (1e-4 if few or whole else 2e-4),
            max_tokens=self.max_tokens,
            scale=_scale_of_few(classes) if few else _scale_of_all(epochs, classes) if whole else _SCALE,
            basis=FIXED_BELOW_50 if few else EPOCHS_GIVEN if self.epochs else BY_LABELS,
        )

    def _on_pairs(self, classes: int) -> Recipe:
        """The top two layers unless others were named; large batches, for what a row is pulled to stands in its own."""
        layers = self.layers or 2
        return Recipe(
            layers=None if layers == "all" else layers,
            epochs=0,
            chooses_epochs=False,
            learning_rate=self.learning_rate or 2e-4,
            max_tokens=self.max_tokens,
            batch_size=_ROWS_OF_PAIRS,
            scale=_scale_of_few(classes),
            basis=ON_PAIRS,
            pair_steps=_PAIR_STEPS,
        )


def _is_on_pairs(spec: ArmSpec) -> bool:
    recipe = spec.options.get("recipe", "auto")
    if recipe not in {"auto", "pairs"}:
        raise InputError(f"{spec.text!r}: there is no recipe {recipe!r}", remedy="Write recipe=pairs, or leave it out.")
    if recipe == "pairs" and "epochs" in spec.options:
        raise InputError(
            f"{spec.text!r}: pairs are trained on for {_PAIR_STEPS} steps whatever the labels",
            remedy="Leave out epochs=.",
        )
    return recipe == "pairs"


def _epochs_of_all(n_labels: int) -> int:
    fewest, most = _EPOCHS_OF_ALL
    return min(most, max(fewest, _ROW_PASSES_OF_ALL // n_labels))


def _most_epochs_of_some(n_labels: int) -> int:
    fewest, most = _EPOCHS_OF_SOME
    return min(most, max(fewest, _ROW_PASSES_OF_SOME // n_labels))


def _scale_of_all(epochs: int, classes: int) -> float:
    """Factor that makes the scores honest: each further epoch makes a model surer than it has reason to be, less so
    among many classes. Seen: .58 to .71 after two epochs, .37 to .51 after four and eight, .76 to .93 of 77 classes.
    """
    return _SCALE_OF_MANY_CLASSES if classes > _MANY_CLASSES else max(_LEAST_SCALE_OF_ALL, float(epochs**-0.6))


def _scale_of_few(classes: int) -> float:
    """The same below 50 labels, where the head begins with an honest scale of its own: little training makes it too
    sure of two labels, and leaves it as it is among many. So it does of a head on vectors from pairs, with 16 to 64
    labels: .27 to .42 of two, .42 to 1.0 of four."""
    return min(1.0, _SCALE * math.log2(max(2, classes)))


def _learning_rate(spec: ArmSpec) -> float | None:
    given = spec.options.get("lr")
    if given is None:
        return None
    try:
        rate = float(given)
    except ValueError:
        rate = float("nan")
    if not 0 < rate <= 1:
        raise InputError(f"{spec.text!r}: lr={given!r} is no number above 0 and up to 1", remedy="Try lr=2e-4.")
    return rate
