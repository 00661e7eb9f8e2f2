"""What is measured of an explanation, against values by brute force on a function.

Run: pytest tests/benchmarks/test_evaluate.py
"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.benchmarks import registry
from focus_lime.benchmarks.config import METRICS
from focus_lime.benchmarks.evaluate import SEEDS, Evaluator
from focus_lime.benchmarks.methods.base import Attributions
from focus_lime.benchmarks.metrics.deletion import PERCENT, WORDS
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Score
from focus_lime.method.value import ValueFunction
from focus_lime.models.function import FunctionModel
from tests.conftest import linear_function

SENTENCES = "Alpha is here. Bravo came too, late. Charlie. Delta was never there at all. Echo left."
WEIGHTS = {"Alpha": 3.0, "Bravo": -1.0, "Delta": 2.0}
TRUTH = np.array([3.0, -1.0, 0.0, 2.0, 0.0])


def evaluator(
    model: FunctionModel | None = None, gold: frozenset[int] = frozenset({0, 3})
) -> Evaluator:
    prompt = Prompt.from_document(SENTENCES)
    units = prompt.tree.scored
    assert len(units) == 5
    f = ValueFunction(model or linear_function(WEIGHTS), prompt, units, Score())
    return Evaluator(f, gold, n_masks=8)


def measured(
    attributions: Attributions, *names: str, by: Evaluator | None = None
) -> dict[str, float | None]:
    """By the evaluator above, or another."""
    metrics = {name: registry.load("metrics", name, name) for name in names}
    return (by or evaluator()).measure(attributions, metrics)


def test_the_true_weights_foretell_everything() -> None:
    measures = measured(Attributions(TRUTH), "lds", "evidence")
    assert measures["lds/all"] == measures["lds/S"] == pytest.approx(1.0)
    assert measures["r2/all"] == pytest.approx(1.0)
    assert measures["lds/all:placeholder"] == pytest.approx(1.0)
    assert (measures["r-precision"], measures["map"], measures["recall@1"]) == (1.0, 1.0, 0.5)


def test_deletion_against_a_walk_by_hand() -> None:
    e = evaluator()
    measures = measured(Attributions(TRUTH), "deletion", by=e)
    order, words = [0, 3], [3, 6]  # Alpha is here. Delta was never there at all.
    assert [e.sizes[i] for i in order] == words
    # 5 words: two sentences; 10: a third without weight; 20 and more: all, -1 among them.
    full = 4.0
    left = {5: -1.0, 10: -1.0, 20: 0.0, 50: 0.0, 100: 0.0}
    assert tuple(left) == WORDS
    assert measures["aopc/words"] == pytest.approx(np.mean([full - v for v in left.values()]))
    p = [1 / (1 + np.exp(-v)) for v in left.values()]
    assert measures["aopc-p/words"] == pytest.approx(1 / (1 + np.exp(-full)) - np.mean(p))


def test_random_orders_are_deleted_like_the_ranking() -> None:
    """By hand for a linear function: at each step the weights of the units that are gone."""
    e = evaluator()
    orders = e.trial(Attributions(TRUTH)).random_orders
    assert len({tuple(order) for order in orders}) == len(orders) > 1
    drops = []
    for order in orders:
        held = np.cumsum([e.sizes[i] for i in order])
        counts = [
            min(5, int(np.argmax(held >= words)) + 1 if held[-1] >= words else 5) for words in WORDS
        ]
        drops.append(np.mean([TRUTH[order[:count]].sum() for count in counts]))
    measures = measured(Attributions(TRUTH), "deletion", by=e)
    assert measures["aopc/words/over-random"] == pytest.approx(
        float(measures["aopc/words"] or 0) - np.mean(drops)
    )


def test_the_curve_ends_where_half_is_gone() -> None:
    curve = evaluator().curve(Attributions(TRUTH))
    assert [x for x, _ in curve] == list(PERCENT)
    assert curve[0][1] == 3.0  # 1 % of the words is the first sentence
    assert curve[-1][1] == 5.0  # half of the words: both that raise the score


def test_top_k_drops_and_eraser_by_hand() -> None:
    measures = measured(Attributions(TRUTH), "top-k", "eraser")

    def log_p(v: float) -> float:
        return float(-np.log1p(np.exp(-v)))

    assert measures["drop@1"] == pytest.approx(log_p(4.0) - log_p(1.0))
    assert measures["drop@5"] == pytest.approx(log_p(4.0) - log_p(0.0))
    p = np.vectorize(lambda v: 1 / (1 + np.exp(-v)))
    # Of 16 words 1, 5 and 10 % are in the first sentence, of 3; 20 and 50 % take a second, of 6.
    assert evaluator().sizes == [3, 4, 1, 6, 2]
    without, alone = np.array([1.0, 1.0, 1.0, -1.0, -1.0]), np.array([3.0, 3.0, 3.0, 5.0, 5.0])
    assert measures["comprehensiveness"] == pytest.approx(p(4.0) - p(without).mean())
    assert measures["sufficiency"] == pytest.approx(p(4.0) - p(alone).mean())


def test_what_was_not_examined_is_missed() -> None:
    blind = np.array([np.nan, -1.0, 0.0, 2.0, np.nan])
    measures = measured(Attributions(blind), "missed", "evidence")
    assert (measures["missed"], measures["scout-recall"]) == (1.0, 0.5)
    assert measured(Attributions(TRUTH), "missed")["missed"] == 0.0


def test_the_best_order_has_the_normalised_aopc_one() -> None:
    best = measured(Attributions(TRUTH), "normalised")
    assert best["aopc/normalised"] == pytest.approx(1.0)
    worst = measured(Attributions(-TRUTH), "normalised")
    assert worst["aopc/normalised"] == pytest.approx(0.0)


def test_scores_without_a_unit_foretell_no_values() -> None:
    measures = measured(Attributions(TRUTH, is_additive=False), "lds")
    assert measures["r2/all"] is None
    assert measures["lds/all"] == pytest.approx(1.0)


def test_an_item_without_evidence_has_no_recall() -> None:
    measures = measured(Attributions(TRUTH), "evidence", by=evaluator(gold=frozenset()))
    assert set(measures.values()) == {None}


def test_all_methods_meet_the_same_masks_and_known_scores_are_not_asked_again() -> None:
    asked: list[str] = []

    def score(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return np.array([float("Alpha" in text) for text in texts])

    e = evaluator(FunctionModel(score, name="counted"))
    first = measured(Attributions(TRUTH), *METRICS, by=e)
    n = len(asked)
    assert measured(Attributions(TRUTH), *METRICS, by=e) == first
    assert len(asked) == n == len(set(asked))


def test_the_masks_are_not_those_of_explanations() -> None:
    from focus_lime.method.masks import bernoulli

    ours = {mask.tobytes() for mask in bernoulli(30, 32, SEEDS + 1)}
    for seed in range(5):
        assert not ours & {mask.tobytes() for mask in bernoulli(30, 64, seed)}
