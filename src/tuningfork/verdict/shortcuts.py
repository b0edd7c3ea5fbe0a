"""What one field of a row tells alone: measured beside the verdict, for a score that a part of the row reaches is no
sign that anybody read the rest (Gururangan et al. 2018, arXiv 1803.02324)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tuningfork.arms.spec import ONLY, ArmSpec
from tuningfork.study.deciding import FEWEST_ROWS
from tuningfork.task.fields import caption_of
from tuningfork.verdict import numbers
from tuningfork.verdict.calls import Calls
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.verdict_json import Caution, ShortcutRow


def shortcut_rows(scored: Scored) -> tuple[ShortcutRow, ...]:
    """One for each check that has finished, in the order of the study; none of rows that are one text."""
    columns = scored.task.spec.fields or {}
    found = []
    for arm in scored.checks:
        score, interval = scored.score(arm), scored.interval(arm)
        if score is None:
            continue
        field = ArmSpec.parse(arm.arm).options[ONLY]
        found.append(
            ShortcutRow(
                arm=arm.arm,
                field=field,
                caption=caption_of(field, columns.get(field, field)),
                score=score,
                ci95=None if interval is None else interval.ci95,
                n_eval=arm.n_eval,
                n_labels=arm.n_labels,
                constant=scored.constant_score(arm.n_eval),
            )
        )
    return tuple(found)


def shortcut_cautions(scored: Scored, calls: Calls, rows: Sequence[ShortcutRow]) -> Iterator[Caution]:
    """A warning where a field alone surely does better than the constant answer, by more than the margin: how much of
    the scores that may be."""
    for row in rows:
        if row.ci95 is None or row.n_eval < FEWEST_ROWS:
            continue
        worst = min(map(scored.oriented, row.ci95))
        if worst <= scored.oriented(row.constant) + scored.margin:
            continue
        beside = "" if calls.duel is None else _beside(calls)
        yield Caution(
            code="one_field_tells",
            message=f"{row.caption} alone scores {numbers.score(row.score, row.ci95)} with words and a linear "
            f"classifier, where always the same answer scores {numbers.score(row.constant)}{beside}: a part of the "
            "scores needs no other field, and rows that were written otherwise need not have this shortcut.",
        )


def _beside(calls: Calls) -> str:
    duel = calls.duel
    assert duel is not None, "asked for where there is one"
    told = " and ".join(
        f"{numbers.score(duel.score_of(arm).score)} ({arm.name.short})" for arm in (duel.fine_tuned, duel.llm)
    )
    return f", and both {told} see the whole row"
