"""Student's t against scipy, fractional degrees of freedom and far tails included."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tuningfork.stats.student import t_cdf, t_pdf, t_quantile

degrees = st.floats(1, 500)


@settings(deadline=None)
@given(x=st.floats(-50, 50), df=degrees)
def test_cdf_and_density_match_scipy(x: float, df: float) -> None:
    assert t_cdf(x, df) == pytest.approx(stats.t.cdf(x, df), rel=1e-9, abs=1e-300)
    assert t_pdf(x, df) == pytest.approx(stats.t.pdf(x, df), rel=1e-9)


@settings(deadline=None)
@given(p=st.floats(0.0001, 0.9999), df=degrees)
def test_quantile_undoes_cdf(p: float, df: float) -> None:
    assert t_cdf(t_quantile(p, df), df) == pytest.approx(p, rel=1e-8)
    assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("p", "df"), [(0.0, 5), (1.0, 5), (0.5, 0), (0.5, -1), (0.5, float("nan"))])
def test_refuses_what_has_no_quantile(p: float, df: float) -> None:
    with pytest.raises(ValueError, match=r"probability|degrees of freedom"):
        t_quantile(p, df)


def test_importing_the_room_does_not_load_scipy() -> None:
    code = (
        "import sys, tuningfork.stats.break_even, tuningfork.stats.calls, tuningfork.stats.multiplicity;"
        "sys.exit(any(name.split('.')[0] == 'scipy' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
