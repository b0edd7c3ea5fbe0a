"""Reliability diagram: how often an arm is right where it says it is sure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.results import Prediction, Side
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.numbers import percent
from tuningfork.report.plots.scales import Linear
from tuningfork.report.svg import SIDE_CLASSES, Svg, line, mark, picture, polyline, text
from tuningfork.verdict.numbers import count

_BINS = 15
_SIZE = 270.0
_LEFT, _TOP, _AREA = 44.0, 24.0, 210.0


@dataclass(frozen=True, slots=True)
class _Bin:
    """Rows of one stretch of confidence: how many, their mean confidence, and the share that is right."""

    rows: int
    confidence: float
    accuracy: float


def reliability_plot(name: str, arm: str, side: Side, gold: NDArray[np.int32], answers: Prediction) -> Figure | None:
    """The diagram of one trial; None where no row has both a label and probabilities.

    Args:
        name: unique on the page, for the drawing.
        arm: the arm in words.
        gold: shape (n,), the labels of the answered rows.
    """
    bins = _bins(gold, answers)
    if not bins:
        return None
    rows = sum(b.rows for b in bins)
    sure = sum(b.rows * b.confidence for b in bins) / rows
    right = sum(b.rows * b.accuracy for b in bins) / rows
    title = f"{arm} is {percent(sure)} sure on average, and right {percent(right)} of the time"
    note = "Each mark is a stretch of confidence, larger with more rows; on the diagonal, sureness is earned."
    x, y = Linear(0, 1, _LEFT, _LEFT + _AREA), Linear(0, 1, _TOP + _AREA, _TOP)
    most = max(b.rows for b in bins)
    parts = [
        *_grid(x, y),
        polyline([(x(b.confidence), y(b.accuracy)) for b in bins], f"curve {SIDE_CLASSES[side]}"),
        *(
            mark(side, x(b.confidence), y(b.accuracy), 2.5 + 5 * (b.rows / most) ** 0.5, tip=f"{b.rows} rows")
            for b in bins
        ),
    ]
    table = DataTable(
        caption=f"Confidence and accuracy of {arm}",
        head=("rows", "mean confidence", "share right"),
        rows=tuple((count(b.rows), f"{b.confidence:.2f}", f"{b.accuracy:.2f}") for b in bins),
    )
    drawing = picture(name, (_SIZE, _TOP + _AREA + 42), title, note, parts)
    return Figure(title=title, note=note, wide=drawing, narrow=None, table=table)


def _bins(gold: NDArray[np.int32], answers: Prediction) -> list[_Bin]:
    """Equal-width bins of the predicted label's probability, empty ones left out; as the calibration error has them."""
    probabilities = answers.probabilities  # read from the disk each time
    if probabilities is None:
        return []
    known = np.flatnonzero((answers.labels >= 0) & ~np.isnan(probabilities).any(axis=1))
    confidence = probabilities[known, answers.labels[known]].astype(np.float64).clip(0, 1)
    right = gold[known] == answers.labels[known]
    places = np.clip(np.ceil(confidence * _BINS).astype(np.int64) - 1, 0, _BINS - 1)
    return [
        _Bin(int(here.sum()), float(confidence[here].mean()), float(right[here].mean()))
        for place in range(_BINS)
        if (here := places == place).any()
    ]


def _grid(x: Linear, y: Linear) -> Iterator[Svg]:
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield line(x(0), y(value), x(1), y(value), "grid")
        yield text(x(0) - 8, y(value) + 4, f"{value:.2f}", "tick", "end")
        if value not in (0.25, 0.75):
            yield text(x(value), y(0) + 18, f"{value:.2f}", "tick", "middle")
    yield line(x(0), y(0), x(1), y(1), "diagonal")
    yield line(x(0), y(0), x(1), y(0), "axis")
    yield text(x(0.5), y(0) + 36, "confidence", "tick", "middle")
    yield text(0, 11, "share right", "tick")
