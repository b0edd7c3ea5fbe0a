"""A study's profile of its rows: made once, kept in the study's folder, shown in its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.guide.from_rows import documented
from tuningfork.models.store import ModelStore
from tuningfork.profile.document import ProfileDocument
from tuningfork.profile.files import PROFILE_FILE, read_profile, write_profile
from tuningfork.profile.profiling import open_profile_encoder, profile_rows
from tuningfork.task.unsplit import Unsplit

MOST_ROWS = 5000
"""A file; a study looks at a sample, so that its report waits for seconds only."""
_SECONDS_AT_MOST = 20.0


def study_profile(
    folder: Path,
    read: Callable[[], Unsplit],
    *,
    announce: Callable[[str], None] | None = None,
    seconds_left: float = float("inf"),
) -> ProfileDocument | None:
    """The profile that the folder holds, or one made now and kept there; nothing is fetched for it.

    Args:
        read: reads the rows.
        announce: is told why there is none.
        seconds_left: of the study's time; with too little of it, there is none.

    Raises:
        CannotWrite: the folder cannot be written, or the disk is full.
    """
    path = folder / PROFILE_FILE
    kept = read_profile(path)
    if kept is not None and kept.embedded_by is not None:
        return kept
    encoder = open_profile_encoder(ModelStore(announce=announce), fetch=False)
    if kept is not None and encoder is None:
        return kept
    tell = announce or (lambda _: None)
    if seconds_left < _SECONDS_AT_MOST:
        tell("No time is left to profile the rows for the report; tuningfork report does it.")
        return kept
    try:
        source = read()
    except InputError as reason:
        tell(f"The rows are not profiled for the report: {reason}")
        return kept
    made = documented(profile_rows(source, encoder, seed=source.spec.seed, most=MOST_ROWS), source.spec)
    write_profile(path, made)
    return made
