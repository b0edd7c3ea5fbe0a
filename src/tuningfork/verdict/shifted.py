"""The warning of a shift that the profile found: the verdict's rows, or those in use, are unlike the labelled ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tuningfork.guide.from_rows import shift_facts
from tuningfork.profile.document import ProfileDocument
from tuningfork.profile.figures import Shift
from tuningfork.verdict import numbers
from tuningfork.verdict.head_to_head import HeadToHead
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.verdict_json import ArmRow, Caution


def shift_cautions(scored: Scored, duel: HeadToHead | None, rows: Sequence[ArmRow]) -> Iterator[Caution]:
    """One for each file of which the guide says that its rows differ from the labelled ones; none without a profile.

    Of two files with one distribution, one comparison in twenty is seen as a shift; so a slight difference of a test
    file, and one of repeats only, is left to the profile. Of rows given as shifted, a slight one counts too.
    """
    profile = scored.records.profile
    if profile is None:
        return
    for shift in profile.shift.values():
        facts = shift_facts([shift])
        if facts is None or not facts.counts:
            continue
        labelled, other = profile.data.name, _name_of(profile, shift.role)
        consequence = (
            _of_test_rows(other) if shift.role == "test" else _of_rows_in_use(scored, rows, duel, (labelled, other))
        )
        yield Caution(
            code="shift_found",
            message=f"Rows of {other} differ from the labelled rows of {labelled}"
            f"{_how_far(shift, slight=facts.is_slight)}. {consequence}",
        )


def _of_test_rows(other: str) -> str:
    return (
        f"All scores are of rows like those of {other}, and the labels that arms were given are of another kind: "
        "neither side need score the same on rows like the labelled ones."
    )


def _of_rows_in_use(scored: Scored, rows: Sequence[ArmRow], duel: HeadToHead | None, files: tuple[str, str]) -> str:
    """What the verdict says of rows in use, and how the compared arms did there."""
    told = f"The verdict is about rows like those of {files[0]} and need not hold for those of {files[1]}."
    scores = {row.arm: row.shifted_score for row in rows}
    compared = () if duel is None else (duel.fine_tuned, duel.llm)
    there = [(arm.name.short, score) for arm in compared if (score := scores.get(arm.arm)) is not None]
    if len(there) < 2:
        return told
    scores_there = " and ".join(f"{name} scores {numbers.score(score)}" for name, score in there)
    return f"{told} There, {scores_there} ({scored.metric.display_name})."


def _how_far(shift: Shift, *, slight: bool) -> str:
    if shift.separation is None:
        return ""
    return f" ({'slightly: ' if slight else ''}a classifier tells the two apart with AUC {shift.separation:.2f})"


def _name_of(profile: ProfileDocument, role: str) -> str:
    return next((file.name for file in profile.files if file.role == role), f"the {role} file")
