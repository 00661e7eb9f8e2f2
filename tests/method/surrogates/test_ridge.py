"""pytest tests/method/surrogates/test_ridge.py

Against the lime package, which the surrogate is named after.
"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.method.masks import bernoulli, uniform_size, with_full
from focus_lime.method.surrogate import Sample
from focus_lime.method.surrogates.ridge import Ridge


def test_the_weights_are_those_of_the_lime_package() -> None:
    lime_base = pytest.importorskip("lime.lime_base")
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    masks = uniform_size(9, 60, seed=0)
    values = masks @ rng.normal(size=9) + 0.3 * rng.normal(size=60)
    full = 1.7
    data = with_full(masks).astype(float)
    # As in LimeTextExplainer: cosine distances in percent, a kernel of width 25.
    distances = metrics.pairwise_distances(data, data[:1], metric="cosine").ravel() * 100
    base = lime_base.LimeBase(lambda d, kernel_width=25: np.sqrt(np.exp(-(d**2) / kernel_width**2)))
    intercept, pairs, _, _ = base.explain_instance_with_data(
        data,
        np.append(full, values)[:, None],
        distances,
        0,
        num_features=9,
        feature_selection="none",
    )
    fit = Ridge().fit(Sample(masks, values, full, n_bootstrap=0))
    np.testing.assert_allclose(fit.weights, [weight for _, weight in sorted(pairs)], atol=1e-10)
    assert fit.intercept == pytest.approx(intercept)


def test_intervals_hold_the_weights_of_a_noisy_linear_function() -> None:
    truth = np.array([3.0, 0.0, -2.0, 0.0, 1.0])
    rng = np.random.default_rng(1)
    inside = []
    for seed in range(40):
        masks = bernoulli(5, 120, seed=seed, keep=0.8)
        values = masks @ truth + 0.5 * rng.normal(size=len(masks))
        fit = Ridge(alpha=1e-6).fit(Sample(masks, values, 2.0, n_bootstrap=60, seed=seed))
        inside.append((fit.low <= truth) & (truth <= fit.high))
    assert 0.75 < np.mean(inside) <= 1.0  # 31 distinct masks of 5 units: the bootstrap is rough
    assert fit.significant[[0, 2]].all()
    assert not fit.significant[[1, 3]].any()
