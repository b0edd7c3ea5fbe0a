"""Lists of texts in one cell, in every writing that files have; and what is no list."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.task.option_lists import OptionList, option_list, options_in

TEXTS = ("it's red", 'a "b"', "é, ü")
KEYS = ("A", "B", "C")


@pytest.mark.parametrize(
    ("cell", "keys"),
    [
        (json.dumps(TEXTS), ()),
        (f" {json.dumps(TEXTS, ensure_ascii=False)} ", ()),
        (repr(list(TEXTS)), ()),
        (repr(TEXTS), ()),
        (str(np.array(TEXTS)), ()),
        (str(np.array(TEXTS, dtype=object)), ()),
        (repr(np.array(TEXTS, dtype=object)), ()),
        (json.dumps({"text": TEXTS, "label": KEYS}), KEYS),
        (json.dumps({"label": KEYS, "text": TEXTS}), KEYS),
        (repr({"text": list(TEXTS), "label": list(KEYS)}), KEYS),
        (repr({"text": np.array(TEXTS, dtype=object), "label": np.array(KEYS, dtype=object)}), KEYS),
        (str({"text": np.array(TEXTS, dtype=object), "label": np.array(KEYS)}), KEYS),
        (json.dumps([{"label": key, "text": text} for key, text in zip(KEYS, TEXTS, strict=True)]), KEYS),
        (json.dumps([{"key": key, "option": text} for key, text in zip(KEYS, TEXTS, strict=True)]), KEYS),
        (json.dumps(dict(zip(KEYS, TEXTS, strict=True))), KEYS),
    ],
)
def test_the_same_list_in_every_writing(cell: str, keys: tuple[str, ...]) -> None:
    assert option_list(cell) == OptionList(TEXTS, keys)


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        ("['one' 'two'\n 'three']", ("one", "two", "three")),
        (r"['one\ntwo', 'three']", ("one\ntwo", "three")),
        ("[1, 2.50, -3]", ("1", "2.50", "-3")),
        ('["a", "b", "", null]', ("a", "b")),
        ("['a', 'b', nan]", ("a", "b")),
        ("[]", ()),
        ("  ", ()),
        ("", ()),
    ],
)
def test_what_writers_do_to_lists(cell: str, texts: tuple[str, ...]) -> None:
    assert option_list(cell) == OptionList(texts)


@pytest.mark.parametrize(
    "cell",
    [
        "one or two",
        "one, two",
        "5",
        '"one"',
        "null",
        "true",
        "{}",
        str(np.array(["w"] * 2000)),
        "['a' ... 'b']",
        "[1 2 3]",
        "[['a', 'b'], ['c', 'd']]",
        '[{"label": "A"}, {"label": "B"}]',
        "['a', 'b'",
        "['a', b]",
        "[open('x'), 'b']",
        "[__import__('os').getpid(), 'b']",
        "[f'{1 + 1}', 'b']",
        "[b'a', b'b']",
        "[x for x in 'ab']",
        "['a'] * 1000000000",
        "(" * 5000,
        "[" * 100_000,
    ],
)
def test_what_is_no_list_of_texts(cell: str) -> None:
    assert option_list(cell) is None


def test_a_separator_is_never_guessed() -> None:
    assert option_list("red|green|blue") is None
    assert option_list("red|green|blue", separator="|") == OptionList(("red", "green", "blue"))
    assert option_list("red", separator="|") is None
    assert option_list('["a|b", "c"]', separator="|") == OptionList(("a|b", "c"))
    assert option_list("[sic]|[stet]", separator="|") == OptionList(("[sic]", "[stet]"))


def test_keys_that_do_not_tell_options_apart_are_none() -> None:
    assert option_list('{"text": ["a", "b"], "label": ["A", "A"]}') == OptionList(("a", "b"))
    assert option_list('{"text": ["a", "b"], "label": ["A"]}') == OptionList(("a", "b"))


plain = st.text(st.characters(exclude_categories=["Cs"])).map(str.strip).filter(bool)


@given(st.lists(plain, min_size=1, max_size=6), st.booleans())
def test_what_was_written_is_read_again(texts: list[str], lettered: bool) -> None:
    given_list = OptionList(tuple(texts), tuple("ABCDEF"[: len(texts)]) if lettered else ())
    assert options_in(given_list.written) == given_list


@given(st.lists(plain, min_size=1, max_size=6))
def test_what_python_and_numpy_print_is_read_as_it_was(texts: list[str]) -> None:
    assert option_list(repr(texts)) == OptionList(tuple(texts))
    array = np.array(texts, dtype=object)
    assert option_list(repr(array)) == OptionList(tuple(texts))
    with np.printoptions(threshold=1000):
        assert option_list(str(array)) == OptionList(tuple(texts))


@given(st.text())
def test_any_cell_is_a_list_or_none(cell: str) -> None:
    found = option_list(cell, separator=";")
    assert found is None or all(isinstance(text, str) for text in found.texts)
