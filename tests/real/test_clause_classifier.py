"""A real clause classifier on real contracts: FocusLime finds what the lawyers marked.

Run: pytest tests/real/test_clause_classifier.py
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from focus_lime import Explanation, FocusLime, FunctionModel, Prompt
from focus_lime.benchmarks.classifiers.clauses import ClauseClassifier
from focus_lime.benchmarks.datasets import cuad
from focus_lime.benchmarks.metrics.evidence import ceiling_at, gold_units, recall_at
from focus_lime.inputs.units import Span, Units
from focus_lime.method.objective import Score
from focus_lime.method.proxy import load_proxy
from focus_lime.method.value import ValueFunction

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
    explanation = FocusLime(model, load_proxy("target")).explain(prompt, budget=64)
    return explanation, prompt.tree.scored


@pytest.mark.parametrize("title", [SHORT, LONG])
@pytest.mark.parametrize("label", LABELS)
def test_it_finds_what_lawyers_marked_and_what_the_classifier_reads(
    contracts: dict[str, cuad.Contract], classifier: ClauseClassifier, title: str, label: str
) -> None:
    """The marked clause is first, all of it is among five; and these five move the classifier more
    than the five that BM25 chose, and far more than nine of ten random fives.
    """
    contract = contracts[title]
    explanation, sentences = explain(contract, label, classifier)
    spans = [Span(0, start, end) for start, end in contract.evidence[label].spans]
    gold = gold_units(sentences, spans)
    index = {unit.start: i for i, unit in enumerate(sentences)}
    top = [index[unit.start] for unit in explanation.top(5)]
    assert top[0] in gold
    assert recall_at(top, gold, 5) == ceiling_at(gold, 5)

    prompt = Prompt.from_document(contract.text, contract.evidence[label].query)
    model = FunctionModel(classifier.for_label(label), name=label)
    f, rng = ValueFunction(model, prompt, sentences, Score()), np.random.default_rng(0)

    def drop(units: Sequence[int]) -> float:
        mask = np.ones((1, len(sentences)), dtype=bool)
        mask[0, list(units)] = False
        return float(f.full() - f(mask)[0])

    result = load_proxy("bm25").score(prompt, sentences, Score(), target=model, rng=rng)
    by_bm25 = [int(i) for i in np.argsort(-np.asarray(result.scores), kind="stable")[:5]]
    by_chance = [rng.choice(len(sentences), 5, replace=False).tolist() for _ in range(20)]
    assert drop(top) > drop(by_bm25) + 0.25
    assert drop(top) > 1.5 * np.quantile([drop(units) for units in by_chance], 0.9)
    assert "".join(explanation.text(unit) for unit in explanation.units) == contract.text
    assert explanation.fit.masks + explanation.fit.held_out_masks <= 64


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
