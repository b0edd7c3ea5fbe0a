"""A comparison of arms that were picked on the very rows that compare them: the best seen of several.

Where nothing ranks arms beforehand, the one that did best on the evaluation rows is carried on, and every statement is
made at the level that the number of alternatives allows (Bonferroni): what holds for all of them together holds for
whichever was picked. In simulation false winners stay at most .05 and intervals cover .94 or more; uncorrected, the
best of six is a false winner about twice as often as promised.
"""

from __future__ import annotations

import math
from dataclasses import replace

from tuningfork.stats.crossed import PairedDifference, ScoreInterval
from tuningfork.stats.student import clipped, t_quantile


def for_the_best_of(d: PairedDifference, alternatives: int) -> PairedDifference:
    """The same comparison for a pair that was picked out of so many: p times their number, intervals to match.

    Args:
        d: as it is for a pair that was chosen beforehand.
        alternatives: comparisons that could have been the one that is told: arms that the best of one side was seen
            among, times those of the other.

    Raises:
        ValueError: no alternative, or a comparison that was corrected before.
    """
    if alternatives < 1 or d.alternatives != 1:
        raise ValueError(f"one correction for at least one alternative: {alternatives=}, {d.alternatives=}")
    if alternatives == 1 or d.p_value is None:
        return replace(d, alternatives=alternatives)
    half_width = t_quantile(1 - 0.025 / alternatives, d.df) * math.sqrt(d.variance)
    room = t_quantile(1 - 0.05 / alternatives, d.df_call) * math.sqrt(d.variance_call)
    return replace(
        d,
        alternatives=alternatives,
        ci95=clipped(d.centre, half_width, (-d.limit, d.limit)),
        p_value=min(1.0, alternatives * d.p_value),
        same_within=min(d.limit, abs(d.centre) + room),
        test=f"{d.test}, corrected for {alternatives} alternatives",
    )


def score_of_the_best_of(found: ScoreInterval, arms: int) -> ScoreInterval:
    """The interval of an arm's own score, wider for the best seen of so many."""
    if arms == 1 or found.centre is None or found.df is None or found.variance is None:
        return found
    half_width = t_quantile(1 - 0.025 / arms, found.df) * math.sqrt(found.variance)
    return replace(found, ci95=clipped(found.centre, half_width, (found.scale.least, found.scale.greatest)))
