"""Limbs and twigs as ribbons: filled shapes along a curve, whose width changes along the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]

_STEPS = 5
_TRUNK_STEPS = 18
_TURN = 16.0
_DROP = 26.0
_LEAVE = 60.0


def twig(start: Point, end: Point, *, dropping: bool) -> list[Point]:
    """Points along a twig: it leaves its limb, runs outwards, and turns up into the leaf.

    Args:
        dropping: the limb goes on below the start, so that the twig can part from it upwards.
    """
    (x0, y0), (x1, y1) = start, end
    across = abs(x1 - x0)
    if across < 1.0:
        return [start, end]
    way = math.copysign(1.0, x1 - x0)
    leave = min(0.55 * across, _LEAVE + 0.15 * across)
    drop = min(0.4 * across, _DROP + 0.02 * across) if dropping else 0.0
    turn = min(_TURN, across - leave)
    rise = min(turn, y0 - y1)
    out = (x0 + way * leave, y0)
    points = _cubic((x0, y0 + drop), (x0 + way * 0.1 * leave, y0 + 0.25 * drop), (x0 + way * 0.45 * leave, y0), out)
    points += _cubic((x1 - way * turn, y0), (x1 - way * 0.3 * turn, y0), (x1, y0 - 0.3 * rise), (x1, y0 - rise))
    return [*points, end] if y0 - rise - y1 > 0.5 else points


def trunk_base(root: Point, foot: Point) -> list[Point]:
    """Points along a limb's way out of the ground: it leaves the root sideways and turns up."""
    (x0, y0), (x1, y1) = root, foot
    across, height = x1 - x0, y0 - y1
    return _cubic(root, (x0 + 0.55 * across, y0 - 0.25 * height), (x1, y0 - 0.22 * height), foot, steps=_TRUNK_STEPS)


def ribbon(points: Sequence[Point], widths: Sequence[float]) -> str:
    """The `d` of a filled path as wide as told at each point."""
    left: list[Point] = []
    right: list[Point] = []
    for place, ((x, y), width) in enumerate(zip(points, widths, strict=True)):
        (ax, ay), (bx, by) = points[max(0, place - 1)], points[min(len(points) - 1, place + 1)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        nx, ny = -(by - ay) / length * width / 2, (bx - ax) / length * width / 2
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return f"M{'L'.join(_told(point) for point in [*left, *reversed(right)])}Z"


def path(points: Sequence[Point]) -> str:
    """The `d` of a line through points."""
    return f"M{'L'.join(_told(point) for point in points)}"


def lengths(points: Sequence[Point]) -> list[float]:
    """At each point, the share of the way that lies behind it: 0 at the first, 1 at the last."""
    behind = [0.0]
    for (ax, ay), (bx, by) in pairwise(points):
        behind.append(behind[-1] + math.hypot(bx - ax, by - ay))
    return [part / (behind[-1] or 1.0) for part in behind]


def _cubic(a: Point, b: Point, c: Point, d: Point, *, steps: int = _STEPS) -> list[Point]:
    found = []
    for step in range(steps + 1):
        t = step / steps
        shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        points = (a, b, c, d)
        x = sum(share * point[0] for share, point in zip(shares, points, strict=True))
        y = sum(share * point[1] for share, point in zip(shares, points, strict=True))
        found.append((x, y))
    return found


def _told(point: Point) -> str:
    return " ".join(f"{part:.1f}".removesuffix(".0") for part in point)
