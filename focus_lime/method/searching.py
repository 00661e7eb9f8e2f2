"""The phase where the target finds the neighborhood by its own search, within the budget.

Exact effects of single units are the weights; where the calls pay for masks over what has an
effect, they weigh it, too (`method.averages`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focus_lime.method.averages import averaged, most
from focus_lime.method.effects import Effects
from focus_lime.method.masks import bernoulli, single_drops
from focus_lime.method.phase import PhaseResults
from focus_lime.method.plan import Plan
from focus_lime.method.rounds import Stopped
from focus_lime.method.scout import Neighborhood, ScoredUnit
from focus_lime.method.search import Search
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Estimate

_LEAST = 6  # calls of the search itself
_LEADING = 7  # units are attributed though their group was not divided
_REPEATED = 3  # leading units that are asked about again


@dataclass(frozen=True)
class Find:
    """The search, what of the effect is in the units that it found, and what they weigh."""

    plan: Plan
    name = "search"

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        plan, settings = self.plan, self.plan.settings
        search = Search(f.over(f.units, progress=progress))
        asked = search.asked
        asked.repeat()
        checks = asked.calls_of_check if settings.coverage_check else 0
        kept = min(_REPEATED + plan.reserved + checks, plan.calls - _LEAST)
        calls = plan.calls - kept
        find = calls if plan.is_sparse else most(calls, asked.calls + 2 * len(f.units))
        effects = search.run(find, sparse=plan.is_sparse)
        interact = effects.interact(asked.noise) and not plan.is_sparse
        if not interact:
            search.go_on(calls)
        n_masks = calls - asked.calls if interact else 0
        leading = sorted(effects.known, key=lambda unit: -effects.worth(unit))
        for unit in leading[:_REPEATED]:
            asked.repeat(unit)
        chosen = self._known(effects)
        inside = effects.inside(chosen)
        if settings.coverage_check:
            results.check = asked.check(inside)
        results.units, results.noise = f.units.select(chosen), asked.noise
        scored = zip(f.units, effects.scores, inside, strict=True)
        results.neighborhood = Neighborhood(
            results.units,
            "target",
            tuple(ScoredUnit(unit, float(score), bool(kept)) for unit, score, kept in scored),
        )
        results.coarse = effects.attribution(
            f.over(results.units),
            chosen,
            verify=settings.verify,
            stopped=self._stopped(search),
            noise=asked.noise,
            values=asked.values,
        )
        if n_masks:
            results.coarse = averaged(
                f.over(results.units, progress=progress),
                results.coarse,
                effects.full - effects.nothing,
                n_masks,
                plan.surrogate,
                settings.seed,
            )

    def _known(self, effects: Effects) -> list[int]:
        """The units of which an effect is known, and the leading ones of which their group's is."""
        best = [] if self.plan.is_sparse else effects.ranking[:_LEADING]
        shared = [unit for unit in best if effects.scores[unit] > 0]
        return sorted([*dict.fromkeys([*effects.known, *shared])][: self.plan.settings.n_scored])

    def _stopped(self, search: Search) -> Stopped:
        effects = search.asked.effects
        if len(effects.needed) == len(effects.alone) == len(effects.scores):
            return "all_masks"
        return "settled" if self.plan.is_sparse and search.is_done else "budget"

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        """Of all phases but the last one: as many prompts as the budget has, f(x) among them."""
        n_units, calls = len(f.units), self.plan.calls
        results.units = f.units.select(range(n_units)[: self.plan.settings.n_scored])
        masks = [single_drops(n_units), ~single_drops(n_units), bernoulli(n_units, calls, 0)]
        rows = {mask.tobytes(): mask for mask in np.vstack(masks)}
        left = calls - _REPEATED - 2  # f(x), which is asked twice
        other = f.estimate_more(np.array([*rows.values()][:left]))
        again = f.estimate(np.ones((1, n_units), dtype=bool))
        return sum([again] * (_REPEATED + 1), other)
