"""How a study is to be run: which arms, which counts, which limits."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_BUDGET_MINUTES = 60.0


class StudySettings(BaseModel):
    """The options of `run` and `plan` that are not about the task's rows.

    Attributes:
        arms: specs as given; empty means a sensible set is chosen.
        label_counts: of the learning curves; None means max(8, labels) and doubling up to the pool.
        seeds: of the trained arms; None means by cost.
        budget_usd: dollars over all runs, never passed; None means no dollar limit.
        budget_minutes: minutes over all runs, downloads not counted.
        prices: 'MODEL=IN,OUT' in dollars a million prompt and completion tokens.
        usd_per_hour: price of this machine; without it local arms have no dollars.
        mirror: allow (True) or forbid (False) the package-index mirror for all starters; None: the four defaults.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    arms: tuple[str, ...] = ()
    label_counts: tuple[int, ...] | None = None
    seeds: int | None = Field(default=None, ge=1, le=1000)
    budget_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    budget_minutes: float = Field(default=DEFAULT_BUDGET_MINUTES, gt=0, allow_inf_nan=False)
    prices: tuple[str, ...] = ()
    usd_per_hour: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    mirror: bool | None = None


def default_folder(name: str) -> Path:
    """Where a study of the task `name` goes unless told: ./studies/NAME."""
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip(".-") or "study"
    return Path("studies") / safe
