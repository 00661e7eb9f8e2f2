"""pytest tests/proxies/test_demo.py

The main job as a new user meets it, on the bundled models.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from focus_lime.cli.main import main
from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation
from focus_lime.models.loading import load_model


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(["demo", "--bundled", *arguments])
    return int(stopped.value.code or 0)


def test_the_demo_finds_the_planted_clause(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--out", str(tmp_path / "new"), "--json") == 0
    captured = capsys.readouterr()
    printed = json.loads(captured.out)
    assert captured.err == ""
    assert printed["planted_found"] is True
    assert set(printed) == {"answer", "question", "planted_found", "top", "cost"}
    explanation = Explanation.load(tmp_path / "new" / "explanation.json")
    assert explanation.response == printed["answer"]
    assert 4500 < len(explanation.sources[0].text.split()) < 5500
    assert explanation.text(explanation.top(1)[0]).strip() == printed["top"][0]["text"]
    assert printed["top"][0]["text"] in (tmp_path / "new" / "explanation.html").read_text()


def test_the_demo_in_the_terminal_with_bm25(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--seed", "1", "--proxy", "bm25", "--out", str(tmp_path)) == 0
    shown = capsys.readouterr().out
    assert "A contract of about 12 pages" in shown
    assert "The planted clause is the top sentence" in shown


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--seed", "-1"], "--seed -1 is too small: give 0 or more"),
        (["--proxy", "bm52"], "bm52"),
        (["--out", "file/below"], "file/below cannot be made"),
        (["--no-bundled", "--seed", "x"], "--seed must be a whole number"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("in the way")
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert complaint in captured.err


def test_where_no_real_model_can_be_had_the_offline_demo_is_taken_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing(name: str) -> None:
        raise FocusLimeError(f"{name} cannot be fetched (no network)")

    monkeypatch.setattr("focus_lime.models.loading.load_model", nothing)
    monkeypatch.setattr("focus_lime.explain.load_model", load_model)
    monkeypatch.setattr("focus_lime.proxies.bundled.demo.WORDS", 1000)
    with pytest.raises(SystemExit):
        main(["demo", "--proxy", "bm25", "--out", str(tmp_path)])
    captured = capsys.readouterr()
    assert captured.err.startswith("smollm2 cannot be fetched (no network)\nSo this is the offline")
    assert "The planted clause is the top sentence" in captured.out
