"""`focus-lime view`. Run with: pytest tests/cli/test_view.py"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from focus_lime.cli.main import main
from focus_lime.report import page, server
from tests.explanation.explanations import CONTRACT, explanation, texas_leads, words
from tests.report.page import Page


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    explanation(CONTRACT).save("one.json")
    texas_leads().save("other.json")
    return tmp_path


def run(*arguments: str) -> int:
    try:
        main(["view", *arguments])
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def test_one_explanation_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("one.json") == 0
    assert "[+The agreement is governed by the laws of Delaware.+]" in " ".join(
        capsys.readouterr().out.split()
    )


def test_a_page_is_written(folder: Path) -> None:
    assert run("one.json", "--html", "one.html") == 0
    whole = explanation(CONTRACT)
    assert Path("one.html").read_text() == page([whole])
    assert run("one.json", "--html", "one.html", "--redact") == 0
    assert "Signed." not in Path("one.html").read_text()


def test_two_of_one_text_are_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("one.json", "other.json") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "2 sentences were examined by both; 0 of the 1 leading sentences are shared." in out
    assert "not examined" in out
    assert "-1.00 [-1.50, -0.50]" in out
    assert "+5.00" in out


def test_words_are_compared_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words(explanation(CONTRACT), 1, [0.0, 0.5, 0.0, 2.0]).save("one.json")
    words(words(explanation(CONTRACT), 1, [0.1, 0.0, 0.0, 3.0]), 3, [-2.0, 1.5]).save("other.json")
    assert run("one.json", "other.json") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "The “agreement” is governed by the +0.50 [0, +1.00] 0" in out


def test_the_comparison_stands_on_the_page(folder: Path) -> None:
    assert run("one.json", "other.json", "--html", "both.html") == 0
    report = Page(Path("both.html").read_text())
    assert len(report.texts) == 1
    shown = " ".join(report.shown.split())
    assert "one and other, side by side" in shown
    assert "line 2+3.00 [+2.50, +3.50]not examined" in shown


def test_more_files_and_other_texts_stand_in_one_page(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    explanation([("Another. ", 1.0)]).save("third.json")
    assert run("one.json", "third.json", "--html", "all.html") == 0
    report = Page(Path("all.html").read_text())
    assert [view["title"] for view in report.data["views"]] == ["one", "third"]
    assert len(report.texts) == 2
    assert "side by side" not in report.shown
    assert run("one.json", "other.json", "third.json") == 0
    assert capsys.readouterr().out.count("─ third") <= 1


def changed(**fields: Any) -> dict[str, Any]:
    return {**explanation(CONTRACT).to_dict(), **fields}


def altered(text: str) -> dict[str, Any]:
    data = explanation(CONTRACT).to_dict()
    data["sources"][0]["text"] = text
    return data


def without_text() -> dict[str, Any]:
    data = explanation(CONTRACT).to_dict()
    del data["sources"][0]["text"]
    return data


def beyond() -> dict[str, Any]:
    data = explanation(CONTRACT).to_dict()
    data["units"][1]["end"] = 10_000
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (changed(schema="focus-lime/explanation/9"), "schema is 'focus-lime/explanation/9'"),
        ([], "not an explanation"),
        ({"schema": "focus-lime/findings/1"}, "schema is 'focus-lime/findings/1'"),
        (altered("Another text."), "the text of source 0 does not fit its digest"),
        (without_text(), "the text of source 0 is missing"),
        (changed(sources=[]), "no source"),
        (changed(fit=None), "fit"),
        (beyond(), "a span of source 0 ends at 10000, behind it"),
        (changed(base_value="high"), "base_value"),
    ],
)
def test_a_file_that_is_no_explanation_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], data: Any, message: str
) -> None:
    Path("bad.json").write_text(json.dumps(data))
    assert run("bad.json", "--html", "bad.html") == 2
    error = capsys.readouterr().err
    assert "bad.json" in error
    assert message in error
    assert not Path("bad.html").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("absent.json",), "absent.json: no such file"),
        (("one.json", "--serve", "70000"), "--serve 70000"),
        (("one.json", "--redact"), "--redact is for a page"),
        (("one.json", "--html", "no/such/place.html"), "no/such/place.html: the directory"),
    ],
)
def test_bad_options_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert run(*arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [1.0], [1e300, -1e300]])
def test_extremes_are_shown_as_what_they_are(
    folder: Path, capsys: pytest.CaptureFixture[str], weights: list[float]
) -> None:
    whole = explanation([(f"Sentence {i}. ", w) for i, w in enumerate(weights)] or [("", None)])
    replace(whole, units=whole.units if weights else ()).save("odd.json")
    assert run("odd.json", "--html", "odd.html") == 0
    assert run("odd.json") == 0
    shown = capsys.readouterr().out
    page_text = Page(Path("odd.html").read_text()).shown
    said = {
        "[]": "was examined",
        "[0.0, 0.0]": "differs from 0",
        "[1.0]": "+1.00",
        "[1e+300, -1e+300]": "+1.0e+300",
    }[str(weights)]
    assert said in shown
    assert said in page_text


def test_a_port_that_is_taken_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with server("", 0) as serving:
        assert run("one.json", "--serve", str(serving.server_port)) == 2
    assert f"--serve {serving.server_port}: Address already in use" in capsys.readouterr().err
