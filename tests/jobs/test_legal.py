"""pytest tests/jobs/test_legal.py"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from focus_lime.cli import main
from focus_lime.explanation import Explanation
from tests.jobs import oracle
from tests.jobs.test_readers import PAGES, pdf

CHECKLIST = """
items:
  - {id: law, name: Law, question: "Does it name Nevada?"}
  - {id: cap, name: Cap, question: "Does it name liability?"}
"""
CONTRACT = (
    "1. Fees\nFees are due in May. Late fees bear interest.\n\n"
    "2. Law\n2.1 The law of Nevada governs this agreement. Notices are in writing.\n\n"
    "3. Term\nThe term is one year. It renews by itself.\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("list.yaml").write_text(CHECKLIST)
    Path("a.txt").write_text(CONTRACT)
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(["audit", "legal", *arguments])
    return int(stopped.value.code or 0)


USUAL = ("--checklist", "list.yaml", "--model", "tests.jobs.oracle:words", "--out", "out")


def findings() -> dict[str, Any]:
    data = json.loads(Path("out/findings.json").read_text())
    assert data["schema"] == "focus-lime/findings/1"
    return data  # type: ignore[no-any-return]


def rows_of_csv() -> list[dict[str, str]]:
    return list(csv.DictReader(Path("out/findings.csv").read_text().splitlines()))


def test_the_evidence_is_where_it_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pdf(folder / "b.pdf", PAGES)
    assert run("a.txt", "b.pdf", *USUAL) == 0
    found = findings()["findings"]
    assert [(f["file"], f["item"], f["verdict"], f["margin"]) for f in found] == [
        ("a.txt", "law", "found", 2.0),
        ("a.txt", "cap", "not found", -2.0),
        ("b.pdf", "law", "found", 2.0),
        ("b.pdf", "cap", "not found", -2.0),
    ]
    for finding, page in ((found[0], None), (found[2], 2)):
        best = finding["evidence"][0]
        text = Path(f"out/texts/{finding['file']}.txt").read_text()
        assert "Nevada" in text[best["start"] : best["end"]]
        assert (best["page"], best["section"], best["sure"]) == (page, "2.1", True)
        assert best["effect"] == pytest.approx(4.0)
        assert [[p["start"] for p in spans] for spans in finding["flips"]] == [[best["start"]]]
        saved = Explanation.load(Path("out") / finding["explanation"])
        assert saved.base_value == finding["margin"]
    rows = rows_of_csv()
    assert len(rows) == 4
    assert rows[2]["place"] == "p. 2, § 2.1"
    assert "a.txt" in capsys.readouterr().out
    report = Path("out/report.html").read_text()
    assert 'href="pages/a.txt.html"' in report
    page = Path("out/pages/a.txt.html").read_text()
    assert page.count('<section class="trust"') == 2


@pytest.mark.parametrize("redact", [True, False])
def test_a_redacted_report_has_the_evidence_alone(folder: Path, redact: bool) -> None:
    assert run("a.txt", *USUAL, *(["--redact"] if redact else [])) == 0
    report = Path("out/report.html").read_text()
    assert "The law of Nevada governs" in report
    assert ("It renews by itself" in report) != redact


def test_a_killed_run_goes_on_and_repeats_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = []

    def save(self: Explanation, path: Path) -> None:
        if killed:
            raise KeyboardInterrupt
        killed.append(path)
        Path(path).write_text(self.to_json())

    with monkeypatch.context() as patch:
        patch.setattr(Explanation, "save", save)
        run("a.txt", *USUAL)
    assert len(list(Path("out/explanations").iterdir())) == 1
    oracle.CALLS.clear()
    assert run("a.txt", *USUAL) == 0
    first, whole = len(oracle.CALLS), findings()
    assert first > 0
    oracle.CALLS.clear()
    assert run("a.txt", *USUAL) == 0
    assert oracle.CALLS == []
    assert findings() == whole
    # Another seed, or another text, is another explanation.
    assert run("a.txt", *USUAL, "--seed", "1") == 0
    assert oracle.CALLS
    assert len(list(Path("out/explanations").iterdir())) == 4


def test_what_fails_is_listed_and_the_others_go_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.docx").write_bytes(b"no zip")
    assert run("bad.docx", "a.txt", "absent.txt", *USUAL) == 1
    data = findings()
    assert len(data["findings"]) == 2
    assert [failure["file"] for failure in data["failures"]] == ["bad.docx", "absent.txt"]
    report = Path("out/report.html").read_text()
    assert "Not answered (2)" in report
    assert "bad.docx is not a whole DOCX file" in report
    assert "absent.txt: no such file" in capsys.readouterr().out


def test_a_single_file_that_fails_has_a_report(folder: Path) -> None:
    assert run("absent.txt", *USUAL) == 1
    assert "no such file" in Path("out/report.html").read_text()


def test_text_of_a_contract_stays_text(folder: Path) -> None:
    Path("<b>.txt").write_text("=1+1 </script><script>alert(1)</script> Nevada is here.")
    assert run("<b>.txt", *USUAL) == 0
    page = Path("out/report.html").read_text()
    assert "<script>alert" not in page
    assert page.count("<script") == 2  # the page's own: data, and what reads it
    assert all(not row["evidence"].startswith("=") for row in rows_of_csv())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.txt", *USUAL[:4]), "no out: give --out"),
        (USUAL, "no files"),
        (("a.txt", "--checklist", "no.yaml", *USUAL[2:]), "no such file"),
        (("a.txt", *USUAL, "--items", "lav"), "no item 'lav': did you mean law"),
        (("a.txt", *USUAL, "--budget", "1"), "a budget of 1"),
        (("a.txt", *USUAL, "--seed", "-1"), "--seed -1"),
    ],
)
def test_bad_options_cost_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    oracle.CALLS.clear()
    assert run(*arguments) == 2
    assert message in capsys.readouterr().err
    assert oracle.CALLS == []
