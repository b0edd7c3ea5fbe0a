"""Which row of the tree each leaf stands in: height is time, and the crowded years have more rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprout:
    """What the layout has to know of a leaf.

    Attributes:
        parent: name of the sprout that it grew from, or None: it grows from the limb of its branch.
        when: date as a year with its fraction.
        width: of its box, in drawing units.
    """

    name: str
    branch: str
    parent: str | None
    when: float
    width: float


class Bands:
    """The years, each with as many rows as its share of the sprouts asks for, at least one."""

    def __init__(self, sprouts: Sequence[Sprout], wanted: float) -> None:
        years = [math.floor(sprout.when) for sprout in sprouts]
        self.first = min(years)
        self.heights = [
            max(1, round(wanted * years.count(year) / len(years))) for year in range(self.first, max(years) + 1)
        ]
        self.starts = [sum(self.heights[:place]) for place in range(len(self.heights) + 1)]

    def last_row(self, when: float) -> int:
        return self.starts[math.floor(when) - self.first + 1] - 1

    def own_rows(self, sprouts: Sequence[Sprout]) -> dict[str, int]:
        """By name: in order of date, as many in each row of a year. Dates that are known to the year or quarter only
        would else crowd one row."""
        found: dict[str, int] = {}
        in_order = sorted(sprouts, key=lambda sprout: (sprout.when, sprout.name))
        for year, group in groupby(in_order, key=lambda sprout: math.floor(sprout.when)):
            members, place = list(group), year - self.first
            for rank, sprout in enumerate(members):
                found[sprout.name] = self.starts[place] + rank * self.heights[place] // len(members)
        return found


def rows_of(sprouts: Sequence[Sprout], bands: Bands) -> dict[str, int]:
    """By name; none stands below its parent, whatever the dates say, and within a year it stands above it."""
    by_name = {sprout.name: sprout for sprout in sprouts}
    own = bands.own_rows(sprouts)
    found: dict[str, int] = {}

    def row(sprout: Sprout) -> int:
        if sprout.name not in found:
            below = -1 if sprout.parent is None else row(by_name[sprout.parent])
            found[sprout.name] = max(own[sprout.name], below, min(below + 1, bands.last_row(sprout.when)))
        return found[sprout.name]

    for sprout in sorted(sprouts, key=lambda sprout: sprout.when):
        row(sprout)
    return found
