"""The surrogate: a sparse linear model of (mask, value) pairs, and how sure it is.

Every step is centred alike, by the weighted means of the masks and values that it fits: the LASSO's
path; least squares without penalty on each support that it passes (the relaxed LASSO of Meinshausen
2007 at its unpenalised end); of those the one with the least extended BIC (Chen & Chen 2008, with
gamma = 1/2). Cross-validation in place of the BIC chose the empty model where few masks enumerate
all. Selection frequency: LASSO and least squares again, at the same penalty, on bootstrap samples.

Intervals do not trust the selection. They stand around an estimate of every unit's weight that
none was left out of: least squares over all units where there are masks enough, else the sparse fit
de-biased (Zhang & Zhang 2014; Bellec & Zhang 2022 for the degrees of freedom), for which the
inverse covariance of the masks is known, since we drew them. Variances are those of White's
sandwich with the correction HC2 (MacKinnon & White 1985): what a linear model leaves of a language
model's values is no even noise. An interval is widened to hold the weight that it goes with, so
that of a unit which the sparse fit left out always holds 0.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from scipy.stats import t as student
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso, lasso_path

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Floats
from focus_lime.perturb.masks import Masks, all_there

# Of the largest weight: an effect below it does not matter (a region of practical equivalence,
# Kruschke 2018).
LEAST = 0.05
_SURE = 0.99
_FLAT = 1e-9  # values that move less than this, relative to their size, do not move


@dataclass(frozen=True, eq=False)
class SurrogateFit:
    """value ~ intercept + masks @ weights, in the unit of the values.

    Attributes:
        weights: `float64[n_units]`; 0 for a unit that the LASSO left out.
        low, high: the interval of every weight, at `level`.
        centre, error: the estimate that the interval stands around, and its standard error.
        sure: units whose effect is there and matters: their interval at the level `_SURE` for all
            units together (Bonferroni) lies beyond `LEAST` of the largest weight. The intervals of
            thirty units without effect would be wrong about three of them.
        selected: share of the bootstrap samples whose LASSO kept the unit.
        penalty: the LASSO's alpha (scikit-learn's scaling); 0 if there was nothing to select.
        n_masks: pairs that were fitted.
    """

    weights: Floats
    intercept: float
    low: Floats
    high: Floats
    centre: Floats
    error: Floats
    sure: NDArray[np.bool_]
    selected: Floats
    penalty: float
    n_masks: int
    level: float

    def predict(self, masks: Masks) -> Floats:
        return np.asarray(self.intercept + masks @ self.weights, dtype=np.float64)


@dataclass(frozen=True)
class Fidelity:
    """How well a surrogate foretells values: R^2, and Spearman's rho (the linear datamodeling
    score of Ilyas et al. 2022). None where the values or the predictions do not vary.
    """

    n_masks: int
    r2: float | None
    spearman: float | None


def fit(
    masks: Masks,
    values: Floats,
    weights: Floats | None = None,
    *,
    doubt: Floats | None = None,
    level: float = 0.9,
    n_bootstrap: int = 200,
    seed: int = 0,
) -> SurrogateFit:
    """Fit the surrogate to `bool[n_masks, n_units]` and `float64[n_masks]`.

    Args:
        weights: non-negative weights of the masks (LIME's kernel); equal if not given.
        doubt: `float64[n_units]`, variance of each weight that does not come from the choice of
            masks: of values that were corrected.
        level: the intervals' nominal level.
        n_bootstrap: samples of masks for the selection frequency; of 0 it is 0 or 1.

    Raises:
        FocusLimeError: no masks, shapes that differ, values that are not finite.
    """
    x, y = np.asarray(masks, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if x.ndim != 2 or len(x) == 0 or y.shape != (len(x),):
        raise FocusLimeError(f"cannot fit values of shape {y.shape} to masks of shape {x.shape}")
    if not np.isfinite(y).all():
        raise FocusLimeError("cannot fit values that are NaN or infinite")
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != y.shape or (w < 0).any() or w.sum() == 0:
        raise FocusLimeError("weights must be non-negative, one a mask, and not all 0")
    w = w * (len(w) / w.sum())
    penalty = _penalty(x, y, w)
    coefficients, intercept = _sparse(x, y, w, penalty)
    selected = (coefficients != 0).astype(np.float64)
    if n_bootstrap:
        selected = (_bootstrap(x, y, w, penalty, n_bootstrap, seed) != 0).mean(axis=0)
    centre, error, df = _unselected(x, y, w, coefficients)
    if doubt is not None:
        error = np.sqrt(error**2 + doubt)
    reach = float(student.ppf((1 + level) / 2, df)) * error
    together = float(student.ppf(1 - (1 - _SURE) / (2 * x.shape[1]), df)) * error
    beyond = np.minimum(np.abs(coefficients), np.abs(centre) - together)
    least = LEAST * float(np.abs(coefficients).max(initial=0.0))
    return SurrogateFit(
        weights=coefficients,
        intercept=intercept,
        low=np.minimum(centre - reach, coefficients),
        high=np.maximum(centre + reach, coefficients),
        centre=centre,
        error=error,
        sure=(beyond > least) & (np.sign(centre) == np.sign(coefficients)),
        selected=selected,
        penalty=penalty,
        n_masks=len(y),
        level=level,
    )


def fidelity(surrogate: SurrogateFit, masks: Masks, values: Floats) -> Fidelity:
    """The fit on masks that it has not seen."""
    if len(values) < 2 or _flat(values):
        return Fidelity(len(values), None, None)
    predicted = surrogate.predict(masks)
    residual = float(((values - predicted) ** 2).sum())
    r2 = 1.0 - residual / float(((values - values.mean()) ** 2).sum())
    rho = None if _flat(predicted) else float(spearmanr(values, predicted).statistic)
    return Fidelity(len(values), r2, rho)


def _flat(values: Floats) -> bool:
    return bool(np.ptp(values) <= _FLAT * max(1.0, float(np.abs(values).max())))


def _centred(x: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats, Floats, float]:
    """Rows scaled by sqrt(w) after the weighted means are taken off, and those means."""
    mean_x, mean_y = np.average(x, axis=0, weights=w), float(np.average(y, weights=w))
    root = np.sqrt(w)
    return (x - mean_x) * root[:, None], (y - mean_y) * root, mean_x, mean_y


def _least_squares(xc: Floats, yc: Floats, chosen: Floats) -> Floats:
    """Coefficients of least squares on the support of `chosen`."""
    # Least squares needs more masks than units; of too many units the largest stay.
    largest = np.argsort(-np.abs(chosen), kind="stable")[: max(1, len(yc) // 2)]
    support = largest[chosen[largest] != 0]
    coefficients = np.zeros(len(chosen))
    if len(support):
        coefficients[support] = np.linalg.lstsq(xc[:, support], yc, rcond=1e-10)[0]
        # Rounding gives a unit without effect 1e-16 or so, and would rank such units at random.
        coefficients[np.abs(coefficients) < _FLAT * np.abs(coefficients).max()] = 0.0
    return coefficients


def _unselected(x: Floats, y: Floats, w: Floats, sparse: Floats) -> tuple[Floats, Floats, float]:
    """An estimate of every weight that no selection has touched, its standard error, and the
    degrees of freedom of that.
    """
    n, p = x.shape
    xc, yc, _, _ = _centred(x, y, w)
    if all_there(x) or _flat(y):  # nothing is left to chance
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
    scale = _FLAT * float(np.abs(yc).max())
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
    if _flat(y) or all_there(x):
        return 0.0
    xc, yc, _, _ = _centred(x, y, w)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # random_state: without one scikit-learn draws from the user's global generator.
        alphas, path, _ = lasso_path(xc, yc, eps=1e-4, alphas=60, max_iter=5000, random_state=0)
    n, total = len(y), float(yc @ yc)
    per_unit = np.log(n) + np.log(x.shape[1])
    best, least, support = float(alphas[0]), np.inf, path[:, 0] != 0
    if n > 2 * x.shape[1]:  # enough masks for all units: selecting none of them is a candidate
        alphas, path = np.append(alphas, 0.0), np.column_stack([path, np.ones(x.shape[1])])
    for alpha, coefficients in zip(alphas, path.T, strict=True):
        refitted = _least_squares(xc, yc, coefficients)
        rest = max(float(((yc - xc @ refitted) ** 2).sum()), _FLAT**2 * total)
        criterion = n * np.log(rest / n) + np.count_nonzero(refitted) * per_unit
        # Of equal supports the least penalty: in a bootstrap sample it keeps them, too.
        same = np.array_equal(refitted != 0, support)
        if criterion < least or same:
            best, least, support = float(alpha), min(criterion, least), refitted != 0
    return best


def _sparse(x: Floats, y: Floats, w: Floats, penalty: float) -> tuple[Floats, float]:
    """LASSO at `penalty`, then least squares on its support."""
    xc, yc, mean_x, mean_y = _centred(x, y, w)
    chosen = np.zeros(x.shape[1])
    if penalty and not _flat(y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            lasso = Lasso(penalty, fit_intercept=False, max_iter=5000, random_state=0)
            chosen = lasso.fit(xc, yc).coef_
    elif not _flat(y):
        chosen = np.ones(x.shape[1])
    coefficients = _least_squares(xc, yc, chosen)
    return coefficients, mean_y - float(mean_x @ coefficients)


def _bootstrap(
    x: Floats, y: Floats, w: Floats, penalty: float, n_samples: int, seed: int
) -> NDArray[np.float64]:
    rng = np.random.default_rng([seed, len(y)])
    draws = np.zeros((n_samples, x.shape[1]))
    for sample in range(n_samples):
        rows = rng.integers(0, len(y), size=len(y))
        draws[sample] = _sparse(x[rows], y[rows], w[rows], penalty)[0]
    return draws
