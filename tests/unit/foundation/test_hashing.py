"""The same content has the same name, and no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tuningfork.foundation.hashing import hash_of, hash_of_texts

texts = st.lists(st.text(), max_size=5)


@given(texts, texts)
def test_boundaries_between_texts_matter(a: list[str], b: list[str]) -> None:
    assert (hash_of_texts(a) == hash_of_texts(b)) == (a == b)


def test_key_order_does_not_matter_but_list_order_does() -> None:
    assert hash_of({"a": 1, "b": 2}) == hash_of({"b": 2, "a": 1})
    assert hash_of([1, 2]) != hash_of([2, 1])
