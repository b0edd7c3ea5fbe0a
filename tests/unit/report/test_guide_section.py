"""The report's section on the guide: what the flow says, what was measured, and whether they agree."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from report_cases import LINEAR, MINILM, REMOTE, make_records
from tuningfork.report.html import render_html
from tuningfork.report.sections.guide import guide_section
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.decide import decide
from tuningfork.verdict.scored import score_study

KNOWN = {"emergent_ability": "no", "out_of_distribution": "no", "knowledge_intensive": "no"}


def _records(answers: dict[str, str] | None) -> StudyRecords:
    records = make_records(arms=[REMOTE, MINILM, LINEAR])
    spec = records.task.spec.model_copy(update={"answers": answers})
    return replace(records, task=replace(records.task, spec=spec))


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _text(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    return " ".join(" ".join(parser.words).split())


def test_flow_and_measurement_agree_and_the_report_says_so() -> None:
    records = _records(KNOWN)
    verdict = decide(records)
    assert verdict.recommendation == "fine-tune"
    assert verdict.guide is not None
    assert (verdict.guide.leaf, verdict.guide.agrees) == ("fine-tuned", True)
    assert verdict.guide.path[0] == {"question": "mimics_human", "answer": "no", "source": "task type"}
    assert verdict.guide.path[4] == {"question": "few_labels", "answer": "no", "source": "learning curve"}
    text = _text(render_html(verdict, score_study(records)))
    assert "The flow says: fine-tune a model. What was measured here says: fine-tune a model. The two agree." in text
    assert "comes from this study's own learning curve" in text


def test_they_disagree_where_a_person_says_that_the_rows_in_use_will_differ() -> None:
    records = _records({**KNOWN, "out_of_distribution": "yes"})
    verdict = decide(records)
    assert verdict.guide is not None
    assert (verdict.guide.leaf, verdict.guide.agrees) == ("llm", False)
    assert "The two disagree" in _text(render_html(verdict, score_study(records)))


def test_what_only_a_person_can_answer_leaves_the_flow_open() -> None:
    records = _records(None)
    verdict = decide(records)
    assert verdict.guide is not None
    assert (verdict.guide.leaf, verdict.guide.agrees) == ("open", None)
    assert verdict.guide.open_questions[0] == "emergent_ability"
    section = guide_section(verdict, records)
    assert section is not None
    assert "leaves it open" in section.says
    assert len(section.open_questions) == len(verdict.guide.open_questions)


def test_a_clash_with_the_learning_curve_is_shown() -> None:
    records = _records({**KNOWN, "few_labels": "yes"})
    section = guide_section(decide(records), records)
    assert section is not None
    assert any("you say yes, the learning curve says no" in caution for caution in section.cautions)


@pytest.mark.parametrize("case", [[REMOTE], [MINILM]])
def test_one_side_alone_is_no_measurement_to_agree_with(case: list[object]) -> None:
    records = make_records(arms=case)  # type: ignore[arg-type]
    verdict = decide(records)
    assert verdict.guide is not None
    assert verdict.guide.agrees is None


def test_models_to_measure_next_are_those_that_were_not_measured() -> None:
    records = _records(KNOWN)
    section = guide_section(decide(records), records)
    assert section is not None
    arms = [row[0] for row in section.candidates.rows]
    assert "head:minilm" in arms
    assert not {"linear", "finetune:minilm"} & set(arms)
    assert section.candidates.rows[0][2] == "fine-tuned"


def test_a_verdict_of_an_early_version_has_no_such_section() -> None:
    records = _records(KNOWN)
    verdict = decide(records).model_copy(update={"guide": None})
    assert guide_section(verdict, records) is None
    assert "published guide" not in render_html(verdict, score_study(records))
