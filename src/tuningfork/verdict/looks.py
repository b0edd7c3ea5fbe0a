"""What was seen of this study before: a margin, metric or set of arms that changed after a verdict is told in the next.

A verdict is an honest one at a margin that was set before it was seen. Each run that ends in a verdict leaves a look in
the ledger, and a look is never taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tuningfork.study.decided_by import metric_of
from tuningfork.study.records import Look
from tuningfork.verdict import numbers
from tuningfork.verdict.verdict_json import Call, Caution, LookRow, VerdictRecord

_CALLS: dict[Call, str] = {
    "better": "one side better",
    "same": "both sides the same",
    "cheaper_will_do": "the cheaper side will do",
    "undecided": "undecided",
}


def look_at(record: VerdictRecord, *, at: float) -> Look:
    """What somebody who reads this verdict has seen, at so many seconds since 1970."""
    return Look(
        at=at,
        margin=record.margin,
        metric=record.metric,
        arms=tuple(row.arm for row in record.arms),
        call=record.call,
        recommendation=record.recommendation,
        chosen_arm=record.chosen_arm,
        difference=None if record.comparison is None else record.comparison.difference,
    )


def is_new(look: Look, earlier: Sequence[Look]) -> bool:
    """Whether it tells something that the last look did not: to run a finished study again shows nothing new."""
    return not earlier or _question(look) != _question(earlier[-1]) or _outcome(look) != _outcome(earlier[-1])


def beside_earlier_looks(record: VerdictRecord, looks: Sequence[Look]) -> VerdictRecord:
    """The verdict with the looks before it, and a warning that comes first where its question was changed since.

    Args:
        looks: all that were kept; the last may be this very verdict's.
    """
    current = look_at(record, at=0.0)
    earlier = tuple(looks) if is_new(current, looks) else tuple(looks[:-1])
    warnings = (*_cautions(record, earlier), *record.warnings)
    return record.model_copy(update={"looks": _rows(earlier), "warnings": warnings})


def _rows(looks: Sequence[Look]) -> tuple[LookRow, ...]:
    return tuple(
        LookRow(
            at=_moment(look).isoformat(timespec="seconds"),
            margin=look.margin,
            metric=look.metric,
            arms=look.arms,
            call=_call(look),
            recommendation=look.recommendation,
        )
        for look in looks
    )


def _cautions(record: VerdictRecord, looks: Sequence[Look]) -> Iterator[Caution]:
    """One warning where this verdict's question is not the one that was asked before the first verdict was seen.

    Where nothing was compared, because a side had no arm or its answers were not read, nothing of it was seen.
    """
    looks = [look for look in looks if look.difference is not None]
    if not looks:
        return
    first, current = looks[0], look_at(record, at=0.0)
    changed = list(_changes(first, current, record.task_type))
    if not changed:
        return
    questions = {_question(look) for look in looks} | {_question(current)}
    met = "" if _outcome(first) == _outcome(current) else f" This verdict is another one: {_CALLS[record.call]}."
    first_told = _told(first, record.task_type)
    yield Caution(
        code="changed_after_look",
        message=f"Since a first verdict was seen ({first_told}), {' and '.join(changed)} changed.{met} These rows "
        f"have now been asked {len(questions)} questions, and with every further one a difference that is mere luck "
        "is likelier to be called. Rows that no verdict was seen on (--test FILE, another --out) settle it.",
    )


def _changes(first: Look, current: Look, task_type: str) -> Iterator[str]:
    if first.margin != current.margin:
        yield f"the margin ({_margin(first, task_type)} then, {_margin(current, task_type)} now)"
    if first.metric != current.metric:
        then, now = (metric_of(task_type, look.metric).display_name for look in (first, current))
        yield f"the metric ({then} then, {now} now)"
    if joined := [arm for arm in current.arms if arm not in first.arms]:
        yield f"the set of arms ({', '.join(joined)} joined)"
    if left := [arm for arm in first.arms if arm not in current.arms]:
        yield f"the set of arms ({', '.join(left)} left)"


def _margin(look: Look, task_type: str) -> str:
    return numbers.amount(look.margin, metric_of(task_type, look.metric).unit)


def _told(look: Look, task_type: str) -> str:
    return f"{_moment(look):%Y-%m-%d %H:%M} UTC: {_CALLS[_call(look)]} at a margin of {_margin(look, task_type)}"


def _question(look: Look) -> tuple[float, str, frozenset[str]]:
    return look.margin, look.metric, frozenset(look.arms)


def _outcome(look: Look) -> tuple[str, str, str | None]:
    return look.call, look.recommendation, look.chosen_arm


def _call(look: Look) -> Call:
    return next(call for call in _CALLS if call == look.call)


def _moment(look: Look) -> datetime:
    return datetime.fromtimestamp(look.at, UTC)
