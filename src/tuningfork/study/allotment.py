"""How many evaluation rows each arm answers, so that the study fits its minutes and its dollars.

Pure arithmetic: fast arms answer every row; slow or dear ones share what is left, and answer a prefix of the one
fixed order of the evaluation rows. Repetitions come before rows, because a random recipe without three of them can
name no winner; and rows that only rank arms within a side shrink with the rows that decide between the sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SLOW_ROW_SECONDS = 0.05
FEWEST_ROWS = 50
MOST_VALIDATION_ROWS_OF_LLM = 100
_FEWEST_VALIDATION_ROWS = 30
_KEEP_BACK = 0.1
_LEAST_SHARE_OF_SLOW = 0.3


def validation_beside(rows: int, most: int) -> int:
    """Validation rows of a slow arm that answers so many evaluation rows: half as many, at least 30."""
    return min(most, max(_FEWEST_VALIDATION_ROWS, rows // 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one arm would take.

    Attributes:
        trials: how many.
        fit_seconds: over all its trials.
        row_seconds: for one row of one trial.
        row_usd: for one row of one trial; None where nothing is billed or the price is not known.
        validation_rows: most rows to predict beside the evaluation rows (0 where nothing needs ranking).
        extra_rows: rows once an arm: wordings, repeats, planted instructions.
        redraws: its trials are repetitions that may be cut to one.
    """

    trials: int
    fit_seconds: float
    row_seconds: float
    row_usd: float | None
    validation_rows: int
    extra_rows: int = 0
    redraws: bool = False

    def seconds(self, rows: int, trials: int | None = None) -> float:
        """Wall seconds if each trial answers `rows` evaluation rows."""
        count = self.trials if trials is None else trials
        fit = self.fit_seconds * count / max(1, self.trials)
        return fit + self.row_seconds * self._predicted(rows, count)

    def usd(self, rows: int, trials: int | None = None) -> float:
        """Dollars likewise; 0 where nothing is billed."""
        count = self.trials if trials is None else trials
        return (self.row_usd or 0.0) * self._predicted(rows, count)

    def validation_with(self, rows: int) -> int:
        """Validation rows beside so many evaluation rows."""
        return validation_beside(rows, self.validation_rows) if self.slow else self.validation_rows

    def _predicted(self, rows: int, trials: int) -> int:
        return trials * (rows + self.validation_with(rows)) + self.extra_rows

    @property
    def slow(self) -> bool:
        """Rows of this arm are worth counting."""
        return self.row_seconds >= SLOW_ROW_SECONDS or bool(self.row_usd)


@dataclass(frozen=True, slots=True)
class Allotment:
    """Evaluation rows and repetitions that an arm gets."""

    rows: int
    trials: int


def allot(
    demands: Mapping[str, Demand],
    *,
    rows: int,
    seconds: float,
    usd: float | None,
    settled_seconds: float = 0.0,
    settled_usd: float = 0.0,
) -> dict[str, Allotment]:
    """Share out the evaluation rows.

    Args:
        demands: by arm.
        rows: evaluation rows there are.
        seconds, usd: what is left of the budget; `usd` None means no dollar limit.
        settled_seconds, settled_usd: what arms whose rows were settled before will take of it.

    Returns:
        By arm; at least `FEWEST_ROWS` rows (or all there are) whatever the budget says, because the runner does not
        start what does not fit.
    """
    fast = {arm: demand for arm, demand in demands.items() if not demand.slow}
    slow = {arm: demand for arm, demand in demands.items() if demand.slow}
    shares = {arm: Allotment(rows, demand.trials) for arm, demand in fast.items()}
    usable = seconds * (1 - _KEEP_BACK)
    of_others = settled_seconds + sum(demand.seconds(rows) for demand in fast.values())
    time_left = max(usable - of_others, usable * _LEAST_SHARE_OF_SLOW)
    money_left = None if usd is None else max(0.0, usd * (1 - _KEEP_BACK) - settled_usd)
    waiting = sorted(slow, key=lambda arm: (slow[arm].seconds(rows), arm))
    while waiting:
        arm = waiting.pop(0)
        demand, among = slow[arm], len(waiting) + 1
        share = _most_rows(demand, rows, time_left / among, None if money_left is None else money_left / among)
        shares[arm] = share
        time_left -= demand.seconds(share.rows, share.trials)
        if money_left is not None:
            money_left -= demand.usd(share.rows, share.trials)
    return shares


def _most_rows(demand: Demand, rows: int, seconds: float, usd: float | None) -> Allotment:
    fewest = min(FEWEST_ROWS, rows)
    for trials in _repetitions(demand):
        fitting = _rows_that_fit(demand, trials, rows, seconds, usd)
        if fitting >= fewest:
            return Allotment(fitting, trials)
    return Allotment(fewest, 1 if demand.redraws else demand.trials)


def _repetitions(demand: Demand) -> Sequence[int]:
    return sorted({demand.trials, 1}, reverse=True) if demand.redraws else (demand.trials,)


def _rows_that_fit(demand: Demand, trials: int, rows: int, seconds: float, usd: float | None) -> int:
    def fits(count: int) -> bool:
        return demand.seconds(count, trials) <= seconds and (usd is None or demand.usd(count, trials) <= usd)

    return next((count for count in (rows, *range(rows // 10 * 10, 0, -10)) if fits(count)), 0)
