"""What of a finished study is committed: its verdict without rows, a picture of its report, and how it was made."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from studies.running import COMMAND, MADE, ROWS, STUDY

VERDICT, PICTURE = "verdict.json", "report.png"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_WIDTH = 900
_MOST_HEIGHT = 2200
_PUBLISHED = "published"
_END_OF_PICTURE = "section[aria-labelledby=labels-heading]"
"""The section of the report that the picture ends with: the score against the number of labels."""


def publish(folder: Path, target: Path) -> str | None:
    """Write a study's published copy; why there is no picture of it, if there is none.

    Args:
        folder: of the study.
        target: where the documentation shows it.
    """
    for_others = folder / _PUBLISHED
    subprocess.run(
        [COMMAND, "report", os.path.join("..", STUDY), "--publish", os.path.join("..", _PUBLISHED)],  # noqa: PTH118
        cwd=folder / ROWS,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(for_others / VERDICT, target / VERDICT)
    shutil.copyfile(folder / MADE, target / MADE)
    return take_picture(for_others / "report.html", target / PICTURE)


def take_picture(report: Path, picture: Path) -> str | None:
    """A picture of a report down to its learning curve; why there is none, if no browser is there."""
    program = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        return f"no picture of the report: none of {', '.join(_BROWSERS)} is installed"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": _WIDTH, "height": _MOST_HEIGHT}, color_scheme="light")
        page.goto(report.resolve().as_uri())
        last = page.query_selector(_END_OF_PICTURE) or page.query_selector("section.tiles")
        box = last and last.bounding_box()
        height = min(_MOST_HEIGHT, box["y"] + box["height"]) if box else _MOST_HEIGHT
        page.screenshot(path=str(picture), clip={"x": 0, "y": 0, "width": _WIDTH, "height": height})
        browser.close()
    return None
