"""The practical guide: every citation is there, every page is rendered from the data, figures from the studies."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from types import ModuleType

import pytest
from pydantic import ValidationError

from documentation import ROOT
from tuningfork.errors import UnknownName
from tuningfork.guide.evidence import SECTIONS, findings, key_points
from tuningfork.guide.flow import load_flow
from tuningfork.guide.sections import CITATION, _Sections, findings_of, overview, page, sections
from tuningfork.verdict.files import read_verdict
from tuningfork.verdict.verdict_json import GuideRow

DEMO = ROOT / "docs" / "results" / "demo" / "verdict.json"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("guide_script", ROOT / "scripts" / "guide.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_page_has_drifted_from_its_data_and_the_committed_studies() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "guide.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nrun scripts/guide.py"


def test_both_sides_have_findings_on_every_section_and_question() -> None:
    for name in SECTIONS:
        stances = {finding.stance for finding in findings_of(name)}
        assert "for" in stances or name == "trust", name
        assert stances & {"against", "mixed"}, name
    for question in load_flow().questions:
        assert [finding for finding in findings() if question in finding.questions], question


def test_there_are_findings_from_before_the_survey_and_up_to_2026() -> None:
    years = {finding.year for finding in findings()}
    assert min(years) < 2023
    assert max(years) >= 2026
    assert sum(finding.year > 2023 for finding in findings()) >= 15
    assert all(finding.link.startswith("https://") for finding in findings())
    assert all(finding.questions or finding.key_points for finding in findings())


def test_all_key_points_are_used_by_flow_and_sections() -> None:
    ids = {f"KP{n}" for n in range(1, 9)}
    assert set(key_points()) == ids
    assert {point for section in sections().values() for point in section.key_points} == ids


def test_texts_cite_findings_and_each_finding_is_cited_or_filed() -> None:
    assert all(section.cited for section in sections().values())
    listed = {finding.id for name in SECTIONS for finding in findings_of(name)}
    assert listed == {finding.id for finding in findings()}


def _raw() -> dict[str, object]:
    dumped = {name: section.model_dump() for name, section in sections().items()}
    return {"version": 1, "overview": overview().model_dump(), "sections": dumped}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("lead", "As shown [nobody-2030].", "no finding 'nobody-2030'"),
        ("key_points", ("KP9",), "no key point 'KP9'"),
        ("questions", ("few_label",), "no question 'few_label'"),
    ],
)
def test_a_section_that_names_what_is_not_there_is_refused(field: str, value: object, told: str) -> None:
    raw = _raw()
    raw["sections"]["data"][field] = value  # type: ignore[index]
    with pytest.raises(ValidationError, match=told):
        _Sections.model_validate(raw)


def test_a_missing_section_is_refused() -> None:
    raw = _raw()
    del raw["sections"]["trust"]  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match="in this order"):
        _Sections.model_validate(raw)


@pytest.mark.parametrize("name", [None, *SECTIONS])
def test_every_page_is_finished(name: str | None) -> None:
    text = page(name)
    assert text.startswith("# ")
    assert not CITATION.search(re.sub(r"\[[^\]]*\]\([^)]*\)", "", text)), "a citation without link"
    assert "{" not in text
    assert all(len(line) <= 120 or line.startswith("#") or "https://" in line for line in text.splitlines())


def test_a_page_has_both_sides_the_reasons_and_what_has_changed() -> None:
    for name in SECTIONS:
        headings = re.findall(r"^## (.+)$", page(name), re.MULTILINE)
        assert headings[:4] == ["When an LLM", "When a fine-tuned model", "Why", "What has changed since 2023"]
        assert headings[-1] == "The findings"


def test_a_section_that_is_not_there_is_refused_with_near_names() -> None:
    with pytest.raises(UnknownName, match="did you mean 'efficiency'"):
        page("eficiency")


def test_the_figures_are_those_of_the_committed_verdict(script: ModuleType) -> None:
    record = read_verdict(DEMO)
    made = script.pages({"demo": record})
    together = " ".join(made["understanding"].split())
    assert f"**demo** ({record.task}). {record.reason}" in together
    assert "**demo**. A row took" in made["efficiency"]


def test_a_study_with_the_flows_advice_is_told_on_the_front_page(script: ModuleType) -> None:
    record = read_verdict(DEMO).model_copy(update={"guide": GuideRow(leaf="llm", path=(), agrees=False)})
    front = " ".join(script.pages({"demo": record})["overview"].split())
    assert "**demo**. The flow: prompt an LLM. Measured: fine-tune. They disagree." in front


def test_without_any_study_the_pages_say_nothing_of_studies(script: ModuleType) -> None:
    made = script.pages({})
    assert "What our own studies found" not in made["understanding"]
    assert "No committed study has the flow's advice beside it yet." in made["overview"]
