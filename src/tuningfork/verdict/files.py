"""`verdict.json` on disk: written as a whole, read back strictly."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from tuningfork.errors import InputError
from tuningfork.foundation.files import write_text
from tuningfork.foundation.steering import json_text
from tuningfork.verdict.label_counts import with_bounds_of_version_1
from tuningfork.verdict.upgrade import as_version_2
from tuningfork.verdict.verdict_json import VerdictRecord


def write_verdict(path: Path, record: VerdictRecord) -> None:
    """Write `record` as JSON, keys in the order of the contract; a reader never sees half a file."""
    write_text(path, json_text(record.model_dump(mode="json")) + "\n")


def read_verdict(path: Path) -> VerdictRecord:
    """Read a verdict that `write_verdict` wrote, today's or one of schema version 1; the file stays as it is.

    Raises:
        InputError: no such file, no JSON, or JSON that is not a verdict of a schema version known here.
    """
    remedy = "Run `tuningfork run` to make the verdict again"
    try:
        return _as_today(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"the verdict cannot be read: {error.strerror}", file=path, remedy=remedy) from error
    except UnicodeDecodeError as error:
        raise InputError("this is no verdict: the file is not UTF-8", file=path, remedy=remedy) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        problem = f"this is no verdict of schema version 1 or 2: {where + ': ' if where else ''}{first['msg']}"
        raise InputError(problem, file=path, remedy=remedy) from error


def _as_today(text: str) -> VerdictRecord:
    """The verdict in today's schema version; what is none is left for validation to refuse."""
    try:
        found = json.loads(text)
        earlier = isinstance(found, dict) and found.get("schema_version") == 1
        upgraded = as_version_2(found) if earlier else None
    except (ValueError, KeyError, TypeError, AttributeError):
        upgraded = None
    if upgraded is None:
        return VerdictRecord.model_validate_json(text)
    return _with_bounds(VerdictRecord.model_validate(upgraded))


def _with_bounds(record: VerdictRecord) -> VerdictRecord:
    """The same with the bounds of its break-even, which earlier files told in words only."""
    found = record.break_even_labels
    counts = [point.n_labels for point in record.curve if point.arm == found.arm and point.n_labels]
    return record.model_copy(update={"break_even_labels": with_bounds_of_version_1(found, counts)})
