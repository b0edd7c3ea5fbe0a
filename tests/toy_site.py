"""The distribution of `toy_package` as pip would have put it: a module, and the entry points that tell of it."""

from __future__ import annotations

import csv
import random
import shutil
from pathlib import Path

PACKAGE = Path(__file__).parent / "toy_package"

_CUPS = {"soup": 3, "rice": 1, "tea": 4, "bread": 2, "stew": 5}
_GUESTS = {"nobody": 0, "a couple": 2, "a family": 4, "the neighbours": 3}
CUPS = (_CUPS, _GUESTS)
"""Of a dish, and of who comes: what a row takes is the sum."""

_WORDS = ["green", "old", "fresh", "warm", "plain", "sweet", "rich", "thin", "dark", "light", "sour", "mild"]


def install(site: Path) -> Path:
    """Put it into a folder that is on the path of a process; the folder."""
    info = site / "toy_cups-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-cups\nVersion: 1.0\n", encoding="utf-8")
    shutil.copy(PACKAGE / "entry_points.txt", info)
    shutil.copy(PACKAGE / "toy_cups.py", site)
    return site


def write_rows(path: Path, rows: int = 300) -> None:
    """Dishes and guests, and how many cups that takes; three rows in five name a number, mostly a wrong one."""
    draw = random.Random(0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["dish", "guests", "cups"])
        for row in range(rows):
            dish, guests = draw.choice(list(_CUPS)), draw.choice(list(_GUESTS))
            cups = _CUPS[dish] + _GUESTS[guests]
            named = f" for {cups + draw.choice([-1, 0, 3])}" if draw.random() < 0.6 else ""
            own = " ".join(draw.sample(_WORDS, 4)) + f" {chr(97 + row % 26)}{chr(97 + row // 26)}"
            writer.writerow([f"{own} {dish}{named}", f"{guests} {' '.join(draw.sample(_WORDS, 3))}", cups])
