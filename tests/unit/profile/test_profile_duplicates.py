"""Repeats within and between files: planted copies are found, counts do not hang on the order, brute force agrees."""

from __future__ import annotations

import csv
import random
import string
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuningfork.profile.duplicates import duplicates_in, leakage
from tuningfork.profile.figures import Duplicates
from tuningfork.profile.near_duplicates import SIMILARITY, are_near, candidate_pairs
from tuningfork.task.content import normalised

LONG = "the quick brown fox jumps over the lazy dog near the river bank while the sun is going down slowly"


def found(texts: Sequence[str], labels: Sequence[str] | None = None) -> Duplicates:
    return duplicates_in([f"row {n}" for n in range(len(texts))], texts, labels or [""] * len(texts))


def jaccard(one: str, other: str) -> float:
    """By definition, over the normalised texts' runs of five characters."""
    sets = [{text[n : n + 5] for n in range(max(1, len(text) - 4))} for text in (normalised(one), normalised(other))]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def groups_by_brute_force(texts: Sequence[str]) -> int:
    """Distinct texts less the groups that near pairs join."""
    distinct = sorted({normalised(text) for text in texts})
    group = list(range(len(distinct)))
    for a in range(len(distinct)):
        for b in range(a):
            if jaccard(distinct[a], distinct[b]) >= SIMILARITY and group[a] != group[b]:
                gone = group[a]
                group = [group[b] if one == gone else one for one in group]
    return len(distinct) - len(set(group))


def test_exact_normalised_and_near_rows_are_counted_apart() -> None:
    texts = [
        LONG,
        LONG,
        LONG.upper() + "!",
        LONG.replace("slowly", "slow"),
        "something else altogether, unlike the rest",
    ]
    twice = found(texts)
    assert (twice.exact, twice.normalised, twice.near) == (1, 2, 1)
    assert twice.similarity == SIMILARITY
    assert twice.examples == (("row 0", "row 3"),)


def test_a_chain_of_near_rows_is_one_group() -> None:
    words = LONG.split()
    chain = [" ".join(words[start : start + 18]) for start in range(3)]
    assert jaccard(chain[0], chain[2]) < SIMILARITY <= min(jaccard(chain[0], chain[1]), jaccard(chain[1], chain[2]))
    assert found(chain).near == 2
    assert found([chain[0], chain[2]]).near == 0


def test_contradicting_labels_are_counted_by_rows_and_unlabelled_rows_contradict_nobody() -> None:
    texts = ["Hello there", "hello there!", "hello  THERE", "hello there", "bye", "bye", "bye"]
    labels = ["a", "b", "", "a", "c", "c", ""]
    assert found(texts, labels).contradicting == 3


def test_leaking_rows_are_counted_once_and_near_ones_apart() -> None:
    data = [LONG, "an entirely different sentence about cooking pasta with tomatoes"]
    other = [LONG + "!", LONG, LONG.replace("slowly", "slow"), "nothing like any of these at all, really", "x"]
    found_there = leakage("test", data, other)
    assert (found_there.role, found_there.rows, found_there.near, found_there.of) == ("test", 2, 1, 5)


def test_rows_near_each_other_in_the_other_file_alone_do_not_leak() -> None:
    assert leakage("shifted", ["short"], [LONG, LONG + " today"]).near == 0


@pytest.mark.parametrize(
    "texts", [[], [""], ["a"], ["a", "b"], ["ab", "abc"], ["?!", "?!", "!?"], ["\ud800", "\ud801"]]
)
def test_few_short_and_odd_texts(texts: list[str]) -> None:
    assert found(texts).near == 0
    assert leakage("test", texts, texts).rows == len(texts)


WORDS = st.lists(st.text(string.ascii_lowercase, min_size=2, max_size=8), min_size=12, max_size=30).map(" ".join)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(WORDS, min_size=1, max_size=12, unique_by=normalised), st.randoms(use_true_random=False))
def test_planted_copies_are_found_in_any_order(texts: list[str], draw: random.Random) -> None:
    before = found(texts)
    copy = draw.choice(texts)
    near = f"{draw.choice(texts)} ab"
    planted = [*texts, copy, copy.upper() + " ?", near]
    draw.shuffle(planted)
    after = found(planted)
    assert after.exact == 1
    assert after.normalised == 2
    assert after.near == groups_by_brute_force(planted) >= before.near
    assert leakage("test", texts, planted).rows == len(texts) + 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("ab c!é", max_size=14), max_size=25), st.randoms(use_true_random=False))
def test_counts_do_not_hang_on_the_order_of_rows(texts: list[str], draw: random.Random) -> None:
    shuffled = draw.sample(texts, len(texts))
    one, other = found(texts), found(shuffled)
    assert (one.exact, one.normalised, one.near) == (other.exact, other.normalised, other.near)
    half = len(texts) // 2
    assert leakage("test", texts[:half], texts[half:]) == leakage("test", texts[:half][::-1], texts[half:][::-1])


def near_pairs_by_counting(texts: Sequence[str]) -> set[tuple[int, int]]:
    """All near pairs: shared shingles counted for every pair that has one."""
    holders: dict[str, list[int]] = defaultdict(list)
    sizes: list[int] = []
    near: set[tuple[int, int]] = set()
    for place, text in enumerate(texts):
        shingles = {text[n : n + 5] for n in range(max(1, len(text) - 4))}
        shared = Counter(other for shingle in shingles for other in holders[shingle])
        sizes.append(len(shingles))
        near |= {(o, place) for o, both in shared.items() if both >= SIMILARITY * (len(shingles) + sizes[o] - both)}
        for shingle in shingles:
            holders[shingle].append(place)
    return near


@pytest.mark.parametrize("name", ["clinc150/train.csv", "hatecheck/test.csv", "banking77/train.csv"])
def test_no_near_pair_of_real_rows_is_missed(shared_data: Path, name: str) -> None:
    with (shared_data / name).open(encoding="utf-8") as file:
        texts = sorted({normalised(row["text"]) for row in csv.DictReader(file)})[:2500]
    near = near_pairs_by_counting(texts)
    assert len(near) > 20
    candidates = {(a, b) for a, b in candidate_pairs(texts).tolist() if are_near(texts[a], texts[b])}
    assert candidates == near


def test_examples_are_the_first_in_the_file_and_few() -> None:
    many = [f"{LONG} {word}" for word in ("one", "two", "six", "ten", "now", "too", "sun", "sea")]
    twice = found(many)
    assert twice.near == len(many) - 1
    assert len(twice.examples) == 5
    assert all(int(earlier.split()[1]) < int(later.split()[1]) for earlier, later in twice.examples)


def test_twenty_thousand_rows_of_a_few_templates_take_seconds() -> None:
    draw = random.Random(0)
    texts = [
        f"please send {draw.randrange(10**6)} euros to account {draw.randrange(10**9)} today" for _ in range(20_000)
    ]
    start = time.process_time()
    found(texts)
    assert time.process_time() - start < 20
