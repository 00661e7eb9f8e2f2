"""The phases that ask masks over units and fit the surrogate: to what was scored, and to what its
leading units were opened to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.units import Units
from focus_lime.method.attribution import (
    CHECKS,
    DEFAULT_TRUST,
    HELD_OUT,
    Attribution,
    Trust,
    attribute,
    cached_view,
)
from focus_lime.method.masks import Masks, alone_and_local, each_and_nested, single_drops
from focus_lime.method.phase import PhaseResults, after_reading
from focus_lime.method.plan import Plan
from focus_lime.method.settings import CACHED_TIMES, FINE_DESIGN, Estimator
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Ablation, Estimate

_OPENED = 3  # scored units, at most, that are opened to a finer level
_WORTH = 0.1  # of the first one's weight: less is not opened
# Masks over the cached context: each unit alone, and as many that drop two.
_PER_FINE_UNIT, _LEAST_FINE = 2, 24
_FEW = 16  # masks: so few are asked exactly, since what checks the cached context costs no less
_FINE_CHECKS = 1  # of these, asked exactly beside the leading units alone
_TOP_FINE = 8  # so many fine units must be settled before masks stop early
# Where units are opened, exact masks of all of them cost several times what all else does. A cached
# context that predicts more than half says which ones lead, and these are deleted alone, exactly.
_OPENING = Trust(masks_per_unit=math.inf)


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
        results.coarse = attribute(
            f.over(masking.units, progress=progress),
            masking.masks,
            plan.surrogate,
            estimator=masking.estimator,
            budget=masking.budget,
            verify=settings.verify,
            nested=not plan.opens,
            confidence=settings.confidence,
            seed=settings.seed,
            trust=self._trust,
        )

    @property
    def _trust(self) -> Trust:
        return _OPENING if self.plan.opens else DEFAULT_TRUST

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
        if estimator == "mixed":
            masks = plan.masks(units, parents, opened=not plan.opens, times=self._times)
        return _Masking(units, masks, budget, estimator)

    @property
    def _estimator(self) -> Estimator:
        return "exact" if self.plan.attributes_fine else self.plan.estimator

    @property
    def _times(self) -> int:
        """So many masks over the cached context for each that might be asked exactly. To choose
        what is opened no more are needed.
        """
        return 1 if self.plan.opens else CACHED_TIMES

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        masking = self._masking(results.units)
        results.units = masking.units
        verified = self.plan.settings.verify
        return masking.price(f, CHECKS, "attention", verified, nested=not self.plan.opens)

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
        exactly = not cached_context or self._trust.gives_up(agreement, budget, len(f.units))
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
        opened = results.units.select(_opened(coarse))
        results.fine_units = plan.within(opened)
        if not len(results.fine_units):  # the leading units hold none at the finer level
            return
        masking = self._masking(results.fine_units, opened)
        results.fine = attribute(
            f.over(masking.units, progress=progress),
            masking.masks,
            plan.surrogate,
            estimator=masking.estimator,
            cached_by="reread",
            checks=_FINE_CHECKS,
            anchored=self._near,
            top=_TOP_FINE,
            verify=settings.verify,
            confidence=settings.confidence,
            seed=settings.seed,
            trust=_OPENING,
        )

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
        else:
            n_masks = min(int(settings.budget or 0), max(_LEAST_FINE, _PER_FINE_UNIT * len(units)))
            masks = alone_and_local(len(units), n_masks, settings.seed, apart=HELD_OUT)
        estimator = self.plan.estimator if len(masks) > _FEW else "exact"
        return _Masking(units, masks, len(masks), estimator)

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        opened = results.units.select(range(min(_OPENED, len(results.units))))
        units = self.plan.within(opened)
        if not len(units):
            return Estimate()
        masking = self._masking(units, opened)
        return masking.price(f, _FINE_CHECKS, "reread", self.plan.settings.verify, nested=True)


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

    def price(
        self, f: ValueFunction, checks: int, ablation: Ablation, verify: int, *, nested: bool
    ) -> Estimate:
        """Args: as of `attribute`; any units stand for the leading ones."""
        f, n_units = f.over(self.units), len(self.units)
        some = range(n_units)[:verify]
        verified = each_and_nested(n_units, some) if nested else single_drops(n_units)[some]
        cached = cached_view(f, ablation) if self.estimator == "mixed" else None
        if cached is None:
            return after_reading(f, np.vstack([self.masks[: self.budget], verified]))
        exactly = np.vstack([self.masks[:checks], verified])
        return after_reading(cached, self.masks) + after_reading(f, exactly)


def _opened(coarse: Attribution) -> list[int]:
    """The units that are opened to a finer level: the first significant ones, of these none whose
    effect is small beside the first one's. Where the cached context predicts badly nothing may be
    significant: then those that were deleted alone, by what each took along; else the first.
    """
    surrogate = coarse.surrogate
    effects = np.abs(surrogate.weights)
    leading = coarse.significant
    if not leading and DEFAULT_TRUST.is_doubtful(coarse.agreement):
        effects = np.zeros_like(effects)
        effects[list(coarse.effects)] = np.abs(list(coarse.effects.values()))
        leading = sorted(coarse.effects, key=lambda i: -effects[i])
    worth = _WORTH * effects[leading[0] if leading else surrogate.ranking[0]]
    return [i for i in leading if effects[i] >= worth][:_OPENED] or surrogate.ranking[:1]
