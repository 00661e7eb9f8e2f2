"""Run: pytest tests/benchmarks/tables/test_bootstrap.py"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.benchmarks.tables.bootstrap import bootstrap_mean, clustered_mean


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


def test_clusters_come_and_go_together() -> None:
    values = list(np.random.default_rng(1).normal(size=40))
    alone = [str(k) for k in range(40)]
    assert clustered_mean(values, alone, seed=3) == bootstrap_mean(values, seed=3)
    # Each value four times, as four functions of one commit: no narrower than once.
    fourfold = clustered_mean(np.repeat(values, 4).tolist(), np.repeat(alone, 4).tolist(), seed=3)
    once = bootstrap_mean(values, seed=3)
    assert (fourfold.mean, fourfold.low) == (pytest.approx(once.mean), pytest.approx(once.low))
    # The mean is of all values, whatever the sizes of the clusters.
    assert clustered_mean([1.0, 1.0, 4.0], ["a", "a", "b"]).mean == 2.0
    with pytest.raises(ValueError, match="1 clusters"):
        clustered_mean([1.0, 2.0], ["a"])
