"""What this machine is known to take, and what follows for trials of another size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuningfork.study.rates import Rates

ARM = "finetune:minilm"


def test_short_fits_say_little_of_long_ones_once_a_long_one_was_measured(tmp_path: Path) -> None:
    """Short ones take twice what was thought, for what they take whatever their labels; long ones two thirds."""
    rates = Rates(tmp_path / "rates.json")
    rates.learn_fit(ARM, estimated=2.0, seconds=4.0)
    assert rates.factor(ARM).fit_seconds(300.0) == pytest.approx(600.0)
    rates.learn_fit(ARM, estimated=300.0, seconds=200.0)
    rates.learn_fit(ARM, estimated=2.0, seconds=4.0)
    factor = rates.factor(ARM)
    assert factor.fit_seconds(330.0) == pytest.approx(220.0)
    assert factor.fit_seconds(150.0) == pytest.approx(100.0)
    assert factor.fit_seconds(1.5) == pytest.approx(3.0)


def test_the_next_study_knows_what_was_measured(tmp_path: Path) -> None:
    file = tmp_path / "rates.json"
    rates = Rates(file)
    rates.learn_fit(ARM, estimated=0.01, seconds=0.03)
    rates.learn_fit(ARM, estimated=64.0, seconds=32.0)
    rates.learn_row(ARM, 1.5)
    rates.save()
    assert Rates(file).factor(ARM) == rates.factor(ARM)
    assert Rates(file).factor(ARM).fit_seconds(0.01) == pytest.approx(0.03)
    assert Rates(file).factor(ARM).row == 1.5


def test_measurements_of_one_size_are_blended(tmp_path: Path) -> None:
    rates = Rates(tmp_path / "rates.json")
    rates.learn_fit(ARM, estimated=10.0, seconds=10.0)
    rates.learn_fit(ARM, estimated=10.0, seconds=20.0)
    assert rates.factor(ARM).fit_seconds(10.0) == pytest.approx(15.0)


def test_where_nothing_was_measured_an_estimate_stays_as_it_is(tmp_path: Path) -> None:
    factor = Rates(tmp_path / "rates.json").factor(ARM)
    assert (factor.fit_seconds(12.0), factor.fit_seconds(0.0), factor.row, factor.measured) == (12.0, 0.0, 1.0, False)


def test_what_rows_take_now_is_for_this_run_only(tmp_path: Path) -> None:
    """Another program may keep the machine busy."""
    file = tmp_path / "rates.json"
    rates = Rates(file)
    rates.learn_row(ARM, 1.0)
    rates.see_row(ARM, 4.0)
    assert rates.factor(ARM).row == 4.0
    rates.save()
    assert Rates(file).factor(ARM).row == 1.0


def test_speeds_kept_by_an_older_version_teach_nothing_about_fits(tmp_path: Path) -> None:
    file = tmp_path / "rates.json"
    file.write_text('{"finetune:minilm": {"fit": 3.0, "row": 2.0}}')
    factor = Rates(file).factor(ARM)
    assert (factor.fit_seconds(5.0), factor.row) == (5.0, 2.0)
