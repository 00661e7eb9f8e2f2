"""`focus-lime view`. Run with: pytest tests/report/test_view.py"""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from focus_lime.cli import main
from focus_lime.errors import FocusLimeError
from focus_lime.explanation import Explanation
from focus_lime.report.compare import Compared, compare
from focus_lime.report.html import page
from focus_lime.report.serve import server

from .conftest import Opened
from .explanations import CONTRACT, audited, explanation, words
from .page import Page


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    explanation(CONTRACT).save("one.json")
    other().save("other.json")
    return tmp_path


def other() -> Explanation:
    """Of the same text: Texas leads, the law was not examined."""
    parts = [(text, None if w == 3.0 else 5.0 if w == -1.0 else w) for text, w in CONTRACT]
    return audited(explanation(parts, seed=7, response="those of Texas"))


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
    made = explanation(CONTRACT)
    assert Path("one.html").read_text() == page([made])
    assert run("one.json", "--html", "one.html", "--redact") == 0
    assert "Signed." not in Path("one.html").read_text()


def test_two_of_one_text_are_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("one.json", "other.json") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "2 sentences were examined by both; 0 of the 1 leading sentences are shared." in out
    assert "not examined" in out
    assert "-1.00 [-1.50, -0.50]" in out
    assert "+5.00" in out


def test_the_comparison_has_each_side_as_it_is() -> None:
    found = compare([explanation(CONTRACT), other()], ["one", "other"])
    facts = {name: both for name, *both in found.facts}
    assert facts["answer"] == ["the laws of Delaware", "those of Texas"]
    assert facts["seed"] == ["3", "7"]
    assert facts["effect held"] == ["not measured", "92%"]
    (sentences,) = found.levels
    assert weights(sentences) == {
        "The agreement is governed by the laws of Delaware.": [3.0, None],
        "Except in Texas.": [-1.0, 5.0],
    }


def weights(level: Compared) -> dict[str, list[float | None]]:
    return {row.text.strip(): [s.unit and s.unit.weight for s in row.sides] for row in level.rows}


def test_words_are_compared_where_both_opened_some(
    folder: Path, capsys: pytest.CaptureFixture[str], opened: Opened
) -> None:
    one = words(explanation(CONTRACT), 1, [0.0, 0.5, 0.0, 2.0])
    second = words(words(explanation(CONTRACT), 1, [0.1, 0.0, 0.0, 3.0]), 3, [-2.0, 1.5])
    sentences, found = compare([one, second], "ab").levels
    assert (sentences.name, found.name) == ("sentences", "words")
    assert list(weights(found).items()) == [
        ("governed by the laws of Delaware.", [2.0, 3.0]),
        ("Except", [None, -2.0]),
        ("in Texas.", [None, 1.5]),
        ("agreement", [0.5, 0.0]),
        ("The", [0.0, 0.1]),
    ]
    assert [(row.before, row.after) for row in found.rows][2:4] == [
        ("Except", ""),
        ("The", "is governed by the"),
    ]
    assert found.agreement.startswith("4 words were examined by both; their weights agree")
    assert found.agreement.endswith("; 1 of the 2 leading words are shared.")
    assert len(compare([one, explanation(CONTRACT)], "ab").levels) == 1
    one.save("one.json")
    second.save("other.json")
    assert run("one.json", "other.json") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "The “agreement” is governed by the +0.50 [0, +1.00] 0" in out
    assert run("one.json", "other.json", "--html", "both.html", "--redact") == 0
    browser = opened(Path("both.html").read_text())
    browser.locator(".compared a", has_text="is governed by the").last.click()
    assert browser.evaluate("document.activeElement.textContent").strip() == "agreement"


def test_agreement_is_by_rank() -> None:
    one = explanation([("a. ", 3.0), ("b. ", 2.0), ("c. ", 1.0)])
    same = explanation([("a. ", 30.0), ("b. ", 20.0), ("c. ", 10.0)])
    turned = explanation([("a. ", 1.0), ("b. ", 2.0), ("c. ", 3.0)])
    assert "Spearman 1.00; 3 of the 3 leading" in compare([one, same], "ab").levels[0].agreement
    assert "Spearman -1.00" in compare([one, turned], "ab").levels[0].agreement


def test_the_comparison_stands_on_the_page(folder: Path, opened: Opened) -> None:
    assert run("one.json", "other.json", "--html", "both.html") == 0
    source = Path("both.html").read_text()
    found = Page(source)
    assert len(found.texts) == 1
    shown = " ".join(found.shown.split())
    assert "one and other, side by side" in shown
    assert "line 2+3.00 [+2.50, +3.50]not examined" in shown
    browser = opened(source)
    browser.locator(".compared a", has_text="Except in Texas.").click()
    browser.wait_for_selector("article mark.here")
    assert browser.locator("article mark.here").text_content() == "Except in Texas."
    browser.locator(".compared thead a").last.click()
    browser.wait_for_selector(".answer:visible:has-text('those of Texas')")
    assert browser.locator("article mark.s5").text_content() == "Except in Texas."


def test_more_files_and_other_texts_stand_in_one_page(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    explanation([("Another. ", 1.0)]).save("third.json")
    assert run("one.json", "third.json", "--html", "all.html") == 0
    found = Page(Path("all.html").read_text())
    assert [view["title"] for view in found.data["views"]] == ["one", "third"]
    assert len(found.texts) == 2
    assert "side by side" not in found.shown
    assert run("one.json", "other.json", "third.json") == 0
    assert capsys.readouterr().out.count("─ third") <= 1


def test_different_texts_cannot_be_compared() -> None:
    with pytest.raises(FocusLimeError, match="a and b explain different texts"):
        compare([explanation(CONTRACT), explanation([("Another. ", 1.0)])], "ab")
    with pytest.raises(FocusLimeError, match="takes two explanations, got 1"):
        compare([explanation(CONTRACT)], "a")


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
        (beyond(), "unit 1 ends at 10000, behind the text"),
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
        (("one.json", "--html", "no/such/place.html"), "no/such/place.html cannot be written"),
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
    made = explanation([(f"Sentence {i}. ", w) for i, w in enumerate(weights)] or [("", None)])
    replace(made, units=made.units if weights else ()).save("odd.json")
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


def test_the_page_is_served_to_this_machine_alone() -> None:
    with server("<p>é</p>", 0) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        try:
            assert serving.server_address[0] == "127.0.0.1"
            assert get(serving.server_port, "/") == (200, "<p>é</p>".encode())
            assert get(serving.server_port, "/other")[0] == 404
            assert get(serving.server_port, "/", "evil.example")[0] == 403
        finally:
            serving.shutdown()
            thread.join()


def get(port: int, path: str, host: str = "localhost") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_a_port_that_is_taken_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with server("", 0) as serving:
        assert run("one.json", "--serve", str(serving.server_port)) == 2
    assert f"--serve {serving.server_port}: Address already in use" in capsys.readouterr().err
