"""A real browser for the pages: the system's Chromium, or the one that Playwright brings."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Route, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")

Opened = Callable[..., Page]


@pytest.fixture(scope="module")  # not longer: one of its kind may be open in a process
def browser() -> Iterator[Browser]:
    own = next(filter(None, map(shutil.which, _NAMES)), None)
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(
                executable_path=own, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
        except Error as error:
            pytest.skip(f"no Chromium: {error.message.splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """Write a page to a file and open it. It may load nothing else, and report no error but one
    with the `expected` words.
    """
    contexts, wrong = [], []

    def watch(route: Route) -> None:
        if not route.request.url.startswith("file:"):
            wrong.append(f"the page asked for {route.request.url}")
        route.continue_()

    def note(message: ConsoleMessage, expected: str) -> None:
        if message.type == "error" and not (expected and expected in message.text):
            wrong.append(message.text)

    def opening(source: str, expected: str = "", **how: Any) -> Page:
        file = tmp_path / f"page-{len(contexts)}.html"
        file.write_text(source, encoding="utf-8", newline="")
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **how})
        context.set_default_timeout(5000)
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", watch)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: note(message, expected))
        page.on("dialog", lambda dialog: wrong.append(f"a dialog: {dialog.message}"))
        page.goto(file.as_uri())
        return page

    yield opening
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, which `.ci/run` installs."""
    file = Path(__file__).parents[2] / ".venv/npm/node_modules/axe-core/axe.min.js"
    if not file.is_file():
        pytest.skip("axe-core is not installed: npm install --prefix .venv/npm axe-core")
    return file.read_text(encoding="utf-8")
