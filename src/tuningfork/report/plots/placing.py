"""Places for names beside their marks, so that none covers another name or a mark."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LETTER_WIDTH = 6.6
"""Drawing units that a letter of a label takes at most on average, in any system font at 12 units."""
LINE_HEIGHT = 14.0
_READ = 6.0
"""How much worse it is to cover a mark or a name, or to leave the plot, than to cross a line."""
_UNSEEN = 60.0
"""Harm that nobody sees: a few square units of a mark's surroundings."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in drawing units."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Shared area."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def outside(self, other: Box) -> float:
        """The part of this box's area that is not within the other."""
        return (self.right - self.left) * (self.bottom - self.top) - self.overlap(other)


@dataclass(frozen=True, slots=True)
class Placed:
    """Lines of a name, the first one's baseline, and on which side of it the text stands."""

    lines: tuple[str, ...]
    x: float
    y: float
    anchor: Literal["start", "middle", "end"]


def wrapped(name: str, letters: int) -> tuple[str, ...]:
    """The name in at most two lines of so many letters, cut with an ellipsis."""
    rows = textwrap.wrap(name, letters)
    if len(rows) <= 2:
        return tuple(rows)
    rest = name[len(rows[0]) :].strip()
    return rows[0], rest[: letters - 1].rstrip() + "…"


def place_names(
    names: Sequence[tuple[str, ...]], marks: Sequence[tuple[float, float]], area: Box, obstacles: Sequence[Box] = ()
) -> tuple[list[Placed], bool]:
    """A place for each name beside its mark: whichever of the eight around it covers least.

    Args:
        names: lines of each name.
        marks: the middle of each mark.
        area: where names should stay.
        obstacles: lines that they had better not cross.

    Returns:
        The places, and whether they are clear: no name covers a mark or another name, or leaves the area.
    """
    taken = [Box(x - 7, y - 7, x + 7, y + 7) for x, y in marks]
    placed, clear = [], True
    for lines, (x, y) in zip(names, marks, strict=True):
        scored = [
            (_READ * (sum(box.overlap(other) for other in taken) + box.outside(area)), box, place)
            for place, box in _options(lines, x, y)
        ]
        harm, box, best = min(scored, key=lambda s: s[0] + sum(s[1].overlap(other) for other in obstacles))
        clear = clear and harm < _UNSEEN
        taken.append(box)
        placed.append(best)
    return placed, clear


def _options(lines: tuple[str, ...], x: float, y: float) -> list[tuple[Placed, Box]]:
    """Beside, above or below the mark, and on its four corners; the nearer the better, so they come first."""
    width, height = LETTER_WIDTH * max(len(line) for line in lines), LINE_HEIGHT * len(lines)
    beside, above, below = y - height / 2, y - 9 - height, y + 9
    tops = [(beside, 10), (above, 6), (below, 6)]
    options = []
    for top, away in tops:
        options.append(_option(lines, x + away, top, "start", Box(x + away, top, x + away + width, top + height)))
        options.append(_option(lines, x - away, top, "end", Box(x - away - width, top, x - away, top + height)))
    middles = (above - 3, below + 3)
    return options + [
        _option(lines, x, top, "middle", Box(x - width / 2, top, x + width / 2, top + height)) for top in middles
    ]


def _option(
    lines: tuple[str, ...], x: float, top: float, anchor: Literal["start", "middle", "end"], box: Box
) -> tuple[Placed, Box]:
    return Placed(lines, x, top + 11, anchor), box
