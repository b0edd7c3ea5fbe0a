"""Every code has its place among what limits a verdict, or is known to limit none."""

from __future__ import annotations

import re

from documentation import DOCS
from tuningfork.verdict.verdict_json import Caution
from tuningfork.verdict.warnings import TASK_NOTES_THAT_LIMIT
from tuningfork.verdict.weight import KNOWN, LIMITS_NOTHING, by_weight

_ROW = re.compile(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", re.MULTILINE)


def documented(section: str | None = None) -> set[str]:
    """Codes that the reference page tells of, all or those under one heading."""
    text = (DOCS / "reference" / "notes-and-warnings.md").read_text(encoding="utf-8")
    if section is not None:
        text = text.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return {code for row in _ROW.findall(text) for code in re.findall("[a-z_]+", row)}


def test_every_documented_code_has_a_place_or_limits_nothing() -> None:
    codes = documented()
    assert len(codes) > 60
    assert not codes - KNOWN - LIMITS_NOTHING
    assert not KNOWN & LIMITS_NOTHING


def test_notes_about_the_rows_that_have_a_place_reach_the_verdict() -> None:
    about_rows = documented("About the rows") & KNOWN
    assert "contradicting_duplicates" in about_rows
    assert about_rows <= TASK_NOTES_THAT_LIMIT
    assert TASK_NOTES_THAT_LIMIT <= KNOWN


def test_what_was_not_read_comes_first_and_an_unknown_code_last() -> None:
    found = by_weight(Caution(code=code, message="") for code in ("a_new_one", "weak_llm", "answers_not_read"))
    assert [caution.code for caution in found] == ["answers_not_read", "weak_llm", "a_new_one"]
