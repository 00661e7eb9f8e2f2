"""The trust benchmark measures what it says: pytest tests/benchmarks/test_trust.py"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.benchmarks import trust
from focus_lime.benchmarks.trust_cases import (
    Planted,
    answered_elsewhere,
    by_weight,
    content_words,
    planted,
    ranking,
    value_words,
)
from focus_lime.explain import FocusLime
from focus_lime.models.hf import HFCausalLM
from focus_lime.neighborhood import load_proxy
from focus_lime.prompt.split import split
from focus_lime.proxies.bundled.models import load


@pytest.fixture(scope="module")
def target() -> HFCausalLM:
    return load("target")


@pytest.fixture(scope="module")
def case(target: HFCausalLM) -> Planted:
    return next(planted(target, "recall", 600, 1))[1]


def test_the_evidence_holds_the_value_and_the_answer_is_right(case: Planted) -> None:
    (index,) = case.evidence
    text = case.sentences.texts(case.prompt.sources)[index]
    assert case.asked.value in text
    assert case.asked.value in case.response.text


def test_the_words_of_the_clause(case: Planted) -> None:
    words = split(case.prompt.sources, "word")
    texts = [text.strip(" .,;\n") for text in words.texts(case.prompt.sources)]
    value = [texts[i] for i in sorted(value_words(case, words))]
    assert " ".join(value) == case.asked.value
    content = {texts[i] for i in content_words(case, words)}
    assert set(value) <= content
    subject = case.asked.question.removeprefix("What is the ").removesuffix("?")
    assert content - set(value) == set(subject.split()) - {"of", "the"}


def test_aopc_by_hand(case: Planted) -> None:
    order = [3, *(i for i in range(len(case.sentences)) if i != 3)]
    f = case.value()
    drops = []
    for k in range(1, trust.STEPS + 1):
        mask = np.ones((1, len(f.units)), dtype=bool)
        mask[0, order[:k]] = False
        drops.append(f.full()[0] - f(mask)[0])
    assert case.aopc(order) == pytest.approx(np.mean(drops), abs=1e-4)
    best = [*case.evidence, *(i for i in order if i not in case.evidence)]
    assert case.aopc(best) > case.aopc(order) + 1


def test_the_half_without_the_answer_is_what_may_be_perturbed(case: Planted) -> None:
    other = answered_elsewhere(case)
    (start, _), *_ = case.asked.evidence
    whole = case.prompt.sources[0]
    (half,) = other.prompt.sources
    assert half in whole
    assert case.asked.value not in half or whole[start:].count(case.asked.value) > 1
    assert other.prompt.messages[0].content == case.prompt.messages[0].content
    assert 0.3 < len(half) / len(whole) < 0.7


def test_a_ranking_has_every_sentence_once(case: Planted) -> None:
    found = FocusLime(case.model, load_proxy("bm25")).explain(
        case.prompt, response=case.response, fidelity="mixed"
    )
    order = ranking(found, case.sentences)
    assert sorted(order) == list(range(len(case.sentences)))
    assert order[0] in case.evidence
    assert by_weight(np.array([0.5, 2.0, -1.0])) == [1, 0, 2]


def test_the_tables_of_misses_sets_and_context(
    target: HFCausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "PROXIES", ("random", "bm25"))
    monkeypatch.setattr(trust, "planted", lambda m, task, tokens, n, seed=50_000: planted(
        m, task, 700, n, seed))  # fmt: skip
    *_, table = trust.misses(target, 1)
    assert "| bm25 | 0% (0/1) | 0% (0/1) | 4 |" in table
    assert table.count("0% (0/1)") >= 3  # nothing is missed after the rescue
    *_, table = trust.context(target, 1)
    assert "| the whole document | 1 | 0% |" in table
    first, both = trust.sets(target, 1)  # a table after every document, longer each time
    assert "joined" not in first
    assert "| twice (A or B) | 1 | 100% | 100% |" in both
    assert "| joined (A and B) | 1 | 100% | 100% |" in both
