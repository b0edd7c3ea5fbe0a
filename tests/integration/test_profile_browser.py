"""The profile's page in a real browser: silent, legible on every screen, closed to what hostile rows hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import profile_cases as cases
from report_cases import records_for
from tuningfork.report.html import write_report
from tuningfork.report.profile.page import write_profile_page
from tuningfork.verdict.decide import decide
from tuningfork.verdict.scored import score_study
from watched_page import SPILLS, Watched, launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_WIDTHS = (380, 900)
_CASES = {**cases.CASES, "hostile": cases.hostile}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from launched()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("profiles")
    written = {case: folder / f"{case}.html" for case in _CASES}
    for case, path in written.items():
        write_profile_page(path, cases.document(_CASES[case]()))
    return written


@pytest.mark.parametrize("width", _WIDTHS)
@pytest.mark.parametrize("case", _CASES)
def test_it_is_silent_and_legible(browser: Browser, pages: dict[str, Path], case: str, width: int) -> None:
    with Watched(browser, pages[case], viewport={"width": width, "height": 900}) as watched:
        assert watched.asked == [pages[case].as_uri()]
        assert watched.complaints == []
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        if case != "hostile":
            assert watched.page.evaluate(SPILLS) == []


def test_what_rows_hold_stays_text(browser: Browser, pages: dict[str, Path]) -> None:
    with Watched(browser, pages["hostile"]) as watched:
        assert watched.page.evaluate("typeof window.hacked") == "undefined"
        assert watched.page.evaluate("document.querySelectorAll('script, img, iframe, a, [onload]').length") == 0
        assert "<script>window.hacked = 1</script>" in watched.page.evaluate("document.body.innerText")


@pytest.mark.parametrize("case", ["full", "hostile"])
def test_a_report_holds_the_profile_without_harm(browser: Browser, tmp_path: Path, case: str) -> None:
    """Its section is closed until wanted, its names are no other section's, and it adds no answers of its own."""
    records = replace(records_for("full"), profile=cases.document(_CASES[case]()))
    write_report(tmp_path / "report.html", decide(records), score_study(records))
    with Watched(browser, tmp_path / "report.html", viewport={"width": 380, "height": 900}) as watched:
        assert watched.complaints == []
        assert watched.page.evaluate("typeof window.hacked") == "undefined"
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= 380
        ids = watched.page.evaluate("[...document.querySelectorAll('[id]')].map(part => part.id)")
        assert len(ids) == len(set(ids))
        text = watched.page.evaluate("document.querySelector('#profile-heading').closest('section').innerText")
        assert "Are the shifted rows like the labelled ones?" in text
        assert "decision flow" not in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_of_the_map_are_seen_on_their_ground(browser: Browser, pages: dict[str, Path], scheme: Any) -> None:
    """The palette is chosen for the colour-blind, not for contrast; still nothing in it fades into the page."""
    with Watched(browser, pages["full"], color_scheme=scheme) as watched:
        ground = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
        for place in range(6):
            stroke = watched.page.evaluate(f"getComputedStyle(document.querySelector('.hue-{place}')).stroke")
            assert _contrast(stroke, ground) >= 2.0, (place, stroke)


def _contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2 has it."""
    lights = sorted(_luminance(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour[4:-1].split(",")]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
