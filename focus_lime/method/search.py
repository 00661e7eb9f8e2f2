"""Search: the target itself finds the units that its value rests on, for a number of calls.

Neighbors are asked about together, in two ways: what goes when they are deleted (*needed*), and
what they bring when they are all that is left of the text (*alone*). Evidence that the text has
twice is not needed, and two units that only work together bring nothing alone, so the larger of
both counts, as in TracLLM (Wang et al. 2025, arXiv 2506.04202). The best groups are halved, and
their halves asked in the way in which the group was found; groups of all rounds compete. Where the
calls pay for every unit in both ways, that is done.

Of words few matter, and neighbors belong together: a *sparse* search begins with groups of eight
even where calls would pay for more, asks them alone only where what goes with them one by one does
not add up to the effect, and leaves whole what is small beside the best.

It is meant for models that read every prompt anew, such as functions and classifiers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.effects import WAYS, Effects, Way
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.rescue import ENOUGH, CoverageCheck, Outcome, needs_context
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Floats, Ledger, Model

SMALL = 0.25  # of the best one's effect: less is small beside it
_NEARLY = 0.8  # of the effect
_FIRST = 0.5  # of the calls: for the first groups, both ways
_TOGETHER = 8  # words in a first group
_AT_ONCE = 2  # groups halved in one batch
_CALLS = 32  # where nobody says how many
_BOTH = 5  # leading units that are asked about in both ways
_REPEATS = 8  # values of the same text, by which noise is told
_ROUNDING = 1e-5  # of a value: that far apart it is the same

Group = tuple[int, int]  # units [start, end)


class Search:
    """A search in one prompt.

    Args:
        f: over the units that are searched.
    """

    def __init__(self, f: ValueFunction) -> None:
        self.f, self.n_units = f, len(f.units)
        self.asked: dict[bytes, float] = {}  # masks: what was known before counts as well
        self.is_done = False  # whether nothing was left to divide
        self.repeats: list[list[float]] = []  # values of the same text
        full, nothing = self.values(np.eye(2, dtype=bool)[:, [0] * self.n_units])
        self.effects = Effects(float(full), float(nothing), np.zeros(self.n_units))

    @property
    def calls(self) -> int:
        """Prompts that it took, whether or not they were known before."""
        return len(self.asked) + sum(len(values) - 1 for values in self.repeats)

    def run(self, calls: int, *, sparse: bool = False) -> Effects:
        """
        Args:
            calls: in all, at most; six or more.
        """
        effects, left = self.effects, calls - self.calls
        n_groups = self.n_units
        if sparse:
            n_groups = max(1, min(-(-self.n_units // _TOGETHER), left // 3))
        elif 2 * n_groups > left:
            n_groups = min(self.n_units, max(1, int(left * _FIRST / 2)))
        groups = even_groups(self.n_units, n_groups)
        needed = self._ask(groups, "needed")
        both_ways = not (sparse and self._adds_up(needed))
        alone = self._ask(groups, "alone") if both_ways else [-np.inf] * n_groups
        known: dict[Group, tuple[float, Way]] = {
            group: (goes, "needed") if goes > comes else (comes, "alone")
            for group, goes, comes in zip(groups, needed, alone, strict=True)
        }
        least = SMALL if sparse else 0.0
        most = calls - _BOTH if both_ways else calls
        while halved := _best(known, least)[: max(0, min(_AT_ONCE, (most - self.calls) // 2))]:
            for group in halved:
                known |= self._divided(group, *known.pop(group), most if sparse else 0)
        self.is_done = not _best(known, least)
        for (start, end), (effect, _) in known.items():
            effects.scores[start:end] = effect / (end - start)
        if both_ways:
            self._complete(effects.ranking[:_BOTH], calls)
        if not effects.known:  # what is said must be said of some unit
            self._complete(effects.ranking[:1], self.calls + 1)
        return effects

    def _divided(
        self, group: Group, effect: float, way: Way, calls: int
    ) -> dict[Group, tuple[float, Way]]:
        """The halves, asked in the way in which the group was found; in the other way, too, where
        they do not add up to it: as two words that say the same, or two that need one another.

        Args:
            calls: in all, at most, for the other way.
        """
        parts = halves(group)
        found = {part: (of, way) for part, of in zip(parts, self._ask(parts, way), strict=True)}
        adds_up = sum(max(0.0, of) for of, _ in found.values()) >= ENOUGH * effect
        if not adds_up and self.calls + len(parts) <= calls:
            other: Way = "alone" if way == "needed" else "needed"
            for part, of in zip(parts, self._ask(parts, other), strict=True):
                found[part] = max(found[part], (of, other), key=lambda pair: pair[0])
        return found

    def _adds_up(self, needed: Sequence[float]) -> bool:
        """Whether what goes with the groups one by one is nearly the effect together. Evidence that
        stands in several groups goes with none of them.
        """
        effect = self.effects.full - self.effects.nothing
        return effect > 0 and sum(max(0.0, part) for part in needed) >= _NEARLY * effect

    def _complete(self, units: Iterable[int], calls: int) -> None:
        """Ask about single units in the ways in which they were not asked yet.

        Args:
            units: the most important first.
            calls: in all, at most.
        """
        left = calls - self.calls
        ways: dict[Way, list[Group]] = {way: [] for way in WAYS}
        for unit in units:
            for way in WAYS:
                if unit not in self.effects.by(way) and left > 0:
                    ways[way].append((unit, unit + 1))
                    left -= 1
        for way, singles in ways.items():
            if singles:
                self._ask(singles, way)

    def _ask(self, groups: list[Group], way: Way) -> list[float]:
        """The groups' effects."""
        inside = np.zeros((len(groups), self.n_units), dtype=bool)
        for row, (start, end) in enumerate(groups):
            inside[row, start:end] = True
        if way == "needed":
            asked = [self.effects.full - float(value) for value in self.values(~inside)]
        else:
            asked = [float(value) - self.effects.nothing for value in self.values(inside)]
        of_singles = self.effects.by(way)
        for (start, end), effect in zip(groups, asked, strict=True):
            if end - start == 1:
                of_singles[start] = effect
        return asked

    def check(self, inside: NDArray[np.bool_]) -> CoverageCheck:
        """How much of the effect goes with the units of a mask, and how much they bring alone.

        The effect is that of what speaks for the value. Where the empty text is liked better than
        this one, the baseline is the text without what speaks for it.
        """
        effects = self.effects
        full, nothing = effects.full, effects.nothing
        helps = effects.scores > 0
        for unit in effects.known:
            helps[unit] = effects.worth(unit) > 0
        baseline = nothing
        if nothing >= full:
            baseline = float(self.values(~helps[None])[0])
        inside = inside & helps
        without, only = map(float, self.values(np.stack([~inside, inside])))
        if baseline >= full or not needs_context(
            full, baseline, is_additive=self.f.objective.is_additive
        ):
            return CoverageCheck.of_none(full, nothing, self.calls)
        effect = full - baseline
        coverage, sufficiency = (full - without) / effect, (only - baseline) / effect
        outcome: Outcome = "held" if coverage >= ENOUGH else "redundant"
        if max(coverage, sufficiency) < ENOUGH:
            outcome = "budget_exhausted"
        return CoverageCheck(
            *(outcome, full, nothing, baseline),
            *(coverage, coverage, sufficiency, sufficiency),
            *((), self.calls),
        )

    def repeat(self, unit: int | None = None) -> None:
        """Ask again what is known: f(x), or what a unit's weight is. A model that draws its
        verdicts gives another value; then f(x) is asked as often as tells how far they lie apart.
        """
        mask = np.ones((1, self.n_units), dtype=bool)
        if unit is not None:
            mask[0, unit] = False
            if self.effects.needed.get(unit) != self.effects.worth(unit):
                mask = ~mask
        first, again = float(self.values(mask)[0]), self.f.again(mask[0])
        differs = abs(again[0] - first) > _ROUNDING * max(1.0, abs(first))
        if unit is None and differs:
            again = self.f.again(mask[0], _REPEATS - 1)
        self.repeats.append([first, *map(float, again)] if differs else [first, first])

    @property
    def noise(self) -> float:
        """The standard deviation of a value where the same text is asked again; 0 where it never
        differed.
        """
        squares = sum(len(values) * float(np.var(values)) for values in self.repeats)
        free = sum(len(values) - 1 for values in self.repeats)
        return float(np.sqrt(squares / free)) if free else 0.0

    def values(self, masks: NDArray[np.bool_]) -> Floats:
        """Of masks over all units, and counted."""
        values = self.f(masks)
        self.asked.update(zip((mask.tobytes() for mask in masks), values.tolist(), strict=True))
        return values


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


def _best(known: dict[Group, tuple[float, Way]], least: float) -> list[Group]:
    """Groups that can be halved, the largest effect first.

    Args:
        least: of the largest effect of all: so much of it must be theirs.
    """
    enough = least * max(0.0, *(effect for effect, _ in known.values())) if least else -np.inf
    wide = [group for group in known if group[1] - group[0] > 1 and known[group][0] > enough]
    return sorted(wide, key=lambda group: (-known[group][0], group))


def even_groups(n_units: int, n_groups: int) -> list[Group]:
    """Runs of neighbors, all of about the same length."""
    cuts = np.linspace(0, n_units, n_groups + 1).round().astype(int)
    return list(pairwise(map(int, cuts)))


def halves(group: Group) -> list[Group]:
    start, end = group
    middle = (start + end) // 2
    return [(start, middle), (middle, end)]
