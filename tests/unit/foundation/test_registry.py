"""Entries are listed without importing, imported on use, and other packages may add theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tuningfork.errors import UnknownName
from tuningfork.foundation.registry import Registry

METRICS: Registry[object] = Registry(kind="metric", package="tuningfork.metrics.category", attribute="METRIC")

LIST_FAMILIES = "from tuningfork.arms.family import FAMILIES; FAMILIES.names()"

ADD_A_FAMILY = """
from tuningfork.arms.family import FAMILIES
print("coin" in FAMILIES.names(), FAMILIES.get("coin"))
try:
    FAMILIES.get("broken")
except Exception as error:
    print(type(error).__name__, error)
"""


def test_names_are_the_modules_of_the_folder() -> None:
    assert {"accuracy", "macro_f1"} <= set(METRICS.names())


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'accuracy'"):
        METRICS.get("acuracy")


def test_listing_arm_families_imports_none_of_them() -> None:
    script = f"import sys; {LIST_FAMILIES}; print('tuningfork.arms.linear' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_another_package_adds_a_family_by_entry_point(tmp_path: Path) -> None:
    (tmp_path / "coin_arm.py").write_text("FAMILY = 'a coin'\n")
    info = tmp_path / "coin_arm-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: coin-arm\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tuningfork.arms]\ncoin = coin_arm:FAMILY\nbroken = coin_arm:MISSING\n")
    done = subprocess.run(
        [sys.executable, "-c", ADD_A_FAMILY],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert "True a coin" in done.stdout
    assert "'broken', added by coin-arm, cannot be loaded" in done.stdout


ADD_A_METRIC = """
from tuningfork.metrics.metric import metrics_of
print(metrics_of("melody").names(), metrics_of("melody").get("pitch"), metrics_of("rhythm").names())
"""


def test_another_package_adds_metrics_of_a_kind_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "melodies.py").write_text("METRIC = 'a pitch'\n")
    info = tmp_path / "melodies-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: melodies\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tuningfork.metrics.melody]\npitch = melodies:METRIC\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", ADD_A_METRIC],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.stdout.strip() == "('pitch',) a pitch ()"
