"""Arms and trials as a plan has them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tuningfork.arms.family import Elsewhere, Estimate, Family, Setting
from tuningfork.arms.results import Side, TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import TuningforkError
from tuningfork.study.allotment import Allotment
from tuningfork.study.elsewhere import question_read
from tuningfork.study.question import key_of, question_of
from tuningfork.study.rates import Factor

_ROWS_TO_START = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedArm:
    """One arm of the study: what it is, why it is in, and how many rows it answers.

    `repetitions` are the trials that its schedule asks for, of which `allotment` may leave fewer; `validation_rows` are
    predicted by each of its trials, `extra_rows` once; `question` is the digest of what its answers hang on beside spec
    and rows; `elsewhere` is what the files say that hold its answers, None where it makes them itself.
    """

    spec: ArmSpec
    family: Family
    question: str
    side: Side
    why: str
    repetitions: int
    allotment: Allotment
    validation_rows: int
    extra_rows: int
    factor: Factor
    elsewhere: Elsewhere | None = None

    @property
    def answers_shifted(self) -> bool:
        """Whether it has answers to shifted rows."""
        return self.elsewhere is None or "shifted" not in self.elsewhere.unanswered

    @property
    def rate_name(self) -> str:
        """Under which this machine's speed with it is kept."""
        return f"{self.spec.family}:{self.spec.model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTrial:
    """One trial with what it is likely to take.

    Attributes:
        key: names it in the ledger: arm, level, labels, seed, sample, and whatever else its answers hang on.
        rows: evaluation, validation, shifted and further rows that it predicts.
        seconds: a middle guess, this machine's speed included.
        decides: its arm is compared at its label count, as far as the plan knows: only there are shifted rows
            predicted.
        turn: 0, or its place among the arm's trials at counts that take long; see `larger_counts`.
    """

    arm: PlannedArm
    plan: TrialPlan
    key: str
    estimate: Estimate
    rows: int
    seconds: float
    decides: bool
    turn: int = 0

    @property
    def representative(self) -> bool:
        """It stands for its arm in what is measured once an arm: latency of single rows, the spread of prompt wordings,
        how far planted instructions are followed."""
        return self.decides and self.plan.seed == 0

    @property
    def keeps_answers(self) -> bool:
        """Whether it goes on from the answers that it has, if it is run again: an LLM's are in the journal."""
        return self.estimate.requests_per_row > 0

    @property
    def least_seconds(self) -> float:
        """To start it at all: a slow arm can stop between rows, so it needs little; others need all of their time."""
        fit = self.arm.factor.fit_seconds(self.estimate.fit_seconds)
        return fit + min(self.seconds - fit, _ROWS_TO_START * self.estimate.row_seconds * self.arm.factor.row)

    def named_now(self, setting: Setting) -> PlannedTrial:
        """The trial under its present name: a model that was fetched since it was planned has a digest, which is in the
        name of its trials from then on."""
        arm = self.arm
        try:
            question = question_read(question_of(arm.family, arm.spec, setting), arm.elsewhere)
        except TuningforkError:  # its weights are gone, say; who needed them has said so
            return self
        return replace(self, arm=replace(arm, question=question), key=key_of(self.plan, question, setting))
