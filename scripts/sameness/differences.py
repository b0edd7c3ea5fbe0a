"""What differs between two measurements, and which of it is accounted for.

Labels, ids, words and their order are compared exactly, probabilities to 1e-6, all other numbers to 1e-9. Not compared:
what a clock measured, versions, the details of a recipe, and fields that only the newer code has. Trials are no fields:
one that only the newer code has differs.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from tuningfork.errors import InputError

KNOWN = Path(__file__).with_name("known.yaml")

_PROBABILITY, _NUMBER = 1e-6, 1e-9
_NOT_COMPARED = frozenset({"seconds", "minutes", "hours", "latency", "ms", "version", "versions", "details"})
"""Words of a field's name, between underscores."""
_PROCESSORS = frozenset({"probabilities", "ece"})
"""Fields whose last digits hang on the processor, for they come from sums over many numbers."""
_NOWHERE = "(missing)"
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two measurements differ.

    Attributes:
        path: names and indices from the case on, joined by '/', e.g. 'accuracy/verdict/arms/0/score'.
        before, after: what stands there, as short JSON-like text; '(missing)' for nothing.
    """

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Known:
    """A difference that somebody accounted for.

    Attributes:
        path: of the places, with `*` for anything and `?` for any one character.
        why: the change that caused it.
    """

    path: str
    why: str


def differences(before: Any, after: Any, path: str) -> list[Difference]:
    """All places at which `after` differs, in the order of `before`.

    Args:
        before, after: measurements as `measuring` writes them, or parts of such.
        path: where they come from: the name of the case.
    """
    return list(_differences(before, after, path, _NUMBER, closed=False))


def account(found: Sequence[Difference], known: Sequence[Known]) -> list[tuple[Difference, str | None]]:
    """Every difference with the reason of the first line that is about it; None where there is none."""
    return [(one, next((line.why for line in known if fnmatchcase(one.path, line.path)), None)) for one in found]


def read_known(path: Path = KNOWN) -> tuple[Known, ...]:
    """The committed list.

    Raises:
        InputError: a line is not of the form {path: …, why: …}.
    """
    lines = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    for number, line in enumerate(lines, start=1):
        if not isinstance(line, Mapping) or set(line) != {"path", "why"} or not all(map(str.strip, line.values())):
            raise InputError(f"entry {number} is not {{path: …, why: …}}", file=path, remedy="Say what caused it.")
    return tuple(Known(line["path"], line["why"]) for line in lines)


def lasting(measured: Any) -> Any:
    """A measurement without what is not compared, and without what hangs on the processor: what is kept as golden."""
    if isinstance(measured, Mapping):
        return {
            name: lasting(value) for name, value in measured.items() if _is_compared(name) and name not in _PROCESSORS
        }
    return [lasting(value) for value in measured] if isinstance(measured, list) else measured


def table(accounted: Sequence[tuple[Difference, str | None]]) -> str:
    """Differences as lines for a terminal; those of one list, which differ in an index only, are one line."""
    groups: dict[tuple[str, str | None], list[Difference]] = {}
    for one, why in accounted:
        groups.setdefault((re.sub(r"/\d+(?=/|$)", "/#", one.path), why), []).append(one)
    lines = []
    for (_, why), members in groups.items():
        first = members[0]
        more = f"  (and {len(members) - 1} more of this kind)" if len(members) > 1 else ""
        lines += [f"{first.path}{more}", f"    before  {first.before}", f"    after   {first.after}"]
        lines += [f"    known   {why}"] if why is not None else []
    return "\n".join(lines)


def _differences(before: Any, after: Any, path: str, allowed: float, *, closed: bool) -> Iterator[Difference]:
    """
    Args:
        allowed: by how much numbers may differ: absolutely, and above 1 as a share.
        closed: a name that only `after` has is a difference.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _in_mapping(before, after, path, allowed, closed=closed)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(old, new, f"{path}/{index}", allowed, closed=False)
    elif not _same(before, after, allowed):
        yield Difference(path, _shown(before, beside=after), _shown(after, beside=before))


def _in_mapping(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str, allowed: float, *, closed: bool
) -> Iterator[Difference]:
    for name, old in before.items():
        place = f"{path}/{name}"
        if not _is_compared(name):
            continue
        if name not in after:
            yield Difference(place, _shown(old), _NOWHERE)
            continue
        tolerance = _PROBABILITY if name == "probabilities" else allowed
        yield from _differences(old, after[name], place, tolerance, closed=name == "trials")
    for name in after:
        if closed and name not in before:
            yield Difference(f"{path}/{name}", _NOWHERE, _shown(after[name]))


def _is_compared(name: str) -> bool:
    return not _NOT_COMPARED.intersection(name.split("_"))


def _same(before: Any, after: Any, allowed: float) -> bool:
    if _is_number(before) and _is_number(after):
        return math.isclose(before, after, rel_tol=allowed, abs_tol=allowed)
    return type(before) is type(after) and bool(before == after)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any, *, beside: Any = None) -> str:
    """Numbers in full, of a collection how much is in it, of a long text the part that differs from the one beside."""
    if isinstance(value, Mapping | list):
        return f"{len(value)} entries"
    if not isinstance(value, str) or len(value) <= _LONGEST:
        return json.dumps(value, ensure_ascii=False)
    pairs = enumerate(zip(value, beside if isinstance(beside, str) else "", strict=False))
    alike = next((place for place, (one, other) in pairs if one != other), 0)
    start = max(0, alike - _LONGEST // 3)
    return f"{'…' * (start > 0)}{value[start : start + _LONGEST]}{'…' * (start + _LONGEST < len(value))}"
