"""Run: pytest tests/benchmarks/experiments/test_report_page.py"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from focus_lime.benchmarks.experiments import report_page
from focus_lime.benchmarks.experiments.report_page import Row, explained, main

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def _chromium() -> None:
    own = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with playwright.sync_playwright() as driver:
        try:
            driver.chromium.launch(executable_path=own, args=["--no-sandbox"]).close()
        except playwright.Error:
            pytest.skip("no Chromium")


@pytest.mark.usefixtures("_chromium")
def test_a_page_is_measured(tmp_path: Path) -> None:
    out = tmp_path / "table.md"
    assert main(["--sizes", "800:2", "--out", str(out)]) == 0
    rows = [line for line in out.read_text().splitlines() if line.startswith("| ")]
    assert len(rows) == 3  # the head, the rule and one document
    assert [float(cell) for cell in rows[2].strip("| ").split(" | ")[1:2]] == [2.0]


def test_the_questions_are_answered_by_their_own_sentences() -> None:
    for explanation in explained(600, 2):
        (top,) = explanation.top(1)
        assert top.weight == pytest.approx(4.0, abs=0.01)


def test_a_line_of_the_table() -> None:
    row = Row(1000, 2, 2_000_000, 3_100_000, 0.5, 120.4, 200.0, (10.0, 20.0, 40.0), 33.0)
    text = report_page.report([row], "1", "python -m x")
    assert "Command: `python -m x`" in text
    cells = "1,000 | 2 | 2.00 | 3.10 | 1.55 | 100 | 0.50 | 120 | 200 | 20 | 38 | 33"
    assert f"| {cells} |" in text


def test_without_a_browser_the_error_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/no/such/chromium")
    assert main(["--sizes", "10:1"]) == 2
    assert capsys.readouterr().err.startswith("error: no Chromium (")
