"""A small builder of SVG: elements nest, everything that is text is escaped, colours come from CSS classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tuningfork.arms.results import Side
from tuningfork.report.text import harmless

SIDE_CLASSES: dict[Side, str] = {"llm": "llm", "fine-tuned": "tuned", "combined": "combined"}


@dataclass(frozen=True, slots=True)
class Svg:
    """Finished markup; `__html__` lets a template print it as it is."""

    markup: str

    def __html__(self) -> str:
        return self.markup

    def __str__(self) -> str:
        return self.markup


def element(tag: str, *children: Svg | str, **attributes: str | float | None) -> Svg:
    """One element. Strings among the children are text; `class_` is `class`, `text_anchor` is `text-anchor`."""
    told = "".join(f' {_name(key)}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    inner = "".join(child.markup if isinstance(child, Svg) else escape(harmless(child)) for child in children)
    return Svg(f"<{tag}{told}>{inner}</{tag}>" if inner else f"<{tag}{told}/>")


def picture(name: str, size: tuple[float, float], title: str, description: str, parts: Sequence[Svg]) -> Svg:
    """A whole drawing with its title and description for screen readers; `name` is unique on the page."""
    width, height = size
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-desc"),
        *parts,
        viewBox=f"0 0 {_number(width)} {_number(height)}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_=f"plot {name}",
    )


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Svg:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def polyline(points: Sequence[tuple[float, float]], class_: str) -> Svg:
    """A line through points."""
    return element("polyline", points=_points(points), class_=class_)


def polygon(points: Sequence[tuple[float, float]], class_: str) -> Svg:
    """A filled area."""
    return element("polygon", points=_points(points), class_=class_)


def rectangle(x: float, y: float, width: float, height: float, class_: str) -> Svg:
    """A filled rectangle; a width below 1 is drawn as 1, so that it is seen."""
    return element("rect", x=x, y=y, width=max(1.0, width), height=height, class_=class_)


def text(x: float, y: float, content: str | Sequence[str], class_: str = "", anchor: str = "start") -> Svg:
    """One line of text, or several 14 units apart."""
    lines = [content] if isinstance(content, str) else list(content)
    classes = f"label {class_}".strip()
    if len(lines) == 1:
        return element("text", lines[0], x=x, y=y, text_anchor=anchor, class_=classes)
    spans = [element("tspan", part, x=x, dy=14 if place else 0) for place, part in enumerate(lines)]
    return element("text", *spans, x=x, y=y, text_anchor=anchor, class_=classes)


def mark(side: Side, x: float, y: float, radius: float, class_: str = "", tip: str | None = None) -> Svg:
    """The shape of a side: square for LLMs, circle for fine-tuned, triangle for combined; `tip` is shown on hover."""
    children = [] if tip is None else [element("title", tip)]
    classes = f"mark {SIDE_CLASSES[side]} {class_}".strip()
    if side == "fine-tuned":
        return element("circle", *children, cx=x, cy=y, r=radius, class_=classes)
    if side == "llm":
        edge = 1.8 * radius
        return element("rect", *children, x=x - edge / 2, y=y - edge / 2, width=edge, height=edge, class_=classes)
    corners = [(x, y - 1.25 * radius), (x + 1.15 * radius, y + 0.8 * radius), (x - 1.15 * radius, y + 0.8 * radius)]
    return element("polygon", *children, points=_points(corners), class_=classes)


def diamond(x: float, y: float, radius: float, class_: str) -> Svg:
    """A square on its corner."""
    corners = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
    return polygon(corners, f"mark {class_}")


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return escape(harmless(value)) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
