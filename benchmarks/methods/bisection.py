"""Informed search as TracLLM does it (Wang et al. 2025, arXiv 2506.04202, algorithm 1).

The prompt is cut in 2 * `keep` groups; each round scores the groups, keeps the best `keep` and cuts
those in half, until they are single units or the budget is spent. A group's score is the larger of
what it takes along (f(x) - f(x without it)) and what it brings alone (f(it) - f(nothing)), the
ensemble of the paper's LOC and STC. A unit's weight is the score of its last group by the number of
units in it, so that it ranks below those that were looked at more closely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focus_lime.method.parts import Group, even_groups, halves, masks_of
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats

from .base import Attributions, Case


@dataclass(frozen=True)
class Bisection:
    keep: int

    def explain(self, case: Case) -> Attributions:
        f, n_units = case.value(), len(case.units)
        groups = even_groups(n_units, min(2 * self.keep, n_units))
        weights = np.full(n_units, np.nan)
        first = True
        while groups:
            if not first and case.spent + f.estimate(_masks(groups, n_units)).fpe > case.budget:
                break
            scores = _scores(f, groups)
            for (start, end), score in zip(groups, scores, strict=True):
                weights[start:end] = score / (end - start)
            best = np.argsort(-scores, kind="stable")[: self.keep]
            groups, first = _halves([groups[i] for i in sorted(map(int, best))]), False
        return Attributions(weights)


def _scores(f: ValueFunction, groups: list[Group]) -> Floats:
    values = f(_masks(groups, len(f.units)))
    without, alone = values[2:].reshape(2, -1)
    best: Floats = np.maximum(values[0] - without, alone - values[1])
    return best


def _masks(groups: list[Group], n_units: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Everything, nothing, then everything but each group, then each group alone."""
    inside = masks_of(groups, n_units)
    ends = np.array([[True], [False]]).repeat(n_units, axis=1)
    return np.vstack([ends, ~inside, inside])


def _halves(groups: list[Group]) -> list[Group]:
    """Groups of more than one unit in two; single units are done with."""
    return [half for a, b in groups if b - a > 1 for half in halves((a, b))]


def load(keep: int = 5) -> Bisection:
    """`keep`: groups that are cut further in each round, the paper's K."""
    return Bisection(keep)
