"""Run: pytest tests/benchmarks/tables/test_bootstrap.py"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.benchmarks.tables.bootstrap import bootstrap_mean


def test_bootstrap_interval() -> None:
    constant = bootstrap_mean([2.0, 2.0, 2.0])
    assert (constant.mean, constant.low, constant.high) == (2.0, 2.0, 2.0)
    values = np.random.default_rng(1).normal(size=50)
    interval = bootstrap_mean(list(values), seed=3)
    half_width = 1.96 * values.std() / np.sqrt(50)
    assert interval.mean == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - half_width, abs=0.03)
    assert interval.high == pytest.approx(values.mean() + half_width, abs=0.03)
    assert bootstrap_mean(list(values), seed=3) == interval
    with pytest.raises(ValueError, match="in one row"):
        bootstrap_mean([])
