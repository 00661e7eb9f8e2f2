"""The phases of an explanation, in their order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.method.attribution import Attribution
from focus_lime.method.effects import doubt
from focus_lime.method.masking import Attribute, Open
from focus_lime.method.masks import Masks
from focus_lime.method.phase import Phase, PhaseResults
from focus_lime.method.plan import Plan
from focus_lime.method.rescue import check_coverage
from focus_lime.method.scout import full_neighborhood, scout
from focus_lime.method.searching import Find
from focus_lime.method.sets import MOST_LOOKED_AT, DecidingSets, Subset, find_sets, threshold
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Estimate


def phases_of(plan: Plan) -> tuple[Phase, ...]:
    """In the order in which they run."""
    settings = plan.settings
    phases: list[Phase]
    if plan.searches:
        phases = [Find(plan)]
    else:
        check = [Check(plan)] if settings.coverage_check else []
        phases = [Scout(plan), *check, Attribute(plan)]
    if settings.sets and not plan.attributes_fine:
        phases.append(Decide(plan))
    if plan.opens:
        phases.append(Open(plan))
    return tuple(phases)


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
        return f.estimate_more(np.stack([inside & False, inside, ~inside]))


@dataclass(frozen=True)
class Decide:
    """The sets of units that decide, and what the model answers without the most telling units."""

    plan: Plan
    name = "sets"

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        check, coarse = results.check, results.coarse
        assert coarse is not None
        if check is not None and check.outcome == "not_in_context":
            return
        baseline = f.nothing() if check is None else check.baseline
        if self.plan.searches and baseline >= f.full():  # without a check there is no other
            return
        inside = f.over(results.units, progress=progress)
        if self.plan.searches:
            results.sets = self._of_search(f, results, coarse, baseline)
        else:
            leading = coarse.leading
            order = [*leading, *(i for i in coarse.surrogate.ranking if i not in leading)]
            most = min(MOST_LOOKED_AT, len(leading))
            results.sets = find_sets(inside, order, baseline, most=most)
        if self._asks_again(f):
            results.answered_without = _most_telling(results.sets, coarse)
        if results.answered_without:
            kept = np.ones(len(inside.units), dtype=bool)
            kept[list(results.answered_without)] = False
            results.counterfactual_answer = self._answer(inside, kept)

    def _of_search(
        self, f: ValueFunction, results: PhaseResults, coarse: Attribution, baseline: float
    ) -> DecidingSets:
        """Among so few of the leading units that all their subsets are within the budget. What is
        enough is enough by itself: all other units of the text are dropped.
        """
        places = np.flatnonzero(f.units.parents(results.units) >= 0).tolist()
        known_both_ways = coarse.effects.keys() & coarse.alone.keys()
        helpful = [
            i
            for i in coarse.surrogate.ranking
            if coarse.surrogate.weights[i] > 0 and (i in known_both_ways or self.plan.is_sparse)
        ]
        looked_at = [places[i] for i in helpful[: self.plan.n_decisive]]
        if not looked_at:
            return DecidingSets(threshold(f.full(), baseline), (), ())
        others = [unit for unit in range(len(f.units)) if unit not in looked_at]
        found = find_sets(
            f,
            [*looked_at, *others],
            baseline,
            most=len(looked_at),
            most_dropped=len(f.units),
            singles_kept=True,
            doubt=doubt(results.noise or 0.0),
        )
        at = {place: i for i, place in enumerate(places)}
        counterfactual, sufficient = (
            tuple(tuple(at[unit] for unit in members) for members in sets)
            for sets in (found.counterfactual_sets, found.sufficient_sets)
        )
        return DecidingSets(found.threshold, counterfactual, sufficient)

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


def _most_telling(sets: DecidingSets, coarse: Attribution) -> Subset:
    """The units without which the answer is asked for: the first counterfactual set; where there is
    none, the unit that takes along most when it is deleted alone.
    """
    if sets.counterfactual_sets:
        return sets.counterfactual_sets[0]
    helpful = [unit for unit, effect in coarse.effects.items() if effect > 0]
    return (max(helpful, key=coarse.effects.__getitem__),) if helpful else ()
