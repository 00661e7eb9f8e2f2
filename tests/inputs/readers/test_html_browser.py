"""pytest tests/inputs/readers/test_html_browser.py

What is read of 300 pages made by chance is what Chromium says that it shows, word for word.
"""

from __future__ import annotations

import re
import shutil
from itertools import count

import pytest

from focus_lime.inputs.readers.html_page import read_page

from .html_pages import page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

_N_PAGES = 300


def test_chromium_shows_the_same_words_in_the_same_order() -> None:
    own = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with playwright.sync_playwright() as driver:
        try:
            chromium = driver.chromium.launch(executable_path=own, args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {error.message.splitlines()[0]}")
        view = chromium.new_page(viewport={"width": 1280, "height": 800})
        differing = []
        for seed in range(_N_PAGES):
            numbers = count(1)
            source = page(seed, lambda numbers=numbers: f"w{next(numbers)}")
            view.set_content(source)
            shown = re.findall(r"w\d+", view.evaluate("document.body.innerText"))
            if shown != re.findall(r"w\d+", read_page(source).text):
                differing.append(seed)
        chromium.close()
    assert differing == []
