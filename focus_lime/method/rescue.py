"""The coverage check: does the neighborhood S hold the effect? What the proxy missed is added.

The target is asked for f(x), f(nothing attributable), f(x without S) and f(only S). *Coverage* is
the share of the effect f(x) - f(nothing) that goes with S, *sufficiency* the share that S alone
brings back. While the effect survives without S, or S alone does not bring it, the rest of the
document is searched for the unit that makes the difference, and S takes it in.

All that is about the side that is explained: what supports the value, or, where the verdict is no,
what speaks against it. Where the text as a whole is on the other side, the prompt without text is
no baseline, and the text without S takes its place: S holds what it takes along, and nothing is
looked for.

The search walks through the rest in reading order: with its first k units the effect is there,
with one less it is not. That such a k exists needs no assumption, only that the ends differ. It is
found by sections: 16 at a time where the model shares prefixes, since all beginnings of one
document together cost about one reading of it; by halves where each costs its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from focus_lime.inputs.units import Span, Units
from focus_lime.method.masks import Masks
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats

Outcome = Literal["held", "redundant", "not_in_context", "budget_exhausted"]

# Of the effect: so much must go with S, and come with S alone. Not more: an empty prompt is unlike
# any text, and what lies between it and a text without the answer is no unit's doing.
ENOUGH = 0.5
_HARDLY = 0.2  # of the effect: what goes with S where the rest does as well without it
_SHARP = 0.2  # of the effect: what one unit must add to be taken in
_SECTIONS = 16
_MOST_RESCUED = 8


@dataclass(frozen=True)
class CoverageCheck:
    """What the check found, and what it added.

    Attributes:
        outcome: `held`: S holds the effect. `redundant`: S would do, but the effect stands again
            elsewhere; `rescued` says where, unless it is in too many places. `not_in_context`: the
            answer hardly needs the text. `budget_exhausted`: the effect survives without S, and
            does not come with it alone.
        full, nothing: f(x), and f without any attributable text.
        baseline: what the effect is measured from: f without any text; where that is liked better
            than the text, f without what speaks for the value.
        coverage_before, coverage: 1 - (f(x without S) - baseline) / (f(x) - baseline), before
            and after the rescue; None where there is no effect to be covered.
        sufficiency_before, sufficiency: (f(only S) - baseline) / (f(x) - baseline).
        rescued: units that were added to S.
        calls: prompts that the target was asked for.
    """

    outcome: Outcome
    full: float
    nothing: float
    baseline: float
    coverage_before: float | None
    coverage: float | None
    sufficiency_before: float | None
    sufficiency: float | None
    rescued: tuple[Span, ...]
    calls: int

    @classmethod
    def of_none(cls, full: float, nothing: float, calls: int) -> CoverageCheck:
        """Where the value does not go with the text."""
        return cls("not_in_context", full, nothing, nothing, None, None, None, None, (), calls)

    @property
    def survives(self) -> bool:
        """Whether next to all of the effect is there without S, and S alone is enough. Then nothing
        in S moves the value while the rest is kept.
        """
        coverage = 1.0 if self.coverage is None else self.coverage
        return self.outcome == "redundant" and coverage < _HARDLY


def check_coverage(f: ValueFunction, focus: Units) -> tuple[Units, CoverageCheck]:
    """S with what it lacked, and how that was found.

    Args:
        f: over all scored units of the prompt, `focus` among them.
    """
    calls = f.ledger.calls
    examined = set(focus)
    inside = np.array([unit in examined for unit in f.units])
    full, nothing = (float(v) for v in f(np.stack([inside | True, inside & False])))
    explains_no = f.objective.is_decision and full < 0
    if nothing > full and not explains_no:
        without = float(f(~inside[None])[0])
        spent = f.ledger.calls - calls
        if without >= full or not needs_context(full, without, is_additive=f.objective.is_additive):
            return focus, CoverageCheck.of_none(full, nothing, spent)
        held = (1.0, 1.0, None, None, (), spent)
        return focus, CoverageCheck("held", full, nothing, without, *held)
    if not needs_context(full, nothing, is_additive=f.objective.is_additive):
        return focus, CoverageCheck.of_none(full, nothing, f.ledger.calls - calls)

    def share(masks: Masks) -> Floats:
        """What is left of the effect, 1 = all."""
        return (f(masks) - nothing) / (full - nothing)

    without, only = share(np.stack([~inside, inside]))
    before = float(1 - without), float(only)
    rescued: list[Span] = []
    diffuse = False
    while len(rescued) < _MOST_RESCUED and not inside.all():
        rest, survives = np.flatnonzero(~inside), 1 - without < ENOUGH
        if survives:
            index, added = _without(f, share, rest, float(without))
        elif only < ENOUGH and not diffuse:
            index, added = _search(f, share, inside, rest, (float(only), 1.0))
        else:
            break
        if added < _SHARP:  # no unit makes the difference: the text as a whole does
            if survives:
                break
            diffuse = True
            continue
        inside = inside.copy()
        inside[index] = True
        rescued.append(f.units[index].span)
        without, only = share(np.stack([~inside, inside]))
    outcome: Outcome = "held"
    if 1 - without < ENOUGH:
        outcome = "redundant" if only >= ENOUGH else "budget_exhausted"
    elif before[0] < ENOUGH <= before[1]:
        outcome = "redundant"
    spent = f.ledger.calls - calls
    after = float(1 - without), float(only)
    return f.units.select(np.flatnonzero(inside).tolist()), CoverageCheck(
        outcome,
        full,
        nothing,
        nothing,
        before[0],
        after[0],
        before[1],
        after[1],
        tuple(rescued),
        spent,
    )


def needs_context(full: float, nothing: float, *, is_additive: bool) -> bool:
    """Whether the value goes with the attributable text: by 1 nat at least, and without the text
    no more than a third of the log-odds for the answer are there. A score in another unit needs
    the text if there is any difference.
    """
    effect = abs(full - nothing)
    if not is_additive:
        return effect > 1e-6 * max(abs(full), abs(nothing))
    return effect >= 1.0 and not 0 < full / 3 < nothing


def _without(
    f: ValueFunction,
    share: Callable[[Masks], Floats],
    rest: NDArray[np.intp],
    high: float,
) -> tuple[int, float]:
    """The unit of `rest` that brings the effect by itself, and how much it adds.

    Any text at all may make a difference to a prompt without text, and more of one than the
    unit that is looked for: so the last unit always stays, once it is known that it is not the one.
    And a unit among the first ones may have no effect before more text follows: so
    what is found there is looked for once more with the second half of the text in place.
    """
    kept = np.zeros(len(f.units), dtype=bool)
    kept[rest[-1]] = True
    others = np.zeros_like(kept)
    others[rest[:-1]] = True
    low, apart = (float(v) for v in share(np.stack([kept, others])))
    if high - apart >= _SHARP or high - low < _SHARP:
        return int(rest[-1]), max(low, high - apart)
    index, added = _search(f, share, kept, rest[:-1], (low, high))
    first = rest[: int(np.searchsorted(rest, index)) + 1]
    if len(first) > len(rest) // 4:
        return index, added
    later = rest[len(rest) // 2 :]
    kept[later] = True
    both = kept.copy()
    both[first] = True
    low, high = (float(v) for v in share(np.stack([kept, both])))
    if high - low < _SHARP:  # the later half brings it as well
        kept[later[:-1]] = False
        second = _search(f, share, kept, later[:-1], (0.0, low))
    else:
        second = _search(f, share, kept, first, (low, high))
    return second if second[1] >= _SHARP else (index, added)


def _search(
    f: ValueFunction,
    share: Callable[[Masks], Floats],
    kept: NDArray[np.bool_],
    rest: NDArray[np.intp],
    ends: tuple[float, float],
) -> tuple[int, float]:
    """The unit of `rest` with which the effect comes, read after `kept` and the earlier ones;
    and how much it adds.
    """

    def beginnings(counts: NDArray[np.intp]) -> Masks:
        masks = np.repeat(kept[None], len(counts), axis=0)
        for mask, count in zip(masks, counts, strict=True):
            mask[rest[:count]] = True
        return masks

    low, high = 0, len(rest)
    while high - low > 1:
        points = np.unique(np.linspace(low, high, _SECTIONS + 1).round().astype(int))[1:-1]
        middle = np.array([(low + high) // 2])
        halvings = float(np.log2(len(points) + 1))
        halving, sections = f.estimate(beginnings(middle)), f.estimate(beginnings(points))
        if sections.tokens_computed > halvings * halving.tokens_computed:
            points = middle
        values = np.array([ends[0], *share(beginnings(points)), ends[1]])
        step = int(np.argmax(np.diff(values)))
        low, high = (int(n) for n in np.array([low, *points, high])[step : step + 2])
        ends = float(values[step]), float(values[step + 1])
    return int(rest[low]), ends[1] - ends[0]
