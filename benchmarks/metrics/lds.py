"""How well sums of weights predict the values of fresh masks.

On masks that keep half of all units (`/all`), and on masks that keep half of the examined ones and
all others (`/S`).
"""

from __future__ import annotations

import numpy as np

from focus_lime.method.masks import Masks, bernoulli
from focus_lime.models.base import Floats

from .base import Measures, Metric, Trial
from .formulas import spearman, varies


def lds(weights: Floats, masks: Masks, values: Floats) -> float | None:
    """Linear datamodeling score: Spearman's rho of the values of masks and the sums of the weights
    that they keep (Park et al. 2023, TRAK, definition 2.3). A weight that is NaN counts 0. None
    where the values do not vary; 0 where only the sums do not.
    """
    if not varies(values):
        return None
    rho = spearman(values, np.asarray(masks @ np.nan_to_num(weights), dtype=np.float64))
    return 0.0 if rho is None else rho


def r_squared(weights: Floats, masks: Masks, values: Floats) -> float | None:
    """1 - var(values - sums of kept weights) / var(values): the weights as they are, the intercept
    free. Below 0 where a constant predicts better; None where the values do not vary.
    """
    variance = float(np.var(values))
    if variance <= 1e-24:
        return None
    return 1.0 - float(np.var(values - masks @ np.nan_to_num(weights))) / variance


def measure(trial: Trial) -> Measures:
    everywhere = bernoulli(trial.n_units, trial.n_masks, trial.seed + 1)
    measures = _foretold(trial, everywhere, "all")
    examined = np.flatnonzero(trial.attributions.examined)
    if len(examined) < 2:
        return {**measures, "lds/S": None, "r2/S": None}
    inside = bernoulli(len(examined), trial.n_masks, trial.seed + 2)
    masks = np.ones((len(inside), trial.n_units), dtype=bool)
    masks[:, examined] = inside
    return {**measures, **_foretold(trial, masks, "S")}


def _foretold(trial: Trial, masks: Masks, where: str) -> Measures:
    weights, values = trial.attributions.weights, trial.value(masks)
    additive = trial.attributions.is_additive
    return {
        f"lds/{where}": lds(weights, masks, values),
        f"r2/{where}": r_squared(weights, masks, values) if additive else None,
    }


METRIC = Metric(
    measure,
    perturbs=True,
    tables={"Values foretold": ("lds/all", "lds/S", "lds/all:placeholder", "r2/all", "r2/S")},
)
