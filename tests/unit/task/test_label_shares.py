"""Shares of labels in pool and test: a difference is told, the same shares hardly ever are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from task_files import codes, write
from tuningfork.task.label_shares import p_value, share_notes, variation
from tuningfork.task.loading import prepare
from tuningfork.task.schema import TaskSpec

COUNTS = st.lists(st.integers(10, 900), min_size=2, max_size=9)


@given(COUNTS, st.data())
def test_the_p_value_is_that_of_scipy(first: list[int], data: st.DataObject) -> None:
    second = data.draw(st.lists(st.integers(10, 900), min_size=len(first), max_size=len(first)))
    table = np.array([first, second], float)
    expected = chi2_contingency(table, correction=False)
    if expected.expected_freq.min() >= 5:
        assert p_value(*table) == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)


def test_rare_labels_count_as_one() -> None:
    first, second = np.array([500.0, 400, 1, 2, 0, 3]), np.array([490.0, 420, 2, 0, 1, 4])
    joined = np.array([[500, 400, 6], [490, 420, 7]])
    assert p_value(first, second) == pytest.approx(chi2_contingency(joined, correction=False).pvalue)
    assert p_value(np.array([3.0, 0]), np.array([0.0, 2])) == 1.0


def notes(pool: np.ndarray, test: np.ndarray, draws: tuple[int, int] | None = None) -> list[str]:  # type: ignore[type-arg]
    values = [f"label {n}" for n in range(200)]
    pool, test = pool.astype(np.int32), test.astype(np.int32)
    found = share_notes(values, pool, test, draws=draws or (len(pool), len(test)), name="test.csv")
    return [note.message for note in found]


@pytest.mark.parametrize(("labels", "rows"), [(2, 60), (2, 500), (5, 200), (77, 500), (150, 500)])
def test_the_same_shares_are_told_in_one_of_a_hundred_at_most(labels: int, rows: int) -> None:
    rng = np.random.default_rng(labels + rows)
    shares = rng.dirichlet(np.full(labels, 2.0))
    told = sum(bool(notes(rng.choice(labels, 2000, p=shares), rng.choice(labels, rows, p=shares))) for _ in range(1000))
    assert told <= 15, "of 1,000; 10 are expected at most"


def test_the_largest_changes_are_named_with_both_shares() -> None:
    pool = np.repeat([0, 1, 2], [1960, 40, 500])
    (told,) = notes(pool, np.repeat([0, 1, 2], [145, 155, 100]))
    assert "'label 1' 1.6 % of the pool, 39 % of test.csv" in told
    assert told.index("'label 0'") < told.index("'label 2'")


def test_rows_of_few_groups_are_less_evidence() -> None:
    pool, test = np.repeat([0, 1], [1000, 1000]), np.repeat([0, 1], [130, 70])
    assert notes(pool, test)
    assert not notes(pool, test, draws=(200, 20))


def test_small_differences_are_of_no_account() -> None:
    pool, test = np.repeat([0, 1], [50_000, 50_000]), np.repeat([0, 1], [52_000, 48_000])
    assert variation(*(np.bincount(part).astype(float) for part in (pool, test))) == pytest.approx(0.02)
    assert not notes(pool, test)


def test_only_a_test_file_of_its_own_is_compared(tmp_path: Path) -> None:
    def rows(n: int, every: int, name: str) -> list[list[str]]:
        return [[f"{name} {chr(97 + i % 26)}{i}", "fraud" if i % every == 0 else "ok"] for i in range(n)]

    data, test = (
        write(tmp_path / f"{name}.csv", rows(n, every, name))
        for name, n, every in (("train", 900, 50), ("test", 300, 3))
    )
    told = codes(prepare(TaskSpec(data=data, test=test)))["label_shares_differ"]
    assert "'fraud' 1.7 % of the pool, 33 % of test.csv" in told
    assert "label_shares_differ" not in codes(prepare(TaskSpec(data=data)))
