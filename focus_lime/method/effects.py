"""Exact effects of single units, which are their weights where no surrogate is fitted.

A unit's weight is what it takes along or what it brings alone, whichever is more. Both are the ends
of its range, which reaches further where the model answers the same text differently; there is none
where only one of them was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from focus_lime.method.attribution import Attribution
from focus_lime.method.masks import nested_drops
from focus_lime.method.rounds import Stopped
from focus_lime.method.surrogate import (
    LEVEL,
    NEGLIGIBLE,
    SIGNIFICANCE,
    GoodnessOfFit,
    SurrogateFit,
)
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats

Way = Literal["needed", "alone"]
WAYS: tuple[Way, ...] = ("needed", "alone")
_ALIKE = 0.1  # of a weight: two effects that lie no further apart are the same

_MIXED = (
    "{} for the value alone and against it in the text, or the other way round: what a text does "
    "depends on what stands around it"
)


def doubt(noise: float) -> float:
    """How far noise may move a value, in 99 of 100 cases.

    Args:
        noise: the value's standard deviation.
    """
    return NormalDist().inv_cdf((1 + SIGNIFICANCE) / 2) * noise


@dataclass(frozen=True, eq=False)
class Effects:
    """What the search knows.

    Attributes:
        full, nothing: f(x), and f without any unit.
        scores: `float64[n_units]`, of all units: the effect of the smallest part that a unit is
            in (see `Part`), by the number of units in it.
        needed: f(x) - f(x without the unit), of single units.
        alone: f(the unit alone) - f(nothing), of single units.
    """

    full: float
    nothing: float
    scores: Floats
    needed: dict[int, float] = field(default_factory=dict)
    alone: dict[int, float] = field(default_factory=dict)

    def by(self, way: Way) -> dict[int, float]:
        return self.needed if way == "needed" else self.alone

    @property
    def ranking(self) -> list[int]:
        """All units, the largest score first."""
        return [int(unit) for unit in np.argsort(-self.scores, kind="stable")]

    @property
    def known(self) -> list[int]:
        """The units of which either effect is known, the largest score first."""
        return [unit for unit in self.ranking if unit in self.needed or unit in self.alone]

    def inside(self, units: Sequence[int]) -> NDArray[np.bool_]:
        """The mask of some units."""
        mask = np.zeros(len(self.scores), dtype=bool)
        mask[list(units)] = True
        return mask

    def both(self, unit: int) -> list[float]:
        """The effects that are known of a unit."""
        return [self.by(way)[unit] for way in WAYS if unit in self.by(way)]

    @property
    def has_baseline(self) -> bool:
        """Whether the empty text is liked less than the text, so that the effect can be measured
        from there.
        """
        return self.nothing < self.full

    @property
    def likes_nothing(self) -> bool:
        """Whether the empty text is liked better than the text: then whatever stands alone may be
        liked less than nothing, and that says little of it.
        """
        return self.nothing > self.full

    def worth(self, unit: int) -> float:
        """What it takes along or what it brings alone, whichever is more. Where neither speaks for
        the value: what it takes along, if the empty text is liked better than the text, else
        whichever speaks more against it.
        """
        known = self.both(unit)
        if max(known) > 0:
            return max(known)
        return self.needed.get(unit, min(known)) if self.likes_nothing else min(known)

    def interact(self, noise: float) -> bool:
        """Whether what units do depends on what stands around them: several are significant, and
        one does less deleted than by itself, or more, or was not asked both ways.
        """
        fit = self.fit(self.known, noise, 0)[0]
        differ = ~(fit.high - fit.low <= _ALIKE * np.abs(fit.weights))
        return int(fit.significant.sum()) > 1 and bool(differ[fit.significant].any())

    def attribution(
        self,
        f: ValueFunction,
        units: Sequence[int],
        *,
        verify: int,
        stopped: Stopped,
        noise: float = 0.0,
        values: Floats,
        notes: Sequence[str] = (),
    ) -> Attribution:
        """Of some units. The leading ones that speak for the value are deleted nested, too: those
        that the sets are looked for among.

        Args:
            f: over these units.
            noise: see `fit`.
            values: of all masks that were asked.
        """
        fit, mixed = self.fit(units, noise, len(values))
        needed = {i: self.needed[unit] for i, unit in enumerate(units) if unit in self.needed}
        alone = {i: self.alone[unit] for i, unit in enumerate(units) if unit in self.alone}
        leading = [
            i
            for i in fit.ranking
            if i in needed and (i in alone or not alone) and fit.weights[i] > 0
        ][:verify]
        curve = f(nested_drops(len(units), leading)) if leading else ()
        of_both = [_MIXED.format("1 unit speaks" if mixed == 1 else f"{mixed} units speak")]
        return Attribution(
            full=self.full,
            surrogate=fit,
            values=values,
            held_out=GoodnessOfFit(0, None, None),
            estimator="effects",
            stopped=stopped,
            effects={i: needed[i] for i in [*leading, *fit.ranking] if i in needed},
            alone=alone,
            curve=tuple(map(float, curve)),
            notes=(*notes, *(of_both if mixed else ())),
        )

    def fit(self, units: Sequence[int], noise: float, n_masks: int) -> tuple[SurrogateFit, int]:
        """The effects in the form of a fit, and how many units are of both signs.

        A unit whose effects speak for the value alone and against it in the text, or the other way
        round, is not significant: its sign depends on what stands around it. Nor is one that only
        brings something alone, in a text that does no more than none.

        Args:
            noise: standard deviation of a value; an effect is the difference of two.
        """
        both = [self.both(unit) for unit in units]
        n_known = np.array([len(pair) for pair in both])
        # Of a group that was not divided each has its share: told, and never called significant.
        weights = np.array(
            [self.worth(u) if pair else self.scores[u] for u, pair in zip(units, both, strict=True)]
        )
        low = np.array([min(pair, default=0.0) for pair in both])
        high = np.array([max(pair, default=0.0) for pair in both])
        error = np.full(len(units), noise * np.sqrt(2.0))
        reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * error
        together = NormalDist().inv_cdf(1 - (1 - SIGNIFICANCE) / (2 * len(self.scores))) * error
        least = np.maximum(NEGLIGIBLE * float(np.abs(weights).max(initial=0.0)), 1e-9) + together
        needed = np.array([self.needed.get(unit, np.nan) for unit in units])
        # Of a text that does no more than none, what a unit brings alone is not in the value.
        is_used = (np.abs(needed) > least) | (abs(self.full - self.nothing) > least)
        is_mixed = (low < -least) & (high > least) & (not self.likes_nothing)
        fit = SurrogateFit(
            weights=weights,
            intercept=self.nothing,
            low=np.where(n_known == 2, low - reach, np.nan),
            high=np.where(n_known == 2, high + reach, np.nan),
            centre=weights,
            error=error,
            significant=(np.abs(weights) > least) & ~is_mixed & is_used & (n_known > 0),
            selected=np.ones(len(units)),
            n_masks=n_masks,
        )
        return fit, int(is_mixed.sum())
