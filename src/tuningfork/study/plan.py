"""What a study would run: trials, rows, calls, dollars, minutes. No request is sent and no model started."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from tuningfork.arms.family import Estimate, Setting
from tuningfork.arms.results import TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.study.allotment import MOST_VALIDATION_ROWS_OF_LLM, Allotment, Answered, Demand, allot
from tuningfork.study.candidates import Candidate
from tuningfork.study.deciding import by_level, deciding_level
from tuningfork.study.elsewhere import notes_of, rows_to_answer
from tuningfork.study.order import in_order
from tuningfork.study.planned import PlannedArm, PlannedTrial
from tuningfork.study.prices import refuse_unknown_prices
from tuningfork.study.rates import Rates
from tuningfork.study.setting import make_setting
from tuningfork.study.settings import StudySettings
from tuningfork.study.within import Time, within
from tuningfork.task.read import FileRead
from tuningfork.task.schema import Note, TaskData


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
    closed: Collection[str] = (),
) -> StudyPlan:
    """Lay out the study.

    Args:
        arms: specs with the reason each is in.
        seconds_left, usd_left: what earlier runs have left of the budget.
        settled: what this study has decided on rows and repetitions, by arm.
        given: the least that arms get which are not settled: what they were given before.
        begun: what trials have answered that have ended or are running, by key; they are in the plan, and take of what
            is left only what is to be added to them.
        closed: arms of a study that has ended under this budget: no further trial of theirs is chosen, unless none of
            those that ended counts any more.

    Raises:
        InputError: an arm that cannot work, or one named twice.
    """
    setting, notes = make_setting(task, settings)
    names = [spec.text for spec, _ in arms]
    candidates = [Candidate.of(spec, why, setting, rates, rows_to_answer(task, spec.text, names)) for spec, why in arms]
    _refuse_twins(candidates)
    if settings.budget_usd is not None:
        refuse_unknown_prices((c.spec, c.estimates[0]) for c in candidates)
    ranked = _sides_that_rank(candidates)
    validation_rows = {c.spec.text: _validation_rows(c, task, ranked) for c in candidates}
    time = Time(settings, task.spec, seconds_left, settled, closed)
    candidates, left_out = within(time, candidates, task, validation_rows, begun)
    demands = {c.spec.text: c.demand(task, validation_rows[c.spec.text], begun) for c in candidates}
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
    shifted = 0 if task.shifted is None else len(task.shifted)
    trials = [
        trial
        for c, arm in zip(candidates, planned, strict=True)
        for trial in _trials(c, arm, shifted if arm.answers_shifted else 0)
    ]
    elsewhere = {c.spec.text: c.elsewhere for c in candidates if c.elsewhere is not None}
    told = notes_of(elsewhere, {c.spec.text: c.side for c in candidates}, task, ranked=ranked)
    cuts = _cuts(planned, len(task.evaluation))
    ordered = in_order(trials, seconds_left=seconds_left, begun=begun)
    return summed(planned, ordered, setting, (*notes, *told, *left_out, *cuts))


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


def _refuse_twins(candidates: Sequence[Candidate]) -> None:
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.spec.text in seen:
            raise InputError(f"the arm {candidate.spec.text!r} is named twice", remedy="Name each arm once.")
        seen.add(candidate.spec.text)


def _sides_that_rank(candidates: Sequence[Candidate]) -> frozenset[str]:
    """Sides with two arms or more: only there are validation rows predicted."""
    sides = [candidate.side for candidate in candidates if not candidate.spec.is_check]
    return frozenset(side for side in sides if sides.count(side) > 1)


def _validation_rows(candidate: Candidate, task: TaskData, ranked: frozenset[str]) -> int:
    unanswered = candidate.elsewhere is not None and "validation" in candidate.elsewhere.unanswered
    if candidate.side not in ranked or unanswered or candidate.spec.is_check:
        return 0
    rows = len(task.validation)
    return min(rows, MOST_VALIDATION_ROWS_OF_LLM) if candidate.is_llm else rows


def _trials(candidate: Candidate, arm: PlannedArm, shifted: int) -> list[PlannedTrial]:
    kept = candidate.plans[: arm.allotment.trials] if len(candidate.plans) > arm.allotment.trials else candidate.plans
    decides = deciding_level(by_level(kept))
    return [
        _trial(arm, plan, key, estimate, decides=plan.level == decides, shifted=shifted, turn=turn)
        for plan, key, estimate, turn in zip(kept, candidate.keys, candidate.estimates, candidate.turns, strict=False)
    ]


def _trial(
    arm: PlannedArm, plan: TrialPlan, key: str, estimate: Estimate, *, decides: bool, shifted: int, turn: int
) -> PlannedTrial:
    rows = arm.allotment.rows + arm.validation_rows
    if decides:
        rows += min(shifted, arm.allotment.rows) + (arm.extra_rows if plan.seed == 0 else 0)
    return PlannedTrial(
        arm=arm,
        plan=plan,
        key=key,
        estimate=estimate,
        rows=rows,
        seconds=arm.factor.fit_seconds(estimate.fit_seconds) + estimate.row_seconds * arm.factor.row * rows,
        decides=decides,
        turn=turn,
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


def summed(
    arms: Sequence[PlannedArm], trials: Sequence[PlannedTrial], setting: Setting, notes: tuple[Note, ...]
) -> StudyPlan:
    """The plan of these trials, in this order."""
    low = sum(trial.seconds * trial.arm.factor.extremes[0] for trial in trials)
    high = sum(trial.seconds * trial.arm.factor.extremes[1] for trial in trials)
    requests = prompt = completion = 0.0
    usd: float | None = 0.0
    for trial in trials:
        estimate = trial.estimate
        requests += trial.rows * estimate.requests_per_row + estimate.fit_requests
        as_rows = trial.rows + estimate.fit_requests / max(1.0, estimate.requests_per_row)
        prompt += as_rows * estimate.prompt_tokens_per_row
        completion += as_rows * estimate.completion_tokens_per_row
        if estimate.host is not None:
            usd = None if usd is None or estimate.usd_per_row is None else usd + as_rows * estimate.usd_per_row
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
