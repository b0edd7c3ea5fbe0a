"""What a study would run: trials, rows, calls, dollars, minutes. No request is sent and no model started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from tuningfork.arms.family import FAMILIES, Elsewhere, Estimate, Family, Setting, ToAnswer
from tuningfork.arms.records import Side, TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError, TuningforkError
from tuningfork.study.allotment import MOST_VALIDATION_ROWS_OF_LLM, Allotment, Answered, Demand, allot
from tuningfork.study.elsewhere import notes_of, question_read, rows_to_answer
from tuningfork.study.prices import refuse_unknown_prices
from tuningfork.study.question import key_of, question_of
from tuningfork.study.rates import Factor, Rates
from tuningfork.study.setting import make_setting
from tuningfork.study.settings import StudySettings
from tuningfork.task.read import FileRead
from tuningfork.task.schema import Note, TaskData

_ONCE_AN_ARM_ROWS_OF_LLM = 120
"""Wordings (2 further x 40 rows), repeats (20) and planted instructions (20) that an LLM arm may predict beside its
trials, at most."""

_ROWS_TO_START = 25

_ENOUGH = 10**9
"""Rows of a trained trial below its arm's largest count, as far as sharing out goes: it is made again to answer more
only where time is left over."""


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
        rows: evaluation, validation and further rows that it predicts.
        seconds: a middle guess, this machine's speed included.
        representative: it stands for its arm in what is measured once an arm: latency of single rows, the spread
            of prompt wordings, how far planted instructions are followed.
    """

    arm: PlannedArm
    plan: TrialPlan
    key: str
    estimate: Estimate
    rows: int
    seconds: float
    representative: bool

    @property
    def keeps_answers(self) -> bool:
        """Whether it goes on from the answers that it has, if it is run again: an LLM's are in the journal."""
        return self.estimate.requests_per_row > 0

    @property
    def least_seconds(self) -> float:
        """To start it at all: a slow arm can stop between rows, so it needs little; others need all of their time."""
        fit = self.estimate.fit_seconds * self.arm.factor.fit
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """All trials of a study, in the order they run (cheap first), and what they add up to.

    Attributes:
        seconds: (low, high) for the whole study.
        usd: for the whole study; None where a price is not known; 0 is 'nothing is billed'.
        hosts: who would receive rows; this machine is not among them, but its servers are which may pass them on.
        read: what was read of files that arms need beside the task's.
    """

    arms: tuple[PlannedArm, ...]
    trials: tuple[PlannedTrial, ...]
    setting: Setting
    notes: tuple[Note, ...]
    seconds: tuple[float, float]
    llm_requests: int
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    hosts: tuple[str, ...]
    read: tuple[FileRead, ...] = ()


def make_plan(
    task: TaskData,
    settings: StudySettings,
    arms: Sequence[tuple[ArmSpec, str]],
    rates: Rates,
    *,
    seconds_left: float,
    usd_left: float | None,
    settled: Mapping[str, Allotment],
    given: Mapping[str, Allotment] = MappingProxyType({}),
    begun: Mapping[str, Answered] = MappingProxyType({}),
) -> StudyPlan:
    """Lay out the study.

    Args:
        arms: specs with the reason each is in.
        seconds_left, usd_left: what earlier runs have left of the budget.
        settled: what this study has decided on rows and repetitions, by arm.
        given: the least that arms get which are not settled: what they were given before.
        begun: what trials have answered that have ended or are running, by key; they are in the plan, and take of what
            is left only what is to be added to them.

    Raises:
        InputError: an arm that cannot work, or one named twice.
    """
    setting, notes = make_setting(task, settings)
    names = [spec.text for spec, _ in arms]
    candidates = [
        _Candidate.of(spec, why, setting, rates, rows_to_answer(task, spec.text, names)) for spec, why in arms
    ]
    _refuse_twins(candidates)
    if settings.budget_usd is not None:
        refuse_unknown_prices((c.spec, c.estimates[0]) for c in candidates)
    ranked = _sides_that_rank(candidates)
    demands = {c.spec.text: c.demand(task, _validation_rows(c, task, ranked), begun) for c in candidates}
    shares = _shared_out(demands, settled, given, len(task.evaluation), seconds_left, usd_left)
    planned = [
        PlannedArm(
            spec=c.spec,
            family=c.family,
            question=c.question,
            side=c.side,
            why=c.why,
            repetitions=len(c.plans),
            allotment=shares[c.spec.text],
            validation_rows=min(shares[c.spec.text].validation, demands[c.spec.text].validation_rows),
            extra_rows=c.extra_rows(task),
            factor=c.factor,
            elsewhere=c.elsewhere,
        )
        for c in candidates
    ]
    trials = [trial for c, arm in zip(candidates, planned, strict=True) for trial in _trials(c, arm)]
    elsewhere = {c.spec.text: c.elsewhere for c in candidates if c.elsewhere is not None}
    told = notes_of(elsewhere, {c.spec.text: c.side for c in candidates}, task, ranked=ranked)
    return summed(planned, cheap_first(trials), setting, (*notes, *told, *_cuts(planned, len(task.evaluation))))


@dataclass(frozen=True, slots=True)
class _Candidate:
    spec: ArmSpec
    family: Family
    question: str
    side: Side
    why: str
    plans: tuple[TrialPlan, ...]
    keys: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    factor: Factor
    elsewhere: Elsewhere | None

    @classmethod
    def of(cls, spec: ArmSpec, why: str, setting: Setting, rates: Rates, rows: ToAnswer) -> _Candidate:
        family = FAMILIES.get(spec.family)
        plans = family.schedule(spec, setting)
        if not plans:
            raise InputError(f"{spec.text!r} has nothing to run on these rows")
        estimates = tuple(family.estimate(spec, plan, setting) for plan in plans)
        factor = rates.factor(f"{spec.family}:{spec.model}")
        elsewhere = family.elsewhere(spec, setting, rows)
        question = question_read(question_of(family, spec, setting), elsewhere)
        keys = tuple(key_of(plan, question, setting) for plan in plans)
        return cls(spec, family, question, family.side_of(spec), why, plans, keys, estimates, factor, elsewhere)

    @property
    def is_llm(self) -> bool:
        return self.estimates[0].requests_per_row > 0

    def extra_rows(self, task: TaskData) -> int:
        return min(_ONCE_AN_ARM_ROWS_OF_LLM, 4 * len(task.evaluation)) if self.is_llm else 0

    def demand(self, task: TaskData, validation_rows: int, begun: Mapping[str, Answered]) -> Demand:
        levels = {plan.level for plan in self.plans}
        answered = [begun.get(key) for key in self.keys]
        fits = [(e.fit_seconds * self.factor.fit, one) for e, one in zip(self.estimates, answered, strict=True)]
        return Demand(
            trials=len(self.plans),
            fit_seconds=sum(seconds for seconds, one in fits if one is None),
            answered=tuple(
                one if self.is_llm or one.under_way or plan.level == max(levels) else replace(one, rows=_ENOUGH)
                for plan, one in zip(self.plans, answered, strict=True)
                if one is not None
            ),
            refit_seconds=None
            if self.is_llm
            else max((seconds for seconds, one in fits if one is not None), default=0),
            row_seconds=max(e.row_seconds for e in self.estimates) * self.factor.row,
            row_usd=self.estimates[0].usd_per_row,
            validation_rows=validation_rows,
            extra_rows=self.extra_rows(task),
            redraws=self.is_llm and len(levels) == 1,
        )


def _shared_out(
    demands: Mapping[str, Demand],
    settled: Mapping[str, Allotment],
    given: Mapping[str, Allotment],
    rows: int,
    seconds_left: float,
    usd_left: float | None,
) -> dict[str, Allotment]:
    """Rows and repetitions by arm: as settled, else within what these leave."""
    kept = {arm: _in_this_schedule(share, demands[arm], rows, seconds_left) for arm, share in settled.items()}
    shares = allot(
        {arm: demand for arm, demand in demands.items() if arm not in kept},
        rows=rows,
        seconds=seconds_left,
        usd=usd_left,
        settled_seconds=sum(demands[arm].seconds(share) for arm, share in kept.items()),
        settled_usd=sum(demands[arm].usd(share) for arm, share in kept.items()),
        given=given,
    )
    return shares | kept


def _in_this_schedule(share: Allotment, demand: Demand, rows: int, seconds_left: float) -> Allotment:
    """What was settled before: rows and, of repetitions that may be cut, their number; counts and seeds may be new, and
    validation rows may be needed now because an arm has joined its side."""
    trials = share.trials if demand.redraws else demand.trials
    if share.validation or not demand.validation_rows:
        return replace(share, trials=trials)
    return demand.share(share.rows, trials, all_rows=not demand.is_costly(rows, seconds_left))


def _refuse_twins(candidates: Sequence[_Candidate]) -> None:
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.spec.text in seen:
            raise InputError(f"the arm {candidate.spec.text!r} is named twice", remedy="Name each arm once.")
        seen.add(candidate.spec.text)


def _sides_that_rank(candidates: Sequence[_Candidate]) -> frozenset[str]:
    """Sides with two arms or more: only there are validation rows predicted."""
    sides = [candidate.side for candidate in candidates]
    return frozenset(side for side in sides if sides.count(side) > 1)


def _validation_rows(candidate: _Candidate, task: TaskData, ranked: frozenset[str]) -> int:
    unanswered = candidate.elsewhere is not None and "validation" in candidate.elsewhere.unanswered
    if candidate.side not in ranked or unanswered:
        return 0
    rows = len(task.validation)
    return min(rows, MOST_VALIDATION_ROWS_OF_LLM) if candidate.is_llm else rows


def _trials(candidate: _Candidate, arm: PlannedArm) -> list[PlannedTrial]:
    kept = candidate.plans[: arm.allotment.trials] if len(candidate.plans) > arm.allotment.trials else candidate.plans
    top = max(plan.level for plan in kept)
    return [
        _trial(arm, plan, key, estimate, representative=plan.level == top and plan.seed == 0)
        for plan, key, estimate in zip(kept, candidate.keys, candidate.estimates, strict=False)
    ]


def _trial(arm: PlannedArm, plan: TrialPlan, key: str, estimate: Estimate, *, representative: bool) -> PlannedTrial:
    rows = arm.allotment.rows + arm.validation_rows + (arm.extra_rows if representative else 0)
    return PlannedTrial(
        arm=arm,
        plan=plan,
        key=key,
        estimate=estimate,
        rows=rows,
        seconds=estimate.fit_seconds * arm.factor.fit + estimate.row_seconds * arm.factor.row * rows,
        representative=representative,
    )


def _cuts(arms: Sequence[PlannedArm], rows: int) -> tuple[Note, ...]:
    """One note for each arm that answers fewer rows than there are, or runs once where repetitions were wanted."""
    notes = []
    for arm in arms:
        once = arm.allotment.trials < arm.repetitions
        if arm.allotment.rows < rows:
            message = f"answers the first {arm.allotment.rows} of {rows} evaluation rows{', once' if once else ''}"
            notes.append(Note("fewer_rows", f"{arm.spec.text} {message}, to stay within the budget."))
        if once:
            message = f"runs once instead of with {arm.repetitions} draws of its examples, to stay within the budget"
            notes.append(Note("fewer_draws", f"{arm.spec.text} {message}: one draw can name no winner."))
    return tuple(notes)


def cheap_first(trials: Sequence[PlannedTrial]) -> list[PlannedTrial]:
    """By seconds; the seeds of one arm and level in their order, though the first also answers what is asked once:
    where a budget leaves one repetition, it has to be the one that has run."""
    cheapest: dict[tuple[str, int], float] = {}
    for trial in trials:
        group = (trial.plan.arm, trial.plan.level)
        cheapest[group] = min(trial.seconds, cheapest.get(group, trial.seconds))
    return sorted(trials, key=lambda t: (cheapest[t.plan.arm, t.plan.level], t.plan.arm, t.plan.level, t.plan.seed))


def summed(
    arms: Sequence[PlannedArm], trials: Sequence[PlannedTrial], setting: Setting, notes: tuple[Note, ...]
) -> StudyPlan:
    """The plan of these trials, in this order."""
    low = sum(trial.seconds * trial.arm.factor.spread[0] for trial in trials)
    high = sum(trial.seconds * trial.arm.factor.spread[1] for trial in trials)
    requests = prompt = completion = 0.0
    usd: float | None = 0.0
    for trial in trials:
        estimate = trial.estimate
        sent = trial.rows * estimate.requests_per_row + estimate.fit_requests
        requests += sent
        prompt += sent * estimate.prompt_tokens_per_row
        completion += sent * estimate.completion_tokens_per_row
        if estimate.host is not None:
            usd = None if usd is None or estimate.usd_per_row is None else usd + sent * estimate.usd_per_row
    hosts = sorted({trial.estimate.host for trial in trials if trial.estimate.host is not None})
    return StudyPlan(
        arms=tuple(arms),
        trials=tuple(trials),
        setting=setting,
        notes=notes,
        seconds=(low, high),
        llm_requests=round(requests),
        prompt_tokens=round(prompt),
        completion_tokens=round(completion),
        usd=usd,
        hosts=tuple(hosts),
        read=tuple(read for arm in arms if arm.elsewhere is not None for read in arm.elsewhere.read),
    )
