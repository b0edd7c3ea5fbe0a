"""Which row of a file of answers is of which row of the task."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from tuningfork.errors import InputError
from tuningfork.task.answers.labels import Remedies
from tuningfork.task.answers.matching import Asked, Given, Match, Matcher

REMEDIES = Remedies("tool {}", column="", label_names="", codes="", encoding="", match="--match {}")
TEXTS = [f"the {word} of ticket {row} is long enough to be cut" for row, word in enumerate("abcdefghij")]
IDS = [str(row) for row in range(10)]


def matched(
    asked: tuple[Sequence[str] | None, Sequence[str] | None],
    given: tuple[Sequence[str] | None, Sequence[str] | None],
    answers: Sequence[str] | None = None,
    only: str | None = None,
) -> tuple[Match, InputError | None]:
    n = len(given[0] or given[1] or ())
    names = [f"row {row}" for row in range(len(asked[0] or asked[1] or ()))]
    rows = Given(
        source="a.csv",
        ids=given[0],
        texts=given[1],
        answers=answers or list("abcdefghijklmnop")[:n],
        rows=range(1, n + 1),
    )
    matcher = Matcher(rows, only=only, remedies=REMEDIES)
    wanted = Asked(source="gold.csv", ids=asked[0], texts=asked[1], names=names)
    match = matcher.match(wanted)
    assert matcher.follow(wanted, match) == match.places or match.how == "by id"
    return match, matcher.missing(wanted, match)


def test_ids_find_rows_in_any_order() -> None:
    order = random.Random(0).sample(range(10), 10)
    match, missing = matched((IDS, None), ([IDS[row] for row in order], None))
    assert [order[place] for place in match.places if place is not None] == list(range(10))
    assert (match.how, match.told, match.plain, missing) == ("by id", (), True, None)


def test_ids_that_are_numbers_otherwise_are_found_where_that_takes_none_together() -> None:
    match, _ = matched((["007", "8"], None), (["8.0", "7"], None))
    assert match.places == (1, 0)
    assert (match.plain, "2 keys written otherwise" in match.told[0]) == (False, True)
    match, missing = matched((["07", "7"], None), (["7.0"], None))
    assert match.places == (None, None), "two rows of the task would be one"
    assert missing is not None and "no answer for row 0, nor for 1 more of 2" in str(missing)


def test_the_texts_decide_where_the_ids_are_of_other_rows() -> None:
    match, _ = matched((IDS, TEXTS), (IDS, TEXTS[::-1]))
    assert match.places == tuple(range(9, -1, -1))
    assert (match.how, match.key, match.plain) == ("by text", "text", False)
    assert "contradict each other in 10 of 10 rows" in match.told[0]
    by_id, _ = matched((IDS, TEXTS), (IDS, TEXTS[::-1]), only="id")
    assert by_id.places == tuple(range(10))


def test_a_few_ids_of_other_rows_are_enough() -> None:
    swapped = [*TEXTS[:8], TEXTS[9], TEXTS[8]]
    assert matched((IDS, TEXTS), (IDS, swapped))[0].places == (*range(8), 9, 8)


def test_equal_texts_with_ids_of_their_own_are_no_contradiction() -> None:
    texts = ["ok", "ok", "no"]
    match, _ = matched((["2", "1", "3"], texts), (["1", "2", "3"], texts))
    assert (match.places, match.how) == ((1, 0, 2), "by id")


def test_texts_that_were_tidied_up_confirm_the_ids() -> None:
    match, _ = matched((IDS, TEXTS), (IDS, [f"Q: {text.upper()}" for text in TEXTS]))
    assert (match.places, match.how) == (tuple(range(10)), "by id")
    assert "10 of 10 rows are written otherwise; the ids decided" in match.told[0]


def test_where_neither_key_fits_both_figures_are_told() -> None:
    others = [f"quite another matter {row}" for row in range(10)]
    with pytest.raises(InputError, match=r"of 10 rows 10 have their id and 0 their text.*first in row 0 .*--match id"):
        matched((IDS, TEXTS), (IDS, others))


def test_ids_and_texts_complete_each_other() -> None:
    match, missing = matched((IDS, TEXTS), ([*IDS[:6], "x", "y", "z", "w"], TEXTS))
    assert (match.places, match.how, missing) == (tuple(range(10)), "by id, 4 by text", None)


@pytest.mark.parametrize(
    "cut",
    [[text[:30] for text in TEXTS], [f"{text[:25]}…" for text in TEXTS], [f"{text[:25]} ..." for text in TEXTS]],
)
def test_texts_that_were_cut_are_found_by_their_beginning(cut: list[str]) -> None:
    match, missing = matched((None, TEXTS), (None, cut[::-1]))
    assert (match.places, missing) == (tuple(range(9, -1, -1)), None)
    assert "10 keys written otherwise" in match.told[0]


def test_beginnings_that_two_rows_share_find_neither() -> None:
    alike = ["a matter that begins like this: one", "a matter that begins like this: two"]
    match, _ = matched((None, alike), (None, [text[:31] for text in alike]), answers=["x", "x"])
    assert match.places == (None, None)


def test_a_row_that_is_answered_twice_is_refused_unless_it_says_the_same() -> None:
    twice = (["1", "2", "1"], None)
    assert matched((["1", "2"], None), twice, answers=["x", "y", "x"])[0].places == (0, 1)
    with pytest.raises(InputError, match=r"a\.csv, row 3, column 'id': a second, different answer for '1'"):
        matched((["2"], None), twice, answers=["x", "y", "z"])


def test_ids_that_are_no_ids_give_way_to_texts() -> None:
    ids = ["1", "2", "1", "2"]
    match, _ = matched((IDS[:4], TEXTS[:4]), (ids, TEXTS[:4]))
    assert (match.places, match.how) == ((0, 1, 2, 3), "by text")
