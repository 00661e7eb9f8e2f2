"""Rounds of masks: more of them until the leading units are settled, or at the budget. Every fifth
mask is never fitted: on those the fit is judged; where all masks that there are were asked, on all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.method.masks import Masks, all_there, with_full
from focus_lime.method.surrogate import (
    GoodnessOfFit,
    Sample,
    Surrogate,
    SurrogateFit,
    fit_fault,
    goodness_of_fit,
)
from focus_lime.models.base import Floats

Stopped = Literal["settled", "budget", "all_masks"]

HELD_OUT = 5  # one mask in so many is never fitted
_DRAWS = 400


def settled(fit: SurrogateFit, top: int, confidence: float, seed: int) -> bool:
    """Whether the leading units would be the same, with the same signs, in the share `confidence`
    of fits to other masks: normal draws around the weights, by their standard errors.

    Only units whose effect is significant can lead; where there are none nothing is settled.
    """
    k = min(top, int(fit.significant.sum()))
    if not k or not np.isfinite(fit.error).all():
        return False
    rng = np.random.default_rng([seed, fit.n_masks])
    draws = fit.centre + fit.error * rng.standard_normal((_DRAWS, len(fit.centre)))
    leading = np.argsort(-np.abs(fit.centre), kind="stable")[:k]
    others = np.delete(np.abs(draws), leading, axis=1).max(axis=1, initial=0.0)
    weakest = np.abs(draws[:, leading]).min(axis=1)
    same_signs = (np.sign(draws[:, leading]) == np.sign(fit.centre[leading])).all(axis=1)
    return bool(np.mean((weakest >= others) & same_signs) >= confidence)


@dataclass(frozen=True, eq=False)
class Rounds:
    """Masks, asked for in rounds until the leading units are settled."""

    masks: Masks
    surrogate: Surrogate
    top: int
    confidence: float
    seed: int
    least: int = 0  # masks of the first round, at least
    anchored: bool = False

    @property
    def is_complete(self) -> bool:
        return all_there(self.masks)

    def run(self, f: Callable[[Masks], Floats]) -> tuple[int, float, Floats]:
        """How many masks were asked for, f(x), and their values."""
        budget, p = self.masks.shape
        first, more = max(24, 2 * p + 8, self.least), max(16, p)
        ends = [budget]
        if self.confidence < 1 and not self.is_complete and first < budget:
            ends = [*range(first, budget, more), budget]
        for n in ends:
            # The whole prompt in the same call: all share what they begin with.
            full, *values = f(with_full(self.masks[:n]))
            if n < budget:
                fit, _ = self.fit(np.array(values), full)
                if settled(fit, self.top, self.confidence, self.seed):
                    break
        return n, float(full), np.array(values)

    def fit(
        self,
        values: Floats,
        full: float,
        extra_variance: Floats | None = None,
        n_bootstrap: int = 0,
    ) -> tuple[SurrogateFit, GoodnessOfFit]:
        """The surrogate of the first masks, and how it does on those that it is judged on."""
        n = len(values)
        held = np.arange(n) % HELD_OUT == HELD_OUT - 1
        if n < 2 * HELD_OUT or self.is_complete:
            held[:] = False
        judged = held | self.is_complete
        masks = self.masks[:n]
        x, y = masks[~held], values[~held]
        if self.anchored:
            times = max(1, n // HELD_OUT)
            x = np.vstack([x, np.ones((times, masks.shape[1]), dtype=bool)])
            y = np.append(y, [full] * times)
        fit = self.surrogate.fit(Sample(x, y, full, extra_variance, n_bootstrap, self.seed))
        fit = replace(fit, n_masks=int((~held).sum()))
        fault = fit_fault(fit, masks.shape[1])
        if fault:
            raise FocusLimeError(f"the surrogate {self.surrogate.name} gave {fault}")
        # Of masks that drop next to nothing a few held-out ones may all say the same.
        spread = max(float(values.var()), 1e-12) if self.anchored else None
        return fit, goodness_of_fit(fit, masks[judged], values[judged], spread)

    def stopped(self, n: int) -> Stopped:
        return "all_masks" if self.is_complete else "settled" if n < len(self.masks) else "budget"
