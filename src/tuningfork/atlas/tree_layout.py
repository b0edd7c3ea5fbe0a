"""Where the leaves and limbs of the tree stand: a pure function from models to boxes and curves.

Height is time. Each year is a band as tall as its models need, cut into rows; a leaf stands in the row of its date, so
boxes can only collide within a row. Each limb is a vertical trunk. A model and its heaviest child, that one's heaviest
child and so on share a vertical lane; what else grew from them stands beside it in lanes of its own. Lanes are placed
from the latest to the earliest, each as near to its trunk as it fits: an early family ends up outside of what came
later, and its twig passes below, so that twigs rarely cross.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

BOX_HEIGHT = 30.0
ROW_GAP = 16.0
"""Free height between rows, in which twigs run."""
GROUND = 170.0
"""Height below the first row, in which the limbs part from the root."""

_PITCH = BOX_HEIGHT + ROW_GAP
_BESIDE = 9.0
_BRANCHES_APART = 26.0
_LANE = 4.0
_TRUNK = 24.0
_NEAREST = 18.0
_ASPECT = 1.5
_AREA_TAKEN = 0.2
_TOO_WIDE = 1.25
_CORRECTIONS = 2


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


@dataclass(frozen=True, slots=True)
class LeafBox:
    """A rectangle in drawing units; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half way between left and right."""
        return (self.left + self.right) / 2

    def overlaps(self, other: LeafBox) -> bool:
        """Whether they share any area."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Twig:
    """The way from a lane or trunk to a leaf: along the gap below a row, then up to the middle of the box's bottom.

    Attributes:
        start: on the lane it leaves; straight below `end` where the leaf stands on the same lane.
        parts_from_lane: what it leaves goes on below the start.
        carries: leaves that hang on it, the one it ends at among them.
    """

    leaf: str
    branch: str
    start: tuple[float, float]
    end: tuple[float, float]
    parts_from_lane: bool
    carries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A limb's vertical part.

    Attributes:
        foot: height at which it has come out of the ground.
        top: height of the last twig that leaves it.
        crown: top of the highest box on this limb.
        leaves: heights at which what grows on it leaves it, lowest part of the tree first.
    """

    branch: str
    x: float
    foot: float
    top: float
    crown: float
    leaves: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """The whole tree in drawing units, its upper left corner at (0, 0).

    Attributes:
        years: the year and the height at which it begins, oldest first.
        root: where all limbs meet, on the ground.
    """

    width: float
    height: float
    boxes: dict[str, LeafBox]
    twigs: tuple[Twig, ...]
    trunks: tuple[Trunk, ...]
    years: tuple[tuple[int, float], ...]
    root: tuple[float, float]


def arrange(sprouts: Sequence[Sprout], limbs: Sequence[str]) -> Arrangement:
    """The tree of these sprouts.

    Args:
        sprouts: at least one; parents among them and of the same branch.
        limbs: branches from left to right; those without a sprout are left out.

    Raises:
        ValueError: no sprouts, or one of a branch that is no limb.
    """
    if not sprouts or any(sprout.branch not in limbs for sprout in sprouts):
        raise ValueError(f"a tree has sprouts, each on one of the limbs {', '.join(limbs)}")
    wanted = math.sqrt(sum(sprout.width + _BESIDE for sprout in sprouts) / (_AREA_TAKEN * _ASPECT * _PITCH))
    found = _arranged(sprouts, limbs, wanted)
    for _ in range(_CORRECTIONS):
        # How densely boxes pack is only known afterwards: a tree that came out too wide gets more rows.
        too_wide = found.width / found.height / _ASPECT
        if too_wide < _TOO_WIDE:
            break
        wanted *= math.sqrt(too_wide)
        found = _arranged(sprouts, limbs, wanted)
    return found


def _arranged(sprouts: Sequence[Sprout], limbs: Sequence[str], wanted: float) -> Arrangement:
    """The tree with about so many rows."""
    bands = _Bands(sprouts, wanted)
    rows = _rows(sprouts, bands)
    present = [branch for branch in limbs if any(sprout.branch == branch for sprout in sprouts)]
    units = [_Limb([s for s in sprouts if s.branch == branch], rows).grown() for branch in present]
    grown = _Grown(sprouts={sprout.name: sprout for sprout in sprouts}, rows=rows, weights=_weights(sprouts))
    for branch, unit, x in zip(present, units, _side_by_side(units), strict=True):
        grown.add(branch, unit, x)
    return _drawn(grown, bands)


class _Bands:
    """The years, each with as many rows as its share of the sprouts asks for, at least one."""

    def __init__(self, sprouts: Sequence[Sprout], wanted: float) -> None:
        years = [math.floor(sprout.when) for sprout in sprouts]
        self.first = min(years)
        self.heights = [
            max(1, round(wanted * years.count(year) / len(years))) for year in range(self.first, max(years) + 1)
        ]
        self.starts = [sum(self.heights[:place]) for place in range(len(self.heights) + 1)]

    def row(self, when: float) -> int:
        place = math.floor(when) - self.first
        return self.starts[place] + int((when - math.floor(when)) * self.heights[place])

    def last_row(self, when: float) -> int:
        return self.starts[math.floor(when) - self.first + 1] - 1


def _rows(sprouts: Sequence[Sprout], bands: _Bands) -> dict[str, int]:
    """By name; none stands below its parent, whatever the dates say, and within a year it stands above it."""
    by_name = {sprout.name: sprout for sprout in sprouts}
    found: dict[str, int] = {}

    def row(sprout: Sprout) -> int:
        if sprout.name not in found:
            own = bands.row(sprout.when)
            below = -1 if sprout.parent is None else row(by_name[sprout.parent])
            found[sprout.name] = max(own, below, min(below + 1, bands.last_row(sprout.when)))
        return found[sprout.name]

    for sprout in sorted(sprouts, key=lambda sprout: sprout.when):
        row(sprout)
    return found


@dataclass(slots=True)
class _Unit:
    """Boxes and lanes that are moved together; x is relative to its first lane.

    Attributes:
        spans: by row, the stretches that are taken.
        lanes: by leaf, the x of its middle.
        attached: by leaf, the row below which its twig leaves.
    """

    spans: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    lanes: dict[str, float] = field(default_factory=dict)
    attached: dict[str, int] = field(default_factory=dict)

    def take(self, rows: Iterable[int], half_width: float) -> None:
        for row in rows:
            self.spans.setdefault(row, []).append((-half_width, half_width))

    def add(self, other: _Unit, x: float) -> None:
        for row, spans in other.spans.items():
            self.spans.setdefault(row, []).extend((left + x, right + x) for left, right in spans)
        self.lanes |= {name: lane + x for name, lane in other.lanes.items()}
        self.attached |= other.attached

    def room_for(self, other: _Unit) -> float:
        """The smallest move after which the other does not collide; of two equal ones, to the emptier side."""
        taken = sorted(
            (left - _BESIDE - their_right, right + _BESIDE - their_left)
            for row, theirs in other.spans.items()
            for left, right in self.spans.get(row, ())
            for their_left, their_right in theirs
        )
        to_right, to_left = _NEAREST, _NEAREST
        for left, right in taken:
            if left < to_right < right:
                to_right = right
        for left, right in sorted(taken, key=lambda span: -span[1]):
            if left < -to_left < right:
                to_left = -left
        on_right = sum(x > 0 for x in self.lanes.values())
        on_left = sum(x < 0 for x in self.lanes.values())
        return to_right if (round(to_right), on_right) <= (round(to_left), on_left) else -to_left


class _Limb:
    """One branch: its trunk at x = 0 and all that grows on it."""

    def __init__(self, sprouts: Sequence[Sprout], rows: dict[str, int]) -> None:
        self.rows = rows
        self.sprouts = {sprout.name: sprout for sprout in sprouts}
        self.children: dict[str | None, list[str]] = {}
        for sprout in sprouts:
            self.children.setdefault(sprout.parent, []).append(sprout.name)
        self.weights: dict[str, int] = {}

    def grown(self) -> _Unit:
        unit = _Unit()
        unit.take(range(max(self.rows[name] for name in self.sprouts) + 1), _TRUNK / 2)
        grown = [(name, self._family(name, self.rows[name])) for name in self.children[None]]
        self._place(unit, grown)
        return unit

    def weight(self, name: str) -> int:
        if name not in self.weights:
            self.weights[name] = 1 + sum(self.weight(child) for child in self.children.get(name, ()))
        return self.weights[name]

    def _family(self, name: str, attached: int) -> _Unit:
        """The lane that begins with a leaf, and all that grows beside it."""
        lane = self._lane(name)
        unit = _Unit(lanes=dict.fromkeys(lane, 0.0), attached={name: attached})
        for member in lane:
            unit.take([self.rows[member]], self.sprouts[member].width / 2)
        taken = {self.rows[member] for member in lane}
        unit.take((row for row in range(attached, self.rows[lane[-1]]) if row not in taken), _LANE)
        beside = []
        for member, following in zip(lane, [*lane[1:], None], strict=True):
            for child in self.children.get(member, ()):
                if child != following:
                    latest = self.rows[child] if following is None else self.rows[following]
                    beside.append((child, self._family(child, min(self.rows[child], latest))))
        self._place(unit, beside)
        return unit

    def _lane(self, name: str) -> list[str]:
        """The leaf, its heaviest later child, that one's, and so on."""
        lane = [name]
        while later := [c for c in self.children.get(lane[-1], ()) if self.rows[c] > self.rows[lane[-1]]]:
            lane.append(max(later, key=lambda child: (self.weight(child), -self.rows[child], child)))
        return lane

    def _place(self, unit: _Unit, families: list[tuple[str, _Unit]]) -> None:
        """The latest first and innermost; of one row, the one that reaches less high."""
        for _, family in sorted(families, key=lambda item: (-item[1].attached[item[0]], max(item[1].spans), item[0])):
            unit.add(family, unit.room_for(family))


@dataclass(slots=True)
class _Grown:
    """All limbs side by side: rows and lanes of every sprout, before they become drawing units."""

    sprouts: dict[str, Sprout]
    rows: dict[str, int]
    weights: dict[str, int]
    lanes: dict[str, float] = field(default_factory=dict)
    attached: dict[str, int] = field(default_factory=dict)
    trunks: dict[str, float] = field(default_factory=dict)

    def add(self, branch: str, unit: _Unit, x: float) -> None:
        self.trunks[branch] = x
        self.lanes |= {name: x + lane for name, lane in unit.lanes.items()}
        self.attached |= unit.attached

    def reach(self) -> tuple[float, float]:
        """The leftmost and the rightmost x of boxes and trunks."""
        halves = [(self.lanes[name], sprout.width / 2) for name, sprout in self.sprouts.items()]
        halves += [(x, _TRUNK) for x in self.trunks.values()]
        return min(x - half for x, half in halves), max(x + half for x, half in halves)

    def box(self, name: str, left: float, ground: float) -> LeafBox:
        middle, half = self.lanes[name] - left, self.sprouts[name].width / 2
        bottom = ground - self.rows[name] * _PITCH
        return LeafBox(middle - half, bottom - BOX_HEIGHT, middle + half, bottom)

    def twig(self, name: str, boxes: dict[str, LeafBox], left: float, ground: float) -> Twig:
        """From the lane below, or out of a gap between rows where it leaves a lane sideways."""
        sprout, box, parent = self.sprouts[name], boxes[name], self.sprouts[name].parent
        parts_from_lane = False
        if name in self.attached:
            lane = self.trunks[sprout.branch] - left if parent is None else boxes[parent].middle
            start = (lane, ground - self.attached[name] * _PITCH + ROW_GAP / 2)
            # Beside a parent of the same row there is no lane below to part from: the parent's own twig turns up there.
            parts_from_lane = parent is None or self.attached[name] > self.rows[parent]
        else:
            start = (box.middle, boxes[parent or ""].top)
        return Twig(
            leaf=name,
            branch=sprout.branch,
            start=start,
            end=(box.middle, box.bottom),
            parts_from_lane=parts_from_lane,
            carries=self.weights[name],
        )


def _side_by_side(units: Sequence[_Unit]) -> list[float]:
    """The x of each trunk, from left to right as near as their rows allow."""
    offsets: list[float] = []
    reach: dict[int, float] = {}
    for unit in units:
        needed = [
            reach[row] + _BRANCHES_APART - min(left for left, _ in spans)
            for row, spans in unit.spans.items()
            if row in reach
        ]
        offsets.append(max(needed, default=0.0))
        for row, spans in unit.spans.items():
            furthest = offsets[-1] + max(right for _, right in spans)
            reach[row] = max(reach.get(row, furthest), furthest)
    return offsets


def _drawn(grown: _Grown, bands: _Bands) -> Arrangement:
    """From rows and lanes to drawing units."""
    left, right = grown.reach()
    ground = _PITCH * bands.starts[-1] + BOX_HEIGHT
    boxes = {name: grown.box(name, left, ground) for name in grown.sprouts}
    twigs = [grown.twig(name, boxes, left, ground) for name in grown.sprouts]
    years = ((bands.first + place, ground - start * _PITCH + ROW_GAP / 2) for place, start in enumerate(bands.starts))
    return Arrangement(
        width=right - left,
        height=ground + GROUND,
        boxes=boxes,
        twigs=tuple(twigs),
        trunks=tuple(_trunk(branch, x - left, twigs, grown.sprouts, ground) for branch, x in grown.trunks.items()),
        years=tuple(years)[:-1],
        root=(_root(list(grown.trunks.values())) - left, ground + GROUND),
    )


def _trunk(branch: str, x: float, twigs: Sequence[Twig], sprouts: dict[str, Sprout], ground: float) -> Trunk:
    own = [twig for twig in twigs if twig.branch == branch]
    rooted = [twig for twig in own if sprouts[twig.leaf].parent is None]
    leaves = sorted((twig.start[1] for twig in rooted for _ in range(twig.carries)), reverse=True)
    crown = min(twig.end[1] for twig in own) - BOX_HEIGHT
    return Trunk(branch=branch, x=x, foot=ground + ROW_GAP / 2, top=leaves[-1], crown=crown, leaves=tuple(leaves))


def _root(trunks: Sequence[float]) -> float:
    """Between the two limbs on the right, as in the survey's figure; below the only one."""
    return trunks[-1] if len(trunks) == 1 else (trunks[-2] + trunks[-1]) / 2


def _weights(sprouts: Sequence[Sprout]) -> dict[str, int]:
    """By name, how many leaves hang on it, itself among them."""
    parents = {sprout.name: sprout.parent for sprout in sprouts}
    found = dict.fromkeys(parents, 0)
    for name in parents:
        at: str | None = name
        while at is not None:
            found[at] += 1
            at = parents[at]
    return found
