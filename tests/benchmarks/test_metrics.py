"""Run: pytest tests/benchmarks/test_metrics.py"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from focus_lime.benchmarks.metrics import (
    aopc,
    aopc_bound,
    average_precision,
    bootstrap_mean,
    ceiling_at,
    comprehensiveness,
    gold_of,
    gold_units,
    jaccard,
    lds,
    leading,
    log_probability,
    normalised_aopc,
    precision_at,
    probability,
    r_precision,
    r_squared,
    rank,
    recall_at,
    recall_at_share,
    scout_recall,
    stability,
    sufficiency,
    top_k_drop,
)
from focus_lime.perturb.masks import enumerate_all
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


def test_precision_and_r_precision_by_hand() -> None:
    ranking, gold = [4, 2, 0, 1, 3], {0, 2}
    assert [precision_at(ranking, gold, k) for k in (1, 2, 3)] == [0.0, 0.5, pytest.approx(2 / 3)]
    assert r_precision(ranking, gold) == 0.5
    assert precision_at([0], {0}, 2) == 0.5  # the rest of a short ranking is no evidence
    with pytest.raises(ValueError, match="k >= 1"):
        precision_at(ranking, gold, 0)


def test_precision_equals_recall_at_the_number_of_gold_units() -> None:
    for ranking in itertools.permutations(range(5)):
        for size in (1, 2, 3):
            gold = set(range(size))
            assert r_precision(ranking, gold) == recall_at(ranking, gold, size)


def test_average_precision_by_hand() -> None:
    # Gold at ranks 2 and 3: (1/2 + 2/3) / 2.
    assert average_precision([4, 2, 0, 1], {0, 2}) == pytest.approx(7 / 12)
    assert average_precision([0, 2, 1], {0, 2}) == 1.0
    assert average_precision([1, 2], {0, 2}) == pytest.approx(1 / 4)  # 0 is never found
    with pytest.raises(ValueError, match="gold"):
        average_precision([1], set())


def test_average_precision_against_brute_force() -> None:
    from sklearn.metrics import average_precision_score

    rng = np.random.default_rng(3)
    for _ in range(50):
        ranking = [int(i) for i in rng.permutation(8)]
        gold = {int(i) for i in rng.choice(8, size=3, replace=False)}
        scores = np.empty(8)
        scores[ranking] = -np.arange(8)
        truth = [i in gold for i in range(8)]
        expected = average_precision_score(truth, scores)
        assert average_precision(ranking, gold) == pytest.approx(expected)


def test_recall_relative_to_the_evidence_length() -> None:
    ranking, gold = [9, 0, 8, 1, 7, 2], {0, 1, 2}
    assert recall_at_share(ranking, gold, 1.0) == pytest.approx(1 / 3)  # k = 3
    assert recall_at_share(ranking, gold, 1.5) == pytest.approx(2 / 3)  # k = 5: 4.5 is rounded up
    assert recall_at_share(ranking, gold, 2.0) == 1.0


def test_scout_recall_by_hand() -> None:
    assert scout_recall({1, 2, 3}, {2, 9}) == 0.5
    assert scout_recall(set(), {2}) == 0.0


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
    weights, then = np.array([0.0, np.nan, 2.0, 0.0, np.nan]), np.array([1.0, 5.0, 0.0, 3.0, 3.0])
    rankings = {tuple(rank(weights, seed, [then])) for seed in range(40)}
    assert rankings == {(2, 1, 3, 4, 0), (2, 1, 4, 3, 0)}
    assert rank(weights, 0, [then, np.arange(5.0)]) == [2, 1, 4, 3, 0]


def test_gold_of_several_sources() -> None:
    units = Units([Unit(0, 0, 5, "word"), Unit(0, 5, 9, "word"), Unit(1, 0, 4, "word")])
    assert gold_of(units, [(0, 6, 7), (1, 0, 1)]) == {1, 2}
    assert gold_of(units, []) == frozenset()


def test_leading_units_hold_the_words_that_are_wanted() -> None:
    ranking, sizes = [2, 0, 1], [3, 10, 4]
    assert [leading(ranking, sizes, w) for w in (1, 4, 5, 7, 8, 17, 99)] == [1, 1, 2, 2, 3, 3, 3]


def test_eraser_by_hand() -> None:
    # p = .9; without the rationale .5 and .1; the rationale alone .7 and .9.
    assert comprehensiveness(0.9, [0.5, 0.1]) == pytest.approx(0.6)
    assert sufficiency(0.9, [0.7, 0.9]) == pytest.approx(0.1)


def test_log_odds_to_probability_and_back() -> None:
    assert probability(0.0) == 0.5
    assert float(log_probability(np.log(3.0))) == pytest.approx(np.log(0.75))
    assert float(log_probability(-1000.0)) == -1000.0
    assert float(log_probability(60.0)) == pytest.approx(-np.exp(-60.0))


def test_top_k_drop_by_hand() -> None:
    # Odds of 3 to 1 fall to 1 to 3: log .75 - log .25.
    assert top_k_drop(np.log(3.0), -np.log(3.0)) == pytest.approx(np.log(3.0))


def test_lds_and_r_squared_of_the_weights_that_made_the_values() -> None:
    masks, weights = enumerate_all(4), np.array([2.0, -1.0, 0.0, 0.5])
    values = 7.0 + masks @ weights
    assert lds(weights, masks, values) == pytest.approx(1.0)
    assert lds(-weights, masks, values) == pytest.approx(-1.0)
    assert r_squared(weights, masks, values) == pytest.approx(1.0)
    assert r_squared(np.zeros(4), masks, values) == 0.0
    assert r_squared(-weights, masks, values) == pytest.approx(-3.0)  # twice the values are left
    half = np.array([2.0, np.nan, 0.0, 0.5])  # what was not examined foretells nothing
    assert r_squared(half, masks, values) == pytest.approx(1 - 1 / (4 + 1 + 0.25))


def test_lds_by_hand() -> None:
    masks = np.array([[1, 0], [0, 1], [1, 1]], dtype=bool)
    # Sums 1, 2, 3 against values 1, 3, 2: rho = 1 - 6 * 2 / (3 * 8).
    assert lds(np.array([1.0, 2.0]), masks, np.array([1.0, 3.0, 2.0])) == pytest.approx(0.5)
    assert lds(np.array([1.0, 2.0]), masks, np.ones(3)) is None
    assert lds(np.zeros(2), masks, np.array([1.0, 3.0, 2.0])) == 0.0
    assert r_squared(np.zeros(2), masks, np.ones(3)) is None


def test_jaccard_by_hand() -> None:
    assert jaccard({1, 2, 3}, {2, 3, 4}) == 0.5
    assert jaccard(set(), set()) == 1.0


def test_stability_by_hand() -> None:
    runs = [np.array([3.0, 2.0, 1.0, np.nan]), np.array([3.0, 0.5, -2.0, np.nan])]
    found = stability(runs, 2)
    assert found.jaccard == pytest.approx(1 / 3)  # {0, 1} and {0, 2}
    assert found.signs == 1.0  # of unit 0, the only one in both
    # Ranks 4, 3, 2, 1 and 4, 3, 1, 2: rho = 1 - 6 * (0 + 0 + 1 + 1) / (4 * 15).
    assert found.spearman == pytest.approx(0.8)
    three = stability(runs, 3)
    assert (three.jaccard, three.signs) == (1.0, pytest.approx(2 / 3))  # of unit 2 they differ
    same = stability([runs[0]] * 3, 2)
    assert (same.jaccard, same.spearman, same.signs) == (1.0, pytest.approx(1.0), 1.0)
    with pytest.raises(ValueError, match="two runs"):
        stability(runs[:1], 2)


def test_signs_that_differ_are_counted() -> None:
    found = stability([np.array([1.0, -1.0]), np.array([1.0, 1.0])], 2)
    assert (found.jaccard, found.signs) == (1.0, 0.5)


def test_weights_of_zero_are_never_among_the_first() -> None:
    """Else sparse weights would look stable by the order in which their zeros stand."""
    one, other = np.zeros(9), np.full(9, np.nan)
    one[3], other[4], other[0] = 1.0, 1.0, 0.0
    assert stability([one, other], 5).jaccard == 0.0


def _values(masks: np.ndarray) -> np.ndarray:
    """A set function with an interaction: the greedy order is not always the best one."""
    x = masks.astype(float)
    return 2 * x[:, 0] + 1.5 * x[:, 1] + x[:, 2] - 3 * (~masks[:, 1] & ~masks[:, 2])


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_aopc_bounds_against_all_orders(sign: int, steps: int) -> None:
    full = float(_values(np.ones((1, 4), dtype=bool))[0])

    def of(order: tuple[int, ...]) -> float:
        masks = np.ones((steps, 4), dtype=bool)
        for k in range(steps):
            masks[k, list(order[: k + 1])] = False
        return aopc(full, list(_values(masks)))

    areas = [of(order) for order in itertools.permutations(range(4), steps)]
    exact = aopc_bound(_values, 4, steps, sign=sign, width=100)
    assert exact == pytest.approx(max(areas) if sign == 1 else min(areas))
    greedy = aopc_bound(_values, 4, steps, sign=sign)
    assert min(areas) - 1e-9 <= greedy <= max(areas) + 1e-9


def test_normalised_aopc() -> None:
    assert normalised_aopc(3.0, 1.0, 5.0) == 0.5
    with pytest.raises(ValueError, match="nothing between"):
        normalised_aopc(1.0, 2.0, 2.0)
