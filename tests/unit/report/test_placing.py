"""Names beside marks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tuningfork.report.plots.placing import Box, place_names, wrapped

AREA = Box(0, 0, 800, 300)


def test_a_free_mark_has_its_name_on_the_right() -> None:
    (placed,), _ = place_names([("name",)], [(100.0, 100.0)], AREA)
    assert (placed.anchor, placed.x > 100) == ("start", True)


def test_a_mark_at_the_right_edge_has_its_name_on_the_left() -> None:
    (placed,), _ = place_names([("a rather long name",)], [(795.0, 100.0)], AREA)
    assert (placed.anchor, placed.x < 795) == ("end", True)


def test_a_name_avoids_what_is_in_the_way() -> None:
    wall = Box(106, 0, 300, 300)
    (placed,), _ = place_names([("name",)], [(100.0, 100.0)], AREA, [wall])
    assert placed.anchor == "end"


def test_two_near_marks_do_not_write_over_each_other() -> None:
    (first, second), clear = place_names([("one name",), ("another",)], [(100.0, 100.0), (108.0, 120.0)], AREA)
    assert (first.anchor, first.y) != (second.anchor, second.y)
    assert clear


def test_a_heap_of_marks_is_owned_up_to() -> None:
    marks = [(100.0 + 3 * i, 100.0 + 2 * i) for i in range(9)]
    placed, clear = place_names([("a rather long name", "in two lines")] * 9, marks, AREA)
    assert len(placed) == 9
    assert not clear


@given(st.text(alphabet="abc ", min_size=1, max_size=120).filter(str.strip), st.integers(8, 40))
def test_names_take_two_lines_at_most(name: str, letters: int) -> None:
    lines = wrapped(name, letters)
    assert 1 <= len(lines) <= 2
    assert all(len(line) <= letters for line in lines)
