"""The tile of break-even labels: what is known with its interval, and a dash only with its reason."""

from __future__ import annotations

import pytest

from builders import PlantedArm, make_records
from report_cases import MANY_SEEDS
from tuningfork.report.sections.cells import Cell
from tuningfork.report.sections.tiles import Tiles, make_tiles
from tuningfork.verdict.decide import decide


def tiles(accuracy: float, trained: PlantedArm = MANY_SEEDS, rows: int = 400) -> Tiles:
    prompt = PlantedArm("prompt:openai/m", accuracy={0: accuracy}, deterministic=True, n_labels={0: 0})
    records = make_records(arms=[trained, prompt], rows=rows)
    return make_tiles(decide(records), records)


def test_a_crossing_has_its_interval() -> None:
    mean = tiles(0.7).mean
    assert (mean.side, mean.value) == ("", Cell("64"))
    assert mean.interval.startswith("[")
    open_above = tiles(0.89)
    assert open_above.mean.interval.endswith(", above 512]")
    assert "not settled" in open_above.break_even_note


@pytest.mark.parametrize(("accuracy", "side", "at"), [(0.97, "above", "512"), (0.4, "at or below", "32")])
def test_beyond_the_counts_the_side_is_told(accuracy: float, side: str, at: str) -> None:
    found = tiles(accuracy)
    assert (found.mean.side, found.mean.value) == (side, Cell(at))
    assert (found.reliable.side, found.reliable.value) == (side, Cell(at))
    assert ("perhaps never" in found.break_even_note) == (side == "above")
    assert found.break_even_line is not None


def test_nothing_known_is_a_dash_with_its_reason_beside_it() -> None:
    found = tiles(0.7, PlantedArm("linear", accuracy={32: 0.6, 128: 0.8}, seeds=3))
    assert found.mean.value.reason is None
    assert found.reliable.value == Cell("–", "at most 3 seeds a count, 5 are needed")
    assert "Reliably: at most 3 seeds a count, 5 are needed." in found.break_even_note
