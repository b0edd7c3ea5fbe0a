"""The options of `prompt` arms, as typed in a spec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tuningfork.arms.prompt.permuting import MOST_ORDERS
from tuningfork.arms.prompt.wordings import WORDINGS_A_TYPE
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.models.llm.opening import CHAT_OPTIONS

MOST_SHOTS = 64
_MOST_LABELS_FOR_FIXED = 20
MOST_DRAWS = 20
DRAWS = 3
"""Draws of the examples, where nothing else is asked for; `--seeds` is for trained arms."""
_OWN = ("shots", "select", "wording", "curve", "draws", "permute")


@dataclass(frozen=True, slots=True)
class PromptOptions:
    """What a prompt arm shows the model.

    Attributes:
        shots: examples in a prompt; 0 for zero-shot.
        select: 'fixed', 'nearest', or None where the number of labels decides.
        wording: number of the wording to use, counting from 1; None where the arm chooses.
        curve: nearest examples out of every label count of the study, and not out of the largest only.
        draws: how often examples are drawn anew.
        permute: how often each row is asked, its options in another order each time; 1: once, as they stand.
    """

    shots: int
    select: Literal["fixed", "nearest"] | None
    wording: int | None
    curve: bool = False
    draws: int = DRAWS
    permute: int = 1

    @classmethod
    def of(cls, spec: ArmSpec) -> PromptOptions:
        """Read and check the options.

        Raises:
            UnknownName, InputError: an option that does not exist, or a value that it cannot have.
        """
        spec.only_options(*_OWN, *CHAT_OPTIONS)
        shots = spec.whole_number("shots", 0, least=0, most=MOST_SHOTS)
        if "select" in spec.options and shots == 0:
            raise InputError(
                f"{spec.text!r}: select= says which examples are shown, but there are none",
                remedy=f"Add shots=K, 1 to {MOST_SHOTS}, or leave select= out",
            )
        select: Literal["fixed", "nearest"] | None = None
        if "select" in spec.options:
            word = spec.choice("select", "fixed", among=("fixed", "nearest"))
            select = "nearest" if word == "nearest" else "fixed"
        wording = spec.whole_number("wording", 0, least=1, most=WORDINGS_A_TYPE) or None
        curve = spec.choice("curve", "no", among=("yes", "no")) == "yes"
        draws = spec.whole_number("draws", DRAWS, least=1, most=MOST_DRAWS)
        permute = spec.whole_number("permute", 1, least=2, most=MOST_ORDERS)
        return cls(shots, select, wording, curve, draws, permute)

    def selects_nearest(self, labels: int) -> bool:
        """Whether shots are chosen for each row; by default above 20 labels, which fixed shots could not show."""
        if self.shots == 0:
            return False
        return self.select == "nearest" if self.select else labels > _MOST_LABELS_FOR_FIXED
