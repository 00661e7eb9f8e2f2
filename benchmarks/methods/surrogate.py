"""Flat perturbation: masks over all units of the prompt, and a surrogate. No neighborhood.

KernelSHAP is `surrogate: kernel-shap`. Plain LIME, with the sparse fit that Focus-LIME has, is
`surrogate: sparse, design: uniform-size, options: {kernel: true}`; `surrogate: lime` is LIME's own
ridge regression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.method.masks import DESIGNS, with_full
from focus_lime.method.surrogate import Sample, Surrogate

from ..registry import build
from .base import Attributions, Case

_DESIGN = "uniform-size"  # where the surrogate wants none


@dataclass(frozen=True)
class FlatSurrogate:
    surrogate: Surrogate
    design: str

    def explain(self, case: Case) -> Attributions:
        f, n_units = case.value(), len(case.units)
        masks = case.affordable(f, lambda n: DESIGNS[self.design](n_units, n, case.seed))
        full, *values = f(with_full(masks))
        sample = Sample(masks, np.array(values), float(full), n_bootstrap=0, seed=case.seed)
        fit = self.surrogate.fit(sample)
        return Attributions(fit.weights, tie_breakers=(fit.centre,))


def load(
    surrogate: str = "sparse",
    design: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> FlatSurrogate:
    """
    Args:
        surrogate: an entry point of `focus_lime.surrogates`.
        design: of `focus_lime.method.masks.DESIGNS`; by default the surrogate's own.
        options: of the surrogate.
    """
    fitted: Surrogate = build("surrogates", surrogate, surrogate, options or {})
    chosen = design or fitted.design or _DESIGN
    if chosen not in DESIGNS:
        raise FocusLimeError(f"no design {chosen!r}: {suggest(chosen, DESIGNS)}")
    return FlatSurrogate(fitted, chosen)
