"""What is measured of an explanation, against values by brute force on a function.

Run: pytest tests/benchmarks/test_evaluate.py
"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.benchmarks.evaluate import FAMILIES, PERCENT, WORDS, Evaluator
from focus_lime.benchmarks.methods.base import Found
from focus_lime.models.function import FunctionModel
from focus_lime.objective import Score
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from tests.conftest import linear_function

SENTENCES = "Alpha is here. Bravo came too, late. Charlie. Delta was never there at all. Echo left."
WEIGHTS = {"Alpha": 3.0, "Bravo": -1.0, "Delta": 2.0}
TRUTH = np.array([3.0, -1.0, 0.0, 2.0, 0.0])


def evaluator(
    model: FunctionModel | None = None, gold: frozenset[int] = frozenset({0, 3})
) -> Evaluator:
    prompt = Prompt.from_document(SENTENCES)
    units = split(prompt.sources, "sentence")
    assert len(units) == 5
    f = ValueFunction(model or linear_function(WEIGHTS), prompt, units, Score())
    return Evaluator(f, gold, n_masks=8)


def test_the_true_weights_foretell_everything() -> None:
    found = evaluator().measure(Found(TRUTH), ["lds", "evidence"])
    assert found["lds/all"] == found["lds/S"] == pytest.approx(1.0)
    assert found["r2/all"] == pytest.approx(1.0)
    assert found["lds/all:placeholder"] == pytest.approx(1.0)
    assert (found["r-precision"], found["map"], found["recall@1"]) == (1.0, 1.0, 0.5)


def test_deletion_against_a_walk_by_hand() -> None:
    e = evaluator()
    found = e.measure(Found(TRUTH), ["deletion"])
    order, words = [0, 3], [3, 6]  # Alpha is here. Delta was never there at all.
    assert [e.sizes[i] for i in order] == words
    # 5 words: two sentences; 10: a third without weight; 20 and more: all, -1 among them.
    full = 4.0
    left = {5: -1.0, 10: -1.0, 20: 0.0, 50: 0.0, 100: 0.0}
    assert tuple(left) == WORDS
    assert found["aopc/words"] == pytest.approx(np.mean([full - v for v in left.values()]))
    p = [1 / (1 + np.exp(-v)) for v in left.values()]
    assert found["aopc-p/words"] == pytest.approx(1 / (1 + np.exp(-full)) - np.mean(p))
    assert found["aopc/words"] > found["aopc/words"] - found["aopc/words/over-random"]  # type: ignore[operator]


def test_the_curve_ends_where_half_is_gone() -> None:
    curve = evaluator().curve(Found(TRUTH))
    assert [x for x, _ in curve] == list(PERCENT)
    assert curve[0][1] == 3.0  # 1 % of the words is the first sentence
    assert curve[-1][1] == 5.0  # half of the words: both that raise the score


def test_top_k_drops_and_eraser_by_hand() -> None:
    found = evaluator().measure(Found(TRUTH), ["top-k", "eraser"])

    def log_p(v: float) -> float:
        return float(-np.log1p(np.exp(-v)))

    assert found["drop@1"] == pytest.approx(log_p(4.0) - log_p(1.0))
    assert found["drop@5"] == pytest.approx(log_p(4.0) - log_p(0.0))
    p = np.vectorize(lambda v: 1 / (1 + np.exp(-v)))
    # Of 16 words 1, 5 and 10 % are in the first sentence, of 3; 20 and 50 % take a second, of 6.
    assert evaluator().sizes == [3, 4, 1, 6, 2]
    without, alone = np.array([1.0, 1.0, 1.0, -1.0, -1.0]), np.array([3.0, 3.0, 3.0, 5.0, 5.0])
    assert found["comprehensiveness"] == pytest.approx(p(4.0) - p(without).mean())
    assert found["sufficiency"] == pytest.approx(p(4.0) - p(alone).mean())


def test_what_was_not_examined_is_missed() -> None:
    blind = np.array([np.nan, -1.0, 0.0, 2.0, np.nan])
    found = evaluator().measure(Found(blind), ["missed", "evidence"])
    assert (found["missed"], found["scout-recall"]) == (1.0, 0.5)
    assert evaluator().measure(Found(TRUTH), ["missed"])["missed"] == 0.0


def test_the_best_order_has_the_normalised_aopc_one() -> None:
    measured = evaluator().measure(Found(TRUTH), ["normalised"])
    assert measured["aopc/normalised"] == pytest.approx(1.0)
    worst = evaluator().measure(Found(-TRUTH), ["normalised"])
    assert worst["aopc/normalised"] == pytest.approx(0.0)


def test_scores_without_a_unit_foretell_no_values() -> None:
    found = evaluator().measure(Found(TRUTH, nats=False), ["lds"])
    assert found["r2/all"] is None
    assert found["lds/all"] == pytest.approx(1.0)


def test_an_item_without_evidence_has_no_recall() -> None:
    found = evaluator(gold=frozenset()).measure(Found(TRUTH), ["evidence"])
    assert set(found.values()) == {None}


def test_all_methods_meet_the_same_masks_and_known_scores_are_not_asked_again() -> None:
    asked: list[str] = []

    def score(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return np.array([float("Alpha" in text) for text in texts])

    e = evaluator(FunctionModel(score, name="counted"))
    names = [name for name, family in FAMILIES.items() if family.usual]
    first = e.measure(Found(TRUTH), names)
    n = len(asked)
    assert e.measure(Found(TRUTH), names) == first
    assert len(asked) == n == len(set(asked))


def test_the_masks_are_not_those_of_explanations() -> None:
    from focus_lime.benchmarks.evaluate import SEEDS
    from focus_lime.perturb.masks import bernoulli

    ours = {mask.tobytes() for mask in bernoulli(30, 32, SEEDS + 1)}
    for seed in range(5):
        assert not ours & {mask.tobytes() for mask in bernoulli(30, 64, seed)}
