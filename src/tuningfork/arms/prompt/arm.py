"""A prompt that is ready to answer."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.column import Column
from tuningfork.arms.family import Progress
from tuningfork.arms.prompt.asking import NO_TRAFFIC, Asker
from tuningfork.arms.prompt.choosing import ChosenWording
from tuningfork.arms.prompt.length_notes import length_notes, told_lengths
from tuningfork.arms.prompt.permuting import Positions, averaged, in_orders, rotated
from tuningfork.arms.prompt.rows import PromptRow, blank_row
from tuningfork.arms.prompt.shots import ShotSource
from tuningfork.arms.prompt.unread import Unread
from tuningfork.arms.prompt.wordings import wordings_of
from tuningfork.arms.results import FOLLOWS_POSITION, ROWS_TURNED, UNREAD, Prediction, Usage
from tuningfork.errors import BudgetExceeded
from tuningfork.foundation.stopwatch import Stopwatch
from tuningfork.models.llm.chat import ChatModel
from tuningfork.task.inputs import Inputs
from tuningfork.task.schema import Note

ROWS_ASKED_TWICE = 20
ROWS_ASKED_TURNED = 20
ROWS_FOR_SPREAD = 40


class PromptArm:
    """Implements `Fitted` for a prompt.

    Args:
        recipe: what a reader may want to see of how it was made, beside wording and prompt.
        unread: looks at the answers, for those that give no label.
        notes: what was lost on the way.
        shots_wanted: examples that a prompt should have.
        permute: in how many orders of its options each row is asked.
        stopwatch: of the trial; asking rows twice is no part of predicting them.
    """

    def __init__(
        self,
        chat: ChatModel,
        asker: Asker,
        source: ShotSource,
        choice: ChosenWording,
        *,
        unread: Unread,
        recipe: Sequence[tuple[str, str]],
        notes: Sequence[Note],
        shots_wanted: int,
        permute: int,
        stopwatch: Stopwatch,
    ) -> None:
        self._chat, self._asker, self._source, self._choice = chat, asker, source, choice
        self._recipe, self._notes, self._shots_wanted = tuple(recipe), tuple(notes), shots_wanted
        self._stopwatch, self._unread = stopwatch, unread
        self._fit_usage = choice.usage
        self._permute, self._positions, self._asked_turned = permute, Positions(), 0
        self._first_row: PromptRow | None = None
        self._asked_twice = self._changed = 0

    @property
    def model(self) -> str:
        return self._chat.name

    @property
    def fit_usage(self) -> Usage:
        """Spent on the choice of a wording, and on rows asked once more, which are no predictions."""
        return self._fit_usage

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        wording = self._choice.wording
        shown = self._first_row or blank_row(self._asker.form.task.type, "(the row)")
        pairs = [*self._recipe, ("wording", f"{wording.name}: {self._choice.reason}")]
        if self._asked_twice:
            pairs.append(("changed_on_repeat", f"{self._changed / self._asked_twice:.4f}"))
            pairs.append(("rows_asked_twice", str(self._asked_twice)))
        if self._positions.share is not None:
            pairs.append((FOLLOWS_POSITION, f"{self._positions.share:.4f}"))
            pairs.append((ROWS_TURNED, str(self._positions.rows)))
        if self._unread.first is not None:
            pairs.append(("an answer that is no label", self._unread.quote() or "(empty)"))
            pairs.append((UNREAD, self._told_unread()))
        return (*pairs, ("prompt", self._asker.prompt(wording, self._source, shown)))

    @property
    def notes(self) -> tuple[Note, ...]:
        window = self._asker.window
        found = [*self._notes]
        if window.fewest_shots is not None:
            found.append(
                Note(
                    "fewer_shots",
                    f"The context window of {self.model} ({self._chat.context_tokens} tokens) holds no more than "
                    f"{window.fewest_shots} of {self._shots_wanted} examples in some or all prompts",
                )
            )
        if window.cut_texts:
            found.append(
                Note(
                    "truncated_rows",
                    f"{len(window.cut_texts)} rows are longer than the context window of {self.model} has room for; "
                    "their middle was left out",
                )
            )
        found += length_notes(self._asker.overlong, self._unread, self.model, self._chat)
        return (*found, *(Note(code, message) for code, message in self._chat.notes.items))

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        """An answer for every row, in order; an answer that is no label is NO_LABEL.

        Where the server cannot be made to repeat itself, the first 20 rows are asked again, and `details` has the
        share of answers that changed. Rows with options of their own are asked in several orders of them, as many as
        the arm is to, or the first 20 once more, so that `details` has the share that follows a place.
        """
        shown = self._asker.form.rows(rows)
        if self._first_row is None and shown:
            self._first_row = shown[0]
        askings = [in_orders(row, self._permute) for row in shown]
        sizes = [len(row) for row in askings]
        starts = np.cumsum([0, *sizes])[:-1]
        answers = self._asker.ask(
            self._choice.wording,
            self._source,
            [asking for row in askings for asking in row],
            progress=progress if self._permute == 1 or progress is None else _by_row(progress, len(shown)),
        )
        self._unread.look_at(answers.replies, answers.prediction.answers.valid.tolist())
        if not self._chat.repeatable:
            with self._stopwatch.not_counted():
                self._ask_twice(shown, answers.prediction.answers.take(starts))
        if self._permute == 1:
            if any(row.options for row in shown):
                with self._stopwatch.not_counted():
                    self._ask_turned(shown, answers.prediction.labels)
            return answers.prediction, answers.usage
        for row, start in zip(askings, starts.tolist(), strict=True):
            self._positions.look_at(row, answers.prediction.labels[start : start + len(row)].tolist())
        return averaged(answers.prediction, sizes), answers.usage

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        """Nothing: every row of a prediction was timed alone, and asking again could cost money."""
        return ()

    def wording_spread(self, rows: Inputs) -> tuple[dict[str, Prediction], Usage]:
        """Every wording's answers for at most 40 rows, to show how much hangs on the wording; nothing is chosen.

        Each row is asked once, its options as they stand. The wording in use has been asked about these rows before, so
        that it costs nothing again.
        """
        shown = self._asker.form.rows(rows.part(0, ROWS_FOR_SPREAD))
        found: dict[str, Prediction] = {}
        usage = NO_TRAFFIC
        for wording in wordings_of(self._asker.form.task.type):
            answers = self._asker.ask(wording, self._source, shown)
            found[wording.name] = answers.prediction
            usage += answers.usage
        return found, usage

    def _ask_twice(self, rows: Sequence[PromptRow], first: Column) -> None:
        count = min(len(rows), ROWS_ASKED_TWICE - self._asked_twice)
        if count <= 0:
            return
        again = self._asker.ask(self._choice.wording, self._source, rows[:count], repeat=1)
        same = again.prediction.answers.same(first.take(slice(count)))
        self._changed += count - int(same.sum())
        self._asked_twice += count
        self._fit_usage += again.usage

    def _ask_turned(self, rows: Sequence[PromptRow], first: NDArray[np.int32]) -> None:
        """Ask the first rows once more, their options turned round, for the share of answers that follow a place. A
        budget that ends here costs this figure, and no answer."""
        count = min(len(rows), ROWS_ASKED_TURNED - self._asked_turned)
        if count <= 0:
            return
        self._asked_turned += count
        turned = [rotated(row) for row in rows[:count]]
        try:
            again = self._asker.ask(self._choice.wording, self._source, turned)
        except BudgetExceeded:
            return
        answers = zip(first[:count].tolist(), again.prediction.labels.tolist(), strict=True)
        for row, other, both in zip(rows[:count], turned, answers, strict=True):
            self._positions.look_at((row, other), both)
        self._fit_usage += again.usage

    def _told_unread(self) -> str:
        cause, remedy = told_lengths(self._asker.overlong, self._unread) or self._unread.told(self._chat.widest)
        return json.dumps({"answer": self._unread.quote(), "cause": cause, "remedy": remedy}, ensure_ascii=False)


def _by_row(progress: Progress, rows: int) -> Progress:
    """Progress of askings, told in rows."""

    def told(done: int, total: int) -> None:
        progress(done * rows // max(1, total), rows)

    return told
