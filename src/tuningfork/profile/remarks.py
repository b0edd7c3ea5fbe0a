"""What a reader of a profile should mind: its figures, judged by stated limits, a sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tuningfork.profile.figures import FileProfile, Leakage, Profile, Shift
from tuningfork.task.schema import Note
from tuningfork.task.wording import counted, quoted

MANY_REPEATS = 0.05
MANY_DOUBTFUL = 0.03
MANY_CUT = 0.01
MOSTLY = 0.5
RARE = 1 / 3
"""Of its even share; below it the default metric is no longer accuracy."""
_MOST_CODES = 20
"""Different numbers that may still be names of classes."""
_ROWS_A_LABEL = 5
"""Fewer than this on average, and rare labels are the rule."""


def remarks_on(profile: Profile) -> Iterator[Note]:
    """Notes on a profile whose own notes are not written yet."""
    for file in profile.files:
        yield from _on_file(file)
    yield from _on_labels(profile.data)
    for found in profile.leakage:
        yield from _on_leakage(found, profile)
    yield from _on_suspicious(profile)
    for shift in profile.shifts:
        yield from _on_shift(shift, profile)
    if profile.embedded_by is None:
        yield Note(
            "no_encoder",
            "No encoder could be had, so shift, domain, doubtful labels and the map are left out. Fetch one with: "
            "tuningfork models pull wordllama",
        )


def _on_file(file: FileProfile) -> Iterator[Note]:
    repeats, rows = file.duplicates, file.rows
    if repeats.normalised + repeats.near > MANY_REPEATS * rows:
        yield Note(
            "many_repeats",
            f"{_share(repeats.normalised + repeats.near, rows)} of the rows of {file.name} repeat an earlier one, "
            f"exactly or nearly: they count for less than they seem.",
        )
    if repeats.contradicting:
        yield Note(
            "contradicting_duplicates",
            f"{counted(repeats.contradicting, 'row')} of {file.name} have a text that stands elsewhere in it with "
            f"another label: no arm can get all of them right.",
        )
    if file.personal:
        seen = ", ".join(f"{finding.kind} ({finding.rows:,})" for finding in file.personal)
        yield Note(
            "personal_data",
            f"Rows of {file.name} look as if they held personal data: {seen}. Mind that before rows go to an API.",
        )
    for cut in file.lengths.truncations:
        if cut.rows > MANY_CUT * rows:
            yield Note(
                "truncated_texts",
                f"{cut.model} reads {cut.max_tokens:,} tokens of a text at most: it would not see the end of "
                f"{_share(cut.rows, rows)} of the rows of {file.name}.",
            )


def _on_labels(data: FileProfile) -> Iterator[Note]:
    labelled = data.rows - data.unlabelled
    if not data.labels:
        yield Note("unlabelled_file", f"No row of {data.name} has a label: only the texts were looked at.")
        return
    if data.of_options:
        return
    if are_amounts([label for label, _ in data.labels]):
        yield Note(
            "numeric_labels",
            f"The labels of {data.name} are {len(data.labels)} different numbers: they were taken for amounts, so "
            f"balance and doubtful labels mean nothing.",
        )
        return
    even = labelled / len(data.labels)
    rarest, fewest = min(data.labels, key=lambda pair: pair[1])
    if even >= _ROWS_A_LABEL and fewest < RARE * even:
        yield Note(
            "imbalanced_labels",
            f"Labels are uneven: {quoted(rarest)} has {counted(fewest, 'row')} of {labelled:,}, under a third of an "
            f"even share.",
        )


def are_amounts(labels: Iterable[str]) -> bool:
    """Whether labels are so many different numbers that they measure something rather than name it."""
    different = {label for label in labels if label}
    return len(different) > _MOST_CODES and all(map(_is_number, different))


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True


def _on_leakage(found: Leakage, profile: Profile) -> Iterator[Note]:
    if found.rows or found.near:
        near = f", and {found.near:,} more nearly so" if found.near else ""
        other = _named(profile, found.role)
        yield Note(
            "leaked_rows",
            f"{found.rows:,} of {found.of:,} rows of {other} are in {profile.data.name} too{near}: scores on them "
            f"reward memory. A study leaves the former out of its pool.",
        )


def _on_suspicious(profile: Profile) -> Iterator[Note]:
    found = profile.suspicious
    if found is not None and found.found > MANY_DOUBTFUL * found.looked_at:
        yield Note(
            "doubtful_labels",
            f"{_share(found.found, found.looked_at)} of the labels are doubtful: rows like them have others. Look at "
            f"the worst first.",
        )


def _on_shift(shift: Shift, profile: Profile) -> Iterator[Note]:
    other = _named(profile, shift.role)
    if shift.detected:
        yield Note(
            "rows_differ",
            f"Rows of {other} differ from those of {profile.data.name}: a score on the one need not hold on the other.",
        )
    elif shift.detected is None:
        yield Note("shift_not_tested", f"Too few rows to tell whether those of {other} differ.")


def _named(profile: Profile, role: str) -> str:
    return next(file.name for file in profile.files if file.role == role)


def _share(part: int, whole: int) -> str:
    """'12 %', '0.3 %'."""
    share = 100 * part / whole
    return f"{share:.0f} %" if share >= 1 else f"{share:.1g} %"
