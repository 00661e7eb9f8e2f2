"""LIME's own surrogate: ridge regression, masks weighted by their distance to the prompt.

As in the lime package's text explainer (Ribeiro et al. 2016): the penalty is 1, the prompt itself
is among the samples with weight 1, and no feature is selected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focus_lime.method.masks import Masks, lime_kernel, with_full
from focus_lime.method.surrogate import Sample, Surrogate, SurrogateFit, bootstrapped
from focus_lime.models.base import Floats


@dataclass(frozen=True)
class Ridge(Surrogate):
    """
    Args:
        alpha: the penalty.
        width: of the exponential kernel over cosine distances.
    """

    alpha: float = 1.0
    width: float = 0.25

    @property
    def name(self) -> str:
        return "lime"

    @property
    def design(self) -> str:
        return "uniform-size"

    def fit(self, sample: Sample) -> SurrogateFit:
        def estimate(masks: Masks, values: Floats) -> tuple[Floats, float]:
            x, y = with_full(masks).astype(np.float64), np.append(sample.full, values)
            w = lime_kernel(with_full(masks), self.width)
            mean_x, mean_y = np.average(x, axis=0, weights=w), float(np.average(y, weights=w))
            moved = (x - mean_x) * np.sqrt(w)[:, None]
            normal = moved.T @ moved + self.alpha * np.eye(x.shape[1])
            weights = np.linalg.solve(normal, moved.T @ ((y - mean_y) * np.sqrt(w)))
            return weights.astype(np.float64), mean_y - float(mean_x @ weights)

        return bootstrapped(estimate, sample)
