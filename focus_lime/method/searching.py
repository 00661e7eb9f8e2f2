"""The phase where the target finds the neighborhood by its own search, within the budget.

Exact effects of single units are the weights: with few calls masks over the neighborhood find the
evidence no more often (docs/lab-notes.md). Where the calls pay for them, and the leading units hold
the effect, masks weigh these against each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from focus_lime.method.attribution import Attribution, Verify, attribute
from focus_lime.method.effects import Effects
from focus_lime.method.masks import bernoulli, single_drops
from focus_lime.method.phase import PhaseResults
from focus_lime.method.plan import Plan
from focus_lime.method.rounds import Stopped
from focus_lime.method.scout import Neighborhood, ScoredUnit
from focus_lime.method.search import SMALL, Search
from focus_lime.method.surrogate import SurrogateFit
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Estimate

_LEAST = 6  # calls of the search itself
_CHECKS = 2  # calls of the coverage check; one more where the empty text is no baseline
_MASKS_EACH, _FEWEST_WEIGHED = 6, 8  # masks over leading units
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
        likes_nothing = asked.effects.nothing >= asked.effects.full
        checks = _CHECKS + likes_nothing if settings.coverage_check else 0
        kept = min(_REPEATED + plan.reserved + checks, plan.calls - _LEAST)
        n_masks = self._n_masks(plan.calls - kept - checks - asked.calls, len(f.units))
        weighing = n_masks + checks if n_masks else 0
        effects = search.run(plan.calls - kept - weighing, sparse=plan.is_sparse)
        leading = sorted(effects.known, key=lambda unit: -effects.worth(unit))
        for unit in leading[:_REPEATED]:
            asked.repeat(unit)
        chosen, by_masks = sorted(leading[: n_masks // _MASKS_EACH]), False
        if chosen:
            results.check = asked.check(effects.inside(chosen))
            in_text = results.check.outcome != "not_in_context"
            by_masks = in_text and not results.check.survives
        if not by_masks:
            chosen = self._known(effects)
            if settings.coverage_check:
                results.check = asked.check(effects.inside(chosen))
        inside = effects.inside(chosen)
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
        if by_masks:
            inside_f = f.over(results.units, progress=progress)
            results.coarse = self._weighed(inside_f, results.coarse, n_masks)

    def _n_masks(self, calls: int, n_units: int) -> int:
        """Masks over the leading units: a quarter of the calls, or what is left once every unit is
        known. Too few for eight units are not worth it, and so are less than eight units.
        """
        n_masks = max(calls // 4, calls - 2 * n_units)
        pays = min(n_units, n_masks // _MASKS_EACH) >= _FEWEST_WEIGHED
        is_wanted = self.plan.settings.coverage_check and not self.plan.is_sparse
        return n_masks if pays and is_wanted else 0

    def _known(self, effects: Effects) -> list[int]:
        """The units of which an effect is known, and the leading ones of which their group's is."""
        best = [] if self.plan.is_sparse else effects.ranking[:_LEADING]
        shared = [unit for unit in best if effects.scores[unit] > 0]
        return sorted([*dict.fromkeys([*effects.known, *shared])][: self.plan.settings.n_scored])

    def _weighed(self, f: ValueFunction, exact: Attribution, n_masks: int) -> Attribution:
        """With the weights of masks over these units, the rest of the text in place."""
        plan, settings = self.plan, self.plan.settings
        weighed = attribute(
            f,
            plan.masks(f.units, f.units, opened=True)[:n_masks],
            plan.surrogate,
            verify=Verify(0),
            confidence=1.0,  # the calls are this explanation's: none is saved by an early stop
            seed=settings.seed,
        )
        return replace(
            weighed,
            surrogate=_with_known(weighed.surrogate, exact.surrogate),
            effects=exact.effects,
            alone=exact.alone,
            curve=exact.curve,
            notes=(*exact.notes, *weighed.notes),
        )

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
        asked = f.estimate_more(np.array([*rows.values()][: calls - _REPEATED - 1]))
        again = f.estimate(np.ones((1, n_units), dtype=bool))
        return sum([again] * (_REPEATED + 1), asked)


def _with_known(fit: SurrogateFit, exact: SurrogateFit) -> SurrogateFit:
    """A sparse fit leaves out what few masks show, as one of four sentences that say the same. A
    unit of which an effect is known beyond doubt keeps the weight that it has without the penalty,
    unless that is small.
    """
    size = np.abs(fit.centre)
    known = exact.significant & (size >= SMALL * size.max(initial=0.0))
    weights = np.where(known, fit.centre, fit.weights)
    return replace(
        fit,
        weights=weights,
        low=np.minimum(fit.low, weights),
        high=np.maximum(fit.high, weights),
        significant=fit.significant | known,
    )
