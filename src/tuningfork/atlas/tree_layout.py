"""Where the leaves and limbs of the tree stand: a pure function from models to boxes and curves.

Height is time. Each year is a band as tall as its models need, cut into rows; a leaf stands in the row of its date, so
boxes can only collide within a row. Each limb is a vertical trunk. A model and its heaviest child, that one's heaviest
child and so on share a vertical lane; what else grew from them stands beside it in lanes of its own, and where several
came later than the lane's next leaf they share a stem. Families are placed from the largest to the smallest, each as
near to its trunk as it fits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tuningfork.atlas.tree_limbs import BESIDE, TRUNK, Limb, Stem, Unit, side_by_side
from tuningfork.atlas.tree_rows import Bands, Sprout, rows_of

BOX_HEIGHT = 30.0
ROW_GAP = 16.0
"""Free height between rows, in which twigs run."""
GROUND = 170.0
"""Height below the first row, in which the limbs part from the root."""

_PITCH = BOX_HEIGHT + ROW_GAP
_ASPECT = 1.5
_AREA_TAKEN = 0.13
_TOO_WIDE = 1.15
_CORRECTIONS = 3


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
        stems: ways that the later children of one leaf share; each is named after that leaf and ends in a gap.
        years: the year and the height at which it begins, oldest first.
        root: where all limbs meet, on the ground.
    """

    width: float
    height: float
    boxes: dict[str, LeafBox]
    twigs: tuple[Twig, ...]
    stems: tuple[Twig, ...]
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
    wanted = math.sqrt(sum(sprout.width + BESIDE for sprout in sprouts) / (_AREA_TAKEN * _ASPECT * _PITCH))
    found = _arranged(sprouts, limbs, wanted)
    for _ in range(_CORRECTIONS):
        # How densely boxes pack is only known afterwards: a tree that came out too wide gets more rows, or else fewer.
        too_wide = found.width / found.height / _ASPECT
        if 1 / _TOO_WIDE < too_wide < _TOO_WIDE:
            break
        wanted *= math.sqrt(too_wide)
        found = _arranged(sprouts, limbs, wanted)
    return found


def _arranged(sprouts: Sequence[Sprout], limbs: Sequence[str], wanted: float) -> Arrangement:
    """The tree with about so many rows."""
    bands = Bands(sprouts, wanted)
    rows = rows_of(sprouts, bands)
    present = [branch for branch in limbs if any(sprout.branch == branch for sprout in sprouts)]
    units = [Limb([s for s in sprouts if s.branch == branch], rows).grown() for branch in present]
    grown = _Grown(sprouts={sprout.name: sprout for sprout in sprouts}, rows=rows, weights=_weights(sprouts))
    for branch, unit, x in zip(present, units, side_by_side(units), strict=True):
        grown.add(branch, unit, x)
    return _drawn(grown, bands)


@dataclass(slots=True)
class _Grown:
    """All limbs side by side: rows and lanes of every sprout, before they become drawing units."""

    sprouts: dict[str, Sprout]
    rows: dict[str, int]
    weights: dict[str, int]
    lanes: dict[str, float] = field(default_factory=dict)
    attached: dict[str, int] = field(default_factory=dict)
    trunks: dict[str, float] = field(default_factory=dict)
    stems: dict[str, Stem] = field(default_factory=dict)

    def add(self, branch: str, unit: Unit, x: float) -> None:
        self.trunks[branch] = x
        self.lanes |= {name: x + lane for name, lane in unit.lanes.items()}
        self.attached |= unit.attached
        self.stems |= {name: replace(stem, x=stem.x + x) for name, stem in unit.stems.items()}

    def reach(self) -> tuple[float, float]:
        """The leftmost and the rightmost x of boxes and trunks."""
        halves = [(self.lanes[name], sprout.width / 2) for name, sprout in self.sprouts.items()]
        halves += [(x, TRUNK) for x in self.trunks.values()]
        return min(x - half for x, half in halves), max(x + half for x, half in halves)

    def box(self, name: str, left: float, ground: float) -> LeafBox:
        middle, half = self.lanes[name] - left, self.sprouts[name].width / 2
        bottom = ground - self.rows[name] * _PITCH
        return LeafBox(middle - half, bottom - BOX_HEIGHT, middle + half, bottom)

    def twig(self, name: str, boxes: dict[str, LeafBox], left: float, ground: float) -> Twig:
        """From the lane below, or out of a gap between rows where it leaves a lane or a stem sideways."""
        sprout, box, parent = self.sprouts[name], boxes[name], self.sprouts[name].parent
        stem = self.stems.get(parent or "")
        parts_from_lane = False
        if stem is not None and name in stem.bears:
            start = (stem.x - left, _gap(self.attached[name], ground))
            parts_from_lane = self.attached[name] < stem.top
        elif name in self.attached:
            lane = self.trunks[sprout.branch] - left if parent is None else boxes[parent].middle
            start = (lane, _gap(self.attached[name], ground))
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

    def stem(self, parent: str, boxes: dict[str, LeafBox], left: float, ground: float) -> Twig:
        """The way that a leaf's later children share, up to the gap in which the last of them leaves it."""
        stem = self.stems[parent]
        x = stem.x - left
        return Twig(
            leaf=parent,
            branch=self.sprouts[parent].branch,
            start=(boxes[parent].middle, _gap(stem.attached, ground)),
            end=(x, _gap(stem.top, ground)),
            parts_from_lane=True,
            carries=sum(self.weights[child] for child in stem.bears),
        )


def _gap(row: int, ground: float) -> float:
    """The height of the middle of the gap below a row."""
    return ground - row * _PITCH + ROW_GAP / 2


def _drawn(grown: _Grown, bands: Bands) -> Arrangement:
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
        stems=tuple(grown.stem(name, boxes, left, ground) for name in grown.stems),
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
