"""What a search asked the target, every call counted, and what it follows from: effects of groups
of neighbors, how much of the value some units hold, how far values of the same text lie apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from focus_lime.method.effects import Effects, Way, doubt
from focus_lime.method.parts import Group, Part, masks_of
from focus_lime.method.rescue import ENOUGH, CoverageCheck, Outcome, needs_context
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats

_REPEATS = 8  # values of the same text, by which noise is told
_ROUNDING = 1e-5  # of a value: that far apart it is the same


class Asked:
    """Questions to the target about one prompt, and their answers.

    Args:
        f: over the units that are searched.

    Attributes:
        effects: what the answers say of groups and single units.
    """

    def __init__(self, f: ValueFunction) -> None:
        self.f, self.n_units = f, len(f.units)
        self._asked: dict[bytes, float] = {}  # masks: what was known before counts as well
        self._repeats: list[list[float]] = []  # values of the same text
        full, nothing = self._values(np.eye(2, dtype=bool)[:, [0] * self.n_units])
        self.effects = Effects(float(full), float(nothing), np.zeros(self.n_units))

    @property
    def calls(self) -> int:
        """Prompts that it took, whether or not they were known before."""
        return len(self._asked) + sum(len(values) - 1 for values in self._repeats)

    @property
    def values(self) -> Floats:
        """Of all masks that were asked."""
        return np.array([*self._asked.values()])

    def ask(self, groups: Sequence[tuple[Group, Way]]) -> list[Part]:
        """Groups, each in one way."""
        if not groups:
            return []
        effects = self.effects
        masks = masks_of([group for group, _ in groups], self.n_units)
        masks[[way == "needed" for _, way in groups]] ^= True
        parts = []
        for (group, way), value in zip(groups, map(float, self._values(masks)), strict=True):
            effect = effects.full - value if way == "needed" else value - effects.nothing
            parts.append(Part(group, way, effect, hope=effect))
            if parts[-1].is_single:
                effects.by(way)[group[0]] = effect
        return parts

    @property
    def calls_of_check(self) -> int:
        return 2 if self.effects.has_baseline else 3

    def check(self, inside: NDArray[np.bool_]) -> CoverageCheck:
        """How much of the effect goes with the units of a mask, and how much they bring alone; but
        for those that speak against the value, which stay.

        Where the empty text is liked better than this one, the effect is measured from the text
        without what speaks for it. One that noise could be is none.
        """
        effects = self.effects
        full, nothing = effects.full, effects.nothing
        worth = effects.scores.copy()
        for unit in effects.known:
            worth[unit] = effects.worth(unit)
        baseline = nothing
        if not effects.has_baseline:
            baseline = float(self._values(worth[None] <= 0)[0])
        inside = inside & (worth >= 0)
        without, only = map(float, self._values(np.stack([~inside, inside])))
        effect = full - baseline
        if effect <= doubt(self.noise) * np.sqrt(2.0) or not needs_context(
            full, baseline, is_additive=self.f.objective.is_additive
        ):
            return CoverageCheck.of_none(full, nothing, self.calls)
        coverage, sufficiency = (full - without) / effect, (only - baseline) / effect
        outcome: Outcome = "held" if coverage >= ENOUGH else "redundant"
        if max(coverage, sufficiency) < ENOUGH:
            outcome = "budget_exhausted"
        return CoverageCheck(
            outcome=outcome,
            full=full,
            nothing=nothing,
            baseline=baseline,
            coverage_before=coverage,
            coverage=coverage,
            sufficiency_before=sufficiency,
            sufficiency=sufficiency,
            rescued=(),
            calls=self.calls,
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
        first, again = float(self._values(mask)[0]), self.f.again(mask[0])
        differs = abs(again[0] - first) > _ROUNDING * max(1.0, abs(first))
        if unit is None and differs:
            again = self.f.again(mask[0], _REPEATS - 1)
        self._repeats.append([first, *map(float, again)] if differs else [first, first])

    @property
    def noise(self) -> float:
        """The standard deviation of a value where the same text is asked again; 0 where it never
        differed.
        """
        squares = sum(len(values) * float(np.var(values)) for values in self._repeats)
        free = sum(len(values) - 1 for values in self._repeats)
        return float(np.sqrt(squares / free)) if free else 0.0

    def _values(self, masks: NDArray[np.bool_]) -> Floats:
        """Of masks over all units, and counted."""
        values = self.f(masks)
        self._asked.update(zip((mask.tobytes() for mask in masks), values.tolist(), strict=True))
        return values
