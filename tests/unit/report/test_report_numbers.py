"""Money, time and shares as people read them."""

from __future__ import annotations

import pytest

from tuningfork.report import numbers


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "–"), (0.0, "$0"), (0.00421, "$0.0042"), (0.3456, "$0.35"), (1.0, "$1.00"), (1234.5, "$1,234.50")],
)
def test_dollars(value: float | None, told: str) -> None:
    assert numbers.usd(value) == told


@pytest.mark.parametrize(("value", "told"), [(None, "–"), (0.0312, "0.031"), (4.24, "4.2"), (1250.4, "1,250")])
def test_milliseconds(value: float | None, told: str) -> None:
    assert numbers.milliseconds(value) == told


@pytest.mark.parametrize(
    ("share", "told"), [(None, "–"), (0.0, "0 %"), (0.004, "< 1 %"), (0.12, "12 %"), (1.0, "100 %")]
)
def test_percent_never_rounds_something_to_nothing(share: float | None, told: str) -> None:
    assert numbers.percent(share).replace("\u00a0", " ") == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "–"),
        (0.04, "0.04 s"),
        (45.2, "45 s"),
        (59.8, "1 min"),
        (720, "12 min"),
        (3600, "1 h"),
        (4800, "1 h 20 min"),
    ],
)
def test_duration(seconds: float | None, told: str) -> None:
    assert numbers.duration(seconds) == told


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (180, 720, "3 to 12 min"),
        (40, 180, "40 s to 3 min"),
        (0.1, 0.4, "under 1 s"),
        (118, 121, "about 2 min"),
        (3000, 4800, "50 min to 1 h 20 min"),
        (4800, 9000, "1 h 20 min to 2 h 30 min"),
    ],
)
def test_ranges(low: float, high: float, told: str) -> None:
    assert numbers.duration_range(low, high) == told
