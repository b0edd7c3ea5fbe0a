"""One of our HTML files in a real browser: what it asks for, what it complains of, and labels that are cut."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")

SPILLS = """() => {
    const found = [];
    for (const svg of document.querySelectorAll('svg.plot')) {
        if (!svg.getClientRects().length) continue;
        const frame = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
        texts.forEach(([words, a], place) => {
            const inside = a.left >= frame.left - 1 && a.right <= frame.right + 1
                && a.top >= frame.top - 1 && a.bottom <= frame.bottom + 1;
            if (!inside) found.push(`cut: ${words}`);
            for (const [others, b] of texts.slice(place + 1)) {
                const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (width > 1 && height > 2) found.push(`covered: ${words} | ${others}`);
            }
        });
    }
    return found;
}"""
"""JavaScript: labels of the shown plots that are cut, or that cover one another."""


def launched() -> Iterator[Browser]:
    """A browser for a module's tests; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"none of {', '.join(_BROWSERS)} is installed")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


class Watched:
    """A page with everything that it asked for, and everything that it complained about."""

    def __init__(self, browser: Browser, path: Path, **options: Any) -> None:
        self.page: Page = browser.new_page(**options)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._note_dialog)
        self.page.on("popup", lambda popup: self.complaints.append(f"popup: {popup.url}"))
        self.page.goto(path.as_uri())
        self.page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.close()

    def _note_dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()
