"""The decision flow as a picture, the walked path lit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from tuningfork.guide.answers import Answer, replies
from tuningfork.guide.flow import LEAF_TITLES, Branch, Flow, YesNo
from tuningfork.guide.walk import Reply, Walk, walk
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.plots.flow_layout import (
    BADGE,
    LINE,
    PILL,
    Box,
    Layout,
    Link,
    Point,
    in_rows,
    one_below_the_other,
)
from tuningfork.report.svg import Svg, element, picture, polygon, polyline, text
from tuningfork.verdict.numbers import UNKNOWN

_LEAF_WORDS = {"llm": "LLM", "fine-tuned": "Fine-tuned model", "neither": "Neither known"}
_LEAF_CLASSES = {"llm": "llm", "fine-tuned": "tuned", "neither": "neither"}
_ROUNDING = {"llm": 4.0, "fine-tuned": 13.0, "neither": 13.0}


def flow_figure(flow: Flow, answers: Mapping[str, Answer]) -> Figure:
    """The flow for a report: wide and narrow, and the same as a table."""
    known = replies(answers, flow)
    walked = walk(flow, known)
    return Figure(
        title=_title(walked),
        note="Boxes are questions; Y and N lead on or to a leaf. Dark: the walked path. Pale: out of reach.",
        wide=_drawn(flow, walked, known, in_rows(flow), "flow-wide"),
        narrow=_drawn(flow, walked, known, one_below_the_other(flow), "flow-narrow"),
        table=_table(flow, answers),
    )


def flow_svg(flow: Flow, answers: Mapping[str, Answer]) -> str:
    """The flow as an SVG file of its own: it brings its style, follows light and dark, and asks for nothing."""
    known = replies(answers, flow)
    markup = _drawn(flow, walk(flow, known), known, in_rows(flow), "flow-wide").markup
    opening, close, rest = markup.partition(">")
    style = f"<style>{_style('standalone.css')}{_style('flow.css')}</style>"
    page = '<rect class="page" width="100%" height="100%"/>'
    opening = opening.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return f"{opening}{close}{style}{page}{rest}\n"


@cache
def _style(name: str) -> str:
    return files("tuningfork.report.templates").joinpath(name).read_text(encoding="utf-8")


def _title(walked: Walk) -> str:
    if walked.leaf != "open":
        return f"The flow leads to: {LEAF_TITLES[walked.leaf]}"
    leaves = dict.fromkeys(LEAF_TITLES[ending.leaf] for ending in walked.endings)
    return f"The flow leaves open: {', '.join(leaves)}"


def _drawn(flow: Flow, walked: Walk, known: Mapping[str, Reply], layout: Layout, name: str) -> Svg:
    links = [_link(flow, walked, known, link) for link in layout.links]
    boxes = [_box(walked, question, box) for question, box in layout.boxes.items()]
    told = "; ".join(f"{step.question}: {step.answer}" for step in walked.path) or "no question is answered"
    description = f"{len(layout.boxes)} questions. Walked: {told}. {_title(walked)}."
    drawing = picture(name, (layout.width, layout.height), flow.title, description, [*links, *boxes])
    return Svg(drawing.markup.replace(f'class="plot {name}"', f'class="plot flow {name}"', 1))


def _box(walked: Walk, question: str, box: Box) -> Svg:
    state = _state(any(step.question == question for step in walked.path), question in walked.reached)
    left, top = box.x - box.width / 2, box.y - box.height / 2
    first = box.y - (len(box.lines) - 1) * LINE / 2 + 4
    return element(
        "g",
        element("rect", x=left, y=top, width=box.width, height=box.height, rx=8, class_="box"),
        text(box.x, first, box.lines, "", "middle"),
        class_=f"question {state}",
    )


def _link(flow: Flow, walked: Walk, known: Mapping[str, Reply], link: Link) -> Svg:
    branch = flow.questions[link.question].branch(link.choice)
    taken = any((step.question, step.answer) == (link.question, link.choice) for step in walked.path)
    possible = link.question in walked.reached and known.get(link.question, "unknown") in ("unknown", link.choice)
    parts = [polyline(link.points, "way"), *_arrow(link), _badge(link.badge, link.choice)]
    if link.leaf_at is not None:
        parts.append(_leaf(branch, link.leaf_at))
    return element("g", *parts, class_=f"answer {_state(taken, possible)}")


def _state(lit: bool, possible: bool) -> str:
    return "lit" if lit else "possible" if possible else "off"


def _badge(at: Point, choice: YesNo) -> Svg:
    return element(
        "g",
        element("circle", cx=at[0], cy=at[1], r=BADGE, class_="badge"),
        text(at[0], at[1] + 4, choice[0].upper(), "", "middle"),
        class_="choice",
    )


def _leaf(branch: Branch, at: Point) -> Svg:
    leaf = branch.leaf or "neither"
    width, height = PILL
    return element(
        "g",
        element("rect", x=at[0] - width / 2, y=at[1] - height / 2, width=width, height=height, rx=_ROUNDING[leaf]),
        text(at[0], at[1] + 4, _LEAF_WORDS[leaf], "", "middle"),
        class_=f"leaf {_LEAF_CLASSES[leaf]}",
    )


def _arrow(link: Link) -> list[Svg]:
    """A head at the end of a way that leads to a question."""
    if link.leaf_at is not None:
        return []
    (x0, y0), (x, y) = link.points[-2:]
    length = max(abs(x - x0), abs(y - y0)) or 1.0
    dx, dy = (x - x0) / length, (y - y0) / length
    corners = [(x, y), (x - 7 * dx + 4 * dy, y - 7 * dy + 4 * dx), (x - 7 * dx - 4 * dy, y - 7 * dy - 4 * dx)]
    return [polygon(corners, "head")]


def _table(flow: Flow, answers: Mapping[str, Answer]) -> DataTable:
    rows = []
    for name in flow.order:
        question, answer = flow.questions[name], answers.get(name)
        rows.append(
            (
                question.ask,
                UNKNOWN if answer is None else answer.reply,
                UNKNOWN if answer is None else answer.source,
                _leads(flow, question.if_yes),
                _leads(flow, question.if_no),
            )
        )
    return DataTable(
        caption="The flow's questions",
        head=("question", "answer", "says", "yes leads to", "no leads to"),
        rows=tuple(rows),
    )


def _leads(flow: Flow, branch: Branch) -> str:
    return f"question {flow.number(branch.to)}" if branch.leaf is None else LEAF_TITLES[branch.leaf]
