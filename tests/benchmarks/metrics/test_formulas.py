"""Run: pytest tests/benchmarks/metrics/test_formulas.py"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from focus_lime.benchmarks.metrics.formulas import aopc, leading, log_probability, probability, rank


def test_aopc_by_hand() -> None:
    # f falls from 5 to 3, 2, 2: drops 2, 3, 3.
    assert aopc(5.0, [3.0, 2.0, 2.0]) == pytest.approx(8 / 3)
    assert aopc(1.0, [1.0]) == 0.0
    with pytest.raises(ValueError, match="one step"):
        aopc(1.0, [])


def test_the_exact_order_has_the_highest_aopc_of_a_linear_function() -> None:
    weights = np.array([3.0, -1.0, 0.5, 2.0])

    def curve(order: tuple[int, ...]) -> float:
        return aopc(weights.sum(), [weights.sum() - weights[list(order[:k])].sum() for k in (1, 2)])

    best = max(itertools.permutations(range(4)), key=curve)
    assert best[:2] == (0, 3)
    assert curve(best) == pytest.approx((3 + 5) / 2)


def test_what_was_not_examined_stands_between_for_and_against() -> None:
    ranking = rank(np.array([0.5, np.nan, 2.0, -1.0, np.nan]))
    assert ranking[:2] == [2, 0]
    assert set(ranking[2:4]) == {1, 4}
    assert ranking[4] == 3


def test_not_examined_and_without_effect_have_equal_chances() -> None:
    first = [rank(np.array([0.0, np.nan, 0.0, np.nan]), seed)[0] for seed in range(400)]
    assert min(np.bincount(first, minlength=4)) > 60


def test_no_order_of_the_not_examined_is_better_than_zero_weights() -> None:
    """A method that examines nothing ranks as one that finds nothing."""
    for seed in range(20):
        assert rank(np.full(9, np.nan), seed) == rank(np.zeros(9), seed)


def test_chance_decides_among_equal_weights() -> None:
    firsts = [rank(np.zeros(4), seed)[0] for seed in range(400)]
    assert min(np.bincount(firsts, minlength=4)) > 60
    assert rank(np.zeros(9), 5) == rank(np.zeros(9), 5)


def test_what_a_method_knows_of_equal_weights_comes_before_chance() -> None:
    weights, breaker = (
        np.array([0.0, np.nan, 2.0, 0.0, np.nan]),
        np.array([1.0, 5.0, 0.0, 3.0, 3.0]),
    )
    rankings = {tuple(rank(weights, seed, [breaker])) for seed in range(40)}
    assert rankings == {(2, 1, 3, 4, 0), (2, 1, 4, 3, 0)}
    assert rank(weights, 0, [breaker, np.arange(5.0)]) == [2, 1, 4, 3, 0]


def test_leading_units_hold_the_words_that_are_wanted() -> None:
    ranking, sizes = [2, 0, 1], [3, 10, 4]
    assert [leading(ranking, sizes, w) for w in (1, 4, 5, 7, 8, 17, 99)] == [1, 1, 2, 2, 3, 3, 3]


def test_log_odds_to_probability_and_back() -> None:
    assert probability(0.0) == 0.5
    assert float(log_probability(np.log(3.0))) == pytest.approx(np.log(0.75))
    assert float(log_probability(-1000.0)) == -1000.0
    assert float(log_probability(60.0)) == pytest.approx(-np.exp(-60.0))
