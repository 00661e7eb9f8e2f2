"""Average effects of what a search found, where the calls pay for masks over it.

An exact effect is of one text: this one, or none but the unit. What reads like the evidence out of
its place brings as much by itself as the evidence does, and of what the text says twice neither
goes when it is deleted. So masks drop half of the units that have an effect, all else stays, and a
fit says what each does on average. A weight is nine parts of that and one part the exact effect:
what is known never weighs nothing. Where masks say little beside the effect, as of evidence that
the text has many times, exact effects stay the weights (docs/lab-notes.md).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from focus_lime.method.attribution import Attribution, Verify, attribute
from focus_lime.method.masks import DESIGNS
from focus_lime.method.surrogate import Surrogate
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats

_DESIGN = "bernoulli"  # half of the units are kept
_SHARE = 4  # one call in so many is a mask, and all that the search leaves
_FEWEST = 60  # masks: with fewer, calls do more for the search
_EXACT = 0.1  # of a weight: the share of the exact effect
_LITTLE = 0.1  # of the effect: masks that say less are not gone by


def most(calls: int, all_ways: int) -> int:
    """How many of the calls find what masks then weigh.

    Args:
        all_ways: calls that ask every unit in both ways: where there are so many, they are made.
    """
    masks = calls // _SHARE
    find = calls - (masks if masks >= _FEWEST else 0)
    return max(find, all_ways) if all_ways <= calls else find


def averaged(
    f: ValueFunction,
    exact: Attribution,
    effect: float,
    n_masks: int,
    surrogate: Surrogate,
    seed: int,
) -> Attribution:
    """The attribution with average effects as weights; as it was where masks say little.

    Args:
        f: over the units of `exact`.
        effect: of the text.
        n_masks: at most.
    """
    known = exact.surrogate
    moving = np.sort(exact.significant[:n_masks])  # fewer masks than units tell nothing
    if len(moving) < 2 or n_masks < _FEWEST:
        return exact
    average = attribute(
        f.over(f.units.select(moving)),
        DESIGNS[surrogate.design or _DESIGN](len(moving), n_masks, seed),
        surrogate,
        verify=Verify(0),
        confidence=1.0,  # the calls are this explanation's: none is saved by an early stop
        seed=seed,
    )
    fit = average.surrogate
    if fit.weights.clip(min=0.0).sum() < _LITTLE * effect:
        return exact

    def of_all(inside: Floats, outside: Floats | float) -> Floats:
        numbers = np.broadcast_to(outside, known.weights.shape).copy()
        numbers[moving] = inside
        return numbers

    share = _EXACT * known.weights

    def mixed(numbers: Floats, outside: float = 0.0) -> Floats:
        return share + (1 - _EXACT) * of_all(numbers, outside)

    return replace(
        exact,
        surrogate=replace(
            fit,
            weights=mixed(fit.weights),
            low=mixed(fit.low, np.nan),
            high=mixed(fit.high, np.nan),
            centre=mixed(fit.centre),
            error=of_all((1 - _EXACT) * fit.error, known.error),
            significant=known.significant,
            selected=of_all(fit.selected, 1.0),
        ),
        values=np.append(exact.values, average.values),
        held_out=average.held_out,
        estimator="averages",
        stopped=average.stopped,
    )
