"""The surrogate: a model of (mask, value) pairs whose weights are the attribution.

`Surrogate` is what the algorithm asks of one; `focus_lime.method.surrogates` has those that come
with the project, and one of the user's is a class with a `fit`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError
from focus_lime.method.masks import Masks
from focus_lime.models.base import Floats

# An effect below this share of the largest weight does not matter (a region of practical
# equivalence, Kruschke 2018).
NEGLIGIBLE = 0.05
SIGNIFICANCE = 0.99  # of all units together
LEVEL = 0.9  # of the intervals
_FLAT = 1e-9  # values that move less than this, relative to their size, do not move


@dataclass(frozen=True, eq=False)
class SurrogateFit:
    """value ~ intercept + masks @ weights, in the unit of the values.

    Attributes:
        weights: `float64[n_units]`; 0 for a unit that the fit left out.
        low, high: the interval of every weight, at `level`.
        centre, error: the estimate that the interval stands around, and its standard error.
        significant: units whose effect is there and matters: their interval at the level
            `SIGNIFICANCE` for all units together (Bonferroni) lies beyond `NEGLIGIBLE` of the
            largest weight.
        selected: share of the bootstrap samples whose fit kept the unit.
        n_masks: pairs that were fitted.
        penalty: of a fit that selects; 0 where nothing was selected.
    """

    weights: Floats
    intercept: float
    low: Floats
    high: Floats
    centre: Floats
    error: Floats
    significant: NDArray[np.bool_]
    selected: Floats
    n_masks: int
    penalty: float = 0.0
    level: float = LEVEL

    def predict(self, masks: Masks) -> Floats:
        return np.asarray(self.intercept + masks @ self.weights, dtype=np.float64)

    @property
    def ranking(self) -> list[int]:
        """Units by the size of their weight; of equal ones, as of those that a sparse fit left out,
        by that of the estimate without selection; then in reading order.
        """
        return [int(i) for i in np.lexsort((-np.abs(self.centre), -np.abs(self.weights)))]


@dataclass(frozen=True, eq=False)
class Sample:
    """Masks that were asked, and their values.

    Attributes:
        masks, values: `bool[n_masks, n_units]` and `float64[n_masks]`.
        full: f(x), the value of the all-kept mask, which is not among the masks.
        extra_variance: `float64[n_units]`, variance of each weight that does not come from the
            choice of masks: of values that were corrected.
        n_bootstrap: samples of masks, where a fit resamples; 0 asks for weights alone.
    """

    masks: Masks
    values: Floats
    full: float
    extra_variance: Floats | None = None
    n_bootstrap: int = 200
    seed: int = 0

    def select(self, rows: NDArray[np.bool_]) -> Sample:
        """Some of the masks."""
        return replace(self, masks=self.masks[rows], values=self.values[rows])


class Surrogate(Protocol):
    """Fits weights to masks and values.

    Attributes:
        name: for people and for results.
        design: of the masks that it is meant for, as `DESIGNS` names it; None takes the usual one.
    """

    @property
    def name(self) -> str:
        return type(self).__name__

    @property
    def design(self) -> str | None:
        return None

    def fit(self, sample: Sample) -> SurrogateFit:
        """
        Raises:
            FocusLimeError: shapes that differ, or values that are not finite.
        """


@dataclass(frozen=True)
class GoodnessOfFit:
    """How well a surrogate predicts values: R^2, and Spearman's rho (the linear datamodeling score
    of Ilyas et al. 2022). None where the values or the predictions do not vary.
    """

    n_masks: int
    r2: float | None
    spearman: float | None


def goodness_of_fit(
    surrogate: SurrogateFit, masks: Masks, values: Floats, spread: float | None = None
) -> GoodnessOfFit:
    """The fit on masks that it has not seen.

    Args:
        spread: the variance that R^2 is a share of; that of `values` if not given.
    """
    if len(values) < 2 or is_flat(values):
        return GoodnessOfFit(len(values), None, None)
    from scipy.stats import spearmanr  # slow to import

    predicted = surrogate.predict(masks)
    residual = float(((values - predicted) ** 2).mean())
    r2 = 1.0 - residual / (float(values.var()) if spread is None else spread)
    rho = None if is_flat(predicted) else float(spearmanr(values, predicted).statistic)
    return GoodnessOfFit(len(values), r2, rho)


def fit_fault(fit: object, n_units: int) -> str:
    """What is wrong with a fit; empty if it has finite weights, and one of everything a unit."""
    if not isinstance(fit, SurrogateFit):
        return f"no SurrogateFit but {fit!r:.40}"
    for name in ("weights", "low", "high", "centre", "error", "significant", "selected"):
        shape = np.shape(getattr(fit, name))
        if shape != (n_units,):
            return f"{name} of shape {list(shape)} for {n_units} units"
    if not (np.isfinite(fit.weights).all() and np.isfinite(fit.intercept)):
        return "weights or an intercept that are NaN or infinite"
    return ""


def is_flat(values: Floats) -> bool:
    """Whether values do not move, but for rounding."""
    return bool(np.ptp(values) <= _FLAT * max(1.0, float(np.abs(values).max())))


def checked(masks: Masks, values: Floats) -> tuple[Floats, Floats]:
    """Masks and values as `float64[n_masks, n_units]` and `float64[n_masks]`.

    Raises:
        FocusLimeError: no masks, shapes that differ, values that are not finite.
    """
    x, y = np.asarray(masks, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if x.ndim != 2 or len(x) == 0 or y.shape != (len(x),):
        raise FocusLimeError(f"cannot fit values of shape {y.shape} to masks of shape {x.shape}")
    if not np.isfinite(y).all():
        raise FocusLimeError("cannot fit values that are NaN or infinite")
    return x, y


def bootstrapped(
    estimate: Callable[[Masks, Floats], tuple[Floats, float]],
    sample: Sample,
    *,
    exact: bool = False,
) -> SurrogateFit:
    """A fit whose intervals come from resampling the masks: for any surrogate that gives weights.

    Args:
        estimate: (masks, values) -> (weights `float64[n_units]`, intercept).
        exact: the masks are all that there are, and nothing is left to chance.
    """
    masks, values = sample.masks, sample.values
    checked(masks, values)
    weights, intercept = estimate(masks, values)
    error = np.full(len(weights), 0.0 if exact else np.inf)
    selected = (weights != 0).astype(np.float64)
    if sample.n_bootstrap and not exact:
        rng = np.random.default_rng([sample.seed, len(values)])
        rows = rng.integers(0, len(values), size=(sample.n_bootstrap, len(values)))
        draws = np.stack([estimate(masks[row], values[row])[0] for row in rows])
        error, selected = draws.std(axis=0, ddof=1), (draws != 0).mean(axis=0)
    if sample.extra_variance is not None:
        error = np.sqrt(error**2 + sample.extra_variance)
    reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * error
    together = NormalDist().inv_cdf(1 - (1 - SIGNIFICANCE) / (2 * len(weights))) * error
    least = NEGLIGIBLE * float(np.abs(weights).max(initial=0.0))
    return SurrogateFit(
        weights=weights,
        intercept=intercept,
        low=weights - reach,
        high=weights + reach,
        centre=weights,
        error=error,
        significant=np.abs(weights) - together > least,
        selected=selected,
        n_masks=len(values),
    )
