"""What to know before the weights are believed, in a few cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from focus_lime.explanation.formats import count, interval_name, number, plural, share
from focus_lime.explanation.result import Cost, Explanation
from focus_lime.explanation.wording import Line, check_line, estimator, r2_name, stopped

Tone = Literal["good", "care", "bad", "plain"]

_HELD = 0.8  # of the effect, from which on the page says "good"
_FIT = 0.8  # of R²; below _RANKING the weights do not add up
_RANKING = 0.5


@dataclass(frozen=True, kw_only=True)
class Card:
    """One thing to know.

    Attributes:
        figure, short: the number, and what it says in a few words.
        tone: how it looks: "good", "care" (read on), "bad", or "plain" where there is no better.
        distrust: goes on from "distrust it when".
        facts: (name, figure).
        line: more in words.
    """

    name: str
    figure: str
    short: str
    tone: Tone
    meaning: str
    distrust: str
    facts: tuple[tuple[str, str], ...] = ()
    line: Line = ()


def cards(explanation: Explanation) -> list[Card]:
    """Coverage, fit, significant spans and cost: what each means, and when to distrust it."""
    return [_effect(explanation), _fit(explanation), _significant(explanation), _cost(explanation)]


def _effect(explanation: Explanation) -> Card:
    level, check = explanation.level, explanation.check
    meaning = (
        f"Coverage is the share of the effect that goes when every examined {level} is deleted; "
        "sufficiency is the share that they bring back alone."
    )
    distrust = (
        "either is low: then text that was not examined matters too, and the list is not the whole "
        f"story. Above 100 % deleting these {plural(level)} does more than deleting all text: the "
        "rest speaks against the answer."
    )
    if check is None:
        return Card(
            name="Effect held",
            figure="not asked",
            short="no coverage check",
            tone="care",
            meaning=meaning,
            distrust=distrust,
        )
    facts = [
        ("value with all text", number(check.full)),
        ("with none of it", number(check.nothing)),
    ]
    if check.coverage is None:
        return Card(
            name="Effect held",
            figure="none",
            short="not in the context",
            tone="bad",
            meaning="The answer hardly depends on the text: the model gives it without.",
            distrust="a weight looks large: there is little to share out among the "
            f"{plural(level)}.",
            facts=tuple(facts),
            line=check_line(check, level),
        )
    for name, after, before in (
        ("coverage", check.coverage, check.coverage_before),
        ("sufficiency", check.sufficiency, check.sufficiency_before),
    ):
        facts.append((name, share(after) + (f", before {share(before)}" if check.rescued else "")))
    tone: Tone = "good" if check.coverage >= _HELD else "care"
    return Card(
        name="Effect held",
        figure=share(check.coverage),
        short={
            "held": "held by what was examined",
            "redundant": "also held elsewhere",
            "budget_exhausted": "not held",
        }[check.outcome],
        tone="bad" if check.outcome == "budget_exhausted" else tone,
        meaning=meaning,
        distrust=distrust,
        facts=tuple(facts),
        line=check_line(check, level),
    )


def _fit(explanation: Explanation) -> Card:
    meaning = (
        "How well a sum of weights predicts the model on deletions that the fit never saw, or on "
        "all that there are; 1 is perfect."
    )
    distrust = (
        "R² is below 0.5: then the weights do not add up, as for a fact that is stated twice. Read "
        "them as a ranking at best, and look at what decides together."
    )
    if any(fit.estimator == "mixed" for fit in explanation.fits):
        distrust += " Mixed estimator: the lower its R², the more was left to correct."
    figure, short = "not measured", ""
    tone: Tone = "care"
    if explanation.fits[-1].estimator == "effects":
        noisy = bool(explanation.noise)
        figure, short = "not exact" if noisy else "exact", "effects of single units"
        tone = "bad" if noisy else "good"
        meaning = (
            "No fit: a weight is what goes when the unit is deleted, or what it brings by itself, "
            "whichever is more, as it was measured."
        )
        distrust = (
            "the weights do not add up to the effect, as where the text says it twice: look at "
            "what decides together. Or the model answers the same text differently: a warning "
            "says so."
        )
    known = [fit.r2 for fit in explanation.fits if fit.r2 is not None]
    if known:
        figure = f"R² {min(known):.2f}"
        tone = "good" if min(known) >= _FIT else "care" if min(known) >= _RANKING else "bad"
        short = {"good": "weights add up", "care": "read as rough", "bad": "read as a ranking"}[
            tone
        ]
    return Card(
        name="Fit",
        figure=figure,
        short=short,
        tone=tone,
        meaning=meaning,
        distrust=distrust,
        facts=tuple(_fit_facts(explanation)),
    )


def _fit_facts(explanation: Explanation) -> Iterator[tuple[str, str]]:
    for fit in explanation.fits:
        over = f", {plural(fit.level)}" if len(explanation.fits) > 1 else ""
        if fit.estimator == "effects":
            yield f"masks{over}", count(fit.masks)
        else:
            held = f"{count(fit.masks)} fitted, {count(fit.held_out_masks)} held out"
            yield f"masks{over}", held
            yield f"{r2_name(fit)}{over}", f"{count(fit.r2)}, Spearman {count(fit.spearman)}"
        yield f"masks end{over}", stopped(fit)
        if estimator(fit):
            yield f"estimator{over}", estimator(fit)


def _significant(explanation: Explanation) -> Card:
    examined = explanation.attributed
    significant = explanation.significant()
    units = (*explanation.units, *explanation.fine_units)
    verified = sum(unit.effect is not None for unit in units)
    return Card(
        name="Significant spans",
        figure=f"{len(significant):,} of {len(examined):,}",
        short=f"{verified} deleted alone" if significant else "none beyond doubt",
        tone="plain" if significant else "care",
        meaning="Significant is a span whose effect is there beyond doubt at 99 % for all spans "
        f"together. Every span has its {interval_name(explanation.fit)}. Deleted alone is no "
        "estimate: the model was asked without the span.",
        distrust="the interval holds 0, or what deleting it alone does is far from the weight: "
        "then other text stands in for the span.",
        facts=(("examined", f"{len(examined):,}"), ("measured by deletion", f"{verified:,}")),
    )


def _cost(explanation: Explanation) -> Card:
    target, proxy = explanation.cost.target, explanation.cost.proxy
    facts = [
        (name, f"{of_target}; proxy {of_proxy}")
        for (name, of_target), (_, of_proxy) in zip(_spent(target), _spent(proxy), strict=True)
    ]
    if target.unshared:
        facts.append(("prefixes not shared", target.unshared))
    return Card(
        name="Cost",
        figure="not measured" if target.fpe is None else f"{target.fpe:,.1f} prompts",
        short=f"{count(target.calls)} calls of the target",
        tone="plain",
        meaning="A full-prompt equivalent is one reading of the whole prompt by the target model.",
        distrust="it is taken for quality: costs say nothing of it, and seconds are those of one "
        "machine.",
        facts=tuple(facts),
    )


def _spent(cost: Cost) -> tuple[tuple[str, str], ...]:
    return (
        ("calls", count(cost.calls)),
        ("tokens asked", count(cost.tokens_asked)),
        ("tokens computed", count(cost.tokens_computed)),
        ("full-prompt equivalents", "–" if cost.fpe is None else count(cost.fpe)),
        ("seconds", count(cost.seconds)),
    )
