"""Run with: pytest tests/report/test_progress.py"""

from __future__ import annotations

import io
import sys

import pytest

from focus_lime.report import stage, steps


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return terminal


def test_a_phase_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with stage("check") as progress:
        assert progress is None
    assert capsys.readouterr() == ("", "")


def test_a_phase_has_a_bar_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with stage("check") as progress:
        assert progress is not None
        progress(3, 7)
    assert "Coverage check" in terminal.getvalue()
    assert "3/7" in terminal.getvalue()


def test_steps_are_lines_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with steps(2) as note:
        note("a.txt: [term]: found")
        note("b.txt")
    assert capsys.readouterr().err == "1/2 a.txt: [term]: found\n2/2 b.txt\n"


def test_steps_are_a_bar_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with steps(2) as note:
        note("a.txt: [term]: found")
    assert "a.txt: [term]: found" in terminal.getvalue()
    assert "1/2" in terminal.getvalue()
