"""Break-even labels in words: a count with its interval, a bound where the counts end, and whether it is settled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tuningfork.verdict.numbers import UNKNOWN, about, count
from tuningfork.verdict.verdict_json import Bound, BreakEven, Call, LabelsInterval

Kind = Literal["mean", "reliable"]

_PART = re.compile(r"(?:^|; )(mean|reliable): ")
_NOT_REACHED = re.compile(r"not reached by (\d+) labels")
_AT_OR_BELOW = re.compile(r"at or below (\d+) labels")
_OPEN_BELOW = re.compile(r"may as well lie [^;]*below (\d+)")
_OPEN_ABOVE = re.compile(r"may as well lie [^;]*above (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one kind of break-even lies, as far as the measured counts tell.

    Attributes:
        at: the label count; None where no crossing lies between the measured counts.
        ci95: its 95 % interval; an end beyond the counts is None.
        bound, bound_at: the side of the counts on which it lies where `at` is None.
        tried: the smallest and the largest count that was looked at.
        reason: what is missing, in words.
    """

    kind: Kind
    at: float | None
    ci95: LabelsInterval | None
    bound: Bound | None
    bound_at: float | None
    tried: tuple[int, int] | None
    reason: str | None

    @property
    def known(self) -> bool:
        """Whether there is anything to tell: a count, or the side on which it lies."""
        return self.at is not None or self.bound is not None

    @property
    def ends(self) -> tuple[str, str] | None:
        """The interval's ends in words, '610' and 'above 9,774'; None without an interval."""
        if self.ci95 is None:
            return None
        low, high = self.ci95
        return (
            about(low) if low is not None else self._beyond("below"),
            about(high) if high is not None else self._beyond("above"),
        )

    @property
    def interval(self) -> str:
        """'[610, above 9,774]'; empty without one, and where a bound is told and it says as much, or nothing."""
        says_nothing = self.at is None and (self.is_wholly_beyond or self.ci95 == (None, None))
        return "" if self.ends is None or says_nothing else f"[{self.ends[0]}, {self.ends[1]}]"

    @property
    def is_wholly_beyond(self) -> bool:
        """Whether the whole interval lies on the bound's side of the counts."""
        if self.at is not None or self.ci95 is None or self.bound_at is None:
            return False
        low, high = self.ci95
        if self.bound == "above":
            return low is not None and low >= self.bound_at
        return high is not None and high <= self.bound_at

    @property
    def value(self) -> str:
        """'4,900', 'above 6,717', 'at or below 8', and an en dash where nothing is known."""
        if self.at is not None:
            return about(self.at)
        if self.bound is None or self.bound_at is None:
            return UNKNOWN
        return f"{'above' if self.bound == 'above' else 'at or below'} {count(self.bound_at)}"

    @property
    def told(self) -> str:
        """'4,900 [610, above 9,774]', 'above 6,717'."""
        return f"{self.value} {self.interval}".rstrip()

    def is_settled(self, call: Call) -> bool:
        """Whether it may be stated as a fact: the call is made, and the interval closed on both sides.

        Where the counts show one side only, the whole interval must lie beyond them; without an interval, the call
        must be that one arm is better.
        """
        if call == "undecided" or not self.known:
            return False
        if self.at is not None:
            return self.ci95 is not None and None not in self.ci95
        return call == "better" if self.ci95 is None else self.is_wholly_beyond

    def _beyond(self, side: Literal["below", "above"]) -> str:
        if self.tried is None:
            return f"{side} all counts tried"
        return f"{side} {count(self.tried[0 if side == 'below' else 1])}"


def place_of(found: BreakEven, kind: Kind) -> Place:
    """One kind of break-even of a verdict."""
    told: dict[str, Any] = {name: getattr(found, f"{kind}_{name}") for name in ("ci95", "bound", "bound_at", "tried")}
    return Place(kind=kind, at=getattr(found, kind), reason=reasons(found.reason)[kind], **told)


def reasons(told: str | None) -> dict[Kind, str | None]:
    """The reason of each kind out of 'mean: …; reliable: …'; one that names no kind is of both."""
    if told is None or not _PART.search(told):
        return {"mean": told, "reliable": told}
    _, *parts = _PART.split(told)
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return {"mean": found.get("mean"), "reliable": found.get("reliable")}


def with_bounds_of_version_1(found: BreakEven, counts: Sequence[int]) -> BreakEven:
    """A break-even of schema version 1 with the bounds and open ends that it told in words only.

    That version put an end that the counts did not reach at the smallest or largest count, and a break-even beyond
    them into `reason`.

    Args:
        found: as it was read; one that has its bounds is given back as it is.
        counts: label counts of the trained arm's trials; may be empty.
    """
    if found.mean_tried is not None:
        return found
    told: dict[str, object] = {}
    kinds: tuple[Kind, ...] = ("mean", "reliable")
    for kind, reason in ((kind, reasons(found.reason)[kind] or "") for kind in kinds):
        open_below, open_above = _OPEN_BELOW.search(reason), _OPEN_ABOVE.search(reason)
        above, below = _NOT_REACHED.search(reason), _AT_OR_BELOW.search(reason)
        if above or below:
            told[f"{kind}_bound"] = "above" if above else "at_or_below"
            told[f"{kind}_bound_at"] = float((above or below)[1])  # type: ignore[index]
        low, high = getattr(found, f"{kind}_ci95") or (None, None)
        if low is not None or high is not None:
            told[f"{kind}_ci95"] = (None if open_below else low, None if open_above else high)
        smallest, largest = below or open_below, above or open_above
        if counts and (kind == "mean" or smallest or largest):
            told[f"{kind}_tried"] = (
                int(smallest[1]) if smallest else min(counts),
                int(largest[1]) if largest else max(counts),
            )
    return found.model_copy(update=told)
