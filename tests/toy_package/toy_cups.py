"""A package that tuningfork does not know: how many cups a recipe needs, told by its text.

A kind of answer that is no category (a count), a type of task with the words of its prompts, a metric with a unit of
its own, what a trained arm learns, how a model is asked, and an arm. `entry_points.txt` beside it is all that
tuningfork is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.column import NO_ANSWER, BoolArray, Column, Rows, UnreadableCell, unchanging
from tuningfork.answers.space import Space
from tuningfork.arms.family import Estimate, Family, Fitted, Progress, Services, Setting
from tuningfork.arms.prompt.forms.form import AnswerForm
from tuningfork.arms.prompt.rows import PromptRow
from tuningfork.arms.results import Prediction, Side, TrialPlan, Usage
from tuningfork.arms.spec import ArmSpec
from tuningfork.arms.targets.inner_choice import InnerChoice, Learner
from tuningfork.arms.targets.scorer import LinearScorer
from tuningfork.arms.targets.target import Target
from tuningfork.metrics.measures import RowMeans
from tuningfork.metrics.metric import Metric
from tuningfork.models.llm.chat import HeldTo, JsonSchema, Reply
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Pool, for_choosing
from tuningfork.task.task_type import FieldType, PromptWords, TaskType

MOST = 10
"""Cups apart from which an answer is worth nothing."""


# --8<-- [start:kind]
@dataclass(frozen=True, slots=True, eq=False)
class Counts(Column):
    """Whole numbers from 0, shape (n,); -1 where the arm gave none."""

    kind: ClassVar[str] = "count"

    values: NDArray[np.int64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", unchanging(np.asarray(self.values, np.int64)))

    @property
    def valid(self) -> BoolArray:
        valid: BoolArray = self.values >= 0
        return valid

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Rows) -> Self:
        return type(self)(self.values[rows])

    def joined(self, others: Sequence[Self]) -> Self:
        return type(self)(np.concatenate([self.values, *(other.values for other in others)]))

    def _same_where_valid(self, other: Self) -> BoolArray:
        same: BoolArray = self.values == other.values
        return same

    def to_blob(self) -> bytes:
        return self.values.astype("<i8").tobytes()

    @classmethod
    def from_blob(cls, n: int, blob: bytes) -> Self:
        values = np.frombuffer(blob, "<i8")
        if len(values) != n:
            raise ValueError(f"{len(values)} counts, not {n}")
        return cls(values)

    @classmethod
    def from_cells(cls, cells: Sequence[str]) -> Self:
        for place, cell in enumerate(cells):
            if cell and not (cell.isascii() and cell.isdigit()):
                raise UnreadableCell(place, "it is no whole number from 0 up")
        return cls(np.array([int(cell) if cell else -1 for cell in cells], np.int64))

    def shown(self, row: int, space: Space) -> str:
        return f"{self.values[row]} cups" if self.valid[row] else NO_ANSWER


COLUMN = Counts
# --8<-- [end:kind]


# --8<-- [start:type]
def _cups_served(counts: NDArray[np.int64]) -> str:
    return "cups_served"


TYPE = TaskType(
    name="cups",
    kind="count",
    default_metric=_cups_served,
    fields=(FieldType("dish", "the dish"), FieldType("guests", "who comes")),
    known_columns=(("dish", "guests"),),
    known_answers=(("cups",), ()),
    answers_among="anything",
    prompts=(
        PromptWords(
            style="plain",
            instruction="Say how many cups are needed. Reply with one number and nothing else.",
            row="{captions[dish]}: {dish}\n{captions[guests]}: {guests}\nCups:",
            as_system=False,
        ),
    ),
)
# --8<-- [end:type]


# --8<-- [start:metric]
class CupsServed(Metric):
    """Of ten cups, how many are left after those that the answer is off by; no answer serves none."""

    name: ClassVar[str] = "cups_served"
    display_name: ClassVar[str] = "cups served"
    unit: ClassVar[str] = "cups"
    range: ClassVar[tuple[float, float]] = (0.0, float(MOST))
    margin: ClassVar[float] = 0.5

    def measure(self, gold: Counts, answers: Counts) -> RowMeans | None:
        off = np.where(answers.valid, np.abs(gold.values - answers.values), MOST)
        return RowMeans(np.maximum(0.0, MOST - off)) if len(gold) else None


METRIC = CupsServed()
# --8<-- [end:metric]


class CupsOff(Metric):
    """By how many cups an answer is off, ten for none: less is better, and there is no limit."""

    name: ClassVar[str] = "cups_off"
    display_name: ClassVar[str] = "cups off"
    unit: ClassVar[str] = "cups"
    range: ClassVar[tuple[float, float]] = (0.0, float("inf"))
    higher_is_better: ClassVar[bool] = False
    margin: ClassVar[float] = 0.5

    def measure(self, gold: Counts, answers: Counts) -> RowMeans | None:
        off = np.where(answers.valid, np.abs(gold.values - answers.values), MOST)
        return RowMeans(off.astype(np.float64)) if len(gold) else None


ERROR = CupsOff()


# --8<-- [start:target]
class RidgeLearner:
    """Ridge regression of counts on words or vectors; a learner scores one thing here: the count."""

    classes = np.zeros(1, np.int32)

    def __init__(self, inputs: Any, gold: Counts) -> None:
        self._inputs, self._gold = inputs, gold.values
        self._fitted = LinearScorer(self.classes, np.zeros((inputs.shape[1], 1)), np.zeros(1))

    def fit(self, strength: float) -> None:
        from sklearn.linear_model import Ridge

        found = Ridge(alpha=1 / strength).fit(self._inputs, self._gold)
        self._fitted = LinearScorer(self.classes, found.coef_[:, None], np.array([found.intercept_]))

    def begin_at(self, other: Any) -> None:
        """It is solved in one step, from anywhere."""

    def scores(self, inputs: Any) -> NDArray[np.float32]:
        return self._fitted.scores(inputs)

    def as_arrays(self) -> Mapping[str, NDArray[Any]]:
        return self._fitted.as_arrays()


class RoundedScores:
    """A score is a count before it is rounded."""

    details: tuple[tuple[str, str], ...] = (("rounded", "to whole cups"),)

    def prediction(self, scores: NDArray[np.float32]) -> Prediction:
        return Prediction(Counts(np.maximum(0, np.rint(scores[:, 0])).astype(np.int64)))

    def as_plain(self) -> Mapping[str, Any]:
        return {}


class CountTarget(Target):
    """Counts are learned as numbers."""

    kind: ClassVar[str] = "count"

    def dense(self, vectors: Any, gold: Any) -> Any:
        return RidgeLearner(vectors, gold)

    def sparse(self, rows: Any, gold: Any) -> Any:
        return RidgeLearner(rows, gold)

    def choose(
        self,
        inputs: Any,
        gold: Any,
        units: Any,
        learn: Callable[[Any, Any], Learner],
        strengths: Sequence[float],
        *,
        fixed: InnerChoice,
    ) -> InnerChoice:
        return fixed

    def read(self, classes: Any, gold: Any, scale: float, n_answers: int, *, evenly: bool = True) -> RoundedScores:
        return RoundedScores()

    def scorer(self, arrays: Mapping[str, NDArray[Any]]) -> LinearScorer:
        return LinearScorer.from_arrays(arrays)

    def read_again(self, plain: Mapping[str, Any]) -> RoundedScores:
        return RoundedScores()


TARGET = CountTarget()
# --8<-- [end:target]


# --8<-- [start:form]
class CountForm(AnswerForm):
    """A count is asked for, and read, as a number of one or two digits."""

    answer_tokens = 8
    names = ()
    called = "number"

    def listing(self) -> str:
        return ""

    def lists(self, row: PromptRow) -> Mapping[str, str]:
        return {}

    def written(self, gold: Counts, row: int) -> str:
        return str(gold.values[row])

    def held_to(self, row: PromptRow) -> HeldTo:
        return JsonSchema(json.dumps({"type": "integer", "minimum": 0, "maximum": 99}))

    def reads(self, row: PromptRow) -> Callable[[str], bool]:
        return lambda text: self._count(text) >= 0

    def read(self, replies: Sequence[Reply], rows: Sequence[PromptRow]) -> Prediction:
        return Prediction(Counts(np.array([self._count(reply.text) for reply in replies], np.int64)))

    def _count(self, text: str) -> int:
        found = re.fullmatch(r"\s*(\d{1,2})\.?\s*", text)
        return -1 if found is None else int(found[1])


FORM = CountForm
# --8<-- [end:form]


# --8<-- [start:arm]
class NumeralFamily(Family):
    """`numeral`: the first number that the row names; no answer where it names none. It stands in for an LLM."""

    name: ClassVar[str] = "numeral"
    side: ClassVar[Side] = "llm"

    def check(self, spec: ArmSpec) -> None:
        spec.only_options()

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        return ()

    def cannot_do(self, spec: ArmSpec, type_: TaskType) -> str | None:
        return None if type_.kind == "count" else "it answers with counts"

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        return (TrialPlan(arm=spec.text, level=0, n_labels=0, seed=0, deterministic=True),)

    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        return Estimate(fit_seconds=0.0, row_seconds=1e-5)

    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        for_choosing(sample)
        return FirstNumber()


class FirstNumber:
    model = "first number"
    fit_usage = Usage()
    notes = ()
    details: tuple[tuple[str, str], ...] = (("reads", "the first number"),)

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        found = [re.search(r"\d+", text) for text in rows.texts]
        counts = np.array([-1 if number is None else int(number[0]) for number in found], np.int64)
        if progress is not None:
            progress(len(rows), len(rows))
        return Prediction(Counts(counts)), Usage()

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        return ()


FAMILY = NumeralFamily()
# --8<-- [end:arm]
