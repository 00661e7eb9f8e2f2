"""KernelSHAP (Lundberg & Lee 2017, section 4.1): least squares whose weights are Shapley values.

The weights sum to f(x) - f(nothing), exactly. Masks are drawn with sizes in proportion to the
Shapley kernel, so that they are regressed without further weights; where all masks that there are
were asked, each is weighted by the kernel and the weights are the Shapley values themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.method.masks import Masks, all_there, shapley_weight
from focus_lime.method.surrogate import Sample, Surrogate, SurrogateFit, bootstrapped
from focus_lime.models.base import Floats


@dataclass(frozen=True)
class KernelShap(Surrogate):
    """Needs the all-dropped mask among the masks, as the design `kernel-shap` has it."""

    @property
    def name(self) -> str:
        return "kernel-shap"

    @property
    def design(self) -> str:
        return "kernel-shap"

    def fit(self, sample: Sample) -> SurrogateFit:
        """Raises FocusLimeError: the all-dropped mask is not among the masks."""
        masks, values = sample.masks, sample.values
        dropped_all = np.asarray(~masks.any(axis=1), dtype=np.bool_)
        if not dropped_all.any():
            raise FocusLimeError(
                "the surrogate kernel-shap needs the value without any unit: use its own design, "
                "kernel-shap"
            )
        nothing, total = float(values[dropped_all][0]), sample.full - float(values[dropped_all][0])
        n_units, exact = masks.shape[1], all_there(masks)
        between = np.asarray(~dropped_all & ~masks.all(axis=1), dtype=np.bool_)

        def estimate(asked: Masks, answers: Floats) -> tuple[Floats, float]:
            if n_units == 1:
                return np.array([total]), nothing
            x, y, root = asked.astype(np.float64), answers - nothing, np.ones(len(asked))
            if exact:
                root = np.sqrt([shapley_weight(n_units, int(kept)) for kept in x.sum(axis=1)])
            # The last weight is what the others leave of f(x) - f(nothing).
            free = (x[:, :-1] - x[:, -1:]) * root[:, None]
            weights = np.linalg.lstsq(free, (y - x[:, -1] * total) * root, rcond=1e-10)[0]
            return np.append(weights, total - weights.sum()), nothing

        used = between if between.any() else dropped_all
        return bootstrapped(estimate, sample.select(used), exact=exact)
