"""The decision flow as text: a tree for the terminal, and Mermaid."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tuningfork.guide.answers import Answer, replies
from tuningfork.guide.flow import LEAF_TITLES, Branch, Flow, YesNo
from tuningfork.guide.walk import Walk, walk
from tuningfork.report.text import one_line

_LEAF_STYLES = {"llm": "blue", "fine-tuned": "dark_orange3", "neither": "yellow"}
_SHORT = {"llm": "LLM", "fine-tuned": "fine-tuned", "neither": "neither"}
_MERMAID_CLASSES = {"llm": "llm", "fine-tuned": "tuned", "neither": "neither"}
_MERMAID_STYLES = (
    "classDef llm fill:#00619a,color:#fff",
    "classDef tuned fill:#a64700,color:#fff",
    "classDef neither fill:#fff,color:#1b1f24,stroke-dasharray:4 3",
    "classDef walked stroke:#1b1f24,stroke-width:3px",
)


def flow_tree(flow: Flow, answers: Mapping[str, Answer]) -> RenderableType:
    """Every question in reach with what its answers lead to; what was answered is bold, with who says so."""
    walked = walk(flow, replies(answers, flow))
    parts: list[RenderableType] = []
    for name in walked.reached:
        parts += [_question(flow, walked, name), _branches(flow, answers, name)]
    left_out = len(flow.order) - len(walked.reached)
    if left_out:
        parts.append(Text(f"   and {left_out} question{'s' if left_out > 1 else ''} out of reach", style="dim"))
    return Group(*parts)


def _question(flow: Flow, walked: Walk, name: str) -> RenderableType:
    asked = any(step.question == name for step in walked.path)
    return _beside(f"{flow.number(name):>2}", Text(one_line(flow.questions[name].ask), style="bold" if asked else ""))


def _branches(flow: Flow, answers: Mapping[str, Answer], name: str) -> RenderableType:
    """'few_labels   > yes: LLM (label count)   no: question 6'."""
    answer = answers.get(name)
    line = Text(f"{name:<{max(map(len, flow.questions)) + 1}}", style="dim")
    for choice, branch in flow.questions[name].branches:
        taken = answer is not None and answer.reply == choice
        leads = f"question {flow.number(branch.to)}" if branch.leaf is None else _SHORT[branch.leaf]
        colour = _LEAF_STYLES.get(branch.to, "") if taken else ""
        line.append(f"  {'> ' if taken else ''}{choice}: ", style="bold" if taken else "dim")
        line.append(leads, style=f"bold {colour}" if taken else "dim")
        if taken and answer is not None:
            line.append(f" ({one_line(answer.source)})", style="dim")
    return _beside("", line)


def _beside(margin: str, line: Text) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=2, style="dim")
    grid.add_column(overflow="fold")
    grid.add_row(margin, line)
    return grid


def flow_mermaid(flow: Flow, answers: Mapping[str, Answer]) -> str:
    """The flow as a Mermaid flowchart, the walked path with thick lines."""
    walked = walk(flow, replies(answers, flow))
    steps = {(step.question, step.answer) for step in walked.path}
    lines = ["flowchart TD"]
    lines += [f'  {name}["{_mermaid(flow.questions[name].short)}"]' for name in flow.order]
    for name in flow.order:
        for choice, branch in flow.questions[name].branches:
            lines.append(_mermaid_link(name, choice, branch, taken=(name, choice) in steps))
    lines += [f"  {style}" for style in _MERMAID_STYLES]
    if walked.path:
        lines.append(f"  class {','.join(step.question for step in walked.path)} walked")
    return "\n".join(lines) + "\n"


def _mermaid_link(name: str, choice: YesNo, branch: Branch, *, taken: bool) -> str:
    arrow = "==>" if taken else "-->"
    if branch.leaf is None:
        return f"  {name} {arrow}|{choice}| {branch.to}"
    leaf = f'{name}_{choice}(["{LEAF_TITLES[branch.leaf]}"]):::{_MERMAID_CLASSES[branch.leaf]}'
    return f"  {name} {arrow}|{choice}| {leaf}"


def _mermaid(words: str) -> str:
    """Text inside a Mermaid label: quotes and angle brackets as its entities."""
    safe = one_line(words).replace("#", "#35;").replace('"', "#quot;")
    return safe.replace("<", "#lt;").replace(">", "#gt;")
