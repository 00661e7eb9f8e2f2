"""Run: pytest tests/benchmarks/datasets/test_cuad.py"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from focus_lime.benchmarks.datasets import cuad
from focus_lime.errors import FocusLimeError

from . import tiny_cuad, tiny_hub


def test_contracts_in_the_official_format(tmp_path: Path) -> None:
    contracts = cuad.load(tiny_cuad.write(tmp_path))
    assert {c.title: c.text for c in contracts} == tiny_cuad.TEXTS
    assert [sorted(c.evidence) for c in contracts] == [["Governing Law"], ["Cap On Liability"]]
    law = contracts[0].evidence["Governing Law"]
    assert [contracts[0].text[a:b] for a, b in law.spans] == [
        "This Agreement is governed by the laws of the State of Nevada."
    ]
    assert law.query == "Governing Law. What about governing law?"
    cap = contracts[1].evidence["Cap On Liability"]
    assert [start for start, _ in cap.spans] == sorted(start for start, _ in cap.spans)
    assert len(cap.spans) == 2


def test_the_hub_gives_the_same_contracts(tmp_path: Path, monkeypatch: Any) -> None:
    asked = tiny_hub.fake_hub(monkeypatch, tiny_cuad.hub_rows(), {})
    assert cuad.from_hub("test") == cuad.load(tiny_cuad.write(tmp_path))
    assert asked == {
        "name": "theatticusproject/cuad-qa",
        "config": None,
        "revision": cuad.HUB_REVISION,
        "split": "test",
    }


def test_without_datasets_the_error_says_what_to_install(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(FocusLimeError, match="pip install"):
        cuad.from_hub()


def test_excerpts_and_those_of_the_same_companies(tmp_path: Path) -> None:
    folder = tiny_cuad.write(tmp_path)
    contracts, excerpts = cuad.load(folder), cuad.load_excerpts(folder)
    assert len(excerpts) == 19
    kept = cuad.without_filers(excerpts, contracts)
    assert len(kept) == 18
    assert not any(excerpt.file.startswith("Orion") for excerpt in kept)


@pytest.mark.parametrize(
    "file",
    [
        "OrionCorp_20180101_8-K.pdf",
        "ORION CORP_01_02_2003-EX-10-LEASE.PDF",
        "ORIONCOMPANYLTD_01_02_2003-EX-10.PDF",
        "Orion, Inc. - SUPPLY AGREEMENT.PDF",
        "Orion_20180101_8-K.pdf",
    ],
)
def test_a_company_is_one_however_it_is_written(tmp_path: Path, file: str) -> None:
    contracts = cuad.load(tiny_cuad.write(tmp_path))
    excerpts = [cuad.Excerpt(name, "Insurance", "None.") for name in (file, "Orionid Inc_2018")]
    assert [e.file for e in cuad.without_filers(excerpts, contracts)] == ["Orionid Inc_2018"]


def test_the_halves_share_no_company() -> None:
    titles = ["Acme, Inc. - A", "Orion_1", "ACME CORP_2", "Zeta_1", "Orion Ltd_2", "Co_1"]
    contracts = [cuad.Contract(title, "Text.", {}) for title in titles]
    tune, test = cuad.by_company(contracts)
    assert [contract.title for contract in tune] == ["Acme, Inc. - A", "Orion_1", *titles[2:5:2]]
    assert [contract.title for contract in test] == ["Zeta_1", "Co_1"]
    assert cuad.by_company(contracts[:1]) == ([], contracts[:1])


def test_marked_spans_become_excerpts(tmp_path: Path) -> None:
    excerpts = cuad.excerpts_of(cuad.load(tiny_cuad.write(tmp_path)))
    assert [e.category for e in excerpts] == ["Governing Law", *["Cap On Liability"] * 2]
    assert excerpts[1].text.startswith("In no event")


def test_an_answer_that_is_not_where_it_says(tmp_path: Path) -> None:
    data = tiny_cuad.official()
    data["data"][0]["paragraphs"][0]["qas"][0]["answers"][0]["answer_start"] += 1
    (tmp_path / "CUADv1.json").write_text(json.dumps(data))
    with pytest.raises(FocusLimeError, match="does not hold"):
        cuad.load(tmp_path)


@pytest.mark.parametrize("content", ['{"data": [{"title": "x"}]}', "not json", "[]"])
def test_another_format_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "CUADv1.json").write_text(content)
    with pytest.raises(FocusLimeError, match=r"SQuAD-like|is not JSON"):
        cuad.load(tmp_path)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match=r"has no file CUAD\*.json"):
        cuad.load(tmp_path)
    with pytest.raises(FocusLimeError, match="no such file"):
        cuad.load(tmp_path / "none.json")
    with pytest.raises(FocusLimeError, match=r"has no file clause_excerpts\.jsonl"):
        cuad.load_excerpts(tmp_path)
    (tmp_path / cuad.EXCERPTS).write_text('{"file": "x"}\n')
    with pytest.raises(FocusLimeError, match="not in the format of clause excerpts"):
        cuad.load_excerpts(tmp_path)
