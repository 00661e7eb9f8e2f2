"""A real clause classifier on real contracts: FocusLime finds what the lawyers marked.

Run: pytest tests/real/test_clause_classifier.py
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from focus_lime import Explanation, FocusLime, FunctionModel, Prompt
from focus_lime.benchmarks import cuad
from focus_lime.benchmarks.clause_classifier import ClauseClassifier
from focus_lime.benchmarks.metrics import gold_units, recall_at
from focus_lime.neighborhood import load_proxy
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Units

LABELS = ("Governing Law", "Anti-Assignment")
SHORT, LONG = "TodosMedicalLtd", "WORLDWIDESTRATEGIESINC"


@pytest.fixture(scope="module")
def contracts(shared: Path) -> dict[str, cuad.Contract]:
    loaded = cuad.load(shared / "data" / "cuad")
    assert len(loaded) == 10
    return {contract.title.partition("_")[0]: contract for contract in loaded}


@pytest.fixture(scope="module")
def classifier(shared: Path, contracts: dict[str, cuad.Contract]) -> ClauseClassifier:
    excerpts = cuad.load_excerpts(shared / "data" / "cuad")
    kept = cuad.without_filers(excerpts, contracts.values())
    assert 9_000 < len(kept) < len(excerpts)
    return ClauseClassifier.train(kept[::2], LABELS, widest=1)


def explain(
    contract: cuad.Contract, label: str, classifier: ClauseClassifier
) -> tuple[Explanation, Units]:
    # The proxy reads the question; the classifier is asked about the contract alone.
    question = contract.evidence[label].query
    prompt = Prompt(Prompt.from_document(contract.text).messages, question)
    model = FunctionModel(classifier.for_label(label), name=label)
    explanation = FocusLime(model, load_proxy("bm25")).explain(prompt, budget=64)
    return explanation, split(prompt.sources, "sentence")


@pytest.mark.parametrize("title", [SHORT, LONG])
@pytest.mark.parametrize("label", LABELS)
def test_the_evidence_is_among_the_top_five(
    contracts: dict[str, cuad.Contract], classifier: ClauseClassifier, title: str, label: str
) -> None:
    contract = contracts[title]
    explanation, sentences = explain(contract, label, classifier)
    gold = gold_units(sentences, contract.evidence[label].spans)
    index = {unit.start: i for i, unit in enumerate(sentences)}
    top = [index[unit.start] for unit in explanation.top(5)]
    by_chance = 5 / len(sentences)
    assert recall_at(top, gold, 5) > 5 * by_chance
    assert "".join(explanation.text(unit) for unit in explanation.units) == contract.text
    assert explanation.fit["masks"] + explanation.fit["held_out_masks"] <= 64


def test_the_same_json_twice_on_ten_thousand_words(
    contracts: dict[str, cuad.Contract], classifier: ClauseClassifier
) -> None:
    contract = contracts[LONG]
    assert len(contract.text.split()) > 10_000
    first, second = (timeless(explain(contract, LABELS[0], classifier)[0]) for _ in range(2))
    assert first == second


def timeless(explanation: Explanation) -> str:
    data = json.loads(explanation.to_json())
    for cost in data["cost"].values():
        del cost["seconds"]
    return json.dumps(data)
