"""From what the algorithm found to the explanation: plain data, with every text's offsets."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from focus_lime.attribution import Attribution
from focus_lime.audit import Audit
from focus_lime.explanation import ExplainedUnit, Explanation, SourceText
from focus_lime.models.base import Ledger, Model
from focus_lime.neighborhood import Neighborhood
from focus_lime.objective import LabelLogOdds, Objective, ResponseLogOdds, Score
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Unit, Units
from focus_lime.sets import Sets
from focus_lime.settings import Settings

_PACKAGES = ("focus-lime", "numpy", "scikit-learn", "torch", "transformers")


@dataclass(frozen=True, eq=False)
class Findings:
    """What the phases found.

    Attributes:
        units, whole: the neighborhood (or what plain LIME attributes), and its attribution.
        instead: what the model answers without the first of the sets that turn its answer.
        words, fine: what the leading sentences were opened to; none if they were not.
    """

    focus: Neighborhood
    audit: Audit | None
    units: Units
    whole: Attribution
    sets: Sets | None
    instead: str | None
    words: Units
    fine: Attribution | None


def assemble(
    prompt: Prompt, model: Model, f: ValueFunction, found: Findings, settings: Settings, seed: int
) -> Explanation:
    """The explanation of `f`, whose ledger holds what was spent."""
    base_value, favourite = f.full()
    whole, fine = found.whole, found.fine
    return Explanation(
        model={"target": model.name, "fingerprint": model.fingerprint, "proxy": found.focus.proxy},
        question=prompt.question,
        response=_answer(f.objective, favourite, base_value),
        objective=f.objective.name,
        base_value=base_value,
        granularity=settings.granularity,
        sources=tuple(
            SourceText(number, message.role, str(segment.text))
            for number, message in enumerate(prompt.messages)
            for segment in message.segments
            if segment.attributable
        ),
        units=_tiled(prompt, found.units, whole),
        parts=tuple(_explained(found.words, fine)) if fine else (),
        neighborhood={
            "proxy": found.focus.proxy,
            "sentences": [_span(unit) for unit in split(prompt.sources, "sentence", found.units)],
            "scored": [
                {**asdict(scored.unit), "score": scored.score, "kept": scored.kept}
                for scored in found.focus.scored
            ],
        },
        curves=tuple(
            _curve(units, attribution)
            for units, attribution in ((found.units, whole), (found.words, fine))
            if attribution is not None and attribution.curve
        ),
        audit=_audit(found.audit),
        sets=_sets(found.sets, found.units, found.instead),
        fit=_fit(whole),
        parts_fit=_fit(fine) if fine else None,
        cost=_cost(f.ledger, found.focus.cost, model.length(prompt)),
        settings=asdict(settings),
        seed=seed,
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        warnings=tuple(dict.fromkeys(_warnings(f, found, settings))),
    )


def _answer(objective: Objective, favourite: int, base_value: float) -> str:
    """What the model said: the response, the label that it likes best, the class, the score."""
    if isinstance(objective, ResponseLogOdds | LabelLogOdds):
        return objective.target.continuations[favourite].text
    return f"{base_value:.6g}" if isinstance(objective, Score) else objective.query


def _span(unit: Unit) -> list[int]:
    return [unit.source, unit.start, unit.end]


def _explained(units: Units, found: Attribution) -> Iterator[ExplainedUnit]:
    s = found.surrogate
    for i, unit in enumerate(units):
        yield ExplainedUnit(
            unit.source,
            unit.start,
            unit.end,
            unit.level,
            "attributed",
            float(s.weights[i]),
            float(s.low[i]),
            float(s.high[i]),
            float(s.selected[i]),
            found.effects.get(i),
            bool(s.sure[i]),
        )


def _tiled(prompt: Prompt, units: Units, found: Attribution) -> tuple[ExplainedUnit, ...]:
    """The attributed units, and around them every sentence that was not examined."""
    sentences = split(prompt.sources, "sentence")
    examined = set(units.parents(sentences).tolist())
    background = [
        ExplainedUnit(unit.source, unit.start, unit.end, unit.level, "background")
        for i, unit in enumerate(sentences)
        if i not in examined
    ]
    tiles = [*_explained(units, found), *background]
    return tuple(sorted(tiles, key=lambda unit: (unit.source, unit.start)))


def _curve(units: Units, found: Attribution) -> dict[str, Any]:
    spans = [_span(units[i]) for i in found.effects]
    return {"spans": spans, "values": list(found.curve)}


def _audit(found: Audit | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {**asdict(found), "rescued": [_span(unit) for unit in found.rescued]}


def _sets(found: Sets | None, units: Units, instead: str | None) -> dict[str, Any] | None:
    if found is None:
        return None
    spans = {
        name: [[_span(units[i]) for i in members] for members in getattr(found, name)]
        for name in ("flips", "enough")
    }
    return {
        "relation": found.relation, "threshold": found.threshold, **spans, "instead": instead,
    }  # fmt: skip


def _fit(found: Attribution) -> dict[str, Any]:
    surrogate, held_out = found.surrogate, found.held_out
    return {
        "masks": surrogate.n_masks,
        "held_out_masks": 0 if found.stopped == "all_masks" else held_out.n_masks,
        "r2": held_out.r2,
        "spearman": held_out.spearman,
        "intercept": surrogate.intercept,
        "penalty": surrogate.penalty,
        "interval_level": surrogate.level,
        "fidelity": found.fidelity,
        "agreement": found.agreement,
        "stopped": found.stopped,
    }


def _cost(target: Ledger, proxy: Ledger, full_prompt: int) -> dict[str, dict[str, Any]]:
    """Full-prompt equivalents are the target's tokens computed over the full prompt's tokens."""
    return {
        "target": {**asdict(target), "fpe": target.tokens_computed / full_prompt},
        "proxy": asdict(proxy),
    }


def _warnings(f: ValueFunction, found: Findings, settings: Settings) -> Iterator[str]:
    """What to know before the weights are trusted."""
    yield from found.focus.notes
    if found.audit is not None:
        yield from _of_audit(found.audit)
    for attribution in (found.whole, found.fine):
        if attribution is not None:
            yield from attribution.notes
            yield from _of_fit(attribution)
    if settings.ablation == "attention":
        yield (
            "values are those of the cached context: later text has already read what is dropped, "
            "so they are near to deletion, not equal"
        )
    if f.ledger.unshared:
        yield f"every mask paid for its whole prompt: {f.ledger.unshared}"


def _of_audit(found: Audit) -> Iterator[str]:
    if found.outcome == "not_in_context":
        yield (
            f"the answer hardly needs the text: its value is {found.nothing:.2f} without any of it "
            f"and {found.full:.2f} with all; weights explain little"
        )
    if found.outcome == "budget_exhausted" and found.coverage is not None:
        yield (
            f"{1 - found.coverage:.0%} of the effect is still there without the neighborhood: what "
            "matters is spread over more text than was examined"
        )


def _of_fit(found: Attribution) -> Iterator[str]:
    surrogate, held_out = found.surrogate, found.held_out
    n_units = len(surrogate.weights)
    if surrogate.n_masks < n_units:
        yield (
            f"{surrogate.n_masks} masks for {n_units} units: small weights cannot be told from "
            "0; raise the budget"
        )
    if np.ptp(np.append(found.values, found.full)) < 1e-6:
        yield "the value does not move with any mask: nothing examined has an effect"
    if held_out.r2 is not None and held_out.r2 < 0.5:
        on = "all masks" if found.stopped == "all_masks" else "fresh masks"
        yield (
            f"a sum of weights foretells {on} badly (R^2 {held_out.r2:.2f}): read the weights as a "
            "ranking at best"
        )
