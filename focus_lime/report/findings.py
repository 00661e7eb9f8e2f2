"""Audit, sets and fit in plain words: one wording for the page and the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.report.highlight import count, interval_name, number, quote

_MOST = 4  # alternatives that one line names


class Span(NamedTuple):
    """Characters `[start, end)` of source `source`."""

    source: int
    start: int
    end: int

    @classmethod
    def of(cls, unit: ExplainedUnit) -> Span:
        return cls(unit.source, unit.start, unit.end)


class Card(NamedTuple):
    """One thing to know before the weights are believed.

    `distrust` goes on from "distrust it when". `tone` is how it looks: "good", "care" (read on),
    "bad", or "plain" where there is no better.
    `facts` are (name, figure).
    """

    name: str
    figure: str
    short: str
    tone: Literal["good", "care", "bad", "plain"]
    meaning: str
    distrust: str
    facts: tuple[tuple[str, str], ...]
    line: Line = ()


# Words and spans. Whoever shows a line names its spans: by rank in a list, by a quote, by a link.
Line = tuple[str | Span, ...]


def audit_line(audit: Mapping[str, Any]) -> Line:
    """The outcome, how much of the effect the neighborhood holds, and what was added to it."""
    outcome = audit["outcome"]
    if outcome == "not_in_context":
        return ("not in the context: the answer hardly needs the text",)
    rescued: list[Line] = [(Span(*span),) for span in audit["rescued"]]
    coverage, before = share(audit["coverage"]), share(audit["coverage_before"])
    alone = f"{share(audit['sufficiency'])} comes back with it alone"
    if outcome == "redundant":
        return (
            f"redundant: the answer stands more than once. {before} of the effect went with what "
            f"the proxy chose, {coverage} with this added: ",
            *_joined(rescued, ", ", " and "),
        )
    held = "held: " if outcome == "held" else "not held: only "
    added: Line = ()
    if rescued:
        many = "1 sentence was" if len(rescued) == 1 else f"{len(rescued)} sentences were"
        added = (f"; {many} added that the proxy had missed: ", *_joined(rescued, ", ", " and "))
    return (f"{held}{coverage} of the effect goes with it, {alone}", *added)


def sets_lines(sets: Mapping[str, Any]) -> list[Line]:
    """What is enough, what turns the answer, and what that means where it is not the obvious."""
    lines = [_enough(sets["relation"], _read(sets["enough"])), _flips(_read(sets["flips"]))]
    if sets.get("instead") is not None and sets["flips"]:
        without = _joined(_read(sets["flips"][:1])[0], ", ", " and ")
        lines.append((f"The model answers “{quote(sets['instead'], 200)}” without ", *without))
    if sets["threshold"] != 0:  # f(x) and f(nothing) lie on one side of 0: no removal passes it
        lines.append(("Here the answer counts as turned when half of the effect is gone",))
    return lines


def together_line(explanation: Explanation) -> Line:
    """What the leading units take when they are deleted together, and what alone; nothing where
    that was not measured, or where one of them takes it all.
    """
    if not explanation.curves:
        return ()
    curve = explanation.curves[0]
    spans = [Span(*span) for span in curve["spans"]]
    alone = effects_of(curve, explanation.sentences)
    joint, summed = explanation.base_value - curve["values"][-1], sum(alone)
    verdict = _together(joint, summed, sorted(map(abs, alone), reverse=True))
    if verdict is None:
        return ()
    audit = explanation.audit or {}
    held = ""
    if audit.get("coverage") is not None:
        held = f", {share(joint / (audit['full'] - audit['nothing']))} of the effect"
    return (
        *_joined([(span,) for span in spans], ", ", " and "),
        f" deleted together take {number(joint)}{held}; what they take alone adds up to "
        f"{number(summed)}{verdict}",
    )


def effects_of(curve: Mapping[str, Any], units: Sequence[ExplainedUnit]) -> list[float]:
    """What each span of a deletion curve takes alone, in the curve's order; `units` hold them."""
    effects = {Span.of(unit): unit.effect or 0.0 for unit in units}
    return [effects.get(Span(*span), 0.0) for span in curve["spans"]]


def _together(joint: float, summed: float, alone: Sequence[float]) -> str | None:
    """What the sizes say of each other; None where there is nothing to say. `alone`: the largest
    first.
    """
    if len(alone) < 2 or max(abs(joint), alone[0]) < 0.005:  # 0, as it is shown
        return None
    apart = _APART * max(abs(joint), abs(summed))
    if abs(joint) - abs(summed) > apart:
        return "; more together, as where one stands in for another"
    if abs(joint) < (1 - _APART) * alone[0]:
        return "; less together than one alone: without the others part of it is back"
    if abs(summed) - abs(joint) > apart:
        return "; less together, as where one needs another"
    return "" if alone[1] >= _APART * alone[0] else None


_APART = 0.25  # sizes that differ by more are called different
_HELD = 0.8  # of the effect, from which on the page says "good"
_FIT = 0.8  # of R²; below _RANKING the weights do not add up
_RANKING = 0.5


def cards(explanation: Explanation) -> list[Card]:
    """Coverage, fit, sure spans and cost, each with what it means and when to distrust it."""
    return [
        _effect(explanation),
        _fit(explanation),
        _sure(explanation),
        _cost(explanation),
    ]


def _effect(explanation: Explanation) -> Card:
    meaning = (
        "Coverage is the share of the effect that goes when every examined sentence is deleted; "
        "sufficiency is the share that they bring back alone."
    )
    distrust = (
        "either is low: then text that was not examined matters too, and the list is not the whole "
        "story. Above 100 % deleting these sentences does more than deleting all text: the rest "
        "speaks against the answer."
    )
    audit = explanation.audit
    if audit is None:
        return Card("Effect held", "not asked", "no audit", "care", meaning, distrust, ())
    outcome, coverage = audit["outcome"], audit["coverage"]
    facts = [
        ("value with all text", number(audit["full"])),
        ("with none of it", number(audit["nothing"])),
    ]
    if coverage is None:
        return Card(
            "Effect held",
            "none",
            "not in the context",
            "bad",
            "The answer hardly depends on the text: the model gives it without.",
            "a weight looks large: there is little to share out among the sentences.",
            tuple(facts),
            audit_line(audit),
        )
    for name in ("coverage", "sufficiency"):
        before = f", before {share(audit[f'{name}_before'])}" if audit["rescued"] else ""
        facts.append((name, f"{share(audit[name])}{before}"))
    short = {
        "held": "held by what was examined",
        "redundant": "stated more than once",
        "budget_exhausted": "not held",
    }[outcome]
    tone: Literal["good", "care", "bad"] = "good" if coverage >= _HELD else "care"
    if outcome == "budget_exhausted":
        tone = "bad"
    figure = share(coverage)
    said = audit_line(audit)
    return Card("Effect held", figure, short, tone, meaning, distrust, tuple(facts), said)


def _fit(explanation: Explanation) -> Card:
    facts: list[tuple[str, str]] = []
    for level, fit in explanation.fits:
        over = f", {level}s" if len(explanation.fits) > 1 else ""
        end = stopped(fit)
        facts += [
            (
                f"masks{over}",
                f"{count(fit['masks'])} fitted, {count(fit['held_out_masks'])} held out",
            ),
            (f"{_judged(fit)}{over}", f"{count(fit['r2'])}, Spearman {count(fit['spearman'])}"),
        ]
        facts += [(f"masks end{over}", end)] if end else []
        facts += [(f"fidelity{over}", fidelity(fit))] if fidelity(fit) else []
    meaning = (
        "How well a sum of weights predicts the model on deletions that the fit never saw, or on "
        "all that there are; 1 is perfect."
    )
    distrust = (
        "R² is below 0.5: then the weights do not add up, as for a fact that is stated twice. Read "
        "them as a ranking at best, and look at what decides together."
    )
    if any(fidelity(fit) for _, fit in explanation.fits):
        distrust += " Mixed fidelity: the lower its R², the more was left to correct."
    known = [fit["r2"] for _, fit in explanation.fits if fit["r2"] is not None]
    if not known:
        return Card("Fit", "not measured", "", "care", meaning, distrust, tuple(facts))
    worst = min(known)
    tone: Literal["good", "care", "bad"] = "good" if worst >= _FIT else "care"
    if worst < _RANKING:
        tone = "bad"
    short = {"good": "weights add up", "care": "read as rough", "bad": "read as a ranking"}[tone]
    return Card("Fit", f"R² {worst:.2f}", short, tone, meaning, distrust, tuple(facts))


def _sure(explanation: Explanation) -> Card:
    examined = explanation.attributed
    sure = [unit for unit in examined if unit.sure]
    verified = sum(unit.effect is not None for unit in (*explanation.units, *explanation.parts))
    return Card(
        "Sure spans",
        f"{len(sure):,} of {len(examined):,}",
        f"{verified} deleted alone" if sure else "none beyond doubt",
        "plain" if sure else "care",
        "Sure is a span whose effect is there beyond doubt at 99 % for all spans together. Every "
        f"span has its {interval_name(explanation)}. Deleted alone is no estimate: the model was "
        "asked without the span.",
        "the interval holds 0, or what deleting it alone does is far from the weight: then other "
        "text stands in for the span.",
        (("examined", f"{len(examined):,}"), ("measured by deletion", f"{verified:,}")),
    )


def _cost(explanation: Explanation) -> Card:
    target, proxy = (explanation.cost.get(name, {}) for name in ("target", "proxy"))
    labels = {
        "calls": "calls",
        "tokens_asked": "tokens asked",
        "tokens_computed": "tokens computed",
        "fpe": "full-prompt equivalents",
        "seconds": "seconds",
    }
    facts = [
        (label, f"{_amount(target, key)}; proxy {_amount(proxy, key)}")
        for key, label in labels.items()
    ]
    prompts = target.get("fpe")
    if target.get("unshared"):
        facts.append(("prefixes not shared", str(target["unshared"])))
    return Card(
        "Cost",
        f"{prompts:,.1f} prompts" if prompts is not None else "not measured",
        f"{count(target.get('calls'))} calls of the target",
        "plain",
        "A full-prompt equivalent is one reading of the whole prompt by the target model.",
        "it is taken for quality: costs say nothing of it, and seconds are those of one machine.",
        tuple(facts),
    )


def _amount(cost: Mapping[str, Any], key: str) -> str:
    return count(cost[key]) if key in cost else "–"


def held_out(fit: Mapping[str, Any]) -> str:
    r2, spearman = fit.get("r2"), fit.get("spearman")
    if r2 is None and spearman is None:
        return "held-out fit not measured"
    return f"{_judged(fit)} {count(r2)}, Spearman {count(spearman)}"


def _judged(fit: Mapping[str, Any]) -> str:
    """R² by the masks that it is of."""
    return "R² over all masks" if fit.get("stopped") == "all_masks" else "held-out R²"


def fidelity(fit: Mapping[str, Any]) -> str:
    """How the values were made; nothing where each was asked for in the one usual way."""
    if fit.get("fidelity") != "mixed":
        return ""
    agreement = fit.get("agreement")
    known = "" if agreement is None else f", R² {agreement:.3f} with exact ones"
    return f"mixed: most masks over the cached context{known}"


def stopped(fit: Mapping[str, Any]) -> str:
    return {
        "settled": "stopped when the top was settled",
        "budget": "ended with the budget",
        "all_masks": "all masks that there are",
    }.get(fit.get("stopped", ""), "")


def share(value: float | None) -> str:
    return "not measured" if value is None else f"{round(100 * value)}%"


def _read(sets: Sequence[Sequence[Sequence[int]]]) -> list[list[Line]]:
    return [[(Span(*span),) for span in members] for members in sets]


def _enough(relation: str, sets: list[list[Line]]) -> Line:
    if relation == "none":
        return ("No set of a few leading sentences is enough",)
    named = _alternatives(sets)
    if relation == "single":
        return (*named, " is enough by itself")
    if relation == "and":
        return ("Enough only together: ", *named)
    if relation == "or" and len(sets) == 2:
        return ("Either is enough: ", *named)
    return ("Any of these is enough: ", *named)


def _flips(sets: list[list[Line]]) -> Line:
    if not sets:
        return ("No deletion of a few leading sentences turns the answer",)
    named = _alternatives(sets)
    together = len(sets[0]) > 1
    if len(sets) == 1:
        return ("Deleting ", *named, " together" if together else "", " turns the answer")
    if together:
        return ("Any of these, deleted together, turns the answer: ", *named)
    either = "Either" if len(sets) == 2 else "Any one"
    return (f"{either} deletion turns the answer: ", *named)


def _alternatives(sets: list[list[Line]]) -> Line:
    named = [_joined(members, ", ", " and ") for members in sets[:_MOST]]
    if len(sets) > _MOST:
        named.append((f"{len(sets) - _MOST} more",))
    if any(len(members) > 1 for members in sets):
        return _joined(named, "; ", "; or ")
    return _joined(named, ", ", " or ")


def _joined(items: Sequence[Line], between: str, last: str) -> Line:
    line: Line = ()
    for left, item in zip(range(len(items), 0, -1), items, strict=True):
        line += item + ((between,) if left > 2 else (last,) if left == 2 else ())
    return line
