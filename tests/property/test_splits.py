"""Whatever the rows: no text and no group on two sides, every row accounted for, the same rows the same split."""

from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuningfork.task.splits import Content, Split, split, units

Row = tuple[str, int, str]

texts = st.sampled_from(
    ["red", "Red!", " r e d", "blue", "BLUE", "grün", "Gru\u0308n", "?!", "!?", "日本", "日本。"]
) | st.integers(0, 60).map(lambda i: f"text {i}")
rows_of = st.lists(st.tuples(texts, st.integers(0, 2), st.sampled_from("abcdefghijklmnop")), min_size=1, max_size=80)


def content(rows: list[Row], *, grouped: bool) -> Content:
    groups = [row[2] for row in rows] if grouped else None
    return Content.of([row[0] for row in rows], np.array([row[1] for row in rows], np.int32), groups)


def bare(text: str) -> str:
    """An independent, weaker notion of sameness: case, ASCII punctuation and runs of blanks."""
    return " ".join("".join(c for c in text.lower() if c not in string.punctuation).split()) or text


def chosen(rows: list[Row], indices: np.ndarray) -> list[Row]:  # type: ignore[type-arg]
    return [rows[i] for i in indices]


@settings(deadline=None)
@given(rows_of, st.booleans(), st.integers(0, 5), st.none() | st.integers(1, 40))
def test_one_file(rows: list[Row], grouped: bool, seed: int, most: int | None) -> None:
    made = split(content(rows, grouped=grouped), most=most, seed=seed)
    sides = [chosen(rows, part) for part in (made.evaluation, made.validation, made.pool)]
    for i, side in enumerate(sides):
        for other in sides[i + 1 :]:
            assert not {bare(row[0]) for row in side} & {bare(row[0]) for row in other}
            if grouped:
                assert not {row[2] for row in side} & {row[2] for row in other}
    used = np.concatenate([made.evaluation, made.validation, made.pool])
    assert len(set(used.tolist())) == len(used) == len(rows) - made.out_of_evaluation
    assert most is None or len(made.evaluation) <= most
    assert len(made.validation) <= max(0, (len(rows) - len(made.evaluation)) // 5)


@settings(deadline=None)
@given(rows_of, st.integers(0, 5))
def test_something_is_left_on_both_sides_unless_all_rows_belong_together(rows: list[Row], seed: int) -> None:
    given_rows = content(rows, grouped=True)
    made = split(given_rows, seed=seed)
    splittable = len(set(units(given_rows).tolist())) > 1
    assert bool(len(made.pool) and len(made.evaluation)) == splittable


@settings(deadline=None)
@given(st.integers(2, 8000), st.integers(0, 3), st.sampled_from([None, 100, 500]))
def test_shares_are_exact_where_no_text_repeats(n: int, seed: int, most: int | None) -> None:
    made = split(content([(f"t{i}", i % 2, "") for i in range(n)], grouped=False), most=most, seed=seed)
    evaluation = min(max(1, n * 2 // 5), most or n)
    validation = min((n - evaluation) // 5, 1000)
    assert (len(made.evaluation), len(made.validation)) == (evaluation, validation)
    assert len(made.pool) == n - evaluation - validation


@settings(deadline=None)
@given(rows_of, st.booleans(), st.integers(0, 5), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(rows: list[Row], grouped: bool, seed: int, random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first = split(content(rows, grouped=grouped), seed=seed)
    second = split(content(shuffled, grouped=grouped), seed=seed)
    for role in ("evaluation", "validation", "pool"):
        seen, again = chosen(rows, getattr(first, role)), chosen(shuffled, getattr(second, role))
        assert [(row[0], row[1]) for row in seen] == [(row[0], row[1]) for row in again]


@settings(deadline=None)
@given(rows_of, rows_of, rows_of, st.booleans(), st.integers(1, 30))
def test_files_of_their_own(data: list[Row], test: list[Row], ranking: list[Row], grouped: bool, most: int) -> None:
    def made(most: int | None) -> Split:
        parts = [content(rows, grouped=grouped) for rows in (data, test, ranking)]
        return split(parts[0], test=parts[1], validation=parts[2], most=most)

    few, all_rows = made(most), made(None)
    assert sorted(all_rows.evaluation.tolist()) == list(range(len(test)))
    assert few.evaluation.tolist() == all_rows.evaluation.tolist()[:most], "evaluation rows have one fixed order"
    assert few.pool.tolist() == all_rows.pool.tolist()
    assert len(few.pool) + few.out_of_pool == len(data)
    assert len(few.validation) + few.out_of_validation == len(ranking)
    pool, validation = chosen(data, few.pool), chosen(ranking, few.validation)
    for kept, others in ((pool, [*test, *ranking]), (validation, test)):
        assert not {bare(row[0]) for row in kept} & {bare(row[0]) for row in others}
        if grouped:
            assert not {row[2] for row in kept} & {row[2] for row in others}


@pytest.mark.parametrize("repeats", [1, 5])
def test_repeated_texts_are_as_likely_to_be_evaluated_as_others(repeats: int) -> None:
    """Units of one row and units of several: neither kind is favoured, but for the few rows that fill the last room."""
    rows = [(f"single {i}", 0, "") for i in range(400)] + [
        (f"often {i // repeats}", 1, "") for i in range(400 * repeats)
    ]
    given_rows = content(rows, grouped=False)
    shares = [np.mean(given_rows.gold[split(given_rows, most=None, seed=seed).evaluation]) for seed in range(100)]
    expected = repeats / (repeats + 1)
    assert np.mean(shares) == pytest.approx(expected, abs=4 * np.std(shares) / np.sqrt(100) + repeats / 960)
