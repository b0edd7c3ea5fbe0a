"""A profile as one HTML page that needs no network."""

from __future__ import annotations

from pathlib import Path

from tuningfork.foundation.files import write_text
from tuningfork.profile.document import ProfileDocument
from tuningfork.report.html import render_page
from tuningfork.report.profile.parts import profile_parts
from tuningfork.report.text import one_line


def write_profile_page(path: Path, document: ProfileDocument) -> None:
    """Write the page as a whole file.

    Raises:
        CannotWrite: the folder cannot be written, or the disk is full.
    """
    write_text(path, profile_html(document))


def profile_html(document: ProfileDocument) -> str:
    """One HTML document, escaped and guarded as the report is."""
    return render_page("profile.html.j2", name=one_line(document.name), profile=profile_parts(document))
