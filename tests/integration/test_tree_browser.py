"""The tree's page in a real browser: silent, searched, filtered, zoomed, and walked by keyboard alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tuningfork.atlas.catalogue import load
from tuningfork.atlas.tree import survey_tree, tree_of
from tuningfork.report.plots.atlas_tree import tree_svg
from tuningfork.report.tree import heading
from tuningfork.report.tree_page import tree_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_SPILLING = """
() => [...document.querySelectorAll(".leaf[data-leaf]")].filter((leaf) => {
  const width = leaf.querySelector("rect").getBBox().width;
  return [...leaf.querySelectorAll("text")].some((text) => text.getBBox().width > width - 2);
}).map((leaf) => leaf.dataset.leaf)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    program = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"none of {', '.join(_BROWSERS)} is installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    catalogue = load()
    tree = tree_of(catalogue, catalogue.models, leaves=90)
    path = tmp_path_factory.mktemp("tree") / "tree.html"
    path.write_text(tree_page(tree, heading(tree, survey=False)), encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, written: Path) -> Iterator[Page]:
    """The page, which must have asked for nothing but itself and complained of nothing."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(written.as_uri())
    yield page
    page.close()
    assert asked == [written.as_uri()]
    assert complaints == []


def _facts(page: Page) -> str:
    return page.locator("#facts").inner_text()


def _wait_until(page: Page, condition: str) -> None:
    """Asked from outside, again and again: the page's own policy forbids it to evaluate what it is told to wait for."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"after five seconds still not: {condition}")


def _lit(page: Page) -> set[str]:
    found: list[str] = page.eval_on_selector_all(
        ".leaf[data-leaf]:not(.off)", "(all) => all.map((l) => l.dataset.leaf)"
    )
    return set(found)


def test_search_finds_shown_and_folded_models(page: Page) -> None:
    page.fill("#search", "roberta")
    assert "RoBERTa" in _lit(page)
    assert "T5" not in _lit(page)
    page.click("summary")
    matching = page.locator("#matches").inner_text()
    assert "XLM-RoBERTa" in matching
    page.get_by_role("button", name="XLM-RoBERTa", exact=True).first.click()
    assert "Folded into" in _facts(page)


def test_filters_leave_what_meets_all_of_them(page: Page) -> None:
    page.select_option("#organisation", "Google")
    page.select_option("#branch", "encoder-decoder")
    page.select_option("#access", "closed")
    assert "ST-MoE" in _lit(page)
    assert not _lit(page) & {"BART", "PaLM", "GPT-3"}
    page.select_option("#until", "2021")
    assert "ST-MoE" not in _lit(page)
    page.click("button[type=reset]")
    _wait_until(page, "document.querySelectorAll('.leaf.off').length === 0")
    assert len(_lit(page)) == 90


def test_a_leaf_tells_its_facts_and_what_folded_into_it(page: Page) -> None:
    page.locator('.leaf[data-leaf="BERT"]').click()
    told = _facts(page)
    assert "2018-10-11" in told
    assert "340,000,000" in told
    assert "From it grew" in told
    assert "Folded into its leaf" in told


def test_the_keyboard_alone_reaches_leaves_and_facts(page: Page) -> None:
    page.focus("#whole")
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.leaf')"):
            break
    first = page.evaluate("document.activeElement.dataset.leaf")
    assert first
    for key in ("ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    second = page.evaluate("document.activeElement.dataset.leaf")
    assert second and second != first
    page.keyboard.press("Enter")
    assert page.locator("#facts h2").inner_text() == second
    whole = page.get_attribute("#stage svg", "viewBox")
    page.keyboard.press("+")
    assert page.get_attribute("#stage svg", "viewBox") != whole


def test_a_screen_reader_finds_each_leaf_as_a_button_with_its_facts(page: Page) -> None:
    leaf = page.get_by_role("button", name="RoBERTa: Meta; 2019-07-01; open weights; encoder-only; grew from BERT")
    assert leaf.count() == 1
    assert page.locator("#count").get_attribute("aria-live") == "polite"
    unnamed = page.eval_on_selector_all("input, select", "(all) => all.filter((c) => !c.labels.length).length")
    assert unnamed == 0


def test_wheel_and_buttons_zoom_and_whole_shows_all_again(page: Page) -> None:
    def width() -> float:
        return float((page.get_attribute("#stage svg", "viewBox") or "").split()[2])

    whole = width()
    page.click("#closer")
    assert width() == pytest.approx(0.7 * whole)
    page.mouse.move(500, 500)
    page.mouse.wheel(0, -100)
    _wait_until(page, f"document.querySelector('#stage svg').viewBox.baseVal.width < {0.69 * whole}")
    page.click("#whole")
    assert width() == pytest.approx(whole)


def test_a_phone_shows_it_without_scrolling_sideways(browser: Browser, written: Path) -> None:
    page = browser.new_page(viewport={"width": 380, "height": 800})
    page.goto(written.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    page.close()


@pytest.mark.parametrize("leaves", [None, 300])
def test_every_name_fits_its_box(browser: Browser, tmp_path: Path, leaves: int | None) -> None:
    catalogue = load()
    tree = tree_of(catalogue, catalogue.models, leaves=leaves) if leaves else survey_tree(catalogue)
    path = tmp_path / "tree.svg"
    path.write_text(tree_svg(tree, heading(tree, survey=leaves is None)), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    spilling: Any = page.evaluate(_SPILLING)
    assert spilling == []
    page.close()


def test_a_model_cannot_write_into_the_page(browser: Browser, tmp_path: Path) -> None:
    catalogue = load()
    odd = replace(catalogue.get("GPT-2"), name="</script><script>document.title = 'x'</script>", parent=None)
    tree = tree_of(catalogue, [odd], leaves=1)
    path = tmp_path / "odd.html"
    path.write_text(tree_page(tree, heading(tree, survey=False)), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.title() == "The evolutionary tree of language models"
    page.locator(".leaf[data-leaf]").click()
    assert "</script>" in page.locator("#facts h2").inner_text()
    page.close()
