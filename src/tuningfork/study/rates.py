"""How fast this machine is: measured against the shipped estimates, kept in the user's cache folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tuningfork.foundation.files import write_text

_UNMEASURED = (0.5, 2.5)
_MEASURED = (0.75, 1.4)
_WEIGHT_OF_NEWS = 0.5


@dataclass(frozen=True, slots=True)
class Factor:
    """Measured seconds over estimated seconds, and whether anything was measured yet."""

    fit: float
    row: float
    measured: bool

    @property
    def spread(self) -> tuple[float, float]:
        """What a middle guess is to be multiplied with to get a range."""
        return _MEASURED if self.measured else _UNMEASURED


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
        """Factors of one 'family:model'; (1, 1) where nothing was measured. What this run measured last counts for
        rows: a machine that was busy may be free by now."""
        known = self._factors.get(name)
        if known is None:
            return Factor(1.0, 1.0, measured=False)
        return Factor(known.get("fit", 1.0), self._now.get(name, known.get("row", 1.0)), measured=True)

    def learn(self, name: str, *, fit: float | None = None, row: float | None = None) -> None:
        """Blend in a measured factor (measured seconds over estimated seconds)."""
        entry = self._factors.setdefault(name, {})
        if row is not None:
            self.see(name, row=row)
        for key, news in (("fit", fit), ("row", row)):
            if news is not None and news > 0:
                before = entry.get(key)
                entry[key] = news if before is None else before + _WEIGHT_OF_NEWS * (news - before)

    def see(self, name: str, *, row: float) -> None:
        """What rows take at this moment, for this run only."""
        if row > 0:
            self._now[name] = row

    def save(self) -> None:
        """Keep what was learnt; a cache that cannot be written is no failure of a study."""
        try:
            write_text(self._file, json.dumps(self._factors, indent=1, sort_keys=True))
        except OSError:
            return


def _read(file: Path) -> dict[str, dict[str, float]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: _factors(entry) for name, entry in found.items() if isinstance(entry, dict)}


def _factors(entry: dict[str, object]) -> dict[str, float]:
    return {key: float(value) for key, value in entry.items() if isinstance(value, int | float) and value > 0}
