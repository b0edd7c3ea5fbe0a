"""Text of rows and models is data: it steers neither a terminal nor a reader's eye."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tuningfork.report.text import LONGEST_QUOTE, harmless, one_line, quote

_DIRECTION = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    left = {c for c in harmless(text) if unicodedata.category(c) == "Cc"}
    assert left <= {"\n", "\t"}
    assert not {unicodedata.bidirectional(c) for c in harmless(text)} & _DIRECTION


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_plain_text_is_left_alone(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


def test_what_was_written_out_can_be_read() -> None:
    assert harmless("\x1b[31mred\x9b\u202e") == "\\x1b[31mred\\x9b\\u202e"


@given(st.text(max_size=2000))
def test_quotes_are_short_and_say_that_they_are_cut(text: str) -> None:
    told = quote(text)
    assert len(told) <= LONGEST_QUOTE
    assert told == harmless(text) or told.endswith("…")
