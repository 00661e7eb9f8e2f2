"""Search: the target itself finds the units that its value rests on, for a number of calls.

Neighbors are asked about together, in two ways: what they bring when they are all that is left of
the text (*alone*), and what goes when they are deleted (*needed*). Evidence that the text has twice
is not needed, and two units that only work together bring nothing alone, so the larger of both
counts, as in TracLLM (Wang et al. 2025, arXiv 2506.04202). No deletions are asked where one group
alone brings nearly the whole effect. The best groups are halved, and their halves asked in the way
in which the group was found; groups of all rounds compete. Where the calls pay for every unit in
both ways, that is done.

Of words few matter, and neighbors belong together: a *sparse* search begins with groups of eight
even where calls would pay for more, deletes them first, asks them alone only where what goes with
them one by one does not add up to the effect, and leaves whole what is small beside the best.

It is meant for models that read every prompt anew, such as functions and classifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.asked import Asked
from focus_lime.method.effects import WAYS, Effects, Way
from focus_lime.method.objective import Objective
from focus_lime.method.parts import Group, Part, even_groups, halves, most_hopeful
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.rescue import ENOUGH
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Ledger, Model

SMALL = 0.25  # of the best one's effect: less is small beside it
_NEARLY = 0.8  # of the effect
_FIRST = 0.25  # of the calls: as many first groups
_LITTLE = 0.1  # of a part's effect: a half that has no more has next to nothing
_SAME = 0.9  # of a part's effect: a half that has so much has nearly all
_AGAIN = 0.5  # of a part's effect: the hope that the other half has it, too
_TOGETHER = 8  # words in a first group
_AT_ONCE = 2  # groups halved in one batch
_CALLS = 32  # where nobody says how many
_BOTH = 5  # leading units that are asked about in both ways


class Search:
    """A search in one prompt.

    Args:
        f: over the units that are searched.
    """

    def __init__(self, f: ValueFunction) -> None:
        self.asked, self.n_units = Asked(f), len(f.units)
        self.is_done = False  # whether nothing was left to divide
        self._partition: dict[Group, Part] = {}  # of the units
        self._least, self._completed = 0.0, 0

    def run(self, calls: int, *, sparse: bool = False) -> Effects:
        """
        Args:
            calls: in all, at most; six or more.
        """
        left = calls - self.asked.calls
        affords_all = not sparse and 2 * self.n_units <= left
        n_groups = self.n_units if affords_all else int(left * _FIRST)
        if sparse:
            n_groups = min(-(-self.n_units // _TOGETHER), left // 3)
        groups = even_groups(self.n_units, min(max(1, n_groups), self.n_units))
        ways: tuple[Way, Way] = ("needed", "alone") if sparse else ("alone", "needed")
        parts = self.asked.ask([(group, ways[0]) for group in groups])
        both_ways = affords_all or not self._is_enough(parts, sum if sparse else max)
        if both_ways:
            others = self.asked.ask([(group, ways[1]) for group in groups])
            parts = [_larger(*pair) for pair in zip(parts, others, strict=True)]
        self._partition = {part.group: part for part in parts}
        self._least, self._completed = SMALL * sparse, _BOTH * (both_ways or not sparse)
        return self.go_on(calls)

    def go_on(self, calls: int) -> Effects:
        """The same with more calls.

        Args:
            calls: in all, at most.
        """
        effects, partition, least = self.asked.effects, self._partition, self._least
        most = calls - self._completed
        while best := most_hopeful(partition.values(), least)[
            : max(0, min(_AT_ONCE, most - self.asked.calls))
        ]:
            self._divide(best, partition, most)
        self.is_done = not most_hopeful(partition.values(), least)
        for (start, end), part in partition.items():
            effects.scores[start:end] = part.effect / (end - start)
        self._complete(effects.ranking[: self._completed], calls)
        if not effects.known:  # what is said must be said of some unit
            self._complete(effects.ranking[:1], self.asked.calls + 1)
        return effects

    def _is_enough(self, parts: list[Part], together: Callable[[list[float]], float]) -> bool:
        """Whether nearly all of the effect was found in one way.

        Args:
            together: what parts have together: deletions add up, of parts alone the best counts.
        """
        effect = self.asked.effects.full - self.asked.effects.nothing
        return effect > 0 and together([max(0.0, p.effect) for p in parts]) >= _NEARLY * effect

    def _divide(self, parts: list[Part], partition: dict[Group, Part], calls: int) -> None:
        """Ask about the first halves of parts, and about the second ones where the first ones do
        not tell: one that has next to nothing leaves all to the other; beside one that has nearly
        all the other may have it again, which can wait.

        Args:
            partition: of the units, by group; changed.
            calls: in all, at most.
        """
        halved, failed = [], []
        firsts = self.asked.ask([(part.next_group, part.way) for part in parts])
        for part, first in zip(parts, firsts, strict=True):
            del partition[part.group]
            partition[first.group] = first
            if part.asks_itself:
                if not part.waits and first.effect < ENOUGH * part.effect:
                    failed.append(part)
                continue
            second, left = halves(part.group)[1], part.effect - first.effect
            has_all = part.effect > 0 and first.effect >= _SAME * part.effect
            has_none = part.effect > 0 and first.effect <= _LITTLE * part.effect
            hope = _AGAIN * part.effect if has_all else left
            partition[second] = Part(second, part.way, left, hope, expected_of=part.group)
            if not has_all and (not has_none or part.expected_of):  # expected once, then asked
                halved.append((part, first, second))
        halved = halved[: max(0, calls - self.asked.calls)]
        seconds = self.asked.ask([(second, part.way) for part, _, second in halved])
        for (part, first, _), other in zip(halved, seconds, strict=True):
            partition[other.group] = other
            if max(0.0, first.effect) + max(0.0, other.effect) < ENOUGH * part.effect:
                failed.append(part)
        for part in failed:
            if self.asked.calls + 2 <= calls:
                self._ask_otherwise(part, partition)

    def _ask_otherwise(self, part: Part, partition: dict[Group, Part]) -> None:
        """The halves do not add up to the part, as two units that say the same, or two that need
        one another: ask about them in the other way.
        """
        group = part.expected_of or part.group
        way: Way = "alone" if part.way == "needed" else "needed"
        for found in self.asked.ask([(half, way) for half in halves(group)]):
            before = partition.get(found.group, found)
            for inside in [
                g for g in partition if found.group[0] <= g[0] and g[1] <= found.group[1]
            ]:
                del partition[inside]
            partition[found.group] = _larger(found, before)

    def _complete(self, units: Iterable[int], calls: int) -> None:
        """Ask about single units in the ways in which they were not asked yet.

        Args:
            units: the most important first.
            calls: in all, at most.
        """
        missing = [
            ((unit, unit + 1), way)
            for unit in units
            for way in WAYS
            if unit not in self.asked.effects.by(way)
        ]
        self.asked.ask(missing[: max(0, calls - self.asked.calls)])


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


def _larger(one: Part, other: Part) -> Part:
    return max(one, other, key=lambda part: part.effect)
