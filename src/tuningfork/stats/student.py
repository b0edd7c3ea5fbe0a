"""Student's t distribution for any real number of degrees of freedom."""

from __future__ import annotations

import math


def t_cdf(x: float, df: float) -> float:
    """P(T <= x). For a small upper tail ask for `t_cdf(-x, df)`: it keeps all its digits.

    Raises:
        ValueError: `df` is not positive.
    """
    from scipy.special import stdtr

    _check(df)
    return float(stdtr(df, x))


def t_quantile(p: float, df: float) -> float:
    """The x with P(T <= x) = p, for p strictly between 0 and 1.

    Raises:
        ValueError: `p` is outside (0, 1) or `df` is not positive.
    """
    from scipy.special import stdtrit

    _check(df)
    if not 0 < p < 1:
        raise ValueError(f"a quantile is asked for at a probability between 0 and 1: {p=}")
    return float(stdtrit(df, p))


def t_pdf(x: float, df: float) -> float:
    """Density at x.

    Raises:
        ValueError: `df` is not positive.
    """
    _check(df)
    log_scale = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    return math.exp(log_scale - (df + 1) / 2 * math.log1p(x * x / df))


def clipped(centre: float, half_width: float, limits: tuple[float, float]) -> tuple[float, float]:
    """The interval around `centre`, within the limits."""
    return max(limits[0], centre - half_width), min(limits[1], centre + half_width)


def _check(df: float) -> None:
    if not df > 0:
        raise ValueError(f"degrees of freedom must be positive: {df=}")
