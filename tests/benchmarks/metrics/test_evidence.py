"""Run: pytest tests/benchmarks/metrics/test_evidence.py"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from focus_lime.benchmarks.metrics.evidence import (
    average_precision,
    ceiling_at,
    gold_units,
    precision_at,
    r_precision,
    recall_at,
    recall_at_share,
    scout_recall,
)
from focus_lime.inputs.units import Span, Unit, Units


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
    assert gold_units(units, [Span(0, 10, 20)]) == {1}  # half-open: touching is not sharing
    assert gold_units(units, [Span(0, 9, 11)]) == {0, 1}
    assert gold_units(units, [Span(0, 0, 1), Span(0, 29, 30)]) == {0, 2}
    assert gold_units(units, [Span(1, 5, 6)]) == set()


def test_gold_units_against_brute_force() -> None:
    rng = np.random.default_rng(0)
    cuts = [0, *sorted(map(int, rng.choice(np.arange(1, 60), size=9, replace=False))), 60]
    units = Units([Unit(0, a, b, "sentence") for a, b in itertools.pairwise(cuts)])
    for _ in range(200):
        start, end = sorted(map(int, rng.choice(61, size=2, replace=False)))
        shared = {i for i, u in enumerate(units) if {*range(start, end)} & {*range(u.start, u.end)}}
        assert gold_units(units, [Span(0, start, end)]) == shared


def test_gold_of_several_sources() -> None:
    units = Units([Unit(0, 0, 5, "word"), Unit(0, 5, 9, "word"), Unit(1, 0, 4, "word")])
    assert gold_units(units, [Span(0, 6, 7), Span(1, 0, 1)]) == {1, 2}
    assert gold_units(units, []) == frozenset()


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
