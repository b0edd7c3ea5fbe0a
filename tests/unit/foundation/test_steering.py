"""JSON that can be printed: nothing in it steers a terminal, and it reads back to the same value."""

from __future__ import annotations

import json
import math
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.foundation.steering import json_text, steers

ANY_TEXT = st.text(st.characters())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=10,
)
HOSTILE = "\x1b[31mred\x1b]8;;http://x\x07\x9b2J\x00\x08\x7f\u202e\u2066\ufffe\ud800\U0001fffe é 漢 🎵"


@given(VALUES)
def test_it_reads_back_to_the_same_value(value: Any) -> None:
    assert json.loads(json_text(value)) == value


@given(ANY_TEXT)
def test_nothing_in_it_steers_and_it_can_be_encoded(text: str) -> None:
    told = json_text({text: [text]})
    assert not [c for c in told if c != "\n" and (steers(c) or unicodedata.category(c) in {"Cc", "Cs"})]
    told.encode("utf-8")


def test_text_that_steers_nothing_is_told_as_it_is() -> None:
    assert json_text(HOSTILE, indent=None).endswith(' é 漢 🎵"')
    assert json.loads(json_text(HOSTILE)) == HOSTILE


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_json_does_not_have_is_an_error(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_text([value])
