"""What arms hand back: predictions, what they used, and the record of a whole trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import NO_LABEL, Categories
from tuningfork.answers.column import Column
from tuningfork.task.schema import Note

__all__ = [
    "FOLLOWS_POSITION",
    "LONGEST_QUOTE",
    "NO_LABEL",
    "ROWS_TURNED",
    "UNREAD",
    "Prediction",
    "Side",
    "Status",
    "TrialPlan",
    "TrialResult",
    "Usage",
]

Side = Literal["llm", "fine-tuned", "combined"]
Status = Literal["done", "failed", "stopped"]

UNREAD = "unread"
"""Key in a trial's details: a JSON object with the first `answer` that was no label, cut to `LONGEST_QUOTE` characters,
and, as far as they are known, the `cause` and the `remedy`, a sentence each."""
LONGEST_QUOTE = 200


FOLLOWS_POSITION, ROWS_TURNED = "follows_position", "rows_asked_in_another_order"
"""Keys in a trial's details, of rows with options of their own: the share of answers that keep their letter though
another option stands there now, and the rows that it was measured on."""


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Answers for n rows, in the order asked.

    Attributes:
        answers: a column of n answers of the task's kind.
        probabilities: shape (n, …), float32, by the answers' kind; of categories one a label, shape (n, labels), rows
            summing to 1. None where the arm has none; a row of NaN is a row without.
        confidence: shape (n,), float32, how sure the arm says it is of each answer, from 0 to 1, NaN for a row where it
            does not say; None where it says no more than its probabilities do.
        row_seconds: shape (n,), seconds each row took when rows are answered one by one (LLMs); None for batches.

    What is large of an ended trial (its probabilities and confidence, and long answers) lies in the study's ledger and
    is read from it each time it is asked for: take it once, use it and let it go.
    """

    answers: Column
    probabilities: NDArray[np.float32] | None = None
    confidence: NDArray[np.float32] | None = None
    row_seconds: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.answers)

    @property
    def labels(self) -> NDArray[np.int32]:
        """Of categories, shape (n,): indices into the LabelSpace or NO_LABEL; never to be written to.

        Raises:
            TypeError: the answers are of another kind.
        """
        if not isinstance(self.answers, Categories):
            raise TypeError(f"answers of the kind {self.answers.kind!r} are no labels")
        return self.answers.indices


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Calls, tokens and dollars. None is 'not known', never 0; a local arm makes no requests to a bill."""

    requests: int = 0
    prompt_tokens: int | None = 0
    cached_tokens: int | None = 0
    completion_tokens: int | None = 0
    reasoning_tokens: int | None = 0
    usd: float | None = None

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            requests=self.requests + other.requests,
            prompt_tokens=_sum(self.prompt_tokens, other.prompt_tokens),
            cached_tokens=_sum(self.cached_tokens, other.cached_tokens),
            completion_tokens=_sum(self.completion_tokens, other.completion_tokens),
            reasoning_tokens=_sum(self.reasoning_tokens, other.reasoning_tokens),
            usd=_sum(self.usd, other.usd),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPlan:
    """One trial to run: an arm at one label count and one seed.

    Attributes:
        arm: the spec as given.
        level: trials of one arm with the same level are repetitions of one recipe and are averaged; for trained
            arms it is the label count, for prompts with fixed shots the number of shots.
        n_labels: pool rows handed to the trial; None where not known (answers made elsewhere).
        seed: which random order of the pool the sample is a prefix of.
        deterministic: nothing random is left (zero-shot; a recipe without randomness on the whole pool).
    """

    arm: str
    level: int
    n_labels: int | None
    seed: int
    deterministic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrialResult:
    """A trial's record, as the ledger keeps it.

    Attributes:
        plan: which trial.
        side, model: e.g. 'llm', 'smollm2-135m q8_0'.
        status, failure: 'failed' always has a reason; 'stopped' means the budget ended it before a prediction.
        evaluation: answers for a prefix of the evaluation rows; None if failed or stopped.
        validation: answers for a prefix of the validation rows, where they were needed.
        shifted: answers for the shifted rows, where there are any.
        other_roles: answers for rows of any role but these three, by the role's name.
        seconds_train: wall seconds from sample to ready model, embedding of the sample included, opening of models not;
            what was kept from before counts as if it were made now. None where that is not known.
        seconds_predict: wall seconds for `evaluation`, likewise.
        latency_seconds: seconds that single rows took alone (p50 and p95 are made of these); () if not measured.
        fit_usage: spent beside the evaluation rows (choosing a wording, validation rows, the wordings' spread).
        usage: spent on `evaluation`.
        details: what a reader may want to see of the recipe: chosen C, epochs, wording, prompt text, …
        notes: fallbacks, lost constraints, fewer shots, …
        draw: digest of what was random in the trial: its sample as a set of rows, and the seed too where the recipe
            itself is random. None where not known (a ledger of version 1).
        question: digest of all that the answers hang on beside the sample; None where not known, as `draw`.
        label_space: digest of the labels' values in their order, which predictions are indices into; None as `draw`.
        needs: by the spec of each arm whose answers this trial was given, the digest of those answers.
    """

    plan: TrialPlan
    side: Side
    model: str
    status: Status
    failure: str | None = None
    evaluation: Prediction | None = None
    validation: Prediction | None = None
    shifted: Prediction | None = None
    other_roles: Mapping[str, Prediction] = field(default_factory=dict)
    seconds_train: float | None = None
    seconds_predict: float | None = None
    latency_seconds: tuple[float, ...] = ()
    fit_usage: Usage = Usage()
    usage: Usage = Usage()
    details: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    draw: str | None = None
    question: str | None = None
    label_space: str | None = None
    needs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.status == "failed") != (self.failure is not None):
            raise ValueError(f"a failure has a reason and nothing else has: {self.status=}, {self.failure=}")
        if (self.status == "done") != (self.evaluation is not None):
            raise ValueError(f"a finished trial has predictions and no other has: {self.status=}")

    @property
    def predictions(self) -> dict[str, Prediction]:
        """All answers, by the role of their rows."""
        named = {"evaluation": self.evaluation, "validation": self.validation, "shifted": self.shifted}
        return {**{role: found for role, found in named.items() if found is not None}, **self.other_roles}

    def with_predictions(self, by_role: Mapping[str, Prediction]) -> TrialResult:
        """The same trial with these answers, by the role of their rows, and no others."""
        others = dict(by_role)
        return replace(
            self,
            evaluation=others.pop("evaluation", None),
            validation=others.pop("validation", None),
            shifted=others.pop("shifted", None),
            other_roles=others,
        )


_Number = TypeVar("_Number", int, float)


def _sum(a: _Number | None, b: _Number | None) -> _Number | None:
    return None if a is None or b is None else a + b
