"""A study's `profile.json`: written as a whole, read back where it can be."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from tuningfork.foundation.files import write_text
from tuningfork.foundation.steering import json_text
from tuningfork.profile.document import ProfileDocument

PROFILE_FILE = "profile.json"


def write_profile(path: Path, document: ProfileDocument) -> None:
    """Write everything, the map's points too; a reader never sees half a file.

    Raises:
        CannotWrite: the folder cannot be written, or the disk is full.
    """
    write_text(path, json_text(document.model_dump(mode="json"), indent=None) + "\n")


def read_profile(path: Path) -> ProfileDocument | None:
    """What `write_profile` wrote; None where there is no such file, or none that can be read: it can be made again."""
    try:
        return ProfileDocument.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        return None
