"""The tree as pixels: the same picture as the SVG, and a clear word where the extra is missing."""

from __future__ import annotations

import re
import struct
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from tuningfork.atlas.catalogue import load
from tuningfork.atlas.tree import survey_tree
from tuningfork.errors import InputError
from tuningfork.report.bitmap import png_of, resolved
from tuningfork.report.plots.atlas_tree import tree_svg
from tuningfork.report.tree import heading


@pytest.fixture(scope="module")
def svg() -> str:
    tree = survey_tree(load())
    return tree_svg(tree, heading(tree, survey=True))


def test_the_picture_has_the_size_and_the_colours_of_the_svg(svg: str) -> None:
    pytest.importorskip("resvg_py")
    drawn = png_of(svg)
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    root = ElementTree.fromstring(svg)
    width, height = struct.unpack(">II", drawn[16:24])
    assert width == pytest.approx(float(root.get("width") or 0), abs=1)
    assert height == pytest.approx(float(root.get("height") or 0), abs=1)
    black = png_of(re.sub(r"#[0-9a-f]{6}", "#000000", svg))
    assert len(black) < 0.2 * len(drawn), "colours come from the style sheet"


def test_without_the_extra_it_says_how_to_get_it(svg: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(InputError, match=r"tuningfork-nlp\[png\]"):
        png_of(svg)


def test_no_variable_and_no_media_query_is_left(svg: str) -> None:
    [style] = re.findall(r"<style>(.*?)</style>", svg, re.DOTALL)
    plain = resolved(style)
    assert "var(" in style and "@media" in style
    assert "var(" not in plain and "@media" not in plain and "--" not in plain


def test_a_class_gives_its_colour_to_itself_and_what_is_within() -> None:
    style = "svg { --red: #f00; } .tree .warm { --leaf: var(--red); } .tree .leaf rect { fill: var(--leaf); }"
    assert resolved(style) == ".tree .leaf.warm rect, .tree .warm .leaf rect { fill: #f00 }"
