"""How much is known, and that the documentation says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tuningfork.atlas.catalogue import load
from tuningfork.atlas.coverage import FIELDS, coverage

ROOT = Path(__file__).resolve().parents[3]


def test_periods_add_up_to_all_models() -> None:
    *years, everything = coverage(load())
    assert sum(period.models for period in years) == everything.models == len(load())


def test_shares_are_those_of_a_plain_count() -> None:
    everything = coverage(load())[-1]
    assert everything.known["parameters"] == pytest.approx(
        sum(model.parameters is not None for model in load()) / len(load())
    )
    assert set(everything.known) == set(FIELDS)
    assert everything.known["branch"] > 0.9


def test_the_page_and_the_picture_are_rendered_from_the_committed_catalogue() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/atlas_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_building_from_the_sources_gives_the_committed_file(shared_data: Path) -> None:
    if not (shared_data.parent / "survey").is_dir():
        pytest.skip(f"the survey's figure is not at {shared_data.parent}")
    command = [sys.executable, "scripts/build_catalogue.py", "--check", "--from", str(shared_data.parent)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_file_stays_small() -> None:
    assert (ROOT / "src" / "tuningfork" / "atlas" / "catalogue.json").stat().st_size < 1_000_000


def test_reading_it_needs_no_library() -> None:
    script = "import sys\nfrom tuningfork.atlas.catalogue import load\nload()\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"numpy", "pydantic", "polars", "genai_prices", "yaml", "rich", "typer", "httpx"}
