"""pytest tests/method/surrogates/test_lasso.py"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Lasso

from focus_lime.method.masks import bernoulli
from focus_lime.method.surrogates import lasso
from focus_lime.method.surrogates.lasso import lasso_of_samples, lasso_path


def samples(n_samples: int, n: int, n_units: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.stack([bernoulli(n_units, n, seed + i)[:n].astype(float) for i in range(n_samples)])
    y = x @ (rng.normal(size=n_units) * (rng.random(n_units) < 0.5))
    y += rng.normal(0, 0.3, y.shape)
    return x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)


def objective(x: np.ndarray, y: np.ndarray, w: np.ndarray, penalty: float) -> float:
    return float(((y - x @ w) ** 2).mean() / 2 + penalty * np.abs(w).sum())


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 20), st.integers(0, 1000), st.floats(0.01, 0.5))
def test_every_sample_has_the_minimum_that_scikit_learn_finds(
    n_units: int, seed: int, penalty: float
) -> None:
    x, y = samples(5, min(24, 2**n_units), n_units, seed)
    start = np.random.default_rng(seed).normal(size=n_units)
    for sample, values, found in zip(x, y, lasso_of_samples(x, y, penalty, start), strict=True):
        fit = Lasso(penalty, fit_intercept=False, tol=1e-8, max_iter=100_000)
        least = objective(sample, values, fit.fit(sample, values).coef_, penalty)
        assert objective(sample, values, found, penalty) <= least * (1 + 1e-3) + 1e-9


def test_a_unit_that_a_sample_never_drops_has_no_weight() -> None:
    x, y = samples(3, 20, 4, 1)
    x[1, :, 2] = 0.0
    found = lasso_of_samples(x, y, 0.01, np.ones(4))
    assert found[1, 2] == 0
    assert np.isfinite(found).all()


def test_many_samples_are_fitted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = samples(9, 20, 4, 2)
    together = lasso_of_samples(x, y, 0.05, np.zeros(4))
    monkeypatch.setattr(lasso, "AT_ONCE", 200)
    np.testing.assert_allclose(lasso_of_samples(x, y, 0.05, np.zeros(4)), together, atol=1e-3)


def test_the_path_begins_where_nothing_is_left() -> None:
    x, y = (part[0] for part in samples(1, 40, 6, 3))
    penalties, path = lasso_path(x, y)
    assert (np.diff(penalties) < 0).all()
    assert (np.abs(path[:, 0]) < 1e-9).all()
    assert (path[:, -1] != 0).sum() > 3
    fit = Lasso(penalties[30], fit_intercept=False, tol=1e-8, max_iter=100_000).fit(x, y)
    np.testing.assert_allclose(path[:, 30], fit.coef_, atol=1e-3)
    np.testing.assert_allclose(lasso_path(x, y, penalties[30:31])[1][:, 0], fit.coef_, atol=1e-3)
