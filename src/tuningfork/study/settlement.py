"""What a study has decided under its budget, kept in its ledger: nothing of it hangs on how fast the machine is later.

A share can grow while the study runs. Once it has ended, an arm is closed: only another question, arm, file or budget
opens it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tuningfork.study.allotment import Allotment
from tuningfork.study.ledger import Ledger
from tuningfork.study.settings import StudySettings

_ALLOTMENT, _CLOSED, _GIVEN_UP = "allotment", "closed", "given_up"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is decided.

    Attributes:
        shares: rows and repetitions by arm.
        closed: arms of a study that has ended under this budget.
        given_up: keys of trials that this budget had no room for when the study ended.
    """

    shares: Mapping[str, Allotment] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    given_up: frozenset[str] = frozenset()


def read_settlement(ledger: Ledger, settings: StudySettings, arms: Iterable[str]) -> Settlement:
    """What was decided under the same budget for these arms.

    Raises:
        LedgerError: it cannot be read.
    """
    names = frozenset(arms)
    shares = {arm: _share_of(text) for arm, text in _facts(ledger, settings, _ALLOTMENT).items() if arm in names}
    return Settlement(
        shares=shares,
        closed=names & _facts(ledger, settings, _CLOSED).keys(),
        given_up=frozenset(_facts(ledger, settings, _GIVEN_UP)),
    )


def keep_share(ledger: Ledger, settings: StudySettings, arm: str, share: Allotment) -> None:
    """Settle an arm's rows and repetitions for as long as the budget stays the same."""
    ledger.remember(_ALLOTMENT, _key(settings, arm), f"{share.rows} {share.trials} {share.validation}")


def keep_end(ledger: Ledger, settings: StudySettings, arms: Iterable[str], given_up: Iterable[str]) -> None:
    """The study has ended under this budget: these arms are closed, and these trials given up."""
    for topic, names in ((_CLOSED, arms), (_GIVEN_UP, given_up)):
        for name in names:
            ledger.remember(topic, _key(settings, name), "yes")


def _facts(ledger: Ledger, settings: StudySettings, topic: str) -> dict[str, str]:
    start = _key(settings, "")
    return {key.removeprefix(start): value for key, value in ledger.facts(topic).items() if key.startswith(start)}


def _key(settings: StudySettings, name: str) -> str:
    """Prices are a part of a budget in dollars: they say how far it goes."""
    prices = "".join(f"/{price}" for price in settings.prices) if settings.budget_usd is not None else ""
    return f"{settings.budget_minutes:g}min/{settings.budget_usd}usd{prices.replace(' ', '')} {name}"


def _share_of(text: str) -> Allotment:
    """Older studies settled no validation rows: they are settled anew."""
    return Allotment(*(int(part) for part in text.split()))
