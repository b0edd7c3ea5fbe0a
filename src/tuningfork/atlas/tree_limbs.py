"""How a limb fills: lanes, stems and boxes, each family as near to what it grew from as it fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tuningfork.atlas.tree_rows import Sprout

TRUNK = 24.0
BESIDE = 9.0
_BRANCHES_APART = 26.0
_LANE = 4.0
_NEAREST = 18.0


@dataclass(frozen=True, slots=True)
class Stem:
    """An upright way that the later children of one leaf share, beside its own lane.

    Attributes:
        bears: the children that hang on it.
        attached: the row below which it leaves the leaf's lane.
        top: the row below which its last child leaves it.
    """

    bears: tuple[str, ...]
    x: float
    attached: int
    top: int


@dataclass(frozen=True, slots=True)
class _Grown:
    """A unit to be placed: its name, the row below which it leaves, and the unit."""

    name: str
    attached: int
    unit: Unit


@dataclass(slots=True)
class Unit:
    """Boxes and lanes that are moved together; x is relative to its first lane.

    Attributes:
        spans: by row, the stretches that are taken.
        lanes: by leaf, the x of its middle.
        attached: by leaf, the row below which its twig leaves.
        stems: by the leaf that they grew from.
    """

    spans: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    lanes: dict[str, float] = field(default_factory=dict)
    attached: dict[str, int] = field(default_factory=dict)
    stems: dict[str, Stem] = field(default_factory=dict)

    def take(self, rows: Iterable[int], half_width: float) -> None:
        for row in rows:
            self.spans.setdefault(row, []).append((-half_width, half_width))

    def add(self, other: Unit, x: float) -> None:
        for row, spans in other.spans.items():
            self.spans.setdefault(row, []).extend((left + x, right + x) for left, right in spans)
        self.lanes |= {name: lane + x for name, lane in other.lanes.items()}
        self.attached |= other.attached
        self.stems |= {name: replace(stem, x=stem.x + x) for name, stem in other.stems.items()}

    def area(self) -> float:
        """Width times rows that it would take with nothing in its gaps."""
        return sum(max(right for _, right in spans) - min(left for left, _ in spans) for spans in self.spans.values())

    def room_for(self, other: Unit) -> float:
        """The smallest move after which the other does not collide; of two equal ones, to the emptier side."""
        taken = sorted(
            (left - BESIDE - their_right, right + BESIDE - their_left)
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


class Limb:
    """One branch: its trunk at x = 0 and all that grows on it."""

    def __init__(self, sprouts: Sequence[Sprout], rows: dict[str, int]) -> None:
        self.rows = rows
        self.sprouts = {sprout.name: sprout for sprout in sprouts}
        self.children: dict[str | None, list[str]] = {}
        for sprout in sprouts:
            self.children.setdefault(sprout.parent, []).append(sprout.name)
        self.weights: dict[str, int] = {}

    def grown(self) -> Unit:
        unit = Unit()
        unit.take(range(max(self.rows[name] for name in self.sprouts) + 1), TRUNK / 2)
        self._place(unit, [self._grown(name) for name in self.children[None]])
        return unit

    def weight(self, name: str) -> int:
        if name not in self.weights:
            self.weights[name] = 1 + sum(self.weight(child) for child in self.children.get(name, ()))
        return self.weights[name]

    def _family(self, name: str, attached: int) -> Unit:
        """The lane that begins with a leaf, and all that grows beside it."""
        lane = self._lane(name)
        unit = Unit(lanes=dict.fromkeys(lane, 0.0), attached={name: attached})
        for member in lane:
            unit.take([self.rows[member]], self.sprouts[member].width / 2)
        taken = {self.rows[member] for member in lane}
        unit.take((row for row in range(attached, self.rows[lane[-1]]) if row not in taken), _LANE)
        beside: list[_Grown] = []
        for member, following in zip(lane, [*lane[1:], None], strict=True):
            beside += self._beside(member, following)
        self._place(unit, beside)
        return unit

    def _grown(self, name: str) -> _Grown:
        """A family that leaves in its own row."""
        return _Grown(name, self.rows[name], self._family(name, self.rows[name]))

    def _beside(self, member: str, following: str | None) -> list[_Grown]:
        """What grew from a leaf but does not go on in its lane: those of the rows below the next leaf of the lane
        leave in their own rows, and the later ones share a stem."""
        others = [child for child in self.children.get(member, ()) if child != following]
        if following is None:
            return [self._grown(child) for child in others]
        fork = self.rows[following]
        later = [child for child in others if self.rows[child] > fork]
        grown = [self._grown(child) for child in others if self.rows[child] <= fork]
        if len(later) == 1:
            grown.append(_Grown(later[0], fork, self._family(later[0], fork)))
        elif later:
            grown.append(_Grown(later[0], fork, self._stem(member, later, fork)))
        return grown

    def _stem(self, member: str, bears: Sequence[str], fork: int) -> Unit:
        top = max(self.rows[child] for child in bears)
        unit = Unit(stems={member: Stem(tuple(bears), 0.0, fork, top)})
        unit.take(range(fork, top), _LANE)
        self._place(unit, [self._grown(child) for child in bears])
        return unit

    def _lane(self, name: str) -> list[str]:
        """The leaf, its heaviest later child, that one's, and so on."""
        lane = [name]
        while later := [c for c in self.children.get(lane[-1], ()) if self.rows[c] > self.rows[lane[-1]]]:
            lane.append(max(later, key=lambda child: (self.weight(child), -self.rows[child], child)))
        return lane

    def _place(self, unit: Unit, families: Sequence[_Grown]) -> None:
        """The largest first and innermost; what is small fills the gaps that they leave."""
        for family in sorted(families, key=lambda one: (-one.unit.area(), -one.attached, one.name)):
            unit.add(family.unit, unit.room_for(family.unit))


def side_by_side(units: Sequence[Unit]) -> list[float]:
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
