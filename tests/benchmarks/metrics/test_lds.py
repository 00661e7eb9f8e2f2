"""Run: pytest tests/benchmarks/metrics/test_lds.py"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.benchmarks.metrics.lds import lds, r_squared
from focus_lime.method.masks import enumerate_all


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
