"""Every promise that the page of simulations shows, kept within Monte-Carlo error at few draws.

`make validity` runs the same worlds with many draws and writes docs/results/validity.json and its page.
"""

from __future__ import annotations

import os

import pytest

from validity.findings import World
from validity.worlds_break_even import WORLDS as BREAK_EVEN
from validity.worlds_choice import WORLDS as CHOICE
from validity.worlds_identical import WORLDS as IDENTICAL
from validity.worlds_units import WORLDS as UNITS

pytestmark = pytest.mark.slow

TIMES = int(os.environ.get("VALIDITY_TIMES", "1"))
WORLDS = [*UNITS, *IDENTICAL, *CHOICE, *BREAK_EVEN]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_promises_are_kept(world: World) -> None:
    findings = world.run(TIMES)
    broken = [f"{found.what}: {found.value:.3f}, promised {found.promise}" for found in findings if not found.kept]
    assert not broken, broken
