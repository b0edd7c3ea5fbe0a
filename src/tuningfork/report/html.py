"""The HTML report: one file that asks nothing of any network, in light and dark, on a phone and on paper."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuningfork.foundation.files import write_text
from tuningfork.report.page import make_page
from tuningfork.report.text import harmless
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.verdict_json import VerdictRecord

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = "tuningfork.report.templates"
_STYLES = ("report.css", "flow.css", "profile.css")


def write_report(path: Path, record: VerdictRecord, scored: Scored) -> None:
    """Write the report as a whole file."""
    write_text(path, render_html(record, scored))


def render_html(record: VerdictRecord, scored: Scored, *, examples: bool = True) -> str:
    """The report as one HTML document.

    Args:
        scored: the table that the verdict was made on.
        examples: whether rows are shown on which the compared arms disagree.

    Whatever a template prints is escaped, and freed of characters that steer, wherever it stands; the document's
    content security policy allows its own style sheet, known by its SHA-256, and nothing else: no script, no image, no
    request.
    """
    return render_page("report.html.j2", page=make_page(record, scored, examples=examples))


def render_page(template: str, **content: Any) -> str:
    """A template of a whole document, with the style sheet and its hash; see `render_html` for what guards it."""
    style = _style()
    return _environment().get_template(template).render(**content, style=style, style_hash=_hash(style))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(_resource),
        autoescape=True,
        finalize=_plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _plain(value: Any) -> Any:
    """Everything that is printed passes here, before it is escaped; only markup of our own stays as it is."""
    return value if hasattr(value, "__html__") else harmless(str(value))


@cache
def _style() -> str:
    return "".join(map(_resource, _STYLES))


def _resource(name: str) -> str:
    return files(_TEMPLATES).joinpath(name).read_text(encoding="utf-8")


def _hash(style: str) -> str:
    digest = hashlib.sha256(style.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
