"""`verdict.json` on disk: written as a whole, read back strictly."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from tuningfork.errors import InputError
from tuningfork.foundation.files import write_text
from tuningfork.foundation.steering import json_text
from tuningfork.verdict.records import VerdictRecord
from tuningfork.verdict.upgrade import as_version_2


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
        text = path.read_text(encoding="utf-8")
        return VerdictRecord.model_validate_json(_as_today(text))
    except OSError as error:
        raise InputError(f"the verdict cannot be read: {error.strerror}", file=path, remedy=remedy) from error
    except UnicodeDecodeError as error:
        raise InputError("this is no verdict: the file is not UTF-8", file=path, remedy=remedy) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        problem = f"this is no verdict of schema version 1 or 2: {where + ': ' if where else ''}{first['msg']}"
        raise InputError(problem, file=path, remedy=remedy) from error


def _as_today(text: str) -> str:
    """JSON of today's schema version, where it can be had; what is no verdict is left for validation to refuse."""
    try:
        found = json.loads(text)
        if not isinstance(found, dict) or found.get("schema_version") != 1:
            return text
        return json.dumps(as_version_2(found))
    except (ValueError, KeyError, TypeError, AttributeError):
        return text
