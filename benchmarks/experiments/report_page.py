"""How large the report of a long document is, and how fast a browser opens and scrolls it.

    pip install 'focus-lime[test]'
    python -m focus_lime.benchmarks.experiments.report_page [--out FILE.md]

The documents are generated contracts, the questions are asked of a function that knows the answers'
words, and the browser is the system's Chromium without a screen.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.explain import FocusLime
from focus_lime.explanation.result import Explanation
from focus_lime.files import write_whole
from focus_lime.inputs.prompt import Prompt
from focus_lime.models.function import FunctionModel
from focus_lime.proxies.bm25 import BM25
from focus_lime.proxies.bundled.contracts import generate_contract
from focus_lime.report import page

from .. import script
from ..tables.markdown import markdown

_FRAMES = 120
_NAMES = ("chromium", "chromium-browser", "google-chrome")

# Through the whole text in steps, a step a frame: how long each frame took.
_SCROLL = """frames => new Promise(done => {
  const high = document.documentElement.scrollHeight, times = [];
  let last = performance.now(), n = 0;
  const step = now => {
    times.push(now - last); last = now;
    if (++n > frames) return done(times.slice(1));
    scrollTo(0, high * n / frames);
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""
_JUMP = """() => new Promise(done => {
  const start = performance.now();
  document.querySelector('.spans a').click();
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""


@dataclass(frozen=True)
class Row:
    """Milliseconds, but for `write`: seconds."""

    words: int
    questions: int
    document: int  # bytes
    html: int
    write: float
    paint: float
    load: float
    frames: tuple[float, ...]
    jump: float

    def cells(self) -> list[str]:
        return [
            f"{self.words:,}",
            str(self.questions),
            f"{self.document / 1e6:.2f}",
            f"{self.html / 1e6:.2f}",
            f"{self.html / self.document:.2f}",
            f"{(self.html - 1.5 * self.document) / 1e3:,.0f}",
            f"{self.write:.2f}",
            f"{self.paint:,.0f}",
            f"{self.load:,.0f}",
            f"{np.median(self.frames):.0f}",
            f"{np.percentile(self.frames, 95):.0f}",
            f"{self.jump:.0f}",
        ]


HEADER = (
    "words",
    "questions",
    "document, MB",
    "page, MB",
    "page / document",
    "over 1.5 times, KB",
    "written, s",
    "first paint, ms",
    "loaded, ms",
    "frame, median ms",
    "frame, 95th percentile ms",
    "jump, ms",
)


def explained(words: int, questions: int) -> list[Explanation]:
    """Explanations of one contract of about so many words."""
    contract = generate_contract(
        np.random.default_rng(0), words=words, n_questions=questions, n_facts=max(questions, 40)
    )
    explanations = []
    for asked in contract.questions:
        start, end = asked.evidence[0]
        evidence = contract.text[start:end]

        def score(texts: list[str], evidence: str = evidence) -> np.ndarray:
            return np.array([4.0 * (evidence in text) - 1.0 for text in texts])

        prompt = Prompt.from_document(contract.text, question=asked.question)
        explainer = FocusLime(FunctionModel(score, name="finder"), BM25())
        explanations.append(explainer.explain(prompt))
    return explanations


def measure(browser: Any, folder: Path, words: int, questions: int) -> Row:
    explanations = explained(words, questions)
    started = time.perf_counter()
    source = page(explanations)
    write = time.perf_counter() - started
    file = folder / f"{words}-{questions}.html"
    write_whole(file, source)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    shown = context.new_page()
    shown.goto(file.as_uri(), wait_until="load")
    load = shown.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    paint = shown.evaluate(
        "new Promise(done => new PerformanceObserver(list => done(list.getEntries()[0].startTime))"
        ".observe({ type: 'paint', buffered: true }))"
    )
    frames = shown.evaluate(_SCROLL, _FRAMES)
    shown.evaluate("scrollTo(0, 0)")
    jump = shown.evaluate(_JUMP)
    context.close()
    text = explanations[0].sources[0].text
    return Row(
        words=len(text.split()),
        questions=questions,
        document=len(text.encode()),
        html=len(source.encode()),
        write=write,
        paint=paint,
        load=load,
        frames=tuple(frames),
        jump=jump,
    )


def report(rows: Sequence[Row], version: str, command: str) -> str:
    return (
        "# The report of a long document\n\n"
        f"Command: `{command}`\n\n"
        f"{platform.machine()}, Chromium {version} without a screen or a graphics card.\n\n"
        + markdown(HEADER, [row.cells() for row in rows])
        + f"\nFirst paint and loaded count from the navigation's start. Frames: through the whole "
        f"text in {_FRAMES} steps, a step a frame, so that every frame shows text that was not "
        "laid out before. Jump: from a click on the first ranked span until it is in the middle. "
        "The goal is a page of at most 1.5 times the document and 200 KB that opens in under 3 "
        "seconds.\n"
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sizes",
        nargs="+",
        default=["5000:1", "50000:1", "315000:1", "315000:8"],
        help="WORDS:QUESTIONS of the documents",
    )


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    """The table after every document."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise FocusLimeError("playwright is missing: pip install 'focus-lime[test]'") from None
    own = next(filter(None, map(shutil.which, _NAMES)), None)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        try:
            browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox"])
        except Error as error:
            raise FocusLimeError(
                f"no Chromium ({first_line(error)}): install one, or run playwright install"
            ) from None
        rows = []
        for size in options.sizes:
            words, questions = map(int, size.split(":"))
            rows.append(measure(browser, Path(folder), words, questions))
            yield report(rows, browser.version, command)
        browser.close()


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.report_page", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
