"""Run: pytest tests/benchmarks/test_metrics.py"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from focus_lime.benchmarks.metrics import (
    aopc,
    bootstrap_mean,
    ceiling_at,
    gold_units,
    recall_at,
)
from focus_lime.prompt.units import Unit, Units


def test_recall_by_hand() -> None:
    ranking, gold = [4, 2, 0, 1, 3], {0, 2}
    assert [recall_at(ranking, gold, k) for k in (1, 2, 3, 5)] == [0.0, 0.5, 1.0, 1.0]
    assert recall_at(ranking, {1}, 3) == 0.0
    assert recall_at(ranking, gold, 99) == 1.0


def test_no_ranking_beats_the_ceiling() -> None:
    for size in range(1, 5):
        for gold in itertools.combinations(range(4), size):
            for k in (1, 2, 3):
                best = max(recall_at(r, gold, k) for r in itertools.permutations(range(4)))
                assert best == ceiling_at(gold, k)


@pytest.mark.parametrize(("gold", "k"), [(set(), 1), ({1}, 0)])
def test_recall_of_nothing_is_an_error(gold: set[int], k: int) -> None:
    with pytest.raises(ValueError, match="recall needs"):
        recall_at([1], gold, k)


def test_gold_units_share_a_character_with_a_span() -> None:
    units = Units(
        [Unit(0, 0, 10, "sentence"), Unit(0, 10, 20, "sentence"), Unit(0, 20, 30, "sentence")]
    )
    assert gold_units(units, [(10, 20)]) == {1}  # half-open: touching is not sharing
    assert gold_units(units, [(9, 11)]) == {0, 1}
    assert gold_units(units, [(0, 1), (29, 30)]) == {0, 2}
    assert gold_units(units, [(5, 6)], source=1) == set()


def test_gold_units_against_brute_force() -> None:
    rng = np.random.default_rng(0)
    cuts = [0, *sorted(map(int, rng.choice(np.arange(1, 60), size=9, replace=False))), 60]
    units = Units([Unit(0, a, b, "sentence") for a, b in itertools.pairwise(cuts)])
    for _ in range(200):
        start, end = sorted(map(int, rng.choice(61, size=2, replace=False)))
        shared = {i for i, u in enumerate(units) if {*range(start, end)} & {*range(u.start, u.end)}}
        assert gold_units(units, [(start, end)]) == shared


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


def test_bootstrap_interval() -> None:
    constant = bootstrap_mean([2.0, 2.0, 2.0])
    assert (constant.mean, constant.low, constant.high) == (2.0, 2.0, 2.0)
    values = np.random.default_rng(1).normal(size=50)
    found = bootstrap_mean(list(values), seed=3)
    half_width = 1.96 * values.std() / np.sqrt(50)
    assert found.mean == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half_width, abs=0.03)
    assert found.high == pytest.approx(values.mean() + half_width, abs=0.03)
    assert bootstrap_mean(list(values), seed=3) == found
    with pytest.raises(ValueError, match="in one row"):
        bootstrap_mean([])
