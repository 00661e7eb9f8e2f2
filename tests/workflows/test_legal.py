"""pytest tests/workflows/test_legal.py"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from focus_lime.cli.main import main
from focus_lime.explanation.result import Explanation
from focus_lime.inputs.documents import READERS
from tests.inputs.readers.test_pdf import PAGES, pdf
from tests.workflows import oracle

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


USUAL = ("--checklist", "list.yaml", "--model", "tests.workflows.oracle:words", "--out", "out")


def results() -> dict[str, Any]:
    data = json.loads(Path("out/verdicts.json").read_text())
    assert data["schema"] == "focus-lime/verdicts/1"
    return data  # type: ignore[no-any-return]


def rows_of_csv() -> list[dict[str, str]]:
    return list(csv.DictReader(Path("out/verdicts.csv").read_text().splitlines()))


def test_the_evidence_is_where_it_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pdf(folder / "b.pdf", PAGES)
    assert run("a.txt", "b.pdf", *USUAL) == 0
    verdicts = results()["verdicts"]
    assert [(v["file"], v["item"], v["conclusion"], v["margin"]) for v in verdicts] == [
        ("a.txt", "law", "found", 2.0),
        ("a.txt", "cap", "not found", -2.0),
        ("b.pdf", "law", "found", 2.0),
        ("b.pdf", "cap", "not found", -2.0),
    ]
    for verdict, page in ((verdicts[0], None), (verdicts[2], 2)):
        best = verdict["evidence"][0]
        place = best["place"]
        text = Path(f"out/texts/{verdict['file']}.txt").read_text()
        assert "Nevada" in text[place["start"] : place["end"]]
        assert (place["page"], place["section"], best["significant"]) == (page, "2.1", True)
        assert best["effect"] == pytest.approx(4.0)
        ((passage,),) = verdict["counterfactual_sets"]
        assert passage == {"place": place, "text": best["text"]}
        saved = Explanation.load(Path("out") / verdict["explanation"])
        assert saved.base_value == verdict["margin"]
    rows = rows_of_csv()
    assert len(rows) == 4
    assert rows[2]["place"] == "p. 2, § 2.1"
    assert "a.txt" in capsys.readouterr().out
    report = Path("out/report.html").read_text()
    assert 'href="pages/a.txt.html"' in report
    page = Path("out/pages/a.txt.html").read_text()
    assert page.count('<section class="trust"') == 2


def test_how_a_text_was_read_is_told_once(folder: Path) -> None:
    Path("a.txt").write_bytes((CONTRACT + "Zoë’s fee.").encode("cp1252"))
    assert run("a.txt", *USUAL) == 0
    for verdict in results()["verdicts"]:
        told = [w for w in verdict["warnings"] if w.startswith("not UTF-8: read as windows-1252")]
        assert len(told) == 1


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
    first, whole = len(oracle.CALLS), results()
    assert first > 0
    oracle.CALLS.clear()
    assert run("a.txt", *USUAL) == 0
    assert oracle.CALLS == []
    assert results() == whole
    # What an explanation depends on makes another one of it.
    for count, option in enumerate(
        ("--seed=1", "--proxy=none", "--surrogate=lime", "--granularity=word", "--no-sets"), start=2
    ):
        oracle.CALLS.clear()
        assert run("a.txt", *USUAL, option) == 0
        assert oracle.CALLS
        assert len(list(Path("out/explanations").iterdir())) == 2 * count
    oracle.CALLS.clear()
    Path("a.txt").write_text(CONTRACT.replace("May", "June"))
    assert run("a.txt", *USUAL) == 0
    assert oracle.CALLS


def test_what_fails_is_listed_and_the_others_go_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.docx").write_bytes(b"no zip")
    assert run("bad.docx", "a.txt", "absent.txt", *USUAL) == 1
    data = results()
    assert len(data["verdicts"]) == 2
    assert [failure["file"] for failure in data["failures"]] == ["bad.docx", "absent.txt"]
    report = Path("out/report.html").read_text()
    assert "Not answered (2)" in report
    assert "bad.docx is not a whole DOCX file" in report
    assert "absent.txt: no such file" in capsys.readouterr().out


def test_a_reader_that_breaks_and_a_name_that_is_no_text_end_no_audit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str, data: bytes) -> None:
        raise RecursionError("too deep")

    monkeypatch.setitem(READERS, ".odd", broken)
    Path("a.odd").write_bytes(b"x")
    odd = os.fsdecode(b"caf\xe9.txt")
    try:
        Path(odd).write_text(CONTRACT)
    except OSError:
        pytest.skip("this file system takes names of text only")
    assert run("a.odd", odd, "a.txt", *USUAL) == 1
    data = results()
    assert [failure["file"] for failure in data["failures"]] == ["a.odd"]
    assert "RecursionError: too deep" in data["failures"][0]["reason"]
    assert {verdict["file"] for verdict in data["verdicts"]} == {odd, "a.txt"}


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
        (("a.txt", *USUAL, "--budget", "1"), "--budget 1 is too small: give 2 or more"),
        (("a.txt", *USUAL, "--seed", "-1"), "--seed -1 is too small"),
    ],
)
def test_bad_options_cost_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    oracle.CALLS.clear()
    assert run(*arguments) == 2
    assert message in capsys.readouterr().err
    assert oracle.CALLS == []


def test_evidence_in_many_places_is_named_place_by_place(folder: Path) -> None:
    """One clause says it, and so do six allusions together, each a sixth."""
    filler = [f"The delivery number {i} goes to the warehouse at gate {i}. " for i in range(90)]
    for i in range(6):
        filler[12 * i + 5] = f"The licensed goods of lot {i} are stored apart. "
    filler[44] = "The owner hereby grants the use of the mark to the buyer. "
    Path("red.txt").write_text("".join(filler))
    usual = ("--checklist", "list.yaml", "--items", "law", "--out", "out")
    assert run("red.txt", *usual, "--model", "tests.workflows.oracle:either") == 0
    (verdict,) = results()["verdicts"]
    assert verdict["conclusion"] == "found"
    first, *others = [e for e in verdict["evidence"] if e["weight"] > 0]
    assert "hereby grants" in first["text"]
    assert first["weight"] == pytest.approx(6.0)
    assert all(e["weight"] == pytest.approx(1.0) for e in others if e["significant"])


def some_for_and_more_against(texts: list[str]) -> list[float]:
    return [1.0 + 2 * ("cap" in t) - 1.5 * ("waiver" in t) for t in texts]


def test_what_is_found_is_shown_with_what_speaks_for_it(folder: Path) -> None:
    Path("two.txt").write_text("It has a cap. It has a waiver. The rest is silent.", "utf-8")
    model = f"{__name__}:some_for_and_more_against"
    assert run("two.txt", *USUAL[:2], "--model", model, "--out", "out") == 0
    verdict = results()["verdicts"][0]
    assert [e["text"] for e in verdict["evidence"]] == ["It has a cap."]
