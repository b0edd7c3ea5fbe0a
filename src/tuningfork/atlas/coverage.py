"""How much the catalogue knows: the share of models with a known fact, by field and year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tuningfork.atlas.catalogue import Catalogue, Model

FIELDS = (
    *("date", "organisations", "branch", "access", "parameters", "parent", "context", "licence", "commercial"),
    *("architecture", "objective", "languages", "corpus", "api", "capability", "link"),
)
"""The fields whose coverage is told; `domains` is left out, for a general model has none."""

_EARLIEST = 2017


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The models of one year, or of all years up to one.

    Attributes:
        title: '2023', 'to 2017' or 'all'.
        models: how many.
        known: by field, the share of them (0 to 1) of which it is known.
    """

    title: str
    models: int
    known: dict[str, float]


def coverage(catalogue: Catalogue) -> tuple[Period, ...]:
    """A period each year from 2018, one for all before, and one for everything."""
    dated = [model for model in catalogue if model.year is not None]
    latest = max((model.year or 0 for model in dated), default=_EARLIEST)
    periods = [_period(f"to {_EARLIEST}", [model for model in dated if (model.year or 0) <= _EARLIEST])]
    periods += [
        _period(str(year), [model for model in dated if model.year == year])
        for year in range(_EARLIEST + 1, latest + 1)
    ]
    return (*periods, _period("all", catalogue.models))


def _period(title: str, models: Sequence[Model]) -> Period:
    known = {name: sum(name in model.sources for model in models) / len(models) for name in FIELDS} if models else {}
    return Period(title=title, models=len(models), known=known)
