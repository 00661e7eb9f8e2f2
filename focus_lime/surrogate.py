"""The surrogate: a sparse linear model of (mask, value) pairs, and how sure it is.

Every step is centred alike, by the weighted means of the masks and values that it fits: the LASSO's
path; least squares without penalty on each support that it passes (the relaxed LASSO of Meinshausen
2007 at its unpenalised end); of those the one with the least extended BIC (Chen & Chen 2008, with
gamma = 1/2); then LASSO and least squares again, at the same penalty, on bootstrap samples of the
masks. Cross-validation in place of the BIC chose the empty model where few masks enumerate all.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso, lasso_path

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Floats
from focus_lime.perturb.masks import Masks, all_there

_FLAT = 1e-9  # values that move less than this, relative to their size, do not move


@dataclass(frozen=True, eq=False)
class SurrogateFit:
    """value ~ intercept + masks @ weights, in the unit of the values.

    Attributes:
        weights: `float64[n_units]`; 0 for a unit that the LASSO left out.
        low, high: the bootstrap's percentile interval of every weight, at `level`.
        selected: share of the bootstrap samples whose LASSO kept the unit.
        penalty: the LASSO's alpha (scikit-learn's scaling); 0 if there was nothing to select.
        n_masks: pairs that were fitted.
    """

    weights: Floats
    intercept: float
    low: Floats
    high: Floats
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
    level: float = 0.9,
    n_bootstrap: int = 200,
    seed: int = 0,
) -> SurrogateFit:
    """Fit the surrogate to `bool[n_masks, n_units]` and `float64[n_masks]`.

    Args:
        weights: non-negative weights of the masks (LIME's kernel); equal if not given.
        level: the intervals' nominal level.
        n_bootstrap: samples of masks; 0 leaves the intervals at the weights.

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
    draws = _bootstrap(x, y, w, penalty, n_bootstrap, seed)
    tails = [50 * (1 - level), 50 * (1 + level)]
    low, high = np.percentile(draws, tails, axis=0) if n_bootstrap else (coefficients,) * 2
    selected = (draws != 0).mean(axis=0) if n_bootstrap else (coefficients != 0).astype(float)
    return SurrogateFit(
        coefficients,
        intercept,
        np.minimum(low, coefficients),
        np.maximum(high, coefficients),
        selected,
        penalty,
        len(y),
        level,
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
