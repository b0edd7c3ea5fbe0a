"""The HTML report as a document: well-formed, closed to the network, readable, and true to the record."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from builders import PlantedArm, make_records
from report_cases import CASES, HOSTILE_TEXTS, SHOWN, hostile, hostile_everywhere, records_for
from tuningfork.report.html import render_html, write_report
from tuningfork.report.sections.measured import measured
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.decide import decide
from tuningfork.verdict.scored import score_study

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "wbr", "area", "base", "embed", "source", "track"}


@dataclass
class Document(HTMLParser):
    """Every element with its attributes, the text, and whether each end tag closes what is open."""

    html: str
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


def page(records: StudyRecords) -> Document:
    return Document(render_html(decide(records), score_study(records)))


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[StudyRecords, Document]:
    records = records_for(request.param)
    return records, page(records)


def test_it_is_a_well_formed_document(case: tuple[StudyRecords, Document]) -> None:
    _, document = case
    assert document.html.startswith("<!doctype html>")
    assert document.open == []
    ids = [attributes["id"] for _, attributes in document.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in document.elements:
        for name in (attributes.get("aria-labelledby") or "").split():
            assert name in ids


def test_it_carries_no_script_handler_style_or_address(case: tuple[StudyRecords, Document]) -> None:
    _, document = case
    tags = {tag for tag, _ in document.elements}
    assert not tags & {"script", "img", "iframe", "link", "object", "embed", "a", "form", "base", "use", "image"}
    for _, attributes in document.elements:
        for name in attributes:
            assert not name.startswith("on")
            assert name not in {"style", "src", "href", "xlink:href", "action", "srcset"}
    (style,) = re.findall(r"<style>(.*?)</style>", document.html, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_allows_this_style_sheet_and_nothing_else(case: tuple[StudyRecords, Document]) -> None:
    _, document = case
    (policy,) = [m["content"] for m in document.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", document.html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_the_verdict_and_every_warning_are_there(case: tuple[StudyRecords, Document]) -> None:
    records, document = case
    record = decide(records)
    flowing = " ".join(document.text.split())
    assert " ".join(record.reason.split()) in flowing
    for warning in record.warnings:
        assert " ".join(warning.message.split()) in flowing
    for flip in record.flips:
        assert flip in flowing
    for note in records.task.notes:
        assert note.message in flowing
    assert ("provisional" in flowing) == record.provisional
    for arm in record.arms:
        assert arm.arm in flowing


def test_every_picture_has_a_name_a_description_and_its_numbers(case: tuple[StudyRecords, Document]) -> None:
    _, document = case
    for drawing in document.all("svg"):
        shown = drawing.get("role") == "img" and drawing.get("aria-labelledby")
        assert shown or drawing.get("aria-hidden") == "true"
    assert document.html.count("<figure>") == document.html.count("<summary>The numbers</summary>")


def test_what_is_unknown_says_why(case: tuple[StudyRecords, Document]) -> None:
    _, document = case
    for cell in re.findall(r"<td[^>]*>(?:<[^>]*>)*–", document.html):
        assert "title=" in cell or "data-label" not in cell, cell


def test_it_is_small(case: tuple[StudyRecords, Document]) -> None:
    assert len(case[1].html.encode()) < 1_000_000


def test_hostile_rows_are_text() -> None:
    document = page(hostile(records_for("full")))
    tags = {tag for tag, _ in document.elements}
    assert not tags & {"script", "img", "iframe", "a"}
    for text in HOSTILE_TEXTS[:5]:
        assert text in document.text
    assert "{{ 7 * 7 }}" in document.text
    assert not {"\x1b", "\x9b", "\x07", "\u202e", "\x00"} & set(document.html)


def test_text_is_data_wherever_it_stands() -> None:
    document = page(hostile_everywhere())
    tags = {tag for tag, _ in document.elements}
    assert not tags & {"script", "img", "iframe", "a", "form", "object", "embed", "link"}
    assert not [name for _, given in document.elements for name in given if name.startswith("on")]
    assert not [place for place in SHOWN if f"{place}=1<" not in document.text]
    assert {c for c in document.html if unicodedata.category(c) in {"Cc", "Cs"}} <= {"\n", "\t"}
    assert not {"\u202e", "\u2066", "\ufffe"} & set(document.html)


def test_how_far_planted_instructions_are_followed_stands_with_the_arms() -> None:
    text = page(records_for("full")).text
    assert "SmolLM2-135M, 5 shots13 of 2065\u00a0% [42, 83]" in text
    assert "planted instructions followed13 of 20" in text
    assert "Instructions planted in rows" not in page(records_for("one side")).text


def test_long_rows_are_cut_where_they_are_quoted() -> None:
    document = page(hostile(records_for("full"), (HOSTILE_TEXTS[6],)))
    assert HOSTILE_TEXTS[6][:299].rstrip() + "…" in document.text
    assert HOSTILE_TEXTS[6][:302] not in document.text


def test_the_prompt_stands_there_in_full() -> None:
    records = records_for("full")
    (prompt,) = {
        value for trial in records.trials for name, value in trial.details if name == "prompt" and len(value) > 20
    }
    assert prompt in page(records).text


def test_recipes_are_told_in_words() -> None:
    records = records_for("full")
    text = page(records).text
    (scores,) = [row.wordings for row in decide(records).arms if row.wordings]
    assert f"plain {scores[0]:.2f}, short {scores[1]:.2f}" in text
    assert "changed when asked again5\u00a0%" in text
    assert "wording_scores" not in text
    assert "wording_answers" not in text


def test_training_time_is_the_median_of_its_seeds() -> None:
    """Of four seconds a true median, not the upper of the middle two."""
    records = make_records(arms=[PlantedArm("linear", accuracy={8: 0.7}, seeds=4)])
    trained = [dataclasses.replace(t, seconds_train=s) for t, s in zip(records.trials, (2, 4, 8, 50), strict=True)]
    records = dataclasses.replace(records, trials=tuple(trained))
    (row,) = measured(decide(records), records).trials.rows
    assert row[4] == "6 s"


def test_writing_replaces_the_old_report_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "study" / "report.html"
    for case in ("undecided", "full"):
        records = records_for(case)
        write_report(target, decide(records), score_study(records))
    assert target.read_text(encoding="utf-8") == render_html(decide(records), score_study(records))
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """WCAG 2 contrast ratio."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def schemes() -> dict[str, dict[str, str]]:
    css = render_html(decide(records_for("nobody")), score_study(records_for("nobody")))
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    )
    return {"light": light, "dark": light | dark}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_marks_stand_out(scheme: str) -> None:
    colours = schemes()[scheme]
    for ground in ("page", "card", "margin"):
        for text in ("text", "muted", "llm-text", "tuned-text", "combined-text"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for ground in ("page", "card"):
        for mark in ("llm", "tuned", "combined"):
            assert contrast(colours[mark], colours[ground]) >= 3, (mark, ground)


def test_the_sides_have_the_colours_of_okabe_and_ito() -> None:
    for colours in schemes().values():
        assert (colours["llm"], colours["tuned"], colours["combined"]) == ("#0072b2", "#d55e00", "#009e73")
