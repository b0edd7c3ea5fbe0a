"""The report in a real browser: silent, closed to scripts, legible on every screen and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from report_cases import CASES, SHOWN, hostile, hostile_everywhere, records_for
from tuningfork.report.html import write_report
from tuningfork.verdict.decide import decide
from tuningfork.verdict.scored import score_study
from watched_page import SPILLS, Watched, launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_WIDTHS = (380, 900)
_A4_AT_96_DPI = (718, 1047)
"""Width and height of an A4 page between margins of 14 mm, in CSS pixels."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from launched()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    written = {}
    for case in CASES:
        records = records_for(case)
        written[case] = folder / f"{case}.html"
        write_report(written[case], decide(records), score_study(records))
    for name, records in (("hostile", hostile(records_for("full"))), ("everywhere", hostile_everywhere())):
        written[name] = folder / f"{name}.html"
        write_report(written[name], decide(records), score_study(records))
    return written


@pytest.mark.parametrize("case", [*CASES, "hostile", "everywhere"])
def test_it_asks_for_nothing_and_has_nothing_to_complain_of(
    browser: Browser, reports: dict[str, Path], case: str
) -> None:
    with Watched(browser, reports[case]) as watched:
        assert watched.asked == [reports[case].as_uri()]
        assert watched.complaints == []
        assert watched.page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "900px"


def test_rows_that_hold_markup_stay_text(browser: Browser, reports: dict[str, Path]) -> None:
    with Watched(browser, reports["hostile"]) as watched:
        assert watched.page.evaluate("typeof window.hacked") == "undefined"
        assert watched.page.evaluate("document.querySelectorAll('script, img, iframe, a, [onload]').length") == 0
        assert watched.page.evaluate("document.body.innerText.includes('<script>window.hacked = 1</script>')")


def test_nothing_runs_wherever_text_reaches_the_report(browser: Browser, reports: dict[str, Path]) -> None:
    """Every element is pointed at and clicked, as a curious reader might."""
    with Watched(browser, reports["everywhere"]) as watched:
        text = watched.page.evaluate("document.body.innerText")
        assert not [place for place in SHOWN if f"{place}=1<" not in text]
        assert watched.page.evaluate("document.querySelectorAll('script, img, iframe, a, form, [onload]').length") == 0
        watched.page.evaluate(
            "document.querySelectorAll('body *:not(summary)').forEach(part => {"
            " for (const kind of ['mouseover', 'click', 'focus'])"
            " part.dispatchEvent(new MouseEvent(kind, {bubbles: true})) })"
        )
        watched.page.wait_for_timeout(200)
        assert watched.page.evaluate("typeof window.hacked") == "undefined"
        assert watched.complaints == []
        assert watched.asked == [reports["everywhere"].as_uri()]
        assert watched.page.url == reports["everywhere"].as_uri()


_INJECTED = (
    "<script>window.hacked = 1</script>"
    '<img src="x" onerror="window.hacked = 2"><img src="http://127.0.0.1:9/pixel.png">'
    '<svg onload="window.hacked = 3"></svg>'
    '<iframe src="javascript:parent.hacked = 4"></iframe>'
    '<a id="link" href="javascript:window.hacked = 5">link</a>'
    '<form action="http://127.0.0.1:9/"><button id="send">send</button></form>'
    '<p id="styled" style="color: rgb(1, 2, 3)">styled</p>'
)


def test_the_policy_would_stop_markup_that_got_in(browser: Browser, reports: dict[str, Path], tmp_path: Path) -> None:
    """Even if escaping had a hole: no script runs, nothing is fetched or sent, no style applies."""
    broken = tmp_path / "broken.html"
    broken.write_text(reports["full"].read_text("utf-8").replace("<main>", f"<main>{_INJECTED}"), "utf-8")
    with Watched(browser, broken) as watched:
        watched.page.evaluate("document.querySelector('#link').click()")
        watched.page.evaluate("document.querySelector('#send').click()")
        watched.page.wait_for_timeout(200)
        assert watched.page.evaluate("typeof window.hacked") == "undefined"
        assert watched.page.evaluate("getComputedStyle(document.querySelector('#styled')).color") != "rgb(1, 2, 3)"
        assert any("Content Security Policy" in complaint for complaint in watched.complaints)
        assert watched.page.url == broken.as_uri()


@pytest.mark.parametrize("width", _WIDTHS)
@pytest.mark.parametrize("case", CASES)
def test_no_label_of_a_plot_is_cut_or_covers_another(
    browser: Browser, reports: dict[str, Path], case: str, width: int
) -> None:
    with Watched(browser, reports[case], viewport={"width": width, "height": 900}) as watched:
        assert watched.page.evaluate(SPILLS) == []


@pytest.mark.parametrize("width", _WIDTHS)
@pytest.mark.parametrize("case", ["full", "hostile", "llm curve", "nobody"])
def test_nothing_runs_off_the_side(browser: Browser, reports: dict[str, Path], case: str, width: int) -> None:
    with Watched(browser, reports[case], viewport={"width": width, "height": 900}) as watched:
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        smallest = watched.page.evaluate(
            "Math.min(...[...document.querySelectorAll('svg.plot text')].filter(t => t.getClientRects().length)"
            ".map(t => 12 * t.getCTM().a))"
            if case != "nobody"
            else "12"
        )
        assert smallest >= 10


def test_a_phone_gets_the_narrow_plots_and_a_desk_the_wide_ones(browser: Browser, reports: dict[str, Path]) -> None:
    shown = {}
    for width in _WIDTHS:
        with Watched(browser, reports["full"], viewport={"width": width, "height": 900}) as watched:
            shown[width] = [watched.page.is_visible(f"svg.curve-{size}") for size in ("narrow", "wide")]
    assert shown == {380: [True, False], 900: [False, True]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_scheme_of_the_reader_is_followed(browser: Browser, reports: dict[str, Path], scheme: Any) -> None:
    with Watched(browser, reports["full"], color_scheme=scheme) as watched:
        ground = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
        text = watched.page.evaluate("getComputedStyle(document.body).color")
    dark_ground = sum(map(int, ground[4:-1].split(","))) < 200
    dark_text = sum(map(int, text[4:-1].split(","))) < 200
    assert (dark_ground, dark_text) == ((True, False) if scheme == "dark" else (False, True))


def test_it_prints_on_a4_with_whole_plots(browser: Browser, reports: dict[str, Path]) -> None:
    width, height = _A4_AT_96_DPI
    with Watched(browser, reports["full"], viewport={"width": width, "height": height}, color_scheme="dark") as watched:
        watched.page.emulate_media(media="print")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        plots = watched.page.evaluate(
            "[...document.querySelectorAll('figure')].map(f => [getComputedStyle(f).breakInside,"
            " f.querySelector('.wide svg')?.getBoundingClientRect().height ?? 0])"
        )
        assert plots
        assert all(rule == "avoid" and tall < height for rule, tall in plots)
        assert watched.page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 31, 36)"
        assert watched.page.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF")
