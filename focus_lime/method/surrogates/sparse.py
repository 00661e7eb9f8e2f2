"""The default surrogate: a sparse linear model, and intervals that do not trust its selection.

Every step is centred alike, by the weighted means of the masks and values that it fits: the LASSO's
path; least squares without penalty on each support that it passes (the relaxed LASSO of Meinshausen
2007 at its unpenalised end); of those the one with the least extended BIC (Chen & Chen 2008, with
gamma = 1/2). Selection frequency: the LASSO again, at the same penalty, on bootstrap samples.

Intervals stand around an estimate of every unit's weight that none was left out of: least squares
over all units where there are masks enough, else the sparse fit de-biased (Zhang & Zhang 2014;
Bellec & Zhang 2022 for the degrees of freedom), for which the inverse covariance of the masks is
known, since we drew them. Variances are those of White's sandwich with the correction HC2
(MacKinnon & White 1985), since what a linear model leaves of a language model's values is no even
noise. An interval is widened to hold the weight that it goes with, so that the interval of a unit
which the sparse fit left out always holds 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError
from focus_lime.method.masks import Masks, all_there, lime_kernel
from focus_lime.method.surrogate import (
    LEVEL,
    NEGLIGIBLE,
    SIGNIFICANCE,
    Sample,
    Surrogate,
    SurrogateFit,
    checked,
    is_flat,
)
from focus_lime.method.surrogates.lasso import lasso_of_samples, lasso_path
from focus_lime.models.base import Floats

_ROUNDING = 1e-9  # relative to the largest: less is no effect


@dataclass(frozen=True)
class SparseLinear(Surrogate):
    """
    Args:
        kernel: weigh masks by LIME's kernel.
    """

    kernel: bool = False

    @property
    def name(self) -> str:
        return "sparse"

    def fit(self, sample: Sample) -> SurrogateFit:
        return fit_sparse(
            sample.masks,
            sample.values,
            lime_kernel(sample.masks) if self.kernel else None,
            extra_variance=sample.extra_variance,
            n_bootstrap=sample.n_bootstrap,
            seed=sample.seed,
        )


def fit_sparse(
    masks: Masks,
    values: Floats,
    weights: Floats | None = None,
    *,
    extra_variance: Floats | None = None,
    level: float = LEVEL,
    n_bootstrap: int = 200,
    seed: int = 0,
) -> SurrogateFit:
    """Fit the sparse linear model to `bool[n_masks, n_units]` and `float64[n_masks]`.

    Args:
        weights: non-negative weights of the masks; equal if not given.
        extra_variance: see `Sample`.
        level: the intervals' nominal level.
        n_bootstrap: samples of masks for the selection frequency; without any it is 0 or 1.

    Raises:
        FocusLimeError: no masks, shapes that differ, values that are not finite.
    """
    from scipy.stats import t as student  # slow to import

    x, y = checked(masks, values)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != y.shape or (w < 0).any() or w.sum() == 0:
        raise FocusLimeError("weights must be non-negative, one a mask, and not all 0")
    w = w * (len(w) / w.sum())
    penalty = _penalty(x, y, w)
    coefficients, intercept, lasso = _sparse(x, y, w, penalty)
    selected = (coefficients != 0).astype(np.float64)
    if n_bootstrap and penalty:
        selected = _selected(x, y, w, penalty, lasso, n_bootstrap, seed)
    centre, error, df = _unselected(x, y, w, coefficients)
    if extra_variance is not None:
        error = np.sqrt(error**2 + extra_variance)
    reach = float(student.ppf((1 + level) / 2, df)) * error
    together = float(student.ppf(1 - (1 - SIGNIFICANCE) / (2 * x.shape[1]), df)) * error
    beyond = np.minimum(np.abs(coefficients), np.abs(centre) - together)
    least = NEGLIGIBLE * float(np.abs(coefficients).max(initial=0.0))
    return SurrogateFit(
        weights=coefficients,
        intercept=intercept,
        low=np.minimum(centre - reach, coefficients),
        high=np.maximum(centre + reach, coefficients),
        centre=centre,
        error=error,
        significant=(beyond > least) & (np.sign(centre) == np.sign(coefficients)),
        selected=selected,
        penalty=penalty,
        n_masks=len(y),
        level=level,
    )


def _centred(x: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats, Floats, float]:
    """Rows scaled by sqrt(w) after the weighted means are taken off, and those means."""
    mean_x, mean_y = np.average(x, axis=0, weights=w), float(np.average(y, weights=w))
    root = np.sqrt(w)
    return (x - mean_x) * root[:, None], (y - mean_y) * root, mean_x, mean_y


def _largest(chosen: Floats, n_masks: int) -> NDArray[np.bool_]:
    """The units of the support, `bool[n_units]`. Least squares needs more masks than units; of too
    many units the largest stay.
    """
    support: NDArray[np.bool_] = chosen != 0
    support[np.argsort(-np.abs(chosen), kind="stable")[max(1, n_masks // 2) :]] = False
    return support


def _least_squares(xc: Floats, yc: Floats, chosen: Floats) -> Floats:
    """Coefficients of least squares on the support of `chosen`."""
    support = np.flatnonzero(_largest(chosen, len(yc)))
    coefficients = np.zeros(len(chosen))
    if len(support):
        coefficients[support] = np.linalg.lstsq(xc[:, support], yc, rcond=1e-10)[0]
        # Rounding gives a unit without effect 1e-16 or so, and would rank such units at random.
        coefficients[np.abs(coefficients) < _ROUNDING * np.abs(coefficients).max()] = 0.0
    return coefficients


def _unselected(x: Floats, y: Floats, w: Floats, sparse: Floats) -> tuple[Floats, Floats, float]:
    """An estimate of every weight that no selection has touched, its standard error, and the
    degrees of freedom of that.
    """
    n, p = x.shape
    xc, yc, _, _ = _centred(x, y, w)
    if all_there(x) or is_flat(y):  # nothing is left to chance
        return sparse, np.zeros(p), np.inf
    if n >= p + max(3, p // 6):
        inverse = np.linalg.pinv(xc)
        centre = inverse @ yc
        rest = yc - xc @ centre
        leverage = np.einsum("ij,ji->i", xc, inverse) + w / w.sum()
        spread = rest**2 / np.clip(1 - leverage, 1e-3, None)
        error, df = np.sqrt(inverse**2 @ spread), float(n - p - 1)
    else:
        rest = yc - xc @ sparse
        df = float(max(1, n - 1 - np.count_nonzero(sparse)))
        scores = _whitened(xc) * rest[:, None]
        step = scores.sum(axis=0)
        centre = sparse + step / df
        error = np.sqrt(((scores - step / n) ** 2).sum(axis=0)) / df
    # Rounding is no effect; and of a unit that no mask dropped nothing is known.
    scale = _ROUNDING * float(np.abs(yc).max())
    centre = np.where(np.abs(centre) < scale, 0.0, centre)
    error = np.where(error < scale, 0.0, error)
    error[np.ptp(x, axis=0) == 0] = float(error.max(initial=0.0))
    return centre, error, df


def _whitened(xc: Floats) -> Floats:
    """The rows times the inverse covariance of masks whose units are exchangeable: all variances
    are alike, and all covariances.
    """
    n, p = xc.shape
    variance = float((xc**2).sum()) / (n * p)
    total = float((xc.sum(axis=1) ** 2).sum()) / n
    covariance = (total - p * variance) / (p * (p - 1)) if p > 1 else 0.0
    # As if a mask more had been drawn with every unit by itself: sampling may make the sum of the
    # units all but constant.
    apart = max(variance - covariance, variance / n)
    together = max(apart + p * covariance, apart / p)
    share = (together - apart) / (p * together)
    whitened: Floats = (xc - share * xc.sum(axis=1, keepdims=True)) / apart
    return whitened


def _penalty(x: Floats, y: Floats, w: Floats) -> float:
    """The LASSO's alpha whose refitted support has the least extended BIC.

    0, no selection, where the masks are all there are.
    """
    if is_flat(y) or all_there(x):
        return 0.0
    xc, yc, _, _ = _centred(x, y, w)
    alphas, path = lasso_path(xc, yc)
    n, total = len(y), float(yc @ yc)
    per_unit = np.log(n) + np.log(x.shape[1])
    best, least, support = float(alphas[0]), np.inf, path[:, 0] != 0
    if n > 2 * x.shape[1]:  # enough masks for all units: selecting none of them is a candidate
        alphas, path = np.append(alphas, 0.0), np.column_stack([path, np.ones(x.shape[1])])
    tried: dict[bytes, Floats] = {}
    for alpha, coefficients in zip(alphas, path.T, strict=True):
        chosen = _largest(coefficients, n).tobytes()
        if chosen not in tried:
            tried[chosen] = _least_squares(xc, yc, coefficients)
        refitted = tried[chosen]
        rest = max(float(((yc - xc @ refitted) ** 2).sum()), _ROUNDING**2 * total)
        criterion = n * np.log(rest / n) + np.count_nonzero(refitted) * per_unit
        # Of equal supports the least penalty: in a bootstrap sample it keeps them, too.
        same = np.array_equal(refitted != 0, support)
        if criterion < least or same:
            best, least, support = float(alpha), min(criterion, least), refitted != 0
    return best


def _sparse(x: Floats, y: Floats, w: Floats, penalty: float) -> tuple[Floats, float, Floats]:
    """LASSO at `penalty`, then least squares on its support; what the LASSO itself gave is last."""
    xc, yc, mean_x, mean_y = _centred(x, y, w)
    chosen = np.zeros(x.shape[1])
    if penalty and not is_flat(y):
        chosen = lasso_path(xc, yc, np.array([penalty]))[1][:, 0]
    elif not is_flat(y):
        chosen = np.ones(x.shape[1])
    coefficients = _least_squares(xc, yc, chosen)
    return coefficients, mean_y - float(mean_x @ coefficients), chosen


def _selected(
    x: Floats, y: Floats, w: Floats, penalty: float, start: Floats, n_samples: int, seed: int
) -> Floats:
    """Share of bootstrap samples of the masks whose LASSO keeps each unit, `float64[n_units]`.

    Args:
        start: the LASSO's coefficients of all masks.
    """
    n = len(y)
    rng = np.random.default_rng([seed, n])
    rows = np.stack([rng.integers(0, n, size=n) for _ in range(n_samples)])
    weights = w[rows] / w[rows].sum(axis=1, keepdims=True)
    root = np.sqrt(w[rows])
    xs, ys = x[rows], y[rows]
    xs = (xs - np.einsum("bn,bnp->bp", weights, xs)[:, None]) * root[..., None]
    ys = (ys - np.einsum("bn,bn->b", weights, ys)[:, None]) * root
    draws = lasso_of_samples(xs, ys, penalty, start)
    kept: Floats = np.mean([_largest(draw, n) for draw in draws], axis=0)
    return kept
