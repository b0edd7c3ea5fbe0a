"""The flow as picture, tree and Mermaid: everything in the frame, nothing on top of anything, the walked path lit."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from tuningfork.guide.answers import Answer
from tuningfork.guide.flow import Flow, load_flow
from tuningfork.report.flow_tree import flow_mermaid, flow_tree
from tuningfork.report.plots.flow import flow_figure, flow_svg
from tuningfork.report.plots.flow_layout import PILL, Layout, in_rows, one_below_the_other

FLOW = load_flow()
FEW_LABELS = {**dict.fromkeys(FLOW.order[:4], Answer("no")), "few_labels": Answer("yes", "label count")}
SVG = "{http://www.w3.org/2000/svg}"


def _chain(length: int) -> Flow:
    """A flow of one question after the other, and jumps over one now and then."""
    question = {"ask": "A?", "short": "Words " * 6, "meaning": "m", "example_yes": "y", "example_no": "n"}
    names = [f"q{n}" for n in range(length)]
    questions = {
        name: {
            **question,
            "if_yes": {"to": names[n + 2] if n % 3 == 0 and n + 2 < length else "llm"},
            "if_no": {"to": names[n + 1] if n + 1 < length else "fine-tuned"},
        }
        for n, name in enumerate(names)
    }
    return Flow.model_validate({"version": 1, "name": "chain", "title": "t", "start": "q0", "questions": questions})


def _rectangles(layout: Layout) -> list[tuple[float, float, float, float]]:
    boxes = [
        (b.x - b.width / 2, b.y - b.height / 2, b.x + b.width / 2, b.y + b.height / 2) for b in layout.boxes.values()
    ]
    middles = [link.leaf_at for link in layout.links if link.leaf_at is not None]
    return boxes + [(x - PILL[0] / 2, y - PILL[1] / 2, x + PILL[0] / 2, y + PILL[1] / 2) for x, y in middles]


@pytest.mark.parametrize("flow", [FLOW, _chain(1), _chain(5), _chain(13)], ids=lambda flow: f"{len(flow.questions)}")
@pytest.mark.parametrize("place", [in_rows, one_below_the_other])
def test_boxes_and_leaves_stay_apart_and_inside(flow: Flow, place: object) -> None:
    layout: Layout = place(flow)  # type: ignore[operator]
    rectangles = _rectangles(layout)
    endings = sum(branch.leaf is not None for q in flow.questions.values() for _, branch in q.branches)
    assert len(rectangles) == len(flow.questions) + endings
    for left, top, right, bottom in rectangles:
        assert left >= 0
        assert top >= 0
        assert right <= layout.width
        assert bottom <= layout.height
    for a, b in itertools.combinations(rectangles, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)
    ways = [point for link in layout.links for point in (*link.points, link.badge)]
    assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in ways)


def test_every_line_of_a_question_fits_its_box() -> None:
    for layout in (in_rows(FLOW), one_below_the_other(FLOW)):
        for box in layout.boxes.values():
            assert len(box.lines) * 14 <= box.height
            assert max(map(len, box.lines)) * 7.2 <= box.width


def _classes(root: ElementTree.Element, kind: str) -> list[str]:
    return [
        g.get("class", "").removeprefix(f"{kind} ") for g in root.iter(f"{SVG}g") if g.get("class", "").startswith(kind)
    ]


def test_the_walked_path_is_lit_and_what_is_out_of_reach_is_pale() -> None:
    root = ElementTree.fromstring(flow_svg(FLOW, FEW_LABELS))
    assert _classes(root, "question").count("lit") == 5
    assert _classes(root, "question").count("off") == 5
    assert _classes(root, "answer").count("lit") == 5
    assert _classes(root, "answer").count("possible") == 0
    plain = ElementTree.fromstring(flow_svg(FLOW, {}))
    assert set(_classes(plain, "question")) == {"possible"}
    assert len(_classes(plain, "leaf")) == 11


def test_the_file_stands_alone_and_tells_its_content_to_a_screen_reader(tmp_path: Path) -> None:
    text = flow_svg(FLOW, FEW_LABELS)
    root = ElementTree.fromstring(text)
    assert root.find(f"{SVG}title").text == FLOW.title  # type: ignore[union-attr]
    assert "few_labels: yes" in (root.find(f"{SVG}desc").text or "")  # type: ignore[union-attr]
    assert "href" not in text
    assert "url(" not in text
    assert root.find(f"{SVG}style") is not None


def test_the_figure_has_the_flow_as_a_table_too() -> None:
    figure = flow_figure(FLOW, FEW_LABELS)
    assert figure.title == "The flow leads to: Prompt an LLM"
    assert len(figure.table.rows) == 10
    assert figure.table.rows[4][1:] == ("yes", "label count", "Prompt an LLM", "question 6")
    assert flow_figure(FLOW, {}).title.startswith("The flow leaves open: ")


def test_the_tree_fits_a_terminal_and_marks_the_way() -> None:
    console = Console(width=80, color_system=None, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(flow_tree(FLOW, FEW_LABELS))
    text = console.export_text()
    assert all(len(line.rstrip()) <= 80 for line in text.splitlines())
    assert "> yes: LLM (label count)" in text
    assert "and 5 questions out of reach" in text
    assert text.count("> no: question") == 4


def test_mermaid_has_every_answer_once_and_thick_lines_where_one_walked() -> None:
    chart = flow_mermaid(FLOW, FEW_LABELS)
    assert chart.startswith("flowchart TD\n")
    assert len(re.findall(r"\|(?:yes|no)\|", chart)) == 20
    assert chart.count("==>") == 5
    assert "  class mimics_human,emergent_ability,multiple_tasks,far_from_language_modelling,few_labels walked" in chart


def test_words_of_a_flow_cannot_break_out_of_picture_or_chart() -> None:
    hostile = FLOW.model_copy(
        update={
            "questions": {
                name: question.model_copy(update={"short": '"]<script>&#x1b[31m', "ask": "\x1b[31m<b>?"})
                for name, question in FLOW.questions.items()
            }
        }
    )
    root = ElementTree.fromstring(flow_svg(hostile, {}))
    assert not list(root.iter(f"{SVG}script"))
    chart = flow_mermaid(hostile, {})
    assert "<script" not in chart
    assert '""' not in chart
    console = Console(width=80, color_system=None, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(flow_tree(hostile, {}))
    assert "\x1b" not in console.export_text()
