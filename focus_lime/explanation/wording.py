"""The coverage check, the sets and the fit in plain words: one wording for all reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from focus_lime.explanation.formats import count, number, plural, quote, share
from focus_lime.explanation.result import (
    DeletionCurve,
    ExplainedUnit,
    Explanation,
    Fit,
    SetsResult,
)
from focus_lime.inputs.units import Span
from focus_lime.method.rescue import CoverageCheck
from focus_lime.method.sets import Relation

# Words and spans. Whoever shows a line names its spans: by rank in a list, by a quote, by a link.
Line = tuple[str | Span, ...]

_MOST = 4  # alternatives that one line names
_LISTED = 10  # leading units, of which reports show what they take alone
_APART = 0.25  # sizes that differ by a larger share are called different


def check_line(check: CoverageCheck, level: str) -> Line:
    """The outcome, how much of the effect the neighborhood holds, and what was added to it.

    Args:
        level: of the units that were added.
    """
    if check.outcome == "not_in_context" and check.nothing > check.full:
        return ("not in the context: the text as a whole speaks against it",)
    if check.outcome == "not_in_context":
        return ("not in the context: the answer hardly needs the text",)
    rescued: list[Line] = [(span,) for span in check.rescued]
    if check.outcome == "redundant" and not rescued:
        return (
            f"redundant: other text holds the effect as well. {share(check.coverage)} of it goes "
            f"with what was examined, {share(check.sufficiency)} comes back with it alone",
        )
    if check.outcome == "redundant":
        return (
            f"redundant: other text holds the effect as well. {share(check.coverage_before)} of it "
            f"went with what the proxy chose, {share(check.coverage)} with this added: ",
            *_joined(rescued, ", ", " and "),
        )
    added: Line = ()
    if rescued:
        many = f"1 {level} was" if len(rescued) == 1 else f"{len(rescued)} {plural(level)} were"
        added = (f"; {many} added that the proxy had missed: ", *_joined(rescued, ", ", " and "))
    return (
        f"{'held: ' if check.outcome == 'held' else 'not held: only '}{share(check.coverage)} of "
        f"the effect goes with it, {share(check.sufficiency)} comes back with it alone",
        *added,
    )


def sets_lines(sets: SetsResult, level: str, check: CoverageCheck | None = None) -> list[Line]:
    """What is sufficient, what turns the answer, and what that means where it is not the obvious.

    Args:
        level: of the units in the sets.
        check: where it says that the empty text is liked no less, nothing can be called enough.
    """
    sufficient, turning = _named(sets.sufficient_sets), _named(sets.counterfactual_sets)
    units = plural(level)
    words = _DECISION if sets.threshold == 0 else _HALF
    lines = [
        _sufficient(sets.relation, sufficient, units, words),
        _turning(turning, units, words),
    ]
    if not sufficient and check is not None and check.nothing >= check.full:
        lines[0] = (f"The empty text is liked no less than this one: no {units} can be enough",)
    if sets.counterfactual_answer is not None:
        answer = quote(sets.counterfactual_answer, 200)
        (gone,) = _named([sets.answered_without])
        without = _joined(gone, ", ", " and ")
        lines.append((f"The model answers “{answer}” without ", *without))
    return lines


def together_line(explanation: Explanation) -> Line:
    """What the leading units take when they are deleted together, and what alone; nothing where
    that was not measured, or where one of them takes it all.
    """
    curve, check = explanation.curve, explanation.check
    if curve is None:
        return ()
    alone = effects_of(curve, explanation.coarse)
    joint, summed = explanation.base_value - curve.values[-1], sum(alone)
    verdict = _compared(joint, summed, sorted(map(abs, alone), reverse=True))
    if verdict is None:
        return ()
    held = ""
    if check is not None and check.coverage is not None:
        held = f", {share(joint / (check.full - check.baseline))} of the effect"
    return (
        *_joined([(span,) for span in curve.spans], ", ", " and "),
        f" deleted together take {number(joint)}{held}; what they take alone adds up to "
        f"{number(summed)}{verdict}",
    )


def apart_lines(explanation: Explanation) -> list[Line]:
    """Where a weight and what the unit takes when it is deleted alone say different things, and
    why: a weight is an average over texts from which others are gone, too.
    """
    if explanation.fits[-1].estimator == "effects":
        return []
    units = [unit for unit in explanation.top(_LISTED) if unit.effect is not None]
    least = _APART * max((abs(unit.weight or 0.0) for unit in units), default=0.0)
    less: list[Line] = []
    more: list[Line] = []
    for unit in units:
        weight, effect = unit.weight or 0.0, unit.effect or 0.0
        if abs(weight - effect) > max(least, max(abs(weight), abs(effect)) / 2):
            (less if abs(effect) < abs(weight) else more).append((unit.span,))
    lines: list[Line] = []
    for spans, what, why in (
        (less, "less", "where other text stands in for it"),
        (more, "more", "where it counts only beside other text"),
    ):
        if spans:
            said = f": {what} when deleted alone than the weight says, as {why}"
            lines.append((*_joined(spans, ", ", " and "), said))
    return lines


def effects_of(curve: DeletionCurve, units: Sequence[ExplainedUnit]) -> list[float]:
    """What each span of a deletion curve takes alone, in the curve's order; `units` hold them."""
    effects = {unit.span: unit.effect or 0.0 for unit in units}
    return [effects.get(span, 0.0) for span in curve.spans]


def held_out(fit: Fit) -> str:
    """How well the weights predict."""
    if fit.estimator == "effects":
        return "weights are measured effects, no fit's"
    if fit.r2 is None and fit.spearman is None:
        return "held-out fit not measured"
    return f"{r2_name(fit)} {count(fit.r2)}, Spearman {count(fit.spearman)}"


def r2_name(fit: Fit) -> str:
    """R² by the masks that it is of."""
    return "R² over all masks" if fit.stopped == "all_masks" else "held-out R²"


def estimator(fit: Fit) -> str:
    """How the values or the weights were made; nothing where each value was asked for exactly."""
    if fit.estimator == "averages":
        return "masks weigh what the search found: nine parts them, one part the exact effect"
    if fit.estimator != "mixed":
        return ""
    known = "" if fit.agreement is None else f", R² {fit.agreement:.3f} with exact ones"
    return f"mixed: most masks over the cached context{known}"


def stopped(fit: Fit) -> str:
    """Why no more masks were asked."""
    if fit.estimator == "mixed" and fit.stopped == "budget":
        return "as many as planned"  # by the units, which may be fewer than the budget allows
    if fit.estimator == "effects" and fit.stopped != "budget":
        return {
            "settled": "what is small beside the first was not divided",
            "all_masks": f"each {fit.level} deleted and by itself",
        }[fit.stopped]
    return {
        "settled": "stopped when the top was settled",
        "budget": "ended with the budget",
        "all_masks": "all masks that there are",
    }[fit.stopped]


def _compared(joint: float, summed: float, alone: Sequence[float]) -> str | None:
    """How the joint effect and the sum of single ones differ; None where there is nothing to say.

    Args:
        alone: sizes of the single effects, the largest first.
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


def _named(sets: Sequence[Sequence[Span]]) -> list[list[Line]]:
    return [[(span,) for span in members] for members in sets]


@dataclass(frozen=True)
class _Words:
    """What is said of a set that suffices, and of one without which the answer turns."""

    enough: str
    together: str
    turns: str


_DECISION = _Words("is enough", "Enough only together", "turns the answer")
# f(x) and f(nothing) lie on one side of 0: nothing says where the answer turns.
_HALF = _Words(
    "keeps half of the effect or more",
    "Half of the effect stays only with",
    "takes half of the effect or more",
)


def _sufficient(relation: Relation, sets: list[list[Line]], units: str, words: _Words) -> Line:
    if relation == "none":
        return (f"No set of a few leading {units} was found that {words.enough}",)
    named = _alternatives(sets)
    if relation == "single":
        return (*named, f" {words.enough} by itself")
    if relation == "and":
        return (f"{words.together}: ", *named)
    if relation == "or" and len(sets) == 2:
        return (f"Either {words.enough}: ", *named)
    return (f"Any of these {words.enough}: ", *named)


def _turning(sets: list[list[Line]], units: str, words: _Words) -> Line:
    if not sets:
        return (f"No deletion of a few leading {units} was found that {words.turns}",)
    named = _alternatives(sets)
    together = len(sets[0]) > 1
    if len(sets) == 1:
        return ("Deleting ", *named, " together" if together else "", f" {words.turns}")
    if together:
        return (f"Any of these, deleted together, {words.turns}: ", *named)
    either = "Either" if len(sets) == 2 else "Any one"
    return (f"{either} deletion {words.turns}: ", *named)


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
