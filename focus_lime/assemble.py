"""From what the algorithm found to the explanation: plain data, with every text's offsets."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from focus_lime.explanation import ExplainedUnit, Explanation, SourceText
from focus_lime.models.base import Floats, Ledger, Model
from focus_lime.neighborhood import Neighborhood
from focus_lime.objective import LabelLogOdds, Objective, ResponseLogOdds, Score
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Level, Units
from focus_lime.surrogate import Fidelity, SurrogateFit

_PACKAGES = ("focus-lime", "numpy", "scikit-learn", "torch", "transformers")


def assemble(
    *,
    prompt: Prompt,
    model: Model,
    objective: Objective,
    base_value: float,
    favourite: int,
    granularity: Level,
    focus: Neighborhood,
    units: Units,
    values: Floats,
    surrogate: SurrogateFit,
    held_out: Fidelity,
    ledger: Ledger,
    settings: Mapping[str, Any],
    seed: int,
) -> Explanation:
    """`favourite` is the continuation that the model likes best; `values` are all masks' values."""
    return Explanation(
        model={"target": model.name, "fingerprint": model.fingerprint, "proxy": focus.proxy},
        question=prompt.question,
        response=_answer(objective, favourite, base_value),
        objective=objective.name,
        base_value=base_value,
        granularity=granularity,
        sources=tuple(
            SourceText(number, message.role, segment.text)
            for number, message in enumerate(prompt.messages)
            for segment in message.segments
            if segment.attributable
        ),
        units=_explained(prompt, focus, units, surrogate),
        neighborhood={
            "proxy": focus.proxy,
            "sentences": [[unit.source, unit.start, unit.end] for unit in focus.units],
            "scored": [
                {**asdict(scored.unit), "score": scored.score, "kept": scored.kept}
                for scored in focus.scored
            ],
        },
        fit={
            "masks": surrogate.n_masks,
            "held_out_masks": held_out.n_masks,
            "r2": held_out.r2,
            "spearman": held_out.spearman,
            "intercept": surrogate.intercept,
            "penalty": surrogate.penalty,
            "interval_level": surrogate.level,
        },
        cost=_cost(ledger, focus.cost, model.length(prompt)),
        settings=settings,
        seed=seed,
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        warnings=(
            *_warnings(surrogate, held_out, values, base_value),
            *_caveats(ledger, settings),
        ),
    )


def _answer(objective: Objective, favourite: int, base_value: float) -> str:
    """What the model said: the response, the label that it likes best, the class, the score."""
    if isinstance(objective, ResponseLogOdds | LabelLogOdds):
        return objective.target.continuations[favourite].text
    return f"{base_value:.6g}" if isinstance(objective, Score) else objective.query


def _explained(
    prompt: Prompt, focus: Neighborhood, units: Units, surrogate: SurrogateFit
) -> tuple[ExplainedUnit, ...]:
    """The attributed units, and around them every sentence that was not examined."""
    found = [
        ExplainedUnit(
            unit.source,
            unit.start,
            unit.end,
            unit.level,
            "attributed",
            float(surrogate.weights[i]),
            float(surrogate.low[i]),
            float(surrogate.high[i]),
            float(surrogate.selected[i]),
        )
        for i, unit in enumerate(units)
    ]
    examined = set(focus.units)
    found += [
        ExplainedUnit(unit.source, unit.start, unit.end, unit.level, "background")
        for unit in split(prompt.sources, "sentence")
        if unit not in examined
    ]
    return tuple(sorted(found, key=lambda unit: (unit.source, unit.start)))


def _cost(target: Ledger, proxy: Ledger, full_prompt: int) -> dict[str, dict[str, Any]]:
    """Full-prompt equivalents are the target's tokens computed over the full prompt's tokens."""
    return {
        "target": {**asdict(target), "fpe": target.tokens_computed / full_prompt},
        "proxy": asdict(proxy),
    }


def _caveats(ledger: Ledger, settings: Mapping[str, Any]) -> Iterator[str]:
    """What to know of the way in which the values were made."""
    if settings["ablation"] == "attention":
        yield (
            "values are those of the cached context: later text has already read what is dropped, "
            "so they are near to deletion, not equal"
        )
    if ledger.unshared:
        yield f"every mask paid for its whole prompt: {ledger.unshared}"


def _warnings(
    surrogate: SurrogateFit, held_out: Fidelity, values: Floats, base_value: float
) -> tuple[str, ...]:
    found: list[str] = []
    n_units = len(surrogate.weights)
    if surrogate.n_masks < n_units:
        found.append(
            f"{surrogate.n_masks} masks for {n_units} units: small weights cannot be told from "
            "0; raise the budget"
        )
    if np.ptp(np.append(values, base_value)) < 1e-6:
        found.append("the value does not move with any mask: nothing examined has an effect")
    if held_out.r2 is not None and held_out.r2 < 0.5:
        found.append(
            f"a sum of weights foretells fresh masks badly (held-out R^2 {held_out.r2:.2f}): "
            "read the weights as a ranking at best"
        )
    return tuple(found)
