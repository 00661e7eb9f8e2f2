"""Search: the target itself finds the units that its value rests on, for a number of calls.

Neighbors are asked about together, in two ways: what goes when they are deleted (*needed*), and
what they bring when they are all that is left of the text (*alone*). Evidence that the text has
twice is not needed, and two units that only work together bring nothing alone, so the larger of
both counts, as in TracLLM (Wang et al. 2025, arXiv 2506.04202). The best groups are halved, and
their halves asked in the way in which the group was found; groups of all rounds compete. Where the
calls pay for every unit in both ways, that is done.

It is meant for models that read every prompt anew, such as functions and classifiers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.rescue import ENOUGH, CoverageCheck, Outcome, needs_context
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Floats, Ledger, Model

_FIRST = 0.5  # of the calls: for the first groups, both ways
_AT_ONCE = 2  # groups halved in one batch
_CALLS = 32  # where nobody says how many

Way = Literal["needed", "alone"]
Group = tuple[int, int]  # units [start, end)


@dataclass(frozen=True, eq=False)
class Found:
    """What the search knows.

    Attributes:
        scores: `float64[n_units]`: the effect of the smallest group that a unit was asked in, by
            the number of units in it.
        needed: f(x) - f(x without the unit), of single units.
        alone: f(the unit alone) - f(nothing), of single units.
    """

    full: float
    nothing: float
    scores: Floats
    needed: dict[int, float] = field(default_factory=dict)
    alone: dict[int, float] = field(default_factory=dict)

    def known(self, way: Way) -> dict[int, float]:
        return self.needed if way == "needed" else self.alone

    def worth(self, unit: int) -> float:
        """What it takes along or what it brings alone, whichever is more; where neither speaks for
        the value, whichever speaks more against it.
        """
        known = [way[unit] for way in (self.needed, self.alone) if unit in way] or [0.0]
        return max(known) if max(known) > 0 else min(known)


class Search:
    """A search in one prompt.

    Args:
        f: over the units that are searched.
    """

    def __init__(self, f: ValueFunction) -> None:
        self.f, self.n_units = f, len(f.units)
        self.asked: set[bytes] = set()  # masks: what was known before counts as well
        full, nothing = self.values(np.eye(2, dtype=bool)[:, [0] * self.n_units])
        self.found = Found(float(full), float(nothing), np.zeros(self.n_units))

    @property
    def calls(self) -> int:
        """Prompts that it took, whether or not they were known before."""
        return len(self.asked)

    def run(self, calls: int) -> Found:
        """
        Args:
            calls: in all, at most; six or more.
        """
        left = calls - self.calls
        n_groups = self.n_units if 2 * self.n_units <= left else max(1, int(left * _FIRST / 2))
        n_groups = min(n_groups, self.n_units)
        groups = even_groups(self.n_units, n_groups)
        both = zip(self._effects(groups, "needed"), self._effects(groups, "alone"), strict=True)
        known: dict[Group, tuple[float, Way]] = {
            group: (needed, "needed") if needed > alone else (alone, "alone")
            for group, (needed, alone) in zip(groups, both, strict=True)
        }
        while halved := _best(known)[: min(_AT_ONCE, (calls - self.calls) // 2)]:
            for group in halved:
                _, way = known.pop(group)
                parts = halves(group)
                for half, effect in zip(parts, self._effects(parts, way), strict=True):
                    known[half] = effect, way
        for (start, end), (effect, _) in known.items():
            self.found.scores[start:end] = effect / (end - start)
        return self.found

    def complete(self, units: Iterable[int], calls: int) -> None:
        """Ask about single units in the ways in which they were not asked yet.

        Args:
            units: the most important first.
            calls: in all, at most.
        """
        left = calls - self.calls
        ways: dict[Way, list[Group]] = {"needed": [], "alone": []}
        for unit in units:
            for way in ways:
                if unit not in self.found.known(way) and left > 0:
                    ways[way].append((unit, unit + 1))
                    left -= 1
        for way, singles in ways.items():
            if singles:
                self._effects(singles, way)

    def _effects(self, groups: list[Group], way: Way) -> list[float]:
        inside = np.zeros((len(groups), self.n_units), dtype=bool)
        for row, (start, end) in enumerate(groups):
            inside[row, start:end] = True
        found = self.found
        if way == "needed":
            effects = [found.full - float(value) for value in self.values(~inside)]
        else:
            effects = [float(value) - found.nothing for value in self.values(inside)]
        of_singles = found.known(way)
        for (start, end), effect in zip(groups, effects, strict=True):
            if end - start == 1:
                of_singles[start] = effect
        return effects

    def check(self, inside: NDArray[np.bool_]) -> CoverageCheck:
        """How much of the effect goes with the units of a mask, and how much they bring alone.

        Coverage speaks of what speaks for the value that is explained: units that speak against it
        stay. Where the empty text has no less of the value than the whole, it is no baseline: the
        text without all that was found to speak for the value takes its place.
        """
        found, nothing = self.found, self.found.nothing
        helps = found.scores > 0
        for unit in {*found.needed, *found.alone}:
            helps[unit] = found.worth(unit) > 0
        if nothing >= found.full:
            nothing = float(self.values(~helps[None])[0])
        inside = inside & helps
        without, only = map(float, self.values(np.stack([~inside, inside])))
        needs = needs_context(found.full, nothing, is_additive=self.f.objective.is_additive)
        if nothing >= found.full or not needs:
            return CoverageCheck(
                "not_in_context", found.full, nothing, None, None, None, None, (), self.calls
            )
        effect = found.full - nothing
        coverage, sufficiency = (found.full - without) / effect, (only - nothing) / effect
        outcome: Outcome = "held" if coverage >= ENOUGH else "redundant"
        if max(coverage, sufficiency) < ENOUGH:
            outcome = "budget_exhausted"
        return CoverageCheck(
            *(outcome, found.full, nothing),
            *(coverage, coverage, sufficiency, sufficiency),
            *((), self.calls),
        )

    def values(self, masks: NDArray[np.bool_]) -> Floats:
        """Of masks over all units, and counted."""
        self.asked.update(mask.tobytes() for mask in masks)
        return self.f(masks)


@dataclass(frozen=True)
class TargetSearch:
    """The proxy `target`: the target's own search chooses the neighborhood.

    `explain` runs the search with a share of its budget. Among other proxies its scores cost 32
    calls a level.
    """

    name = "target"

    def score(
        self,
        prompt: Prompt,
        units: Units,
        objective: Objective,
        *,
        target: Model,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> ProxyScores:
        ledger = Ledger()
        f = ValueFunction(target, prompt, units, objective, ledger=ledger, progress=progress)
        return ProxyScores(Search(f).run(_CALLS).scores, target_cost=ledger)


def _best(known: dict[Group, tuple[float, Way]]) -> list[Group]:
    """Groups that can be halved, the largest effect first."""
    wide = [(start, end) for start, end in known if end - start > 1]
    return sorted(wide, key=lambda group: (-known[group][0], group))


def even_groups(n_units: int, n_groups: int) -> list[Group]:
    """Runs of neighbors, all of about the same length."""
    cuts = np.linspace(0, n_units, n_groups + 1).round().astype(int)
    return list(pairwise(map(int, cuts)))


def halves(group: Group) -> list[Group]:
    start, end = group
    middle = (start + end) // 2
    return [(start, middle), (middle, end)]
