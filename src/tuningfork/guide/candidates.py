"""Models to measure: what the starter store and the atlas offer for a task, ranked, with the reasons."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from tuningfork.guide.flow import Leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One model that could be measured.

    Attributes:
        model: its name.
        side: where it would stand.
        status: 'in', or 'ruled out' by a limit.
        reasons: why it is in at its place, or what rules it out.
        arm: the arm spec that measures it; None where it is ruled out or has no known way to run here.
    """

    model: str
    side: Leaf
    status: Literal["in", "ruled out"]
    reasons: tuple[str, ...]
    arm: str | None

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON has them."""
        return asdict(self) | {"reasons": list(self.reasons)}
