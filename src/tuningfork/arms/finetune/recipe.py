"""How to fine-tune: what the user asked for, and what the label count suggests for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tuningfork.arms._inner_choice import FEWEST_TO_CHOOSE
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError

_ROW_PASSES = 4000
_FEWEST_EPOCHS, _MOST_EPOCHS = 4, 8
_FIXED_EPOCHS = 3
_LABELS_FOR_THREE_LAYERS = 1001


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
    """

    layers: int | None
    epochs: int
    chooses_epochs: bool
    learning_rate: float
    head_learning_rate: float = 1e-3
    max_tokens: int = 128
    batch_size: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The options of a spec; None is 'as the label count suggests'."""

    layers: int | Literal["all"] | None
    epochs: int | None
    learning_rate: float | None
    max_tokens: int

    @classmethod
    def of(cls, spec: ArmSpec) -> Wishes:
        """Read `layers=K|all|auto`, `epochs=`, `lr=`, `max_tokens=`.

        Raises:
            InputError: an option that is unknown or out of range.
        """
        spec.only_options("layers", "epochs", "lr", "max_tokens")
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
        )

    def recipe(self, n_labels: int) -> Recipe:
        """Fill in the rest by label count.

        Few labels: the top two layers, which score as well as more and cost least; many: three. Below 50, where
        nothing can be held out, little training at a low rate: more of it forgets what the encoder knew. Above,
        epochs fall as labels grow, so that a trial stays within minutes on two cores. A number of epochs that the
        user gave is kept to, and no row is held out.
        """
        suggested = 2 if n_labels < _LABELS_FOR_THREE_LAYERS else 3
        few = n_labels < FEWEST_TO_CHOOSE
        most = min(_MOST_EPOCHS, max(_FEWEST_EPOCHS, _ROW_PASSES // max(1, n_labels)))
        gentle = few or self.layers == "all"
        return Recipe(
            layers=None if self.layers == "all" else self.layers or suggested,
            epochs=self.epochs or (_FIXED_EPOCHS if few else most),
            chooses_epochs=not (few or self.epochs),
            learning_rate=self.learning_rate or (1e-4 if gentle else 2e-4),
            max_tokens=self.max_tokens,
        )


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
