"""`tuningfork.testing`: what a test suite asserts of a change."""

from __future__ import annotations

import numpy as np
import pytest

from tuningfork.errors import InputError
from tuningfork.testing import assert_no_worse


def answers(share: float, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, 4, n)
    return gold, np.where(rng.random(n) < share, gold, (gold + 1) % 4)


def test_a_change_that_is_better_or_the_same_passes_and_tells_what_was_found() -> None:
    gold, old = answers(0.8, 1000, 0)
    assert assert_no_worse(gold, old, gold).b_is == "better"
    assert assert_no_worse(gold, old, old).b_is == "same"


def test_a_change_that_is_worse_fails_with_the_evidence() -> None:
    gold, old = answers(0.8, 1000, 0)
    _, new = answers(0.6, 1000, 1)
    with pytest.raises(AssertionError, match=r"new \(b\) is worse than old .* points behind\. a is better\. a 0\.8"):
        assert_no_worse(gold, old, (gold + (new != old)) % 4)


def test_rows_that_are_too_few_to_show_it_fail() -> None:
    """40 rows, answered alike but for one: nothing is seen, and nothing is shown."""
    gold, old = answers(0.8, 40, 0)
    new = old.copy()
    new[int(np.flatnonzero(old == gold)[0])] = (gold[int(np.flatnonzero(old == gold)[0])] + 1) % 4
    with pytest.raises(AssertionError, match="not shown to be no worse"):
        assert_no_worse(gold, old, new)
    assert_no_worse(gold, old, new, margin=0.2)


def test_a_metric_and_runs_go_through() -> None:
    gold, old = answers(0.5, 400, 0)
    right = np.random.default_rng(1).random((400, 5)) < 0.9
    new = np.where(right, gold[:, None], (gold[:, None] + 1) % 4)
    found = assert_no_worse(gold, old, new, metric="macro_f1", runs=True)
    assert (found.metric, found.b_is) == ("macro_f1", "better")
    with pytest.raises(InputError, match="runs=True"):
        assert_no_worse(gold, old, new)
