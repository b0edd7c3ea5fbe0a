"""Every promise that the page of simulations shows, kept within Monte-Carlo error at few draws.

`make validity` runs the same worlds with many draws and writes docs/results/validity.json and its page.
"""

from __future__ import annotations

import os

import pytest

from validity.findings import Finding, World
from validity.worlds_break_even import WORLDS as BREAK_EVEN
from validity.worlds_choice import WORLDS as CHOICE
from validity.worlds_compare import WORLDS as COMPARE
from validity.worlds_graded import WORLDS as GRADED
from validity.worlds_identical import WORLDS as IDENTICAL
from validity.worlds_shared_field import WORLDS as SHARED_FIELD
from validity.worlds_units import WORLDS as UNITS
from validity.worlds_whole_set import WORLDS as WHOLE_SET

pytestmark = pytest.mark.slow

TIMES = int(os.environ.get("VALIDITY_TIMES", "1"))
WORLDS = [*UNITS, *IDENTICAL, *CHOICE, *BREAK_EVEN, *COMPARE, *GRADED, *WHOLE_SET, *SHARED_FIELD]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_promises_are_kept(world: World) -> None:
    findings = world.run(TIMES)
    broken = [f"{found.what}: {found.value:.3f}, promised {found.promise}" for found in findings if not found.kept]
    assert not broken, broken


def test_a_broken_promise_is_seen() -> None:
    seen = {found.what: found for found in next(world for world in UNITS if "60 %" in world.name).run(TIMES)}
    by_rows = seen["false winners, were rows draws"]
    assert not Finding("as if promised", by_rows.value, by_rows.error, by_rows.draws, ("at most", 0.05)).kept
    assert not Finding("covers", 0.90, 0.009, 1000, ("at least", 0.93)).kept
    assert Finding("covers", 0.92, 0.009, 1000, ("at least", 0.93)).kept
    assert not Finding("never", 0.0, 0.0, 1000, ("at least", 0.93)).kept
