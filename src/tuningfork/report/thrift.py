"""Arms that the choice within a side could not tell from the chosen one, and that cost much less."""

from __future__ import annotations

from collections.abc import Iterator

from tuningfork.report import numbers
from tuningfork.verdict.names import name_of
from tuningfork.verdict.numbers import gap
from tuningfork.verdict.verdict_json import ArmRow, SideRow, VerdictRecord

_WORTH_SAYING = 2.0
"""How many times less an arm costs from which on that is said."""


def thrift_sentences(record: VerdictRecord) -> Iterator[str]:
    """'Claude Haiku 4.5 was not told apart from Claude Opus 5 and costs 19 times less: $0.17 a thousand predictions
    against $3.16. On the evaluation rows it is 0.7 points [-3, 5] behind.' One sentence a side, of its cheapest such
    arm.
    """
    rows = {row.arm: row for row in record.arms}
    for side in record.sides:
        found = _cheapest(side, rows)
        if found is not None:
            yield _told(found, rows[side.arm], record)


def _cheapest(side: SideRow, rows: dict[str, ArmRow]) -> ArmRow | None:
    chosen = rows[side.arm].usd_per_1k
    priced = [(usd, arm) for arm in side.not_told_apart if (usd := rows[arm].usd_per_1k) is not None and usd > 0]
    if chosen is None or not priced or chosen < _WORTH_SAYING * min(priced)[0]:
        return None
    return rows[min(priced)[1]]


def _told(cheap: ArmRow, chosen: ArmRow, record: VerdictRecord) -> str:
    assert cheap.usd_per_1k is not None and chosen.usd_per_1k is not None, "only arms with a price are compared"
    names = [name_of(row.arm, row.side).short for row in (cheap, chosen)]
    times = chosen.usd_per_1k / cheap.usd_per_1k
    told = (
        f"{names[0]} was not told apart from {names[1]} and costs {times:.{0 if times >= 10 else 1}f} times less: "
        f"{numbers.usd(cheap.usd_per_1k)} a thousand predictions against {numbers.usd(chosen.usd_per_1k)}."
    )
    return told + _apart(cheap.arm, chosen.arm, record)


def _apart(cheap: str, chosen: str, record: VerdictRecord) -> str:
    """How far the cheap arm is behind the chosen one, or ahead of it, on the rows that decide."""
    pair = next((pair for pair in record.pairs if {pair.a, pair.b} == {cheap, chosen}), None)
    if pair is None:
        return ""
    sign = 1 if pair.b == chosen else -1
    behind, (low, high) = sign * pair.difference, sorted(sign * end for end in pair.ci95)
    told = (
        f"{gap(behind, (low, high), record.unit)} behind"
        if behind >= 0
        else f"{gap(-behind, (-high, -low), record.unit)} ahead"
    )
    return f" On the evaluation rows it is {told}."
