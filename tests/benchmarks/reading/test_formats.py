"""pytest tests/benchmarks/reading/test_formats.py"""

from __future__ import annotations

import pytest

from focus_lime.benchmarks.datasets.cuad import Contract, Evidence
from focus_lime.benchmarks.reading import formats, pdf

TEXT = "\n\n".join(
    [
        "This agreement is made by the two parties on the first day of May.",
        "The law of Nevada governs this agreement and all that follows from it.",
        *(f"Clause {word} says nothing of interest to anybody at all." for word in "abcdef"),
    ]
)


@pytest.fixture
def _no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)


@pytest.mark.usefixtures("_no_programs")
def test_the_same_evidence_is_found_in_every_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats.models, "clauses", lambda texts: ["Nevada" in t for t in texts])
    at = TEXT.index("The law of Nevada")
    law = Evidence("Governing Law", "?", ((at, at + 30),))
    found = list(formats.pairs([Contract("A", TEXT, {"Governing Law": law})], 1))
    assert [pair.format for pair in found][:2] == ["Word", "PDF: reportlab, 1 column"]
    for pair in found:
        assert pair.agreement == (1.0, 1.0, 1.0)
        assert "Nevada" in pair.other.evidence[0]
        assert pair.other.recall == 1.0
    assert "| Word | 1 | 1.00 | 1.00 | 1.00 |" in formats.report(found, "command").replace(
        " [1.00, 1.00]", ""
    )


@pytest.mark.usefixtures("_no_programs")
def test_sentences_that_stand_whole_are_counted() -> None:
    contract = pdf.contract_of("A", TEXT)
    assert len(contract.sentences) == 8
    assert pdf.whole(contract, TEXT.replace("law of", "law\nof")) == 8
    assert pdf.whole(contract, TEXT.replace("Nevada", "Ohio")) == 7
    table = pdf.report([contract])
    assert "| reportlab, 1 column | 8 | 100.0% |" in table
