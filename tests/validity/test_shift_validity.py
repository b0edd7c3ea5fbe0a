"""The two promises of the shift test, on real rows: false alarms, and the power that it reports.

Power is confirmed in another way than it is computed: fresh rows are drawn for both files and a share of one of them
is really replaced, by rows that the test has not seen.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore
from tuningfork.profile.shift import moved_words
from tuningfork.stats.planted_shift import shift_power
from tuningfork.stats.two_sample import compare_samples

pytestmark = pytest.mark.slow

Vectors = NDArray[np.float32]
ROWS = 200
REPEATS = 200
PERMUTATIONS = 199


@pytest.fixture(scope="module")
def reviews(shared_data: Path, store: ModelStore) -> Vectors:
    return embedded(shared_data / "sst2" / "train.csv", store)


@pytest.fixture(scope="module")
def requests(shared_data: Path, store: ModelStore) -> Vectors:
    return embedded(shared_data / "clinc150" / "train.csv", store)[::3]  # a third of the rows of every label


def texts_of(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [row["text"] for row in csv.DictReader(lines)]


def embedded(file: Path, store: ModelStore) -> Vectors:
    return open_encoder("wordllama", store).embed(texts_of(file))


def alarms(draw: Callable[[np.random.Generator], tuple[Vectors, Vectors]], repeats: int = REPEATS) -> float:
    """Share of drawn pairs of samples that differ at alpha = .05."""
    random = np.random.default_rng(5)
    found = [
        compare_samples(*draw(random), permutations=PERMUTATIONS, seed=seed).p_value <= 0.05 for seed in range(repeats)
    ]
    return float(np.mean(found))


def at_most(share: float, repeats: int = REPEATS) -> float:
    """The highest share that Monte-Carlo error leaves likely (one in 200)."""
    return share + 2.6 * float(np.sqrt(share * (1 - share) / repeats))


@pytest.mark.parametrize("sizes", [(300, 300), (350, 40)])
def test_random_parts_of_one_file_raise_at_most_alpha(reviews: Vectors, sizes: tuple[int, int]) -> None:
    one_file = reviews[: sum(sizes)]

    def parts(random: np.random.Generator) -> tuple[Vectors, Vectors]:
        mixed = one_file[random.permutation(len(one_file))]
        return mixed[: sizes[0]], mixed[sizes[0] :]

    assert alarms(parts) <= at_most(0.05)


def test_fresh_rows_with_many_repeats_raise_at_most_alpha(reviews: Vectors) -> None:
    """Half of the rows are ten canned texts: both files repeat them, each by itself."""

    def fresh(random: np.random.Generator) -> tuple[Vectors, Vectors]:
        canned = random.integers(0, 10, 240)
        others = random.integers(0, len(reviews), 240)
        mixed = reviews[np.where(random.random(240) < 0.5, canned, others)]
        return mixed[:160], mixed[160:]

    assert alarms(fresh) <= at_most(0.05)


def test_words_are_named_in_at_most_alpha_of_random_halves(shared_data: Path) -> None:
    texts = texts_of(shared_data / "sst2" / "train.csv")[:1500]
    random, repeats = np.random.default_rng(2), 60
    named = 0
    for _ in range(repeats):
        mixed = [texts[place] for place in random.permutation(len(texts))]
        named += bool(moved_words(mixed[:750], mixed[750:]))
    assert named / repeats <= at_most(0.05, repeats)


def reported_smallest(rows: Vectors) -> float:
    """What the test says on files without a shift, in the middle of seven."""
    random = np.random.default_rng(1)
    found = []
    for seed in range(7):
        chosen = rows[random.permutation(len(rows))[: 2 * ROWS]]
        comparison = compare_samples(chosen[:ROWS], chosen[ROWS:], permutations=PERMUTATIONS, seed=seed)
        found.append(shift_power(comparison, 0.2, plantings=100, seed=seed).smallest)
    assert all(share is not None for share in found)
    return float(np.median([share for share in found if share is not None]))


def with_replaced(
    rows: Vectors, share: float, come: Callable[[np.random.Generator, NDArray[np.bool_]], Vectors]
) -> Callable[[np.random.Generator], tuple[Vectors, Vectors]]:
    """Draws two files of fresh rows, and replaces a share of the second one's by rows that are in neither."""

    def draw(random: np.random.Generator) -> tuple[Vectors, Vectors]:
        order = random.permutation(len(rows))
        before, after = rows[order[:ROWS]], rows[order[ROWS : 2 * ROWS]].copy()
        unused = np.zeros(len(rows), dtype=bool)
        unused[order[2 * ROWS :]] = True
        replaced = round(share * ROWS)
        after[:replaced] = come(random, unused)[:replaced]
        return before, after

    return draw


def one_subject(rows: Vectors) -> Callable[[np.random.Generator, NDArray[np.bool_]], Vectors]:
    """Rows of the third of all that is most like one of them."""

    def come(random: np.random.Generator, unused: NDArray[np.bool_]) -> Vectors:
        distances = 1 - rows @ rows[random.integers(len(rows))]  # of unit vectors, half the squared ones
        subject = (distances <= np.quantile(distances, 1 / 3)) & unused
        return rows[random.permutation(np.flatnonzero(subject))]

    return come


@pytest.mark.parametrize("name", ["reviews", "requests"])
def test_the_smallest_shift_is_seen_four_times_in_five(name: str, request: pytest.FixtureRequest) -> None:
    rows: Vectors = request.getfixturevalue(name)
    smallest = reported_smallest(rows)
    seen = alarms(with_replaced(rows, smallest, one_subject(rows)))
    assert seen == pytest.approx(0.8, abs=0.1)
    half = alarms(with_replaced(rows, smallest / 2, one_subject(rows)), repeats=60)
    assert half < 0.5


def test_foreign_rows_are_seen_more_often_than_the_planted_ones(reviews: Vectors, requests: Vectors) -> None:
    """Reviews replaced by requests: a kind of row that the labelled file does not have at all."""
    smallest = reported_smallest(reviews)
    foreign = alarms(
        with_replaced(reviews, smallest / 2, lambda random, _: requests[random.permutation(len(requests))]), repeats=60
    )
    assert foreign > 0.9
