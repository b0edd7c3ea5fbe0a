"""Which rows are one draw."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.task.rows import Evaluation, Pool
from tuningfork.task.splits import Content
from tuningfork.task.splits import units as kept_together
from tuningfork.task.units import n_units, units_of


def rows(texts: Sequence[str], groups: Sequence[str] | None = None) -> Evaluation:
    ids = tuple(str(row) for row in range(len(texts)))
    return Evaluation(ids, tuple(texts), np.zeros(len(texts), np.int32), None if groups is None else tuple(groups))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Where is it?", "where  is\tit? ", True),
        ("Gr\u00fcn", "gru\u0308n", True),
        ("STRASSE", "straße", True),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width", True),
        ("Where is it?", "where is it", False),
        ("now here", "nowhere", False),
        ("don't", "dont", False),
    ],
)
def test_texts_are_equal_but_for_case_blanks_and_composition(one: str, other: str, same: bool) -> None:
    assert (n_units(units_of([[one, other]])) == 1) is same


def test_all_fields_have_to_be_equal_and_a_boundary_between_them_counts() -> None:
    premise = ["a b", "A  B", "a b", "a"]
    claim = ["c", "C", "d", "b c"]
    assert units_of([premise, claim]).tolist() == [0, 0, 1, 2]


def test_chains_of_groups_and_texts_are_one_unit() -> None:
    texts = ["one", "two", "Two", "three", "four"]
    assert units_of([texts], ["g", "g", "h", "h", "i"]).tolist() == [0, 0, 0, 0, 1]
    assert units_of([texts]).tolist() == [0, 1, 1, 2, 3]


def test_rows_without_text_or_group_stand_alone() -> None:
    assert units_of([["", " ", "a", "a"]]).tolist() == [0, 1, 2, 2]
    assert units_of([["a", "b", "c", "c"]], ["", "", "g", ""]).tolist() == [0, 1, 2, 2]
    assert units_of([["", "x"], ["", ""]]).tolist() == [0, 1]


def test_columns_of_different_lengths_are_refused() -> None:
    for fields, groups in (([["a"], ["b", "c"]], None), ([["a"]], ["g", "h"]), ([], None)):
        with pytest.raises(ValueError, match="one length"):
            units_of(fields, groups)


words = st.sampled_from(["a", "A", "a ", "a!", "a.", "b", " B", "ﬁ", "fi", "ß", "ss", "?!", "?", ""])
texts_of = st.lists(st.lists(words, min_size=1, max_size=2).map(" ".join), min_size=1, max_size=30)


def by_hand(texts: list[str], groups: list[str]) -> set[frozenset[int]]:
    """Sets of linked rows, found by merging until nothing merges."""
    plain = [" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in texts]
    sets = [{row} for row in range(len(texts))]
    for i in range(len(texts)):
        for j in range(i):
            if (plain[i] and plain[i] == plain[j]) or groups[i] == groups[j]:
                together = next(s for s in sets if i in s) | next(s for s in sets if j in s)
                sets = [s for s in sets if not s & together] + [together]
    return {frozenset(s) for s in sets}


@given(texts_of, st.data())
def test_units_are_what_merging_by_hand_gives(texts: list[str], data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.sampled_from("ghijklmnop"), min_size=len(texts), max_size=len(texts)))
    units = units_of([texts], groups)
    assert {frozenset(np.flatnonzero(units == unit).tolist()) for unit in units} == by_hand(texts, groups)
    firsts = [units.tolist().index(unit) for unit in range(n_units(units))]
    assert firsts == sorted(firsts)


@given(texts_of, st.booleans(), st.data())
def test_what_splits_keep_together_holds_units_whole(texts: list[str], grouped: bool, data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.sampled_from("ghijk"), min_size=len(texts), max_size=len(texts)))
    given_groups = groups if grouped else None
    coarse = kept_together(Content.of(texts, np.zeros(len(texts), np.int32), given_groups))
    fine = units_of([[text or "x" for text in texts]], given_groups)
    for unit in set(fine.tolist()):
        assert len(set(coarse[fine == unit].tolist())) == 1


def test_rows_that_are_taken_keep_their_units_though_the_link_is_gone() -> None:
    chain = rows(["one", "two", "two", "three"], ["g", "g", "h", "h"])
    assert chain.units.tolist() == [0, 0, 0, 0]
    ends = chain.take([3, 0])
    assert ends.units.tolist() == [0, 0]
    assert isinstance(ends.take([1]), Evaluation)
    assert rows(["a", "b", "a"]).take([2, 1, 0]).units.tolist() == [0, 1, 0]
    assert rows([]).units.tolist() == []


def test_units_cannot_be_changed_by_who_reads_them() -> None:
    some = rows(["a", "a", "b"])
    for of in (some, some.take([0, 2])):
        with pytest.raises(ValueError, match="read-only"):
            of.units[0] = 7


def test_units_are_found_once() -> None:
    many = Pool(("",) * 3, ("a", "b", "A"), np.zeros(3, np.int32))
    assert many.units is many.units
