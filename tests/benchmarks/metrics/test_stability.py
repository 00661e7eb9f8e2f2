"""Run: pytest tests/benchmarks/metrics/test_stability.py"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.benchmarks.metrics.stability import jaccard, stability


def test_jaccard_by_hand() -> None:
    assert jaccard({1, 2, 3}, {2, 3, 4}) == 0.5
    assert jaccard(set(), set()) == 1.0


def test_stability_by_hand() -> None:
    runs = [np.array([3.0, 2.0, 1.0, np.nan]), np.array([3.0, 0.5, -2.0, np.nan])]
    agreement = stability(runs, 2)
    assert agreement.jaccard == pytest.approx(1 / 3)  # {0, 1} and {0, 2}
    assert agreement.signs == 1.0  # of unit 0, the only one in both
    # Ranks 4, 3, 2, 1 and 4, 3, 1, 2: rho = 1 - 6 * (0 + 0 + 1 + 1) / (4 * 15).
    assert agreement.spearman == pytest.approx(0.8)
    three = stability(runs, 3)
    assert (three.jaccard, three.signs) == (1.0, pytest.approx(2 / 3))  # of unit 2 they differ
    same = stability([runs[0]] * 3, 2)
    assert (same.jaccard, same.spearman, same.signs) == (1.0, pytest.approx(1.0), 1.0)
    with pytest.raises(ValueError, match="two runs"):
        stability(runs[:1], 2)


def test_signs_that_differ_are_counted() -> None:
    agreement = stability([np.array([1.0, -1.0]), np.array([1.0, 1.0])], 2)
    assert (agreement.jaccard, agreement.signs) == (1.0, 0.5)


def test_weights_of_zero_are_never_among_the_first() -> None:
    """Else sparse weights would look stable by the order in which their zeros stand."""
    one, other = np.zeros(9), np.full(9, np.nan)
    one[3], other[4], other[0] = 1.0, 1.0, 0.0
    assert stability([one, other], 5).jaccard == 0.0
