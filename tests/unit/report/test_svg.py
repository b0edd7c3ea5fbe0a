"""The SVG builder escapes what is text, and gives a shape to a side."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from tuningfork.report.svg import Svg, element, mark, picture, text

SPACE = "{http://www.w3.org/2000/svg}"


def parsed(drawing: Svg) -> ElementTree.Element:
    return ElementTree.fromstring(str(drawing))


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_text_and_nothing_else(content: str, attribute: str) -> None:
    tree = parsed(element("g", element("text", content), label=attribute))
    assert [child.tag for child in tree] == ["text"]
    assert list(tree.attrib) == ["label"]


def test_markup_in_text_comes_back_as_text() -> None:
    assert parsed(element("text", "<script>&amp;")).text == "<script>&amp;"


def test_each_side_has_a_shape_of_its_own() -> None:
    tags = {side: parsed(mark(side, 10, 10, 4)).tag for side in ("llm", "fine-tuned", "combined")}
    assert tags == {"llm": "rect", "fine-tuned": "circle", "combined": "polygon"}


def test_a_picture_says_what_it_shows() -> None:
    tree = parsed(picture("demo", (100, 50), "What is seen", "How to read it", []))
    assert tree.attrib["role"] == "img"
    told = {child.attrib["id"]: child.text for child in tree}
    assert [told[name] for name in tree.attrib["aria-labelledby"].split()] == ["What is seen", "How to read it"]


def test_long_names_take_several_lines() -> None:
    tree = parsed(text(5, 10, ("first", "second"), "llm"))
    assert [(span.text, span.attrib["x"], span.attrib["dy"]) for span in tree] == [
        ("first", "5", "0"),
        ("second", "5", "14"),
    ]
