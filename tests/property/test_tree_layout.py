"""No two boxes of the tree share any area, whatever grew from what, and height is time."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuningfork.atlas.catalogue import load
from tuningfork.atlas.tree import LIMBS, Tree, survey_tree, tree_of
from tuningfork.atlas.tree_layout import Arrangement, LeafBox, arrange
from tuningfork.atlas.tree_rows import Sprout
from tuningfork.report.plots.atlas_tree import sprouts_of


@st.composite
def forests(draw: st.DrawFn) -> list[Sprout]:
    """Sprouts whose parents came before them in the list, though not always in time."""
    sprouts: list[Sprout] = []
    for place in range(draw(st.integers(1, 40))):
        older = draw(st.sampled_from([None, *sprouts]))
        branch = older.branch if older else draw(st.sampled_from(LIMBS))
        when = draw(st.floats(2018, 2022, exclude_max=True))
        width = draw(st.floats(20, 250))
        name = f"model {place}"
        sprouts.append(Sprout(name=name, branch=branch, parent=older and older.name, when=when, width=width))
    return sprouts


def _overlapping(boxes: list[LeafBox]) -> list[tuple[LeafBox, LeafBox]]:
    """Found by comparing each box with those that begin above its bottom."""
    boxes = sorted(boxes, key=lambda box: box.top)
    rows: dict[float, list[LeafBox]] = {}
    for box in boxes:
        rows.setdefault(round(box.top, 3), []).append(box)
    tops = sorted(rows)
    assert all(later - earlier >= 30 for earlier, later in pairwise(tops))
    return [pair for row in rows.values() for pair in combinations(row, 2) if pair[0].overlaps(pair[1])]


@settings(max_examples=40, deadline=None)
@given(forests())
def test_boxes_never_overlap(sprouts: list[Sprout]) -> None:
    layout = arrange(sprouts, LIMBS)
    assert set(layout.boxes) == {sprout.name for sprout in sprouts}
    assert not [pair for pair in combinations(layout.boxes.values(), 2) if pair[0].overlaps(pair[1])]
    for sprout in sprouts:
        box = layout.boxes[sprout.name]
        assert box.right - box.left == pytest.approx(sprout.width)
        assert box.left >= -1e-6 and box.right <= layout.width + 1e-6
        assert box.top >= 0 and box.bottom <= layout.height


@settings(max_examples=40, deadline=None)
@given(forests())
def test_no_box_covers_a_trunk_or_the_way_up_to_another_leaf(sprouts: list[Sprout]) -> None:
    layout = arrange(sprouts, LIMBS)
    upright = [(trunk.x, trunk.crown, trunk.foot, "") for trunk in layout.trunks]
    upright += [(twig.end[0], twig.end[1], twig.start[1], twig.leaf) for twig in [*layout.twigs, *layout.stems]]
    for x, top, bottom, leaf in upright:
        for name, box in layout.boxes.items():
            beside = box.right <= x or x <= box.left
            assert beside or box.bottom <= top or bottom <= box.top, (leaf, name)


@settings(max_examples=40, deadline=None)
@given(forests())
def test_height_is_time(sprouts: list[Sprout]) -> None:
    """Roots of the limbs stand by their dates; what grew never stands below what it grew from."""
    boxes = arrange(sprouts, LIMBS).boxes
    roots = [sprout for sprout in sprouts if sprout.parent is None]
    for one, other in combinations(roots, 2):
        older, newer = sorted((one, other), key=lambda sprout: sprout.when)
        if older.when < newer.when:
            assert boxes[newer.name].top <= boxes[older.name].top + 1e-6
    for sprout in sprouts:
        if sprout.parent:
            assert boxes[sprout.name].top <= boxes[sprout.parent].top + 1e-6


@settings(max_examples=40, deadline=None)
@given(forests())
def test_every_leaf_hangs_on_its_parent(sprouts: list[Sprout]) -> None:
    layout = arrange(sprouts, LIMBS)
    by_name = {sprout.name: sprout for sprout in sprouts}
    trunks = {trunk.branch: trunk.x for trunk in layout.trunks}
    stems = {stem.leaf: stem for stem in layout.stems}
    for twig in layout.twigs:
        box, parent = layout.boxes[twig.leaf], by_name[twig.leaf].parent
        assert twig.end == (box.middle, box.bottom)
        lanes = [layout.boxes[parent].middle if parent else trunks[twig.branch]]
        if parent in stems and stems[parent].end[1] <= twig.start[1] < stems[parent].start[1]:
            lanes.append(stems[parent].end[0])
        assert any(twig.start[0] == pytest.approx(lane) for lane in lanes)
        assert twig.start[1] >= twig.end[1]
    for name, stem in stems.items():
        box = layout.boxes[name]
        assert stem.start[0] == pytest.approx(box.middle) and stem.start[1] < box.top
    carried = sum(twig.carries for twig in layout.twigs if by_name[twig.leaf].parent is None)
    assert carried == len(sprouts)


def _check(tree: Tree) -> Arrangement:
    layout = arrange(sprouts_of(tree), LIMBS)
    assert len(layout.boxes) == len(tree.leaves)
    assert not _overlapping(list(layout.boxes.values()))
    return layout


def test_the_survey_fits() -> None:
    layout = _check(survey_tree(load()))
    assert [year for year, _ in layout.years] == [2018, 2019, 2020, 2021, 2022, 2023]
    assert 1.0 < layout.width / layout.height < 2.5


@pytest.mark.parametrize("leaves", [62, 300, 1000])
def test_the_catalogue_fits(leaves: int) -> None:
    catalogue = load()
    layout = _check(tree_of(catalogue, catalogue.models, leaves=leaves))
    assert len(layout.boxes) == leaves
    assert 1.0 < layout.width / layout.height < 2.5


def test_a_year_begins_below_its_leaves_and_above_those_of_the_year_before() -> None:
    tree = survey_tree(load())
    layout = arrange(sprouts_of(tree), LIMBS)
    starts = dict(layout.years)
    for leaf in tree.leaves:
        box, year = layout.boxes[leaf.entry.name], int(leaf.entry.when)
        assert box.bottom <= starts[year]
        assert box.top >= starts.get(year + 1, 0.0)


def test_a_sprout_of_no_limb_is_refused() -> None:
    sprout = Sprout(name="x", branch="unknown", parent=None, when=2020.0, width=50.0)
    with pytest.raises(ValueError, match="on one of the limbs"):
        arrange([sprout], LIMBS)
    with pytest.raises(ValueError, match="has sprouts"):
        arrange([], LIMBS)
