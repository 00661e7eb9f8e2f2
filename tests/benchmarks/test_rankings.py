"""Every method on a sum of weights over sentences, whose best order is known.

Run: pytest tests/benchmarks/test_rankings.py
"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.benchmarks import rankings
from focus_lime.benchmarks.rankings import Ranking
from focus_lime.neighborhood import load_proxy
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split

NAMES = ["alpha", "beta", "gamma", "delta", "kappa", "sigma", "omega", "zeta"]
WEIGHTS = np.array([0.0, 3.0, 0.0, -2.0, 0.0, 1.5, 0.0, 0.5])
TEXT = " ".join(f"The {name} clause stands here." for name in NAMES)
PROMPT = Prompt(Prompt.from_document(TEXT).messages, "beta sigma")
SENTENCES = split([TEXT], "sentence")


def function(texts: list[str]) -> np.ndarray:
    rows = [[name in text for name in NAMES] for text in texts]
    return np.array(rows, dtype=np.float64) @ WEIGHTS


def test_the_fixture_has_one_sentence_a_name() -> None:
    assert len(SENTENCES) == len(NAMES)


def check(ranking: Ranking, calls: int) -> None:
    assert sorted(ranking.order) == list(range(len(NAMES)))
    assert ranking.order[:2] == (1, 5)
    assert ranking.order[-1] == 3
    assert ranking.calls <= calls


def test_plain_lime_and_the_lime_package_find_the_order_within_their_calls() -> None:
    check(rankings.focus_lime(function, PROMPT, SENTENCES, None, 100, 0), 100)
    found = rankings.lime_sentences(function, TEXT, SENTENCES, 100, 0)
    check(found, 100)
    assert found.calls == 100


def test_focus_lime_ranks_its_neighborhood_first() -> None:
    found = rankings.focus_lime(function, PROMPT, SENTENCES, load_proxy("bm25"), 18, 0)
    assert found.calls <= 18
    assert set(found.order[: len(found.examined)]) == found.examined
    assert {1, 5} <= found.examined
    assert found.order[0] == 1


def test_limes_words_are_summed_to_sentences() -> None:
    found = rankings.lime_words(function, TEXT, SENTENCES, 200, 0)
    assert found.order[:2] == (1, 5)
    assert found.calls == 200


def test_leave_one_out_is_exact() -> None:
    texts = SENTENCES.texts([TEXT])
    rows = function(["".join(texts[:i] + texts[i + 1 :]) for i in range(len(texts))])
    check(rankings.leave_one_out(rows, float(function([TEXT])[0]), 9, 0), 9)


def test_ties_are_broken_by_chance_and_the_seed() -> None:
    orders = {rankings.by_weight({0: 1.0, 2: 0.5, 4: -1.0}, 6, seed) for seed in range(20)}
    assert len(orders) > 3
    assert all(order[:2] == (0, 2) and order[-1] == 4 for order in orders)
    assert rankings.by_weight({}, 6, 3) == rankings.by_weight({}, 6, 3)


def test_controls_know_nothing_and_everything() -> None:
    assert sorted(rankings.at_random(8, 0).order) == list(range(8))
    assert rankings.at_random(8, 0).calls == 0
    assert set(rankings.of_evidence({2, 6}, 8, 0).order[:2]) == {2, 6}


@pytest.mark.parametrize("seed", [0, 1])
def test_a_method_is_a_pure_function_of_its_seed(seed: int) -> None:
    for method in (rankings.lime_sentences, rankings.lime_words):
        first, second = (method(function, TEXT, SENTENCES, 30, seed) for _ in range(2))
        assert first == second
