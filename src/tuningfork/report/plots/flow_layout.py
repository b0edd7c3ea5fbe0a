"""Where the boxes and leaves of a decision flow stand: in rows that turn at the edge, or one below the other."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from tuningfork.guide.flow import Flow, YesNo

Point = tuple[float, float]
LINE = 14.0
"""Height of a line of text."""
PILL = (126.0, 26.0)
BADGE = 9.0


@dataclass(frozen=True, slots=True)
class Box:
    """One question: its middle, its size, and the lines of its text."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One answer: its way from a question to another question or to a leaf.

    Attributes:
        points: the way, first to last.
        badge: where the Y or N stands.
        leaf_at: middle of the leaf, or None where the way ends at a question.
    """

    question: str
    choice: YesNo
    points: tuple[Point, ...]
    badge: Point
    leaf_at: Point | None


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole flow, placed."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    links: tuple[Link, ...]


def in_rows(flow: Flow, columns: int = 5) -> Layout:
    """Rows of `columns` questions, the first from left to right, the next from right to left.

    Leaves stand above the boxes of odd rows and below those of even ones, so that the way from row to row is free.
    """
    cell, box_width, edge = 178.0, 142.0, 14.0
    lines = _lines(flow, 19)
    box_height = LINE * max(map(len, lines.values())) + 18
    pitch = box_height + 2 * (PILL[1] + 34) + 6
    boxes = {}
    for index, name in enumerate(flow.order):
        row, column = divmod(index, columns)
        column = columns - 1 - column if row % 2 else column
        x = edge + (column + 0.5) * cell
        boxes[name] = Box(x, pitch * (row + 0.5), box_width, box_height, lines[name])
    rows = -(-len(boxes) // columns)
    links = [link for name in flow.order for link in _links_in_rows(flow, name, boxes, columns, edge)]
    used = min(columns, len(boxes))
    return Layout(2 * edge + used * cell, pitch * rows, boxes, tuple(links))


def one_below_the_other(flow: Flow) -> Layout:
    """One column for narrow screens: questions on the left, leaves on their right."""
    box_width, x, leaf_x = 162.0, 99.0, 287.0
    lines = _lines(flow, 22)
    box_height = max(LINE * max(map(len, lines.values())), 2 * PILL[1]) + 18
    pitch = box_height + 40
    boxes = {
        name: Box(x, pitch * index + box_height / 2 + 4, box_width, box_height, lines[name])
        for index, name in enumerate(flow.order)
    }
    links: list[Link] = []
    for name in flow.order:
        links += _links_in_a_column(flow, name, boxes, leaf_x)
    return Layout(354, pitch * len(boxes) - 32, boxes, tuple(links))


def _lines(flow: Flow, characters: int) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(textwrap.wrap(question.short, characters, max_lines=5, placeholder=" …"))
        for name, question in flow.questions.items()
    }


def _links_in_rows(flow: Flow, name: str, boxes: Mapping[str, Box], columns: int, edge: float) -> list[Link]:
    box, order = boxes[name], list(flow.order)
    index = order.index(name)
    outward = 1.0 if (index // columns) % 2 else -1.0
    links: list[Link] = []
    for choice, branch in flow.questions[name].branches:
        if branch.leaf is not None:
            links.append(_to_leaf_across(name, choice, box, outward))
            outward = -outward
        elif order.index(branch.to) == index + 1 and not any(link.leaf_at is None for link in links):
            links.append(_to_next(name, choice, box, boxes[branch.to], edge))
        else:
            links.append(_around(name, choice, box, boxes[branch.to], -outward))
    return links


def _to_leaf_across(name: str, choice: YesNo, box: Box, direction: float) -> Link:
    """A leaf straight above (-1) or below (1) its question."""
    start = box.y + direction * box.height / 2
    middle = start + direction * (34 + PILL[1] / 2)
    end = middle - direction * PILL[1] / 2
    return Link(name, choice, ((box.x, start), (box.x, end)), (box.x, start + direction * 15), (box.x, middle))


def _to_next(name: str, choice: YesNo, box: Box, target: Box, edge: float) -> Link:
    """The next question: beside this one, or, from the end of a row, around the edge to the row below."""
    if box.y == target.y:
        side = 1.0 if target.x > box.x else -1.0
        start, end = box.x + side * box.width / 2, target.x - side * target.width / 2
        return Link(name, choice, ((start, box.y), (end, box.y)), (start + side * 14, box.y), None)
    side = 1.0 if box.x > edge + box.width else -1.0
    start, out = box.x + side * box.width / 2, box.x + side * (box.width / 2 + 20)
    points = ((start, box.y), (out, box.y), (out, target.y), (start, target.y))
    return Link(name, choice, points, (out, (box.y + target.y) / 2), None)


def _around(name: str, choice: YesNo, box: Box, target: Box, direction: float) -> Link:
    """A question further off: out of the box, along between the rows, and in."""
    start, lane = box.y + direction * box.height / 2, box.y + direction * (box.height / 2 + 34)
    entry = target.y + (target.height / 2 if target.y < lane else -target.height / 2)
    points = ((box.x + 24, start), (box.x + 24, lane), (target.x - 24, lane), (target.x - 24, entry))
    return Link(name, choice, points, (box.x + 24, start + direction * 15), None)


def _links_in_a_column(flow: Flow, name: str, boxes: Mapping[str, Box], leaf_x: float) -> list[Link]:
    box, order = boxes[name], list(flow.order)
    index = order.index(name)
    branches = flow.questions[name].branches
    leaves = [choice for choice, branch in branches if branch.leaf is not None]
    links: list[Link] = []
    right = box.x + box.width / 2
    for choice, branch in branches:
        if branch.leaf is not None:
            y = box.y + (leaves.index(choice) - (len(leaves) - 1) / 2) * (PILL[1] + 8)
            points = ((right, y), (leaf_x - PILL[0] / 2, y))
            links.append(Link(name, choice, points, (right + 22, y), (leaf_x, y)))
        elif order.index(branch.to) == index + 1 and not any(link.leaf_at is None for link in links):
            start, end = box.y + box.height / 2, boxes[branch.to].y - boxes[branch.to].height / 2
            links.append(Link(name, choice, ((box.x, start), (box.x, end)), (box.x, (start + end) / 2 - 3), None))
        else:
            target = boxes[branch.to]
            left = box.x - box.width / 2
            lane = left - 10
            around = ((left, box.y), (lane, box.y), (lane, target.y), (left, target.y))
            links.append(Link(name, choice, around, (lane, box.y + 16), None))
    return links
