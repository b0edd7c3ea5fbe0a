"""The evolutionary tree as one picture: limbs by branch, height by date, filled boxes open and hollow ones closed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

from tuningfork.atlas.tree import LIMBS, Leaf, Tree
from tuningfork.atlas.tree_layout import Arrangement, LeafBox, Trunk, Twig, arrange
from tuningfork.atlas.tree_rows import Sprout
from tuningfork.report.letters import text_width
from tuningfork.report.plots.organisation_bars import bars_size, organisation_bars, shown_organisations
from tuningfork.report.plots.ribbons import lengths, path, ribbon, trunk_base, twig
from tuningfork.report.svg import Svg, element, line, picture, text
from tuningfork.report.tree import LIMB_NAMES, Heading, limb_summary

_NAME, _MAKER = 12.0, 9.0
_PADDING = 8.0
_NARROWEST_BOX = 44.0
_LETTERS = 24
_LEFT, _RIGHT, _TOP, _BOTTOM = 130.0, 48.0, 150.0, 64.0
_AXIS = 52.0
_PANEL_APART = 40.0
_MOST_BARS = 20
_WIDEST_PLAIN = 2600.0
_STYLES = ("standalone.css", "tree.css")
_ALIVE_YEARS = 1.0


@dataclass(frozen=True, slots=True)
class _Canvas:
    """Where the parts of the picture stand, in units that are `scale` drawing units: what stands around the tree grows
    with it, so that it can be read where the whole is seen."""

    scale: float
    width: float
    height: float
    ground: float
    panel: tuple[float, float]
    bars: dict[str, dict[str, int]]
    rest: str | None


def tree_svg(tree: Tree, words: Heading) -> str:
    """An SVG file of its own: it brings its style, follows light and dark, and asks for nothing.

    Args:
        tree: with at least one leaf.
        words: written above it and at its foot.
    """
    drawing = tree_drawing(tree, words).markup
    opening, close, rest = drawing.partition(">")
    opening = opening.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    style = "".join(files("tuningfork.report.templates").joinpath(name).read_text(encoding="utf-8") for name in _STYLES)
    return f'{opening}{close}<style>{style}</style><rect class="page" width="100%" height="100%"/>{rest}\n'


def tree_drawing(tree: Tree, words: Heading) -> Svg:
    """The picture without its style, to stand in a page."""
    layout = arrange(sprouts_of(tree), LIMBS)
    canvas = _canvas(tree, layout)
    grown = [*_limbs(tree, layout), *_twigs([*layout.stems, *layout.twigs]), *_leaves(tree.leaves, layout)]
    scale = canvas.scale
    around = [organisation_bars(canvas.bars, canvas.rest, *canvas.panel), *_words(words, tree, canvas)]
    parts = [
        element("g", *_years(layout, canvas), transform=f"scale({scale})"),
        element("g", *grown, transform=f"translate({_LEFT * scale} {_TOP * scale})", class_="grown"),
        element("g", *around, transform=f"scale({scale})"),
    ]
    size = (canvas.width * scale, canvas.height * scale)
    return picture("tree", size, words.title, f"{words.subtitle}. {_told(tree)}", parts)


def sprouts_of(tree: Tree) -> list[Sprout]:
    """The leaves as the layout needs them: as wide as their boxes are drawn."""
    return [
        Sprout(
            name=leaf.entry.name,
            branch=leaf.entry.branch,
            parent=leaf.parent,
            when=leaf.entry.when,
            width=round(leaf_width(leaf), 1),
        )
        for leaf in tree.leaves
    ]


def leaf_width(leaf: Leaf) -> float:
    """Of the box that holds a leaf's name and the line below it, in drawing units."""
    name = text_width(_short(leaf.entry.name), _NAME, bold=True)
    return max(_NARROWEST_BOX, name + 2 * _PADDING, text_width(_maker(leaf), _MAKER) + 2 * _PADDING)


def leaf_facts(leaf: Leaf) -> str:
    """One line on a model, as it is shown on hover."""
    entry = leaf.entry
    access = "access unknown" if entry.access == "unknown" else f"{entry.access} weights"
    told = [entry.organisation or "organisation unknown", entry.date or "date unknown", access, entry.branch]
    told += [f"grew from {entry.parent}"] if entry.parent else []
    told += [f"holds {len(leaf.holds)} more: {', '.join(leaf.holds[:6])}"] if leaf.holds else []
    return f"{entry.name}: {'; '.join(told)}{', …' if len(leaf.holds) > 6 else ''}"


def _maker(leaf: Leaf) -> str:
    maker = _short(leaf.entry.organisation or "")
    held = f"+{len(leaf.holds)}" if leaf.holds else ""
    return " · ".join(part for part in (maker, held) if part)


def _short(name: str) -> str:
    """At most so many letters; the whole is shown on hover."""
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1].rstrip()}…"


def _canvas(tree: Tree, layout: Arrangement) -> _Canvas:
    """The bars stand at the lower right, as far left as no box is in their way."""
    bars, rest = shown_organisations(tree.organisations(), _MOST_BARS)
    scale = round(max(1.0, layout.width / _WIDEST_PLAIN), 2)
    width, height = bars_size(bars, rest)
    bottom = layout.height / scale - 6
    beside = [box.right for box in layout.boxes.values() if box.bottom / scale > bottom - height - 20]
    beside += [trunk.x for trunk in layout.trunks]
    left = max(max(beside) / scale + _PANEL_APART, layout.width / scale - width)
    return _Canvas(
        scale=scale,
        width=_LEFT + max(layout.width / scale, left + width) + _RIGHT,
        height=_TOP + layout.height / scale + _BOTTOM,
        ground=_TOP + layout.height / scale,
        panel=(_LEFT + left, _TOP + bottom - height),
        bars=bars,
        rest=rest,
    )


def _years(layout: Arrangement, canvas: _Canvas) -> Iterator[Svg]:
    """The axis of time on the left, with a line across for each year that begins."""
    shown = _apart([(year, _TOP + y / canvas.scale) for year, y in layout.years])
    for _, y in shown:
        yield line(_AXIS + 40, y, canvas.width - _RIGHT, y, "year-line")
    yield line(_AXIS, canvas.ground, _AXIS, _TOP - 30, "axis")
    arrow = f"M{_AXIS - 9} {_TOP - 26}L{_AXIS} {_TOP - 46}L{_AXIS + 9} {_TOP - 26}Z"
    yield element("path", d=arrow, class_="axis-end")
    for year, y in shown:
        yield element("rect", x=_AXIS - 28, y=y - 12, width=56, height=24, rx=12, class_="pill")
        yield text(_AXIS, y + 5, str(year), "year", "middle")


def _apart(years: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Without those that would stand on the one before."""
    shown = [years[0]]
    for year, y in years[1:]:
        if shown[-1][1] - y >= 28:
            shown.append((year, y))
    return shown


def _limbs(tree: Tree, layout: Arrangement) -> Iterator[Svg]:
    rx, ry = layout.root
    latest = max(leaf.entry.when for leaf in tree.leaves)
    stump = f"M{rx - 26} {ry}C{rx - 12} {ry - 6} {rx - 12} {ry - 22} {rx - 14} {ry - 34}L{rx + 14} {ry - 34}"
    yield element("path", d=f"{stump}C{rx + 12} {ry - 22} {rx + 12} {ry - 6} {rx + 26} {ry}Z", class_="root")
    for trunk in layout.trunks:
        newest = max(leaf.entry.when for leaf in tree.leaves if leaf.entry.branch == trunk.branch)
        held = len(tree.held_by_limbs.get(trunk.branch, ()))
        yield element(
            "g",
            *_trunk(trunk, (rx, ry - _departure(trunk, layout)), growing=latest - newest < _ALIVE_YEARS, held=held),
            class_=trunk.branch,
        )


def _departure(trunk: Trunk, layout: Arrangement) -> float:
    """How high above the ground a limb leaves the root: the further it goes, the lower, so that none covers another."""
    way = trunk.x - layout.root[0]
    further = sum(
        (other.x - layout.root[0]) * way > 0 and abs(other.x - layout.root[0]) > abs(way) for other in layout.trunks
    )
    return min(28.0, 8.0 + 12.0 * further) if len(layout.trunks) > 1 and way < 0 else 24.0


def _trunk(trunk: Trunk, root: tuple[float, float], *, growing: bool, held: int) -> Iterator[Svg]:
    """The base out of the ground, the trunk up to its last twig, and its end: an arrow while it grows, else a tip."""
    base = trunk_base(root, (trunk.x, trunk.foot))
    total = len(trunk.leaves)
    thick = min(34.0, 7.0 + 2.6 * math.sqrt(total))
    thin = 0.5 * thick if growing else 2.0
    end = trunk.crown - 6.0 if growing else trunk.top - 26.0
    heights = [trunk.foot, *sorted({y for y in trunk.leaves if y < trunk.foot}, reverse=True), end]
    above = [sum(y <= height for y in trunk.leaves) / total for height in heights]
    widths = [thin + (thick - thin) * math.sqrt(share) for share in above]
    widths[-1] = thin if growing else 0.5
    points = [*base[:-1], *((trunk.x, height) for height in heights)]
    along = [thick * (1.25 - 0.25 * part) for part in lengths(base)[:-1]]
    yield element("path", d=ribbon(points, [*along, *widths]), class_="limb")
    if growing:
        head = 1.15 * thin + 4
        arrow = f"M{trunk.x - head} {end + 2}L{trunk.x} {end - 1.7 * head}L{trunk.x + head} {end + 2}Z"
        yield element("path", d=arrow, class_="limb")
    yield from _limb_name(trunk, base, held)


def _limb_name(trunk: Trunk, base: Sequence[tuple[float, float]], held: int) -> Iterator[Svg]:
    """Along the base, or beside the foot where the base is short."""
    name = LIMB_NAMES[trunk.branch] + (f" (+{held})" if held else "")
    way = sum(math.hypot(ax - bx, ay - by) for (ax, ay), (bx, by) in pairwise(base))
    if way < text_width(name, 13.0, bold=True) + 60:
        yield text(trunk.x + 20, trunk.foot + 40, name, "limb-name")
        return
    to_right = base[0][0] < base[-1][0]
    rightwards = base if to_right else list(reversed(base))
    identity = f"limb-{trunk.branch}"
    yield element("path", d=path(rightwards), id=identity, fill="none")
    along = element("textPath", name, href=f"#{identity}", startOffset="50%" if to_right else "34%")
    yield element("text", along, dy=4, text_anchor="middle", class_="label limb-name")


def _twigs(twigs: Sequence[Twig]) -> Iterator[Svg]:
    """The heavy ones first, so that the fine ones stay visible."""
    for one in sorted(twigs, key=lambda found: -found.carries):
        points = twig(one.start, one.end, dropping=one.parts_from_lane)
        thick, thin = _twig_width(one.carries + 2), _twig_width(one.carries)
        widths = [thick + (thin - thick) * part for part in lengths(points)]
        yield element("path", d=ribbon(points, widths), class_=f"limb {one.branch}", data_leaf=one.leaf)


def _twig_width(carries: int) -> float:
    return min(11.0, 1.0 + 1.1 * math.sqrt(carries))


def _leaves(leaves: Sequence[Leaf], layout: Arrangement) -> Iterator[Svg]:
    for leaf in leaves:
        yield _leaf(leaf, layout.boxes[leaf.entry.name])


def _leaf(leaf: Leaf, box: LeafBox) -> Svg:
    width, height = box.right - box.left, box.bottom - box.top
    maker = _maker(leaf)
    parts = [
        element("title", leaf_facts(leaf)),
        element("rect", x=box.left, y=box.top, width=width, height=height, rx=6),
        text(box.middle, box.top + (14 if maker else 19), _short(leaf.entry.name), "name", "middle"),
    ]
    if maker:
        parts.append(text(box.middle, box.top + 25, maker, "maker", "middle"))
    classes = f"leaf {leaf.entry.branch} {leaf.entry.access}"
    return element("g", *parts, class_=classes, data_leaf=leaf.entry.name)


def _words(words: Heading, tree: Tree, canvas: _Canvas) -> Iterator[Svg]:
    yield text(_LEFT, 56, words.title, "title")
    yield text(_LEFT, 80, words.subtitle, "subtitle")
    yield element("g", *_legend(tree), class_="legend")
    yield text(_LEFT, canvas.height - 22, words.source, "source")


def _legend(tree: Tree) -> Iterator[Svg]:
    """Which boxes are open, which closed; that of unknown access only where there is one."""
    told = {"open": "open weights", "closed": "closed", "unknown": "access unknown"}
    seen = {leaf.entry.access for leaf in tree.leaves}
    x = _LEFT
    for access, words in told.items():
        if access in seen:
            box = element("rect", x=x, y=94, width=26, height=16, rx=5)
            yield element("g", box, class_=f"leaf decoder-only {access}")
            yield text(x + 34, 107, words, "subtitle")
            x += 62 + text_width(words, 14.0)


def _told(tree: Tree) -> str:
    """For those who do not see it: how many models each limb has, by access."""
    return "; ".join(limb_summary(tree, branch) for branch in LIMBS if any(e.branch == branch for e in tree.entries))
