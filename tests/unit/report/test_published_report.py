"""A report for others: every figure, and no row."""

from __future__ import annotations

from pathlib import Path

import pytest

from report_cases import CASES, records_for
from tuningfork.report.html import render_html
from tuningfork.report.published import write_published
from tuningfork.verdict.decide import decide
from tuningfork.verdict.files import read_verdict
from tuningfork.verdict.scored import score_study


@pytest.mark.parametrize("case", CASES)
def test_no_text_and_no_id_of_a_row_is_shown(tmp_path: Path, case: str) -> None:
    records = records_for(case)
    record = decide(records)
    write_published(tmp_path / "for others", record, score_study(records))
    page = (tmp_path / "for others" / "report.html").read_text(encoding="utf-8")
    told = [*records.task.evaluation.texts, *records.task.evaluation.ids, *records.task.pool.texts[:200]]
    assert not [text for text in told if f">{text}<" in page]
    assert "article" not in page
    assert read_verdict(tmp_path / "for others" / "verdict.json").reason == record.reason


def test_what_it_leaves_out_is_what_the_full_report_shows() -> None:
    records = records_for("full")
    page, ids = render_html(decide(records), score_study(records)), records.task.evaluation.ids
    assert "article" in page
    assert [row for row in ids if f"<code>{row}</code>" in page]
