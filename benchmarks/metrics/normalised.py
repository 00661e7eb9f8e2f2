"""Normalised AOPC (Edin et al. 2025, ACL): AOPC of the first units between the bounds that a greedy
search finds. Some ten calls a unit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from focus_lime.method.masks import Masks
from focus_lime.models.base import Floats

from .base import Measures, Metric, Trial
from .formulas import aopc

STEPS = 5  # units that are deleted


def normalised_aopc(area: float, lowest: float, highest: float) -> float:
    """(AOPC - lowest) / (highest - lowest), the bounds those of the same prompt over all orders
    (equation 4). 1: no order does better.

    Raises:
        ValueError: bounds that are equal or the wrong way round: no order matters.
    """
    if not highest > lowest:
        raise ValueError(f"the bounds {lowest} and {highest} leave nothing between them")
    return (area - lowest) / (highest - lowest)


def aopc_bound(
    values: Callable[[Masks], Floats], n_units: int, steps: int, *, sign: int, width: int = 1
) -> float:
    """The best AOPC (`sign` 1) or the worst (-1) over orders of `steps` units, by beam search.

    Exact where `width` is as large as the number of sets of a size; else a bound from inside
    (section 4). Asks for about width * n_units * steps masks.
    """
    full = float(values(np.ones((1, n_units), dtype=bool))[0])
    beam: dict[frozenset[int], float] = {frozenset(): 0.0}
    for _ in range(min(steps, n_units)):
        wider: dict[frozenset[int], float] = {}
        for dropped, area in beam.items():
            others = [i for i in range(n_units) if i not in dropped]
            masks = np.ones((len(others), n_units), dtype=bool)
            masks[:, sorted(dropped)] = False
            masks[np.arange(len(others)), others] = False
            for unit, value in zip(others, values(masks), strict=True):
                reached, new = dropped | {unit}, area + full - float(value)
                if sign * new > sign * wider.get(reached, -sign * np.inf):
                    wider[reached] = new
        best = sorted(wider.items(), key=lambda entry: -sign * entry[1])[:width]
        beam = dict(best)
    return max(beam.values(), key=lambda area: sign * area) / min(steps, n_units)


def measure(trial: Trial) -> Measures:
    steps = min(STEPS, trial.n_units)
    low, high = (aopc_bound(trial.value, trial.n_units, steps, sign=sign) for sign in (-1, 1))
    area = aopc(trial.full, list(trial.value(trial.without(trial.ranking, range(1, steps + 1)))))
    return {"aopc/normalised": normalised_aopc(area, low, high) if high > low else None}


METRIC = Metric(measure, tables={"Deletion": ("aopc/normalised",)})
