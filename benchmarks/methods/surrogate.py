"""Flat perturbation: masks over all units of the prompt, and a surrogate. No neighborhood.

Plain LIME is `design: uniform-size, kernel: true`; KernelSHAP is `design: shapley`: masks whose
sizes follow the Shapley kernel are regressed without further weights (Lundberg & Lee 2017). The
fit is `focus_lime.surrogate`'s; what it left at 0 is ranked by the middles of the intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

from focus_lime.errors import FocusLimeError, near
from focus_lime.perturb.masks import DESIGNS, lime_kernel, with_full
from focus_lime.surrogate import fit

from .base import Case, Found


@dataclass(frozen=True)
class Surrogate:
    design: str
    kernel: bool

    def explain(self, case: Case) -> Found:
        f, n_units = case.value(), len(case.units)
        masks = case.affordable(f, lambda n: DESIGNS[self.design](n_units, n, case.seed))
        values = f(with_full(masks))[1:]
        weights = lime_kernel(masks) if self.kernel else None
        found = fit(masks, values, weights, n_bootstrap=0, seed=case.seed)
        return Found(found.weights, then=((found.low + found.high) / 2,))


def load(design: str = "uniform-size", kernel: bool = False) -> Surrogate:
    """`design`: of `focus_lime.perturb.masks.DESIGNS`; `kernel`: weigh masks by LIME's kernel."""
    if design not in DESIGNS:
        raise FocusLimeError(f"no design {design!r}: {near(design, DESIGNS)}")
    return Surrogate(design, kernel)
