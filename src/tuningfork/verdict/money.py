"""Which of two arms is cheaper to run, and why, as far as prices are known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tuningfork.arms.results import TrialResult
from tuningfork.arms.spec import ArmSpec
from tuningfork.models.llm.addresses import is_loopback
from tuningfork.models.llm.providers import providers, servers
from tuningfork.verdict.scored_arms import ScoredArm, mean_or_none

UNSAID = "what the server on this machine costs is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What predicting one row takes.

    Attributes:
        usd_per_row: dollars; None where no bill comes and the machine has no price, or where the price is not known.
        billed: True if somebody sends a bill for each call, False if nobody does, None if the answers were made
            elsewhere.
        ms_per_row: wall time of prediction over rows, as if nothing had been kept from before; None where the time of
            any compared trial is not known.
        unsaid: whether somebody sends a bill, nobody has said: a server on this machine may be a relay.
    """

    usd_per_row: float | None
    billed: bool | None
    ms_per_row: float | None
    unsaid: bool = False


@dataclass(frozen=True, slots=True)
class Cheaper:
    """The cheaper of two arms: which ('a', 'b', or None where it cannot be said) and why, in words."""

    which: Literal["a", "b"] | None
    why: str


def bill_of(arm: ScoredArm, *, usd_per_hour: float | None) -> Bill:
    """What one prediction of this arm takes, averaged over its compared trials.

    Args:
        usd_per_hour: the machine's price, if the user gave one; arms that send no bill have dollars only then.
    """
    of_trial = _ms_per_row if runs_here(arm.arm) is not None else _ms_told
    ms = mean_or_none([of_trial(trial) for trial in arm.trials])
    called = mean_or_none([_usd_called(trial) for trial in arm.trials])
    billed = _is_billed(arm.arm, has_dollars=called is not None)
    if called == 0:
        return Bill(usd_per_row=0.0, billed=False, ms_per_row=ms)
    if billed:
        unsaid = called is None and is_unsaid(arm.arm)
        return Bill(usd_per_row=called, billed=True, ms_per_row=ms, unsaid=unsaid)
    machine = ms / 3_600_000 * usd_per_hour if billed is False and ms is not None and usd_per_hour is not None else None
    return Bill(usd_per_row=machine, billed=billed, ms_per_row=ms)


def cheaper(a: Bill, b: Bill) -> Cheaper:
    """Fewer dollars a row where both are known; else no bill beats a bill; between two without a bill, fewer ms.

    An arm of which nobody has said whether a bill comes is dearer than one without a bill that also takes less time,
    whatever its price is; else it cannot be compared.
    """
    if a.usd_per_row is not None and b.usd_per_row is not None and not math.isclose(a.usd_per_row, b.usd_per_row):
        return Cheaper("a" if a.usd_per_row < b.usd_per_row else "b", "fewer dollars a prediction")
    if a.billed is None or b.billed is None:
        return Cheaper(None, "what answers made elsewhere cost is not known")
    if a.unsaid or b.unsaid:
        return _beside_unsaid(a, b)
    if a.billed != b.billed:
        return Cheaper("b" if a.billed else "a", "no bill for each call")
    if a.billed and (a.usd_per_row is None or b.usd_per_row is None):
        return Cheaper(None, "the price of a model is not known; give it with --price 'MODEL=IN,OUT'")
    return _quicker(a.ms_per_row, b.ms_per_row)


def _beside_unsaid(a: Bill, b: Bill) -> Cheaper:
    quicker = _quicker(a.ms_per_row, b.ms_per_row)
    if quicker.which is not None:
        ahead = a if quicker.which == "a" else b
        if ahead.billed is False and ahead.usd_per_row is None:
            return Cheaper(quicker.which, "no bill for each call, and less time a prediction")
    return Cheaper(None, f"{UNSAID}; give it with --price 'MODEL=IN,OUT', or say ?local=yes")


def _quicker(a: float | None, b: float | None) -> Cheaper:
    if a is None or b is None:
        return Cheaper(None, "how long a prediction takes is not known")
    if math.isclose(a, b):
        return Cheaper(None, "neither has a lower bill or takes less time")
    return Cheaper("a" if a < b else "b", "less time a prediction")


def runs_here(arm: str) -> bool | None:
    """Whether a spec's model is known to run on this machine; None for answers made elsewhere."""
    spec = ArmSpec.parse(arm)
    if spec.family == "predictions":
        return None
    if spec.url is not None:
        said = is_loopback(spec.url) and spec.options.get("local") == "yes"
        return said and next(iter(servers().values())).relayed_to(spec.model) is None
    first, slash, model = spec.model.partition("/")
    provider = providers().get(first) if spec.family == "prompt" and slash else None
    if provider is None or spec.options.get("local") == "yes":
        return True
    return not provider.billed and provider.relayed_to(model) is None


def is_unsaid(arm: str) -> bool:
    """Whether a spec's model is behind a server on this machine of which nobody has said where it sends rows."""
    spec = ArmSpec.parse(arm)
    return spec.url is not None and is_loopback(spec.url) and not runs_here(arm)


def has_own_server(arm: str) -> bool:
    """Whether the model runs in this process or in a server that it starts, and not behind somebody's address."""
    spec = ArmSpec.parse(arm)
    return spec.url is None and spec.model.partition("/")[0] not in providers() and runs_here(arm) is True


def _is_billed(arm: str, *, has_dollars: bool) -> bool | None:
    if has_dollars:
        return True
    here = runs_here(arm)
    return None if here is None else not here


def _usd_called(trial: TrialResult) -> float | None:
    rows = len(trial.evaluation) if trial.evaluation is not None else 0
    return None if trial.usage.usd is None or not trial.usage.requests or not rows else trial.usage.usd / rows


def _ms_per_row(trial: TrialResult) -> float | None:
    rows = len(trial.evaluation) if trial.evaluation is not None else 0
    return None if trial.seconds_predict is None or not rows else 1000 * trial.seconds_predict / rows


def _ms_told(trial: TrialResult) -> float | None:
    """What the file of answers made elsewhere says of every row; looking them up says nothing of what they took."""
    told = None if trial.evaluation is None else trial.evaluation.row_seconds
    if told is None or not len(told) or not np.isfinite(told).all():
        return None
    return 1000 * float(np.mean(told))
