"""The phases where the target finds the neighborhood by its own search: all within the budget.

Three quarters of the calls search; then the units that were found are asked about alone, in both
ways, and the check says how much of the effect they hold. What is left goes to masks over them and
to sets. A unit's weight is what it takes along or what it brings alone, whichever is more, exactly;
its interval reaches from there to its average effect over the masks.

Where S is enough and the rest of the text holds the effect as well, nothing in S moves while the
rest is kept: the masks then leave the rest out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from focus_lime.method.attribution import Attribution, attribute
from focus_lime.method.masks import Masks, bernoulli, nested_drops, single_drops
from focus_lime.method.phase import PhaseResults
from focus_lime.method.plan import Plan
from focus_lime.method.scout import Neighborhood, ScoredUnit
from focus_lime.method.search import Search
from focus_lime.method.surrogate import NEGLIGIBLE, SurrogateFit
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Estimate, Floats

_SHARE = 0.75  # of the calls: for the search
_CHECKS = 3  # calls of the coverage check, at most


@dataclass(frozen=True)
class Find:
    """Phase I: the target searches for the neighborhood, and says what of the effect is in it."""

    plan: Plan
    name = "scout"

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        settings, calls = self.plan.settings, self.plan.calls
        search = Search(f.over(f.units, progress=progress))
        scores = search.run(round(_SHARE * calls)).scores
        chosen = np.argsort(-scores, kind="stable")[: settings.n_scored].tolist()
        search.complete(chosen, calls - _CHECKS - self.plan.reserved)
        inside = np.zeros(len(f.units), dtype=bool)
        inside[chosen] = True
        if settings.coverage_check:
            results.check = search.check(inside)
        results.search, results.units = search, f.units.select(chosen)
        scored = zip(f.units, scores, inside, strict=True)
        results.neighborhood = Neighborhood(
            results.units,
            "target",
            tuple(ScoredUnit(unit, float(score), bool(kept)) for unit, score, kept in scored),
        )

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        """Of all phases but the last one: as many prompts as the budget has, f(x) among them."""
        n_units, calls = len(f.units), self.plan.calls
        results.units = f.units.select(range(n_units)[: self.plan.settings.n_scored])
        masks = [single_drops(n_units), ~single_drops(n_units), bernoulli(n_units, calls, 0)]
        return f.estimate_more(_distinct(np.vstack(masks))[:calls])


@dataclass(frozen=True)
class Weigh:
    """Phase II: masks over what was found, for the calls that are left."""

    plan: Plan
    name = "attribute"

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        plan, settings, search, units = self.plan, self.plan.settings, results.search, results.units
        assert search is not None
        inside = f.units.parents(units) >= 0
        leaves_out = results.check is not None and results.check.outcome == "redundant"
        left = plan.calls - search.calls - plan.reserved
        masks = plan.masks(units, units, opened=True)[
            : max(0, left // 2 if settings.sets else left)
        ]
        indices = np.flatnonzero(inside)
        way = search.found.alone if leaves_out else search.found.needed
        asked = [i for i, unit in enumerate(indices) if unit in way]
        known = single_drops(len(units))[asked] ^ leaves_out
        sample = _distinct(np.vstack([known, masks]))
        if not len(sample):  # no call is left, and no unit was asked about alone
            sample = np.zeros((1, len(units)), dtype=bool)
        attribution = attribute(
            f.over(units, progress=progress),
            sample,
            plan.surrogate,
            values_of=lambda m: search.values(_expanded(m, inside, kept=not leaves_out)),
            verify=0,
            confidence=settings.confidence,
            seed=settings.seed,
        )
        results.coarse = self._exact(f.over(units), attribution, search, indices)
        results.calls_left = plan.calls - search.calls - max(0, settings.verify - 1)

    def _exact(
        self, f: ValueFunction, attribution: Attribution, search: Search, indices: NDArray[np.intp]
    ) -> Attribution:
        """With what is known exactly in the place of weights."""
        found = search.found
        needed = {i: found.needed[u] for i, u in enumerate(indices) if u in found.needed}
        alone = {i: found.alone[u] for i, u in enumerate(indices) if u in found.alone}
        known = {*needed, *alone}
        worth = attribution.surrogate.weights.copy()
        for i in known:
            worth[i] = found.worth(int(indices[i]))
        fit = _holding(attribution.surrogate, worth, known)
        leading = [i for i in fit.ranking if i in needed][: self.plan.settings.verify]
        curve: tuple[float, ...] = ()
        if leading:
            curve = tuple(map(float, f(nested_drops(len(worth), leading))))
        effects = {i: needed[i] for i in [*leading, *sorted(needed.keys() - set(leading))]}
        return replace(
            attribution, full=found.full, surrogate=fit, effects=effects, alone=alone, curve=curve
        )

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        return Estimate()  # within what the search was priced at


def _holding(fit: SurrogateFit, worth: Floats, known: set[int]) -> SurrogateFit:
    """The fit with other weights, its intervals widened to hold them. What is known exactly is
    significant where it is more than negligible.
    """
    significant = fit.significant.copy()
    least = NEGLIGIBLE * float(np.abs(worth).max(initial=0.0))
    for unit in known:
        significant[unit] = abs(worth[unit]) > max(least, 1e-9)
    low, high = np.minimum(fit.low, worth), np.maximum(fit.high, worth)
    return replace(fit, weights=worth, low=low, high=high, significant=significant)


def _distinct(masks: Masks) -> Masks:
    """Without repetitions, in their order."""
    rows = {mask.tobytes(): mask for mask in masks}
    return np.array([*rows.values()], dtype=bool).reshape(len(rows), masks.shape[1])


def _expanded(masks: Masks, inside: Masks, *, kept: bool) -> Masks:
    """Masks over the units inside as masks over all units, the others kept or left out."""
    expanded = np.full((len(masks), len(inside)), kept)
    expanded[:, inside] = masks
    return expanded
