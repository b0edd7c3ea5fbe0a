"""How fast this machine is: measured against the shipped estimates, kept in the user's cache folder."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tuningfork.foundation.files import write_text

_UNMEASURED = (0.5, 2.5)
_MEASURED = (0.75, 1.4)
_WEIGHT_OF_NEWS = 0.5
_ROW, _FIT = "row", "fit of size "


@dataclass(frozen=True, slots=True)
class Factor:
    """Measured seconds over estimated seconds, and whether anything was measured yet.

    Attributes:
        fits: of fits, with the size of what was measured: the logarithm, base four, of its estimated seconds, rounded.
            What a fit takes whatever its labels weighs most in the short ones, which come first.
        row: of one row's answer.
    """

    fits: tuple[tuple[int, float], ...]
    row: float
    measured: bool

    @property
    def extremes(self) -> tuple[float, float]:
        """What a middle guess is to be multiplied with to get a range."""
        return _MEASURED if self.measured else _UNMEASURED

    def fit_seconds(self, estimated: float) -> float:
        """What a fit is likely to take, as those did whose size was nearest; of two as near, the larger."""
        if not self.fits or estimated <= 0:
            return estimated
        size = _size(estimated)
        _, factor = min(self.fits, key=lambda known: (abs(known[0] - size), -known[0]))
        return estimated * factor


class Rates:
    """This machine's factors by arm family and model.

    Args:
        file: JSON in the user's cache folder; a missing or damaged file is an empty one.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._now: dict[str, float] = {}
        self._factors: dict[str, dict[str, float]] = _read(file)

    def factor(self, name: str) -> Factor:
        """Factors of one 'family:model'; estimates as they are where nothing was measured. What this run measured last
        counts for rows: a machine that was busy may be free by now."""
        known = self._factors.get(name, {})
        fits = tuple((int(key.removeprefix(_FIT)), known[key]) for key in sorted(known) if key.startswith(_FIT))
        return Factor(fits, self._now.get(name, known.get(_ROW, 1.0)), measured=bool(known))

    def learn_fit(self, name: str, *, estimated: float, seconds: float) -> None:
        """Blend in what a fit took, for others of about its size."""
        if estimated > 0:
            self._blend(name, f"{_FIT}{_size(estimated)}", seconds / estimated)

    def learn_row(self, name: str, factor: float) -> None:
        """Blend in what a row took, as measured over estimated seconds."""
        self.see_row(name, factor)
        self._blend(name, _ROW, factor)

    def see_row(self, name: str, factor: float) -> None:
        """What a row takes at this moment, for this run only."""
        if factor > 0:
            self._now[name] = factor

    def save(self) -> None:
        """Keep what was learnt; a cache that cannot be written is no failure of a study."""
        try:
            write_text(self._file, json.dumps(self._factors, indent=1, sort_keys=True))
        except OSError:
            return

    def _blend(self, name: str, key: str, news: float) -> None:
        if news > 0:
            known = self._factors.setdefault(name, {})
            known[key] = news if key not in known else known[key] + _WEIGHT_OF_NEWS * (news - known[key])


def _size(estimated: float) -> int:
    return round(math.log(estimated, 4))


def _read(file: Path) -> dict[str, dict[str, float]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: _factors(entry) for name, entry in found.items() if isinstance(entry, dict)}


def _factors(entry: Mapping[str, object]) -> dict[str, float]:
    known = {key: value for key, value in entry.items() if key == _ROW or re.fullmatch(rf"{_FIT}-?\d+", key)}
    return {key: float(value) for key, value in known.items() if isinstance(value, int | float) and value > 0}
