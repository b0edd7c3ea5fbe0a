"""Which wording an arm uses: chosen on the trial's own rows where there are enough, on nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuningfork.arms.prompt.asking import NO_TRAFFIC, Asker
from tuningfork.arms.prompt.shots import ShotSource
from tuningfork.arms.prompt.wordings import Wording, wordings_of
from tuningfork.arms.results import Usage
from tuningfork.task.rows import Pool, for_choosing
from tuningfork.task.schema import Note
from tuningfork.task.units import as_compared, n_units

FEWEST_LABELS_TO_CHOOSE = 50
MOST_ROWS_TO_CHOOSE = 24
"""Every row is asked in each wording, in every draw: more rows cost a slow model more than the choice is worth."""

MOST_SECONDS_TO_CHOOSE = 120.0
"""A local model that would take longer keeps the first wording: its time is better spent on rows that decide."""

ROWS_TO_TELL_THE_TIME = 5
_FEWEST_ROWS_TO_CHOOSE = 20
"""On fewer rows the wordings' order is chance."""


@dataclass(frozen=True, slots=True)
class ChosenWording:
    """A wording, why it, what finding it took, and what was lost on the way."""

    wording: Wording
    reason: str
    usage: Usage = NO_TRAFFIC
    notes: tuple[Note, ...] = ()


def choose_wording(
    asker: Asker, source: ShotSource, sample: Pool, shown: Sequence[int], *, forced: int | None
) -> ChosenWording:
    """The wording with the best accuracy on rows of the sample that are not shown to the model, nor any of their unit.

    Below 50 labels, with fewer than 20 rows left over, or where a local model would take more than two minutes,
    nothing is chosen: the first wording. A tie goes to the earlier one.

    Args:
        shown: positions of the sample that are shots of every prompt.
        forced: number of the wording that the user asked for.

    Raises:
        RoleError: the rows are no pool rows.
    """
    for_choosing(sample)
    wordings = wordings_of(asker.form.task.type)
    if forced is not None:
        return ChosenWording(wordings[forced - 1], "asked for")
    if len(sample) < FEWEST_LABELS_TO_CHOOSE:
        return ChosenWording(wordings[0], f"the first: nothing is chosen below {FEWEST_LABELS_TO_CHOOSE} labels")
    # Where each row is shown others of the sample, half of the units are left to be shown.
    most_units = len(sample) if source.shared else n_units(sample.units) // 2
    rows = _rows_to_ask(sample, shown, most_units)
    if len(rows) < _FEWEST_ROWS_TO_CHOOSE:
        return ChosenWording(wordings[0], f"the first: only {len(rows)} of the trial's rows are not shown as examples")
    held_out, others = sample.take(rows), source.without(_of_their_units(sample, rows))
    asked = asker.form.rows(held_out.inputs)
    if asker.one_at_a_time:
        first = asker.ask(wordings[0], others, asked[:ROWS_TO_TELL_THE_TIME])
        row_seconds = first.prediction.row_seconds
        assert row_seconds is not None, "an LLM's rows are timed one by one"
        # The very first row also computes what all share.
        seconds = float(np.median(row_seconds[1:])) * len(rows) * len(wordings)
        if seconds > MOST_SECONDS_TO_CHOOSE:
            return _too_slow(wordings, len(rows), seconds, first.usage)
    scores: list[float] = []
    usage = NO_TRAFFIC
    for wording in wordings:
        answers = asker.ask(wording, others, asked)
        scores.append(float(np.mean(answers.prediction.answers.same(held_out.answers))))
        usage += answers.usage
    best = wordings[int(np.argmax(scores))]
    told = ", ".join(f"{wording.number}: {score:.2f}" for wording, score in zip(wordings, scores, strict=True))
    return ChosenWording(best, f"chosen by accuracy on {len(rows)} of the trial's own rows ({told})", usage)


def _rows_to_ask(sample: Pool, shown: Sequence[int], most_units: int) -> list[int]:
    """The first rows whose units are not shown, each with a text of its own."""
    units = sample.units.tolist()
    hidden = {units[i] for i in shown}
    rows: list[int] = []
    texts: set[str] = set()
    asked: set[int] = set()
    for row, unit in enumerate(units):
        text = as_compared(sample.texts[row])
        if unit not in hidden and text not in texts and (unit in asked or len(asked) < most_units):
            rows.append(row)
            texts.add(text)
            asked.add(unit)
        if len(rows) == MOST_ROWS_TO_CHOOSE:
            break
    return rows


def _of_their_units(sample: Pool, rows: Sequence[int]) -> list[int]:
    """These rows and all others of their units: an example that is a copy of what is asked gives the answer away."""
    return [int(i) for i in np.flatnonzero(np.isin(sample.units, sample.units[list(rows)]))]


def _too_slow(wordings: Sequence[Wording], rows: int, seconds: float, usage: Usage) -> ChosenWording:
    told = f"comparing {len(wordings)} wordings on {rows} rows would take about {seconds / 60:.0f} minutes here"
    note = Note("wording_not_chosen", f"The first wording was taken: {told}")
    return ChosenWording(wordings[0], f"the first: {told}", usage, (note,))
