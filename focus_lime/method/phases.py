"""The phases of an explanation, each of which can be run or priced.

A phase that runs asks the target and adds to the results. A phase that is priced counts what it
would ask, before anything runs, and adds to the results what stands for what nobody knows yet:
scored units spread evenly over the prompt stand for the neighborhood, nothing has to be rescued, no
masks are saved, and the sets that decide are single units. What the proxy asks, of itself or of the
target, is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.units import Units
from focus_lime.method.attribution import (
    CHECKS,
    DEFAULT_TRUST,
    HELD_OUT,
    Attribution,
    attribute,
    cached_view,
)
from focus_lime.method.masks import Masks, alone_and_local, each_and_nested, with_full
from focus_lime.method.plan import Plan
from focus_lime.method.rescue import CoverageCheck, check_coverage
from focus_lime.method.scout import Neighborhood, full_neighborhood, scout
from focus_lime.method.sets import DecidingSets, find_sets
from focus_lime.method.settings import CACHED_TIMES, FINE_DESIGN, Estimator, Settings
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Estimate

_OPENED = 3  # scored units, at most, that are opened to a finer level
_WORTH = 0.1  # of the first one's weight: less is not opened
# Masks over the cached context: each unit alone, and as many that drop two.
_PER_FINE_UNIT, _LEAST_FINE = 2, 24
_FEW = 16  # masks: so few are asked exactly, since what checks the cached context costs no less
_FINE_CHECKS = 1  # of these, asked exactly beside the leading units alone
_TOP_FINE = 8  # so many fine units must be settled before masks stop early


@dataclass(eq=False)
class PhaseResults:
    """What the phases found so far.

    Attributes:
        units: the neighborhood with what was added to it; then the units that were attributed.
        coarse: the attribution of `units`.
        fine_units, fine: what the leading ones of `units` were opened to, and their attribution.
        counterfactual_answer: what the model answers without the first counterfactual set.
    """

    neighborhood: Neighborhood = field(default_factory=lambda: Neighborhood(Units(())))
    units: Units = field(default_factory=lambda: Units(()))
    check: CoverageCheck | None = None
    coarse: Attribution | None = None
    sets: DecidingSets | None = None
    counterfactual_answer: str | None = None
    fine_units: Units = field(default_factory=lambda: Units(()))
    fine: Attribution | None = None


def phases_of(plan: Plan) -> tuple[Phase, ...]:
    """In the order in which they run."""
    settings = plan.settings
    phases: list[Phase] = [Scout(plan)]
    if settings.coverage_check:
        phases.append(Check(plan))
    phases.append(Attribute(plan))
    if settings.sets and not plan.attributes_fine:
        phases.append(Decide(plan))
    if plan.opens:
        phases.append(Open(plan))
    return tuple(phases)


class Phase(Protocol):
    @property
    def name(self) -> str: ...

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        """Ask the target, and add to the results.

        Args:
            f: over all scored units of the prompt.
        """

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        """What `run` would ask of the target, once it has read the prompt."""


@dataclass(frozen=True)
class Scout:
    """Phase I: the proxy chooses the neighborhood; without one it is the whole prompt."""

    plan: Plan
    name = "scout"

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        plan, settings = self.plan, self.plan.settings
        results.neighborhood = full_neighborhood(plan.tree)
        if plan.proxy is not None:
            results.neighborhood = scout(
                plan.prompt,
                plan.tree,
                plan.proxy,
                f.objective,
                target=plan.model,
                n_coarse=int(settings.n_coarse or 1),
                n_scored=int(settings.n_scored or 1),
                seed=settings.seed,
                guarded=settings.coverage_check,
                progress=progress,
            )
            f.ledger.add(results.neighborhood.target_cost)
        results.units = results.neighborhood.units

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        units, most = self.plan.tree.scored, int(self.plan.settings.n_scored or 1)
        if self.plan.proxy is not None and len(units) > most:
            spread = np.linspace(0, len(units) - 1, most).round().astype(int)
            units = units.select(map(int, spread))
        results.units = units
        return Estimate()


@dataclass(frozen=True)
class Check:
    """The target says how much of the effect the neighborhood holds; what is missing is added."""

    plan: Plan
    name = "check"

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        everywhere = f.over(f.units, progress=progress)
        results.units, results.check = check_coverage(everywhere, results.units)

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        inside = f.units.parents(results.units) >= 0
        return _after_reading(f, np.stack([inside & False, inside, ~inside]))


@dataclass(frozen=True)
class Attribute:
    """Phase II: masks over the neighborhood, and the surrogate. Plain LIME goes to the finest level
    at once.
    """

    plan: Plan
    name = "attribute"

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        plan, settings, parents = self.plan, self.plan.settings, results.units
        units = plan.within(parents) if plan.attributes_fine else parents
        if not len(units):
            raise FocusLimeError(f"the prompt has no units at the level {settings.granularity!r}")
        masks = plan.masks(units, parents, opened=not plan.opens)
        estimator, budget = self._estimator, len(masks)
        if plan.opens and budget <= _FEW:
            estimator = "exact"
        if estimator == "mixed":
            masks = plan.masks(units, parents, opened=not plan.opens, times=self._times)
        results.units = units
        results.coarse = attribute(
            f.over(units, progress=progress),
            masks,
            plan.surrogate,
            estimator=estimator,
            budget=budget,
            verify=settings.verify,
            nested=not plan.opens,
            confidence=settings.confidence,
            seed=settings.seed,
        )

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
        plan, parents = self.plan, results.units
        results.units = plan.within(parents) if plan.attributes_fine else parents
        f = f.over(results.units)
        masks = plan.masks(f.units, parents, opened=not plan.opens)
        verified = _verified(f, plan.settings)
        cached = cached_view(f) if self._estimator == "mixed" else None
        if cached is None:
            return _after_reading(f, np.vstack([masks, verified]))
        masks = plan.masks(f.units, parents, opened=not plan.opens, times=self._times)
        exactly = np.vstack([masks[:CHECKS], verified])
        return _after_reading(cached, masks) + _after_reading(f, exactly)

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
        exactly = not cached_context or DEFAULT_TRUST.gives_up(agreement, budget, len(f.units))
        known = {mask.tobytes() for mask in asked}
        new = [mask for mask in masks if mask.tobytes() not in known]
        if new and exactly:
            cost += f.estimate(np.array(new))
        return cost


@dataclass(frozen=True)
class Decide:
    """The sets of units that decide, and what the model answers without the first of them."""

    plan: Plan
    name = "sets"

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        check, coarse = results.check, results.coarse
        assert coarse is not None
        if check is not None and check.outcome == "not_in_context":
            return
        nothing, inside = f.nothing(), f.over(results.units, progress=progress)
        results.sets = find_sets(inside, coarse.surrogate.ranking, nothing)
        if self._asks_again(f) and results.sets.counterfactual_sets:
            kept = np.ones(len(inside.units), dtype=bool)
            kept[list(results.sets.counterfactual_sets[0])] = False
            results.counterfactual_answer = self._answer(inside, kept)

    def _answer(self, f: ValueFunction, kept: Masks) -> str | None:
        """The model's answer to the prompt of a mask; None where no text is left, or no answer
        comes.
        """
        variant = f.variant(kept)
        try:
            left = variant.prompt.without(variant.dropped, variant.filler)
            answer = f.model.generate(left, self.plan.settings.max_new_tokens, f.ledger)
            return answer.text or None  # it may reason to the end
        except FocusLimeError:
            return None

    def _asks_again(self, f: ValueFunction) -> bool:
        return f.model.is_generative and not f.objective.is_decision

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        if not self._asks_again(f):
            return Estimate()
        return f.estimate(np.ones((1, len(f.units)), dtype=bool))


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
        masks = self._masks(results.fine_units, opened)
        results.fine = attribute(
            f.over(results.fine_units, progress=progress),
            masks,
            plan.surrogate,
            estimator=plan.estimator if len(masks) > _FEW else "exact",
            cached_by="reread",
            checks=_FINE_CHECKS,
            anchored=self._near,
            top=_TOP_FINE,
            verify=settings.verify,
            confidence=settings.confidence,
            seed=settings.seed,
        )

    @property
    def _near(self) -> bool:
        """Whether the masks are those of the usual design over the cached context."""
        return self.plan.estimator == "mixed" and self.plan.settings.design == FINE_DESIGN

    def _masks(self, units: Units, opened: Units) -> Masks:
        """By the plan's design; over the cached context, where the design is the usual one, every
        unit alone among them. None of these is held out: see `attribute`.
        """
        settings, n_units = self.plan.settings, len(units)
        if not self._near:
            return self.plan.masks(units, opened, opened=True)
        n_masks = min(int(settings.budget or 0), max(_LEAST_FINE, _PER_FINE_UNIT * n_units))
        return alone_and_local(n_units, n_masks, settings.seed, apart=HELD_OUT)

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        opened = results.units.select(range(min(_OPENED, len(results.units))))
        f = f.over(self.plan.within(opened))
        masks = self._masks(f.units, opened)
        verified = _verified(f, self.plan.settings)
        cached = cached_view(f, "reread") if self.plan.estimator == "mixed" else None
        if cached is None:
            return _after_reading(f, np.vstack([masks, verified]))
        exactly = np.vstack([masks[:_FINE_CHECKS], verified])
        return _after_reading(cached, masks) + _after_reading(f, exactly)


def _opened(coarse: Attribution) -> list[int]:
    """The units that are opened to a finer level: the first significant ones, of these none whose
    effect is small beside the first one's; where nothing is significant the first.
    """
    ranking, weights = coarse.surrogate.ranking, np.abs(coarse.surrogate.weights)
    leading = [i for i in coarse.significant if weights[i] >= _WORTH * weights[ranking[0]]]
    return leading[:_OPENED] or ranking[:1]


def _after_reading(f: ValueFunction, masks: Masks) -> Estimate:
    """The masks, once f(x) is known: what they begin with is not computed again."""
    both = with_full(masks)
    return f.estimate(both) - f.estimate(both[:1])


def _verified(f: ValueFunction, settings: Settings) -> Masks:
    """Any units in the place of the leading ones, alone and nested."""
    n_units = len(f.units)
    return each_and_nested(n_units, range(n_units)[: settings.verify])
