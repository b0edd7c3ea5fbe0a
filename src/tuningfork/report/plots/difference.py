"""The difference with its interval on a line that marks zero and the margin."""

from __future__ import annotations

from tuningfork.report.plots.scales import Linear
from tuningfork.report.svg import Svg, element, line, mark, picture, rectangle, text
from tuningfork.verdict.numbers import amount, gap
from tuningfork.verdict.verdict_json import ComparisonRow

_WIDTH, _HEIGHT = 260.0, 74.0
_LEFT, _RIGHT = 8.0, 252.0
_MIDDLE = 26.0


def difference_line(comparison: ComparisonRow, margin: float, unit: str) -> Svg:
    """Fine-tuned minus LLM, in the unit of the metric; the shaded stretch is within the margin."""
    low, high = comparison.ci95
    reach = max(abs(low), abs(high), 1.25 * margin) * 1.08
    scale = Linear(min(-1.25 * margin, low) - 0.05 * reach, max(1.25 * margin, high) + 0.05 * reach, _LEFT, _RIGHT)
    ahead = "tuned" if comparison.difference > 0 else "llm"
    zero = scale(0)
    parts = [
        rectangle(scale(-margin), _MIDDLE - 16, scale(margin) - scale(-margin), 32, "margin"),
        line(_LEFT, _MIDDLE, _RIGHT, _MIDDLE, "axis"),
        line(zero, _MIDDLE - 20, zero, _MIDDLE + 20, "zero"),
        element("line", x1=scale(low), y1=_MIDDLE, x2=scale(high), y2=_MIDDLE, class_=f"interval {ahead}"),
        *(line(scale(end), _MIDDLE - 5, scale(end), _MIDDLE + 5, f"cap {ahead}") for end in (low, high)),
        mark("fine-tuned" if ahead == "tuned" else "llm", scale(comparison.difference), _MIDDLE, 5.5),
        text(min(max(zero, _LEFT + 6), _RIGHT - 6), _MIDDLE + 33, "0", "tick", "middle"),
        text(_LEFT, _HEIGHT - 3, "LLM ahead", "llm"),
        text(_RIGHT, _HEIGHT - 3, "fine-tuned ahead", "tuned", "end"),
    ]
    told = f"{gap(comparison.difference, comparison.ci95, unit)}, zero and a margin of {amount(margin, unit)} marked"
    return picture("difference", (_WIDTH, _HEIGHT), "Fine-tuned minus LLM", told, parts)
