"""A prompt that is ready to answer."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tuningfork.arms.family import Progress
from tuningfork.arms.prompt.asking import NO_TRAFFIC, Answers, Asker
from tuningfork.arms.prompt.choosing import Choice
from tuningfork.arms.prompt.length_notes import length_notes, told_lengths
from tuningfork.arms.prompt.shots import ShotSource
from tuningfork.arms.prompt.unread import Unread
from tuningfork.arms.prompt.wordings import WORDINGS
from tuningfork.arms.records import UNREAD, Prediction, Usage
from tuningfork.foundation.stopwatch import Stopwatch
from tuningfork.models.llm.chat import ChatModel
from tuningfork.task.inputs import Inputs
from tuningfork.task.schema import Note

ROWS_ASKED_TWICE = 20
ROWS_FOR_SPREAD = 40


class PromptArm:
    """Implements `Fitted` for a prompt.

    Args:
        recipe: what a reader may want to see of how it was made, beside wording and prompt.
        unread: looks at the answers, for those that give no label.
        notes: what was lost on the way.
        stopwatch: of the trial; asking rows twice is no part of predicting them.
    """

    def __init__(
        self,
        chat: ChatModel,
        asker: Asker,
        source: ShotSource,
        choice: Choice,
        *,
        unread: Unread,
        recipe: Sequence[tuple[str, str]],
        notes: Sequence[Note],
        shots_wanted: int,
        stopwatch: Stopwatch,
    ) -> None:
        self._chat, self._asker, self._source, self._choice = chat, asker, source, choice
        self._recipe, self._notes, self._shots_wanted = tuple(recipe), tuple(notes), shots_wanted
        self._stopwatch, self._unread = stopwatch, unread
        self._fit_usage = choice.usage
        self._first_text: str | None = None
        self._asked_twice = self._changed = 0

    @property
    def model(self) -> str:
        return self._chat.name

    @property
    def fit_usage(self) -> Usage:
        """Spent on the choice of a wording, and on rows asked twice, which are no predictions."""
        return self._fit_usage

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        wording, shown = self._choice.wording, self._first_text
        pairs = [*self._recipe, ("wording", f"{wording.name}: {self._choice.reason}")]
        if self._asked_twice:
            pairs.append(("changed_on_repeat", f"{self._changed / self._asked_twice:.4f}"))
            pairs.append(("rows_asked_twice", str(self._asked_twice)))
        if self._unread.first is not None:
            pairs.append(("an answer that is no label", self._unread.quote() or "(empty)"))
            pairs.append((UNREAD, self._told_unread()))
        prompt = self._asker.prompt(wording, self._source, "(the row)" if shown is None else shown)
        return (*pairs, ("prompt", prompt))

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
        share of answers that changed.
        """
        answers = self._asker.ask(self._choice.wording, self._source, rows.texts, progress=progress)
        if self._first_text is None and rows.texts:
            self._first_text = rows.texts[0]
        self._unread.look_at(answers.replies, answers.prediction.labels.tolist())
        if not self._chat.repeatable:
            with self._stopwatch.not_counted():
                self._ask_twice(rows.texts, answers)
        return answers.prediction, answers.usage

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        """Nothing: every row of a prediction was timed alone, and asking again could cost money."""
        return ()

    def wording_spread(self, rows: Inputs) -> tuple[dict[str, Prediction], Usage]:
        """Every wording's answers for at most 40 rows, to show how much hangs on the wording; nothing is chosen.

        The wording in use has been asked about these rows before, so that it costs nothing again.
        """
        texts = rows.texts[:ROWS_FOR_SPREAD]
        found: dict[str, Prediction] = {}
        usage = NO_TRAFFIC
        for wording in WORDINGS:
            answers = self._asker.ask(wording, self._source, texts)
            found[wording.name] = answers.prediction
            usage += answers.usage
        return found, usage

    def _ask_twice(self, texts: Sequence[str], first: Answers) -> None:
        count = min(len(texts), ROWS_ASKED_TWICE - self._asked_twice)
        if count <= 0:
            return
        again = self._asker.ask(self._choice.wording, self._source, texts[:count], repeat=1)
        same = again.prediction.answers.same(first.prediction.answers.take(slice(count)))
        self._changed += count - int(same.sum())
        self._asked_twice += count
        self._fit_usage += again.usage

    def _told_unread(self) -> str:
        cause, remedy = told_lengths(self._asker.overlong, self._unread) or self._unread.told(self._chat.widest)
        return json.dumps({"answer": self._unread.quote(), "cause": cause, "remedy": remedy}, ensure_ascii=False)
