"""Run: pytest tests/benchmarks/metrics/test_normalised.py"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from focus_lime.benchmarks.metrics.formulas import aopc
from focus_lime.benchmarks.metrics.normalised import aopc_bound, normalised_aopc


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
