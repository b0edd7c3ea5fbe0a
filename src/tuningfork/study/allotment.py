"""How many evaluation rows each arm answers, so that the study fits its minutes and its dollars.

Pure arithmetic: an arm whose rows are cheap answers every row; slow or dear ones share what is left, and answer a
prefix of the one fixed order of the evaluation rows. Repetitions come before rows, because a random recipe without
three of them can name no winner; and rows that only rank arms within a side shrink with the rows that decide between
the sides. What was given once is never taken back, and what was answered once is not counted again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tuningfork.study.deciding import FEWEST_ROWS

SLOW_ROW_SECONDS = 0.05
MOST_VALIDATION_ROWS_OF_LLM = 100
_FEWEST_VALIDATION_ROWS = 30
_KEEP_BACK = 0.1
_LEAST_SHARE_OF_SLOW = 0.3
_NOTHING_TO_WAIT_FOR_SECONDS = 10.0
_NOTHING_TO_WAIT_FOR_SHARE = 0.02
"""An arm whose rows take less than this, all trials together, answers them all: cutting them saves nobody's time."""


def validation_beside(rows: int, most: int) -> int:
    """Validation rows of a slow arm that answers so many evaluation rows: half as many, at least 30."""
    return min(most, max(_FEWEST_VALIDATION_ROWS, rows // 2))


@dataclass(frozen=True, slots=True)
class Answered:
    """Evaluation and validation rows that a trial has answered so far.

    Attributes:
        under_way: it is running, so that it goes on without being fitted again.
    """

    rows: int
    validation: int
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class Least:
    """Seconds and dollars without which an arm can name no winner."""

    seconds: float
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one arm would still take.

    Attributes:
        trials: how many its schedule has, those that have ended included.
        fit_seconds: over all its trials that have not begun.
        row_seconds: for one row of one trial, in the mean over its trials: one that shares its vectors with others
            takes less than one that stands alone.
        row_usd: for one row of one trial; None where nothing is billed or the price is not known.
        validation_rows: most rows to predict beside the evaluation rows (0 where nothing needs ranking).
        shifted_rows: most shifted rows that a trial predicts: as many as evaluation rows.
        extra_rows: rows once an arm: wordings, repeats, planted instructions.
        redraws: its trials are repetitions that may be cut to one.
        answered: of its trials that have begun.
        refit_seconds: for one of these, if it is to answer more: its model is made again, and answers all of its
            rows again. None: its answers are kept, and it goes on where it stopped.
    """

    trials: int
    fit_seconds: float
    row_seconds: float
    row_usd: float | None
    validation_rows: int
    shifted_rows: int = 0
    extra_rows: int = 0
    redraws: bool = False
    answered: tuple[Answered, ...] = ()
    refit_seconds: float | None = None

    def seconds(self, share: Allotment) -> float:
        """Wall seconds from now until `share.trials` trials have answered its rows."""
        fresh = self._fresh(share)
        fit = self.fit_seconds * fresh / max(1, self.trials - len(self.answered))
        again = sum(self._refit(begun, share) for begun in self.answered[: share.trials])
        return fit + again + self.row_seconds * self._predicted(share)

    def usd(self, share: Allotment) -> float:
        """Dollars likewise; 0 where nothing is billed."""
        return (self.row_usd or 0.0) * self._predicted(share)

    def quick_share(self, rows: int, seconds: float) -> Allotment:
        """Of an arm whose rows cost little: all of them; unless models would have to be made again for that, for which
        there is no time: then what those have answered.

        Training is what takes time then, and fewer rows would not shorten it.

        Args:
            rows: evaluation rows there are.
            seconds: that it may take.
        """
        whole = self.share(rows, self.trials, all_rows=True)
        again = [one for one in self.answered if self._refit(one, whole) and one.rows >= FEWEST_ROWS]
        if not again or self.seconds(whole) <= seconds:
            return whole
        return Allotment(min(one.rows for one in again), self.trials, min(one.validation for one in again))

    def share(self, rows: int, trials: int, *, all_rows: bool) -> Allotment:
        """An allotment with the validation rows that go with it: all of them where all rows are cheap."""
        most = self.validation_rows
        return Allotment(rows, trials, most if all_rows or not most else validation_beside(rows, most))

    def least(self, rows: int) -> Least:
        """What all its repetitions take on the fewest rows that can name a winner.

        Args:
            rows: evaluation rows there are.
        """
        share = self.share(min(FEWEST_ROWS, rows), self.trials, all_rows=False)
        return Least(self.seconds(share), self.usd(share))

    def is_costly(self, rows: int, seconds_left: float) -> bool:
        """Whether its rows are worth counting: somebody bills them, or all of them are a wait that is noticed.

        Args:
            rows: evaluation rows there are.
        """
        if self.row_usd:
            return True
        waited = self.row_seconds * self.trials * (rows + self.validation_rows + min(rows, self.shifted_rows))
        unnoticed = max(_NOTHING_TO_WAIT_FOR_SECONDS, _NOTHING_TO_WAIT_FOR_SHARE * seconds_left)
        return self.row_seconds >= SLOW_ROW_SECONDS and waited > unnoticed

    def _fresh(self, share: Allotment) -> int:
        return max(0, share.trials - len(self.answered))

    def _is_short(self, begun: Answered, share: Allotment) -> bool:
        return begun.rows < share.rows or begun.validation < share.validation

    def _refit(self, begun: Answered, share: Allotment) -> float:
        return self.refit_seconds or 0.0 if self._is_short(begun, share) and not begun.under_way else 0.0

    def _predicted(self, share: Allotment) -> int:
        extra = self.extra_rows if all(one.under_way for one in self.answered) else 0
        going_on = sum(self._rows_to_add(begun, share) for begun in self.answered[: share.trials])
        shifted = min(self.shifted_rows, share.rows)
        return self._fresh(share) * (share.rows + share.validation + shifted) + going_on + extra

    def _rows_to_add(self, begun: Answered, share: Allotment) -> int:
        if not self._is_short(begun, share):
            return 0
        if self.refit_seconds is not None and not begun.under_way:
            return share.rows + share.validation
        shifted = min(self.shifted_rows, share.rows) - min(self.shifted_rows, begun.rows)
        return max(0, share.rows - begun.rows) + max(0, share.validation - begun.validation) + max(0, shifted)


@dataclass(frozen=True, slots=True)
class Allotment:
    """Evaluation rows, repetitions and validation rows that an arm gets."""

    rows: int
    trials: int
    validation: int = 0

    def or_more(self, other: Allotment) -> Allotment:
        """The larger of the two in everything."""
        return Allotment(
            max(self.rows, other.rows), max(self.trials, other.trials), max(self.validation, other.validation)
        )


def allot(
    demands: Mapping[str, Demand],
    *,
    rows: int,
    seconds: float,
    usd: float | None,
    settled_seconds: float = 0.0,
    settled_usd: float = 0.0,
    given: Mapping[str, Allotment] = MappingProxyType({}),
) -> dict[str, Allotment]:
    """Share out the evaluation rows.

    Args:
        demands: by arm.
        rows: evaluation rows there are.
        seconds, usd: what is left of the budget; `usd` None means no dollar limit.
        settled_seconds, settled_usd: what arms whose rows were settled before will take of it.
        given: what arms were given before; nobody gets less.

    Returns:
        By arm; at least `FEWEST_ROWS` rows (or all there are) whatever the budget says, because the runner does not
        start what does not fit.
    """
    usable, quick = seconds * (1 - _KEEP_BACK), _quick_shares(demands, rows, seconds)
    slow = {arm: demand for arm, demand in demands.items() if arm not in quick}
    shares = {arm: share.or_more(given.get(arm, share)) for arm, share in quick.items()}
    of_others = settled_seconds + sum(demands[arm].seconds(share) for arm, share in shares.items())
    time_left = max(usable - of_others, usable * _LEAST_SHARE_OF_SLOW)
    money_left = None if usd is None else max(0.0, usd * (1 - _KEEP_BACK) - settled_usd)
    whole = {arm: demand.share(rows, demand.trials, all_rows=False) for arm, demand in slow.items()}
    waiting = sorted(slow, key=lambda arm: (slow[arm].seconds(whole[arm]), arm))
    while waiting:
        arm = waiting.pop(0)
        demand, others = slow[arm], [slow[other].least(rows) for other in waiting]
        least = demand.least(rows)
        share = _most_rows(
            demand,
            rows,
            _part(time_left, least.seconds, [other.seconds for other in others]),
            None if money_left is None else _part(money_left, least.usd, [other.usd for other in others]),
        )
        shares[arm] = share = share.or_more(given.get(arm, share))
        time_left -= demand.seconds(share)
        if money_left is not None:
            money_left -= demand.usd(share)
    return shares


def _part(left: float, own: float, of_others: Sequence[float]) -> float:
    """What one of several waiting arms may take: an even part, or the least that it needs, and no more than leaves the
    others theirs; an even part where not all of them can have it.

    Args:
        own, of_others: what all repetitions on the fewest rows take.
    """
    even, spare = left / (len(of_others) + 1), left - sum(of_others)
    return min(max(even, own), spare) if own <= spare else even


def room_beside(demands: Mapping[str, Demand], *, rows: int, seconds: float, settled_seconds: float) -> float:
    """Seconds for work beside these demands: what they leave; at least half of what the quick ones leave, but for what
    lets the slow ones be compared at all.

    Slow arms can use up any time, so that what is learnt from more labels would else never be seen; and without the
    other half, or without all repetitions on the fewest rows, the LLM would answer too little to compare anything with.

    Args:
        rows: evaluation rows there are.
        seconds: what is left of the budget.
        settled_seconds: what arms whose rows were settled before will take of it.
    """
    quick = _quick_shares(demands, rows, seconds)
    slow = [demand for arm, demand in demands.items() if arm not in quick]
    left = seconds - settled_seconds - sum(demands[arm].seconds(share) for arm, share in quick.items())
    # What is kept back for slow arms that turn out slower is not kept from these: they come last, if there is time.
    whole = sum(demand.seconds(demand.share(rows, demand.trials, all_rows=False)) for demand in slow)
    least = sum(demand.least(rows).seconds for demand in slow)
    return max(0.0, min((left - seconds * _KEEP_BACK) / 2, left - seconds * _KEEP_BACK - least), left - whole)


def _quick_shares(demands: Mapping[str, Demand], rows: int, seconds: float) -> dict[str, Allotment]:
    """Of the arms whose rows are not worth counting."""
    usable = seconds * (1 - _KEEP_BACK)
    return {
        arm: demand.quick_share(rows, usable) for arm, demand in demands.items() if not demand.is_costly(rows, seconds)
    }


def _most_rows(demand: Demand, rows: int, seconds: float, usd: float | None) -> Allotment:
    fewest = min(FEWEST_ROWS, rows)
    for trials in _repetitions(demand):
        fitting = _rows_that_fit(demand, trials, rows, seconds, usd)
        if fitting >= fewest:
            return demand.share(fitting, trials, all_rows=False)
    return demand.share(fewest, 1 if demand.redraws else demand.trials, all_rows=False)


def _repetitions(demand: Demand) -> Sequence[int]:
    return sorted({demand.trials, 1}, reverse=True) if demand.redraws else (demand.trials,)


def _rows_that_fit(demand: Demand, trials: int, rows: int, seconds: float, usd: float | None) -> int:
    def fits(count: int) -> bool:
        share = demand.share(count, trials, all_rows=False)
        return demand.seconds(share) <= seconds and (usd is None or demand.usd(share) <= usd)

    return next((count for count in (rows, *range(rows // 10 * 10, 0, -10)) if fits(count)), 0)
