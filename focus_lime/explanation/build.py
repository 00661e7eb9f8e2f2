"""From what the phases found to the explanation: every unit with its text's offsets."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import fields
from importlib.metadata import version

import numpy as np

from focus_lime.explanation.formats import plural
from focus_lime.explanation.result import (
    Cost,
    Costs,
    DeletionCurve,
    ExplainedUnit,
    Explanation,
    Fit,
    ModelNames,
    NeighborhoodResult,
    ScoredSpan,
    SetsResult,
    SourceText,
    filled,
)
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.tree import UnitTree
from focus_lime.inputs.units import Span, Units
from focus_lime.method.attribution import Attribution
from focus_lime.method.ownership import n_joined, n_without_token
from focus_lime.method.phase import PhaseResults
from focus_lime.method.plan import Plan
from focus_lime.method.rescue import CoverageCheck
from focus_lime.method.sets import Subset
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import CACHED_ABLATIONS, Ledger

_PACKAGES = ("focus-lime", "numpy", "scikit-learn", "torch", "transformers")


def build(plan: Plan, f: ValueFunction, results: PhaseResults) -> Explanation:
    """The explanation of `f`, whose ledger holds what was spent."""
    prompt, model, settings, units = plan.prompt, plan.model, plan.settings, results.units
    coarse, fine = results.coarse, results.fine
    assert coarse is not None
    return Explanation(
        model=ModelNames(
            model.name,
            model.fingerprint,
            plan.proxy.name if plan.proxy else None,
            plan.surrogate.name,
        ),
        question=prompt.question,
        response=f.answer(),
        objective=f.objective.name,
        is_additive=f.objective.is_additive,
        is_decision=f.objective.is_decision,
        base_value=f.full(),
        sources=_sources(prompt),
        units=_tiles(plan.tree, prompt.sources, units, coarse),
        fine_units=tuple(_explained(results.fine_units, fine)) if fine else (),
        neighborhood=NeighborhoodResult(
            tuple(unit.span for unit in plan.tree.units(plan.tree.scored_level, within=units)),
            tuple(
                ScoredSpan(u.source, u.start, u.end, u.level, u.name, scored.score, scored.kept)
                for scored in results.neighborhood.scored
                for u in (scored.unit,)
            ),
        ),
        fit=_fit(units, coarse),
        fine_fit=_fit(results.fine_units, fine) if fine else None,
        curve=_curve(units, coarse),
        fine_curve=_curve(results.fine_units, fine) if fine else None,
        check=results.check,
        noise=results.noise,
        sets=_sets(results, units),
        reasoning=f.objective.reasoning,
        cost=Costs(
            _cost(f.ledger, model.count_tokens(prompt)), _cost(results.neighborhood.cost, None)
        ),
        settings=settings,
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        warnings=tuple(dict.fromkeys([*prompt.notes, *_warnings(plan, f, results)])),
    )


def _sources(prompt: Prompt) -> tuple[SourceText, ...]:
    return tuple(
        SourceText(number, message.role, segment.text)
        for number, message in enumerate(prompt.messages)
        for segment in message.segments
        if segment.attributable
    )


def _explained(units: Units, attribution: Attribution) -> Iterator[ExplainedUnit]:
    fit = attribution.surrogate
    for i, unit in enumerate(units):
        yield ExplainedUnit(
            unit.source,
            unit.start,
            unit.end,
            unit.level,
            unit.name,
            status="attributed",
            weight=float(fit.weights[i]),
            low=None if np.isnan(fit.low[i]) else float(fit.low[i]),
            high=None if np.isnan(fit.high[i]) else float(fit.high[i]),
            estimate=float(fit.centre[i]),
            selected=float(fit.selected[i]),
            effect=attribution.effects.get(i),
            alone=attribution.alone.get(i),
            significant=bool(fit.significant[i]),
        )


def _tiles(
    tree: UnitTree, sources: tuple[str, ...], units: Units, attribution: Attribution
) -> tuple[ExplainedUnit, ...]:
    """The attributed units, and around them every scored unit that was not examined, and the text
    that no unit covers.
    """
    scored = tree.scored
    examined = set(units.parents(scored).tolist())
    background = [
        ExplainedUnit(u.source, u.start, u.end, u.level, u.name)
        for i, u in enumerate(scored)
        if i not in examined
    ]
    return filled([*_explained(units, attribution), *background], sources, tree.scored_level)


def _fit(units: Units, attribution: Attribution) -> Fit:
    surrogate, held_out = attribution.surrogate, attribution.held_out
    return Fit(
        level=units[0].level,
        masks=surrogate.n_masks,
        held_out_masks=0 if attribution.stopped == "all_masks" else held_out.n_masks,
        r2=held_out.r2,
        spearman=held_out.spearman,
        intercept=surrogate.intercept,
        penalty=surrogate.penalty,
        interval_level=surrogate.level,
        estimator=attribution.estimator,
        agreement=attribution.agreement,
        stopped=attribution.stopped,
    )


def _curve(units: Units, attribution: Attribution) -> DeletionCurve | None:
    if not attribution.curve:
        return None
    leading = list(attribution.effects)[: len(attribution.curve)]
    spans = tuple(units[i].span for i in leading)
    return DeletionCurve(spans, attribution.curve)


def _sets(results: PhaseResults, units: Units) -> SetsResult | None:
    sets = results.sets
    if sets is None:
        return None

    def span(subset: Subset) -> tuple[Span, ...]:
        return tuple(units[i].span for i in subset)

    return SetsResult(
        sets.relation,
        sets.threshold,
        tuple(map(span, sets.counterfactual_sets)),
        tuple(map(span, sets.sufficient_sets)),
        span(results.answered_without),
        results.counterfactual_answer,
    )


def _cost(ledger: Ledger, full_prompt: int | None) -> Cost:
    spent = {field.name: getattr(ledger, field.name) for field in fields(ledger)}
    return Cost(**spent, fpe=ledger.tokens_computed / full_prompt if full_prompt else None)


def _warnings(plan: Plan, f: ValueFunction, results: PhaseResults) -> Iterator[str]:
    """What to know before the weights are trusted."""
    yield from f.objective.notes
    for units in (results.units, results.fine_units):
        if len(units):
            yield from _of_tokens(plan, units)
    yield from results.neighborhood.notes
    if results.check is not None:
        yield from _of_check(results.check)
    if results.noise:
        yield (
            "the model answers the same text differently: asked again, its value lies some "
            f"{results.noise:.2f} from the first; intervals hold that, and what is within it is "
            "not significant"
        )
    for attribution in (results.coarse, results.fine):
        if attribution is not None:
            yield from attribution.notes
            yield from _of_fit(attribution)
    if plan.settings.ablation in CACHED_ABLATIONS:
        yield (
            "values are those of the cached context: later text has already read what is dropped, "
            "so they are near to deletion, not equal"
        )
    if f.ledger.unshared:
        yield f"every mask paid for its whole prompt: {f.ledger.unshared}"


def _of_tokens(plan: Plan, units: Units) -> Iterator[str]:
    """Units that are not those of the text, since the model's tokens are others."""
    units_named = plural(units[0].level)
    if n := n_joined(plan.prompt, units):
        yield (
            f"{n} {units_named} share tokens of the model with their neighbors and were joined, so "
            "that each unit holds a token of its own"
        )
    if n := n_without_token(plan.model, plan.prompt, units):
        yield (
            f"{n} of the {units_named} hold no token of the model of their own: deleting one of "
            "them alone changes nothing that it reads"
        )


def _of_check(check: CoverageCheck) -> Iterator[str]:
    if check.outcome == "not_in_context" and check.nothing > check.full:
        yield (
            f"the text as a whole speaks against it: its value is {check.nothing:.2f} without any "
            f"of it and {check.full:.2f} with all; only what speaks for it was looked for"
        )
    elif check.outcome == "not_in_context":
        yield (
            f"the answer hardly needs the text: its value is {check.nothing:.2f} without any of it "
            f"and {check.full:.2f} with all; weights explain little"
        )
    if check.outcome == "budget_exhausted" and check.coverage is not None:
        yield (
            f"{1 - check.coverage:.0%} of the effect is still there without the neighborhood: what "
            "matters is spread over more text than was examined"
        )


def _of_fit(attribution: Attribution) -> Iterator[str]:
    surrogate, held_out = attribution.surrogate, attribution.held_out
    n_units = len(surrogate.weights)
    is_exact = attribution.estimator == "effects"
    if surrogate.n_masks < n_units and not is_exact:
        yield (
            f"{surrogate.n_masks} masks for {n_units} units: small weights cannot be told from "
            "0; raise the budget"
        )
    moves = np.ptp(np.append(attribution.values, attribution.full)) >= 1e-6
    if not moves and not (is_exact and surrogate.weights.any()):
        yield "the value does not move with any mask: nothing examined has an effect"
    if held_out.r2 is not None and held_out.r2 < 0.5 and not is_exact:
        on = "all masks" if attribution.stopped == "all_masks" else "fresh masks"
        yield (
            f"a sum of weights predicts {on} badly (R² {held_out.r2:.2f}): read the weights as a "
            "ranking at best"
        )
