"""Which units decide together: the smallest removal that turns the answer, and what is enough.

The leading units, sixteen at most, are kept or dropped where they stand; all else stays as it is. A
set is *sufficient* if the answer stands with the rest of these dropped; it is minimal if nothing in
it can be spared. The minimal sets, joined by "or", their members by "and", say how the evidence
hangs together: {A}, {B} is A or B (redundant), {A, B} is A and B (conjunction). A *counterfactual*
set is a removal after which the answer does not stand.

All subsets of up to three of a few leading units are tried by size, unless all of these together
turn nothing, or are not enough. Where only more do, and the model has no cached context over which
triples cost little, what can be spared of all of them is put back, one by one. So what is found of
up to three is what brute force finds among them, for a value that does not rise when a unit goes
(else a set could be missed, never made up). With a model that answers over its cached context the
search is made there; what it found is asked once more exactly, and so is, of each size, the set
that missed by the least. Triples are tried only there, and where all of them together cost little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from focus_lime.method.masks import Masks
from focus_lime.method.mixed import cached_view
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats

Subset = tuple[int, ...]
_Mask = Callable[[Subset], Masks]
Relation = Literal["single", "and", "or", "mixed", "none"]

MOST_LOOKED_AT = 6
_LARGEST, _LARGEST_DEAR = 3, 2
_LITTLE = 2.0  # readings of the prompt, for all triples


@dataclass(frozen=True)
class DecidingSets:
    """Subsets of units, by their indices.

    Attributes:
        threshold: the answer stands while the value is on the side of f(x).
        counterfactual_sets: the smallest removals that turn it; all of that size, or where only
            more than three do together, one of which nothing can be spared.
        sufficient_sets: the minimal sets that keep it, the rest of the leading units dropped.
    """

    threshold: float
    counterfactual_sets: tuple[Subset, ...]
    sufficient_sets: tuple[Subset, ...]

    @property
    def relation(self) -> Relation:
        """`single`, `and`, `or`, `mixed`, or `none` where no few units are enough."""
        if not self.sufficient_sets:
            return "none"
        if len(self.sufficient_sets) == 1:
            return "single" if len(self.sufficient_sets[0]) == 1 else "and"
        return "or" if all(len(members) == 1 for members in self.sufficient_sets) else "mixed"


def threshold(full: float, nothing: float) -> float:
    """Where the answer turns: log-odds of 0 if that lies between f(nothing) and f(x), else half of
    the way.
    """
    return 0.0 if min(full, nothing) < 0 < max(full, nothing) else (full + nothing) / 2


def find_sets(
    f: ValueFunction,
    ranking: Iterable[int],
    nothing: float,
    *,
    most: int = MOST_LOOKED_AT,
    most_dropped: int = 16,
    singles_kept: bool = False,
    doubt: float = 0.0,
) -> DecidingSets:
    """The sets among the leading units of `f`.

    Args:
        ranking: of the units, the most important first.
        most: so many of them are looked at.
        most_dropped: with more of them gone the text is unlike any, and no set seems sufficient.
        nothing: f without any attributable text, or what else the effect is measured from.
        singles_kept: of what is enough only single units are tried.
        doubt: how far noise may move a value: no set that is nearer to where the answer turns.
    """
    n_units = len(f.units)
    full = f.full()
    edge = threshold(full, nothing)
    cheap = cached_view(f) or f
    dropped = list(ranking)[:most_dropped]
    units = tuple(sorted(dropped[:most]))
    rising = full > edge
    if full == edge:
        return DecidingSets(edge, (), ())
    # Half is half; an answer that could be either has not turned.
    reach = doubt if doubt or edge == 0 else np.nextafter(0.0, -1.0)

    def dropping(members: Subset) -> Masks:
        mask = np.ones(n_units, dtype=bool)
        mask[list(members)] = False
        return mask

    def keeping(members: Subset) -> Masks:
        return dropping(tuple(unit for unit in dropped if unit not in members))

    def margins(values: ValueFunction, tried: list[Subset], mask: _Mask, stands: bool) -> Floats:
        """How far the values are on the side where the answer stands, or does not."""
        return (values(np.array([mask(t) for t in tried])) - edge) * (1 if rising == stands else -1)

    def those(tried: list[Subset], mask: _Mask, stands: bool) -> list[Subset]:
        """The sets after whose mask the answer stands, or does not."""
        if tried and cheap is not f:
            likely = margins(cheap, tried, mask, stands)
            # The nearest of those that miss, too: the cached context is only near to the truth.
            missed = np.where(likely > reach, -np.inf, likely)
            tried = [
                members
                for i, members in enumerate(tried)
                if likely[i] > reach or i == int(np.argmax(missed))
            ]
        if not tried:
            return []
        exact = margins(f, tried, mask, stands)
        return [members for members, margin in zip(tried, exact, strict=True) if margin > reach]

    def least(mask: _Mask, stands: bool) -> Subset:
        """Of the units that are looked at, without any that can be spared."""
        order = dropped[: len(units)]
        left = without_spare(
            order, lambda some: bool(margins(f, [tuple(some)], mask, stands)[0] > reach)
        )
        return tuple(sorted(left))

    singles: list[Subset] = [(unit,) for unit in units]
    f(np.array([dropping(units), keeping(units)]))  # in one call
    all_turn = margins(f, [units], dropping, False)[0] > reach
    all_do = margins(f, [units], keeping, True)[0] > reach
    if not (all_turn or all_do):
        return DecidingSets(edge, (), ())
    triples = list(combinations(units, _LARGEST))
    is_dear = cheap is f or _readings(cheap, [*map(dropping, triples)]) > _LITTLE
    largest = _LARGEST_DEAR if is_dear else _LARGEST
    drops = [*map(dropping, singles)] if all_turn else []
    if cheap is not f:  # what is asked below in any case, in one call
        cheap(np.array([*drops, keeping(()), *map(keeping, singles)]))
    counterfactual = those(singles, dropping, False) if all_turn else []
    # Half may be gone with a unit, and half be left: then it is not needed for that half.
    turned = margins(f, counterfactual, dropping, False) if counterfactual else ()
    needed = {unit for (unit,), margin in zip(counterfactual, turned, strict=True) if margin > 0}
    for size in range(2, largest + 1):
        if counterfactual or not all_turn:
            break
        counterfactual = those(list(combinations(units, size)), dropping, False)

    if cheap is f and all_turn and not counterfactual:
        counterfactual = [least(dropping, False)]

    sufficient: list[Subset] = []
    # Where the answer stands without any of them, any set would seem enough.
    if not all_do or those([()], keeping, True):
        return DecidingSets(edge, tuple(counterfactual), ())
    for size in range(1, 2 if singles_kept else largest + 1):
        tried = [
            members
            for members in combinations(units, size)
            # Without a unit that the answer needs nothing is enough.
            if needed <= set(members) and not any(set(less) <= set(members) for less in sufficient)
        ]
        sufficient += those(tried, keeping, True)
    if cheap is f and not sufficient and not singles_kept:
        sufficient = [least(keeping, True)]
    return DecidingSets(edge, tuple(counterfactual), tuple(sufficient))


def without_spare(members: Sequence[int], holds: Callable[[list[int]], bool]) -> list[int]:
    """What is left of a set of which something holds, once all that can be spared is taken out, the
    last first. One is always left.
    """
    left = list(members)
    for unit in reversed(members):
        fewer = [other for other in left if other != unit]
        if fewer and holds(fewer):
            left = fewer
    return left


def _readings(f: ValueFunction, masks: Sequence[Masks]) -> float:
    """What masks cost beside the prompt itself, in readings of it."""
    return f.estimate_more(np.array(masks)).fpe if masks else 0.0
