"""Arms whose answers may be billed at a price that nobody has said: a dollar budget cannot be kept for them."""

from __future__ import annotations

from collections.abc import Iterable

from tuningfork.arms.family import Estimate
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.models.llm.addresses import passes_on


def lacks_price(estimate: Estimate) -> bool:
    """Whether a bill may come of which nobody knows how large it is; what is known to run here sends none."""
    return estimate.host is not None and estimate.usd_per_row is None


def refuse_unknown_prices(arms: Iterable[tuple[ArmSpec, Estimate]]) -> None:
    """Look at the arms of a study with a dollar budget, before the first request.

    Raises:
        InputError: a price that is not known, with the option that gives it.
    """
    for spec, estimate in arms:
        if not lacks_price(estimate):
            continue
        own = f", or say that it is a model of your own: --arm '{spec.with_option('local', 'yes')}'"
        raise InputError(
            f"the price of {spec.text!r} is not known, so --budget-usd cannot be kept",
            remedy=f"Give it: --price '{spec.model}=IN,OUT' (dollars a million tokens; 0,0 if free)"
            f"{own if estimate.host is not None and passes_on(estimate.host) else ''}.",
        )
