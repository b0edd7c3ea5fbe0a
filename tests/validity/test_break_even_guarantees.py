"""Simulated break-even labels beside the planted ones; what their intervals promise stands in the worlds' tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from validity.worlds_break_even import PLAIN, Setting

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "setting",
    [
        replace(PLAIN, seeds=20, rows=400, at_eight=0.08),
        replace(PLAIN, seeds=10, rows=400, at_eight=0.08, llm=0.70),
        replace(PLAIN, seeds=20, rows=400, pool=1500),
        replace(PLAIN, seeds=5, rows=400, pool=5000, at_eight=0.05, llm=0.70),
    ],
)
def test_the_mean_is_met_and_the_reliable_one_is_on_the_safe_side(setting: Setting) -> None:
    draw = np.random.default_rng(setting.seeds + setting.pool)
    found = [setting.study(draw)[0] for _ in range(250)]
    means = [result.mean for result in found if result.mean is not None]
    sure = [result.reliable for result in found if result.reliable is not None]
    assert len(means) > 0.9 * len(found) and len(sure) > 0.8 * len(found)
    assert np.median(means) == pytest.approx(setting.mean, rel=0.1)
    assert setting.reliable < np.median(sure) < 2.5 * setting.reliable


def test_four_seeds_say_how_many_are_needed() -> None:
    found, _ = replace(PLAIN, seeds=4).study(np.random.default_rng(0))
    assert found.mean is not None and found.reliable is None
    assert found.reason is not None and "at most 4 seeds a count, 5 are needed" in found.reason
