"""Arms given as matrices of row scores or predicted labels, for tests of the statistics: measured, then compared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from tuningfork.metrics.measures import LeftOut
from tuningfork.metrics.metric import METRICS, Metric
from tuningfork.stats.break_even import BreakEvenResult, break_even
from tuningfork.stats.crossed import PairedDifference, ScoreInterval, compare, interval
from tuningfork.stats.measured import Measured, measured, row_values
from tuningfork.stats.ranking import Contender, Ranking, rank

MACRO_F1 = METRICS.get("macro_f1")


class AnyStatistic(Metric):
    """A score by any function of gold and answers, without each row by leaving it out."""

    name, display_name, simulated, when_undefined = "any", "any", True, "one_class"

    def __init__(self, of: Callable[[np.ndarray, np.ndarray], float]) -> None:
        self._of = of

    def measure(self, gold: np.ndarray, answers: np.ndarray) -> LeftOut | None:
        def without() -> np.ndarray:
            return np.array([self._of(np.delete(gold, row), np.delete(answers, row)) for row in range(len(gold))])

        def on(rows: np.ndarray) -> float:
            return self._of(gold[rows], answers[rows])

        return LeftOut(self._of(gold, answers), without, on, gold == answers) if len(np.unique(gold)) > 1 else None


def answered(metric: Metric, gold: Any, answers: Any, *, units: Any = None, **options: bool) -> Measured:
    """An arm by its answers, one column a run."""
    columns = np.asarray(answers)
    columns = columns[:, None] if columns.ndim == 1 else columns
    return measured(
        metric,
        [metric.measure(np.asarray(gold)[: len(columns)], column) for column in columns.T],
        rows=len(columns),
        differ=bool((columns != columns[:, :1]).any()),
        units=None if units is None else units[: len(columns)],
        **options,
    )


def compare_rows(a: Any, b: Any, *, same_samples: bool = False, units: Any = None, **options: bool) -> PairedDifference:
    """Two arms by row scores; `random_a`, `redrawn_b` and so on say what is known of each."""
    arms = (row_values(values, units=units, **_of_arm(arm, options)) for arm, values in (("a", a), ("b", b)))
    return compare(*arms, same_samples=same_samples)


def compare_answers(
    gold: Any,
    a: Any,
    b: Any,
    *,
    metric: Metric = MACRO_F1,
    same_samples: bool = False,
    units: Any = None,
    **options: bool,
) -> PairedDifference:
    """Two arms by their answers."""
    arms = (
        answered(metric, gold, values, units=units, **_of_arm(arm, options)) for arm, values in (("a", a), ("b", b))
    )
    return compare(*arms, same_samples=same_samples)


def interval_of_rows(values: Any, **options: Any) -> ScoreInterval:
    return interval(row_values(values, **options))


def interval_of_answers(gold: Any, answers: Any, *, metric: Metric = MACRO_F1, **options: Any) -> ScoreInterval:
    return interval(answered(metric, gold, answers, **options))


def break_even_of(
    of: Callable[..., Measured],
    curve: Mapping[int, Any],
    llm: Any,
    *,
    n_pool: int,
    random_llm: bool = True,
    redrawn: Collection[int] = (),
    redrawn_llm: bool = False,
    units: Any = None,
) -> BreakEvenResult:
    """Where a curve meets an LLM arm.

    Args:
        of: measures one arm, from its row scores or answers.
    """
    return break_even(
        {count: of(values, redrawn=count in redrawn, units=units) for count, values in curve.items()},
        of(llm, random=random_llm, redrawn=redrawn_llm, units=units),
        n_pool=n_pool,
    )


def rank_of(
    of: Callable[..., Measured], arms: Mapping[str, tuple[Any, Sequence[Any] | None]], *, units: Any = None
) -> Ranking:
    """Arms by (row scores or answers, samples).

    Args:
        of: measures one arm.
    """

    def contender(values: np.ndarray, samples: Sequence[Any] | None) -> Contender:
        return Contender(
            rows=len(values),
            measured=lambda n: of(values[:n], units=None if units is None else units[:n]),
            samples=None if samples is None else tuple(samples),
        )

    return rank({arm: contender(np.asarray(values), samples) for arm, (values, samples) in arms.items()})


def _of_arm(arm: str, options: Mapping[str, bool]) -> dict[str, bool]:
    """'random_a': for arm a, as 'random'."""
    return {name.removesuffix(f"_{arm}"): value for name, value in options.items() if name.endswith(f"_{arm}")}


def answered_each(
    metric: Metric, gold: Any, runs: Sequence[np.ndarray], *, units: Any = None, **options: bool
) -> Measured:
    """An arm by the answers of each of its runs, in whatever shape the metric takes."""
    return measured(metric, [metric.measure(gold, run) for run in runs], rows=len(runs[0]), units=units, **options)
