"""Whether another file's rows are like the labelled file's, and the smallest difference that would have been seen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuningfork.profile.figures import MovedShare, Shift, TwoSampleTest
from tuningfork.stats.multiplicity import holm
from tuningfork.stats.planted_shift import ShiftPower, shift_power
from tuningfork.stats.proportions import fisher_p
from tuningfork.stats.two_sample import SampleComparison, compare_samples
from tuningfork.task.randomness import random_order
from tuningfork.task.units import units_of

LEAST_ROWS = 20
"""Of each file; fewer could show nothing but the most blatant difference."""
MOST_ROWS = 1000
"""Of each file; the kernel of twice as many takes four times as long."""
MOST_ROWS_FOR_WORDS = 5000
ALPHA = 0.05
WORTH_SEEING = 0.2

_BEFORE, _AFTER = range(100, 102)
_MOST_MOVED = 12
_WORDS_TRIED = 2000
_ROWS_WITH_WORD = 10
_REPEATS_MATTER = 0.02
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True, eq=False)
class ShiftRows:
    """Rows of one file.

    Attributes:
        texts: what is read.
        vectors: their embeddings, shape (n, d).
        labels: one a row, '' where there is none.
    """

    texts: Sequence[str]
    vectors: NDArray[np.float32]
    labels: Sequence[str]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, places: Iterable[int]) -> ShiftRows:
        """The rows at those places, in that order."""
        chosen = [int(place) for place in places]
        return ShiftRows([self.texts[i] for i in chosen], self.vectors[chosen], [self.labels[i] for i in chosen])


def measure_shift(role: str, before: ShiftRows, after: ShiftRows, *, seed: int = 0) -> Shift:
    """Compare two files' texts: two tests on embeddings with their power, and the words and labels that moved.

    The files are taken as they are. Rows that stand in both make them alike and are left in, for a person who mixes
    the files has them in both. Repeated rows are left in too, for a text that becomes frequent is a shift; but where a
    difference is gone once every text counts once a file, the result says so (`repeats_only`), and words and labels
    are counted that way. Power is always that of the different texts: a copy is no further witness of what was missed.

    Args:
        role: 'test' or 'shifted', of `after`.
        before, after: rows of the labelled file, and of the other. Tests look at no more than 1000 random rows of
            each, words at 5000, labels at all.
        seed: of the sample and the permutations.
    """
    first, second = _sample(before, MOST_ROWS, seed, _BEFORE), _sample(after, MOST_ROWS, seed, _AFTER)
    sizes = len(first), len(second)
    if min(sizes) < LEAST_ROWS:
        return _too_few(role, sizes)
    comparison = compare_samples(first.vectors, second.vectors, seed=seed)
    draws = _different_texts(before, after)
    counted = comparison if draws is None else _compared_once(*draws, seed)
    power = None if counted is None else shift_power(counted, WORTH_SEEING, alpha=ALPHA, seed=seed)
    detected = comparison.p_value <= ALPHA
    repeats_only = detected and counted is not None and counted.p_value > ALPHA
    if repeats_only:  # copies of a text are no further witnesses of what moved
        before, after = _once(before), _once(after)
    return Shift(
        role=role,
        rows=sizes,
        detected=detected,
        p_value=comparison.p_value,
        method=_method(comparison),
        power=None if power is None else power.at_share,
        worth_seeing=WORTH_SEEING,
        smallest_shift=None if power is None else power.smallest,
        tests=_tests(comparison, power),
        words=moved_words(
            _sample(before, MOST_ROWS_FOR_WORDS, seed, _BEFORE).texts,
            _sample(after, MOST_ROWS_FOR_WORDS, seed, _AFTER).texts,
        ),
        labels=_moved_labels(before.labels, after.labels),
        repeats_only=repeats_only,
        different_texts=None if draws is None else (len(draws[0]), len(draws[1])),
        separation=float(comparison.observed[1, 0]),
    )


def moved_words(before: Sequence[str], after: Sequence[str]) -> tuple[MovedShare, ...]:
    """Words whose share of the texts differs beyond chance, at most twelve, the largest difference first.

    The 2000 commonest words are tried, chosen by how many texts of both files together have them; with probability
    0.95 no word is named where nothing moved.
    """
    counts = [Counter(word for text in texts for word in words_of(text)) for texts in (before, after)]
    common = [word for word, rows in (counts[0] + counts[1]).most_common(_WORDS_TRIED) if rows >= _ROWS_WITH_WORD]
    return _moved(common, counts, (len(before), len(after)))


def words_of(text: str) -> frozenset[str]:
    """The different words of a text: runs of letters in lower case, an apostrophe within allowed."""
    return frozenset(_WORD.findall(text.lower()))


def _sample(rows: ShiftRows, most: int, seed: int, purpose: int) -> ShiftRows:
    """At most `most` random rows; a smaller sample is part of a larger one."""
    if len(rows) <= most:
        return rows
    return rows.take(random_order(len(rows), seed, purpose)[:most])


def _too_few(role: str, sizes: tuple[int, int]) -> Shift:
    return Shift(
        role=role,
        rows=sizes,
        detected=None,
        p_value=None,
        method=f"none: fewer than {LEAST_ROWS} rows in a file",
        power=None,
        worth_seeing=WORTH_SEEING,
        smallest_shift=None,
        tests=(),
        words=(),
        labels=(),
    )


def _method(comparison: SampleComparison) -> str:
    permutations = comparison.by_chance.shape[1]
    return (
        "maximum mean discrepancy and a linear classifier on embeddings, their smaller p-value judged by "
        f"{permutations} permutations of the pooled rows"
    )


def _tests(comparison: SampleComparison, power: ShiftPower | None) -> tuple[TwoSampleTest, ...]:
    names = ("maximum mean discrepancy (squared, unbiased)", "linear classifier on rows held out (AUC)")
    smallest_seen = (None, None) if power is None else power.smallest_single
    parts = zip(names, comparison.observed[:, 0], comparison.p_values, smallest_seen, strict=True)
    return tuple(
        TwoSampleTest(method=name, statistic=float(value), p_value=p_value, smallest_shift=smallest)
        for name, value, p_value, smallest in parts
    )


def _different_texts(before: ShiftRows, after: ShiftRows) -> tuple[ShiftRows, ShiftRows] | None:
    """Both files with every text once; None where hardly a row is left out, so that nothing hangs on it."""
    once = _once(before), _once(after)
    few = all(len(some) >= (1 - _REPEATS_MATTER) * len(rows) for some, rows in zip(once, (before, after), strict=True))
    return None if few else once


def _compared_once(before: ShiftRows, after: ShiftRows, seed: int) -> SampleComparison | None:
    """The comparison of files in which every text counts once; None where too few texts are left."""
    first, second = _sample(before, MOST_ROWS, seed, _BEFORE), _sample(after, MOST_ROWS, seed, _AFTER)
    if min(len(first), len(second)) < LEAST_ROWS:
        return None
    return compare_samples(first.vectors, second.vectors, seed=seed)


def _once(rows: ShiftRows) -> ShiftRows:
    """The first row of every text."""
    return rows.take(np.unique(units_of([rows.texts]), return_index=True)[1])


def _moved_labels(before: Sequence[str], after: Sequence[str]) -> tuple[MovedShare, ...]:
    counts = [Counter(label for label in labels if label) for labels in (before, after)]
    labelled = counts[0].total(), counts[1].total()
    if min(labelled) < LEAST_ROWS:
        return ()
    return _moved(sorted(counts[0] | counts[1]), counts, labelled)


def _moved(names: Sequence[str], counts: Sequence[Counter[str]], rows: tuple[int, int]) -> tuple[MovedShare, ...]:
    """Names whose shares differ beyond chance (Fisher's test, Holm over all names), largest difference first."""
    (before, after), (rows_before, rows_after) = counts, rows
    p_values = holm([fisher_p(before[name], rows_before, after[name], rows_after) for name in names])
    moved = [
        MovedShare(name=name, before=before[name] / rows_before, after=after[name] / rows_after)
        for name, p_value in zip(names, p_values, strict=True)
        if p_value <= ALPHA
    ]
    moved.sort(key=lambda share: (-abs(share.after - share.before), share.name))
    return tuple(moved[:_MOST_MOVED])
