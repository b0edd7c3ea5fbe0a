"""For test suites: a change must not make answers worse, and must show that it does not."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from tuningfork.api import Comparison, compare
from tuningfork.verdict import numbers

__all__ = ["assert_no_worse"]


def assert_no_worse(
    gold: Iterable[Hashable],
    old: Iterable[Any],
    new: Iterable[Any],
    *,
    metric: str = "accuracy",
    margin: float = 0.03,
    groups: Iterable[Hashable] | None = None,
    texts: Iterable[str | None] | None = None,
    runs: bool = False,
) -> Comparison:
    """Assert that `new` is better than `old`, or shown to be no worse by the margin (one-sided, at 5 %).

    Rows that are too few to show it fail too: that nothing was seen is no evidence.

    Args:
        gold, old, new, metric, margin, groups, texts, runs: as for `tuningfork.compare`.

    Returns:
        The comparison, old as a and new as b.

    Raises:
        AssertionError: it is worse, or not shown to be no worse; with what was found and how many rows would show it.
        InputError: nothing to compare; see `tuningfork.compare`.
    """
    __tracebackhide__ = True  # pytest shows the line of the test that failed
    found = compare(gold, old, new, metric=metric, groups=groups, margin=margin, texts=texts, runs=runs)
    if found.b_is in {"worse", "undecided"}:
        behind = numbers.amount(found.b_behind_at_most, found.unit)
        shown = "worse" if found.b_is == "worse" else "not shown to be no worse"
        by = f"by the margin of {numbers.amount(margin, found.unit)}"
        raise AssertionError(f"new (b) is {shown} than old (a) {by}: it may be {behind} behind. {found}")
    return found
