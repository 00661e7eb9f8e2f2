"""The phases that ask masks over units and fit the surrogate: to what was scored, and to what its
leading units were opened to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.units import Units
from focus_lime.method.attribution import DEFAULT_MIXING, Attribution, Verify, attribute
from focus_lime.method.effects import Effects
from focus_lime.method.masks import Masks, alone_and_local, alone_and_nested, single_drops
from focus_lime.method.mixed import Mixing, cached_view
from focus_lime.method.phase import PhaseResults
from focus_lime.method.plan import Plan
from focus_lime.method.rescue import CoverageCheck
from focus_lime.method.rounds import HELD_OUT
from focus_lime.method.settings import CACHED_TIMES, FINE_DESIGN, Estimator
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Estimate

_MOST_OPENED = 48  # fine units in the scored ones that are opened, if these are more than one
_EXPECTED = 3  # scored units are opened, as a price is told
# Masks over the cached context. Of fine units: each alone, and some that drop two.
_PER_FINE_UNIT, _PER_SCORED_UNIT, _LEAST = 1.25, 2, 24
_OTHERS = 5  # units outside of the neighborhood, for what any text brings by itself
_FEW = 16  # masks: so few are asked exactly, since what checks the cached context costs no less
_MOST_ALONE = 8  # significant units are deleted alone
_TOP_FINE = 8  # so many fine units must be settled before masks stop early
# Where units are opened, exact masks of all of them would cost several times what all else does.
# Of the scored ones what each takes along alone is known exactly, for as much again as the cached
# context costs; in doubt of all. Fine masks drop next to nothing.
_SCORED = Mixing(evenly=True, in_doubt=16, is_final=True)
_SURVIVES = (
    "the effect stands in more places than were examined, so that none of them is needed: a weight "
    "is what a unit brings by itself, beyond what other text brings"
)
_FINE = Mixing("reread", masks=2, nothing=False, in_doubt=_TOP_FINE, is_final=True)


@dataclass(frozen=True)
class Attribute:
    """Phase II: masks over the neighborhood, and the surrogate. Plain LIME goes to the finest level
    at once.
    """

    plan: Plan
    name = "attribute"

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        plan, settings, masking = self.plan, self.plan.settings, self._masking(results.units)
        results.units = masking.units
        if results.check is not None and results.check.survives:
            results.coarse = self._alone(f, results.units, results.check)
            return
        results.coarse = attribute(
            f.over(masking.units, progress=progress),
            masking.masks,
            plan.surrogate,
            estimator=masking.estimator,
            budget=masking.budget,
            verify=Verify(settings.verify, self._most_alone, nested=not plan.opens),
            confidence=settings.confidence,
            seed=settings.seed,
            mixing=self._mixing,
        )

    def _alone(self, f: ValueFunction, units: Units, check: CoverageCheck) -> Attribution:
        """Where the effect stands in more places than the neighborhood holds, nothing in it is
        needed, and no mask over it moves the value. What each unit brings alone is its weight.
        """
        inside = f.units.parents(units) >= 0
        indices, others = np.flatnonzero(inside), np.flatnonzero(~inside)
        drops = single_drops(len(f.units))
        # Any text may bring something to a prompt without text.
        some = others[np.linspace(0, len(others) - 1, _OTHERS).round().astype(int)]
        brought = f(~drops[[*indices, *some]])
        bare = float(np.median(brought[len(indices) :]))
        effects = Effects(check.full, bare, np.zeros(len(f.units)))
        effects.alone.update(
            (int(unit), float(value) - bare) for unit, value in zip(indices, brought, strict=False)
        )
        verify = self.plan.settings.verify
        leading = sorted(effects.alone, key=lambda unit: -effects.alone[unit])[:verify]
        if leading:
            taken = check.full - f(drops[leading])
            effects.needed.update(zip(leading, map(float, taken), strict=True))
        return effects.attribution(
            f.over(units),
            indices.tolist(),
            verify=verify,
            stopped="budget",
            values=brought,
            notes=[_SURVIVES],
        )

    @property
    def _most_alone(self) -> int:
        """Where units are opened, only what is worth opening counts."""
        return 0 if self.plan.opens or not self.plan.settings.verify else _MOST_ALONE

    @property
    def _mixing(self) -> Mixing:
        return _SCORED if self.plan.opens else DEFAULT_MIXING

    def _masking(self, parents: Units) -> _Masking:
        """Args:
        parents: the scored units of the neighborhood.
        """
        plan = self.plan
        units = plan.within(parents) if plan.attributes_fine else parents
        if not len(units):
            level = plan.settings.granularity
            raise FocusLimeError(f"the prompt has no units at the level {level!r}")
        masks = plan.masks(units, parents, opened=not plan.opens)
        budget, estimator = len(masks), self._estimator
        if plan.opens and budget <= _FEW:
            estimator = "exact"
        if estimator == "mixed" and plan.opens:
            masks = masks[: max(_LEAST, _PER_SCORED_UNIT * len(units))]
        elif estimator == "mixed":
            masks = plan.masks(units, parents, opened=True, times=CACHED_TIMES)
        return _Masking(units, masks, budget, estimator)

    @property
    def _estimator(self) -> Estimator:
        return "exact" if self.plan.attributes_fine else self.plan.estimator

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        masking = self._masking(results.units)
        results.units = masking.units
        nested = 0 if self.plan.opens else self.plan.settings.verify
        alone = max(self.plan.settings.verify, self._most_alone)
        return masking.price(f, self._mixing, alone, nested)

    def price_beyond(
        self,
        f: ValueFunction,
        parents: Units,
        asked: Masks,
        *,
        agreement: float | None,
        cached_context: bool,
    ) -> Estimate:
        """What the masks of this plan's budget ask at its finest level where a smaller budget was
        spent already. Neither masks nor f(x) are asked twice.

        Args:
            f: over the units at the finest level; `parents` are the scored units around them.
            asked: the masks that the smaller budget asked exactly.
            agreement: of exact and cached values there: see `Attribution`.
            cached_context: whether most values came from the cached context there.
        """
        masks, cost = self.plan.masks(f.units, parents, opened=True), Estimate()
        cached = cached_view(f) if self._estimator == "mixed" and not self.plan.opens else None
        if cached is not None:
            more = self.plan.masks(f.units, parents, opened=True, times=CACHED_TIMES)
            cost += cached.estimate(more)
        budget = int(self.plan.settings.budget or 0)
        exactly = not cached_context or self._mixing.gives_up(agreement, budget, len(f.units))
        known = {mask.tobytes() for mask in asked}
        new = [mask for mask in masks if mask.tobytes() not in known]
        if new and exactly:
            cost += f.estimate(np.array(new))
        return cost


@dataclass(frozen=True)
class Open:
    """The leading units are opened to the finest level, and that is attributed."""

    plan: Plan
    name = "open"

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        plan, settings, coarse = self.plan, self.plan.settings, results.coarse
        assert coarse is not None
        opened = self._opened(results.units, _worth_opening(coarse))
        results.fine_units = plan.within(opened)
        if not len(results.fine_units):  # the leading units hold none at the finer level
            return
        masking = self._masking(results.fine_units, opened)
        results.fine = attribute(
            f.over(masking.units, progress=progress),
            masking.masks,
            plan.surrogate,
            estimator=masking.estimator,
            mixing=_FINE,
            anchored=self._near,
            top=_TOP_FINE,
            verify=Verify(settings.verify),
            confidence=settings.confidence,
            seed=settings.seed,
        )

    def _opened(self, scored: Units, leading: Sequence[int]) -> Units:
        """The first of the leading units, and the next ones that hold few enough fine ones."""
        chosen, n_fine = list(leading[:1]), len(self.plan.within(scored.select(leading[:1])))
        for unit in leading[1:]:
            more = len(self.plan.within(scored.select([unit])))
            if n_fine + more <= _MOST_OPENED:
                chosen.append(unit)
                n_fine += more
        return scored.select(chosen)

    @property
    def _near(self) -> bool:
        """Whether the masks are those of the usual design over the cached context."""
        return self.plan.estimator == "mixed" and self.plan.settings.design == FINE_DESIGN

    def _masking(self, units: Units, opened: Units) -> _Masking:
        """Masks by the plan's design; over the cached context, where the design is the usual one,
        every unit alone among them. None of these is held out: see `attribute`.
        """
        settings = self.plan.settings
        if not self._near:
            masks = self.plan.masks(units, opened, opened=True)
            masks = masks[: max(_LEAST, self.plan.calls_to_open)]
        else:
            n_usual = math.ceil(_PER_FINE_UNIT * len(units))
            n_masks = min(int(settings.budget or 0), max(_LEAST, n_usual))
            masks = alone_and_local(len(units), n_masks, settings.seed, apart=HELD_OUT)
        estimator = self.plan.estimator if len(masks) > _FEW else "exact"
        return _Masking(units, masks, len(masks), estimator)

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        opened = self._opened(results.units, range(len(results.units))[:_EXPECTED])
        units = self.plan.within(opened)
        if not len(units):
            return Estimate()
        masking = self._masking(units, opened)
        verify = self.plan.settings.verify
        return masking.price(f, _FINE, verify, verify)


@dataclass(frozen=True, eq=False)
class _Masking:
    """Masks over units, and how the target is asked for their values.

    Attributes:
        masks: over `units`; where the estimator is `mixed` most of them over the cached context.
        budget: so many of them may be asked exactly.
    """

    units: Units
    masks: Masks
    budget: int
    estimator: Estimator

    def price(self, f: ValueFunction, mixing: Mixing, alone: int, nested: int) -> Estimate:
        """
        Args:
            alone, nested: how many leading units are deleted so; any units stand for them.
        """
        f, n_units = f.over(self.units), len(self.units)
        verified = alone_and_nested(n_units, range(n_units)[:alone], range(n_units)[:nested])
        cached = cached_view(f, mixing.ablation) if self.estimator == "mixed" else None
        if cached is None:
            return f.estimate_more(np.vstack([self.masks[: self.budget], verified]))
        probed = range(n_units)[: mixing.n_alone(f, cached, self.masks, alone)]
        exactly = np.vstack([mixing.probes(self.masks, probed), verified])
        return cached.estimate_more(self.masks) + f.estimate_more(exactly)


def _worth_opening(coarse: Attribution) -> list[int]:
    """The units that lead beyond doubt: whose effect is significant, or known; else the first."""
    certain = {*coarse.significant, *coarse.effects}
    return [unit for unit in coarse.leading if unit in certain] or coarse.leading[:1]
