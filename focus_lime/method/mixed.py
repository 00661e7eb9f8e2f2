"""The mixed estimator: most masks are answered over the cached context of the prompt, for some
thousandths of a prompt each, and a few exactly.

The cached values are a control variate: exact ones are regressed on them (slope and intercept).
What the few exact values still differ by, by units that nobody knows, widens the interval of every
unit. What was asked exactly takes the place of its approximation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.masks import Masks, single_drops, with_full
from focus_lime.method.objectives.own_answer import OwnAnswer
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ablation, Floats, Model

_MASKS_PER_UNIT = 2  # so many exact masks do without the cached context
_SAMPLED = 8  # masks by which the cost of one is told


@dataclass(frozen=True)
class Mixing:
    """How the mixed estimator uses the cached context. What is asked exactly, to judge and to
    correct it, are the *probes*: f(x), leading units each alone, and what is named here.

    Attributes:
        ablation: how units are hidden in the cached context.
        masks: so many of the masks are probes.
        nothing: f without any of the units is a probe. Not for masks that drop next to nothing:
            between it and them lies what they never meet.
        evenly: not only the leading units that are verified are deleted alone: as many as cost no
            more than the masks over the cached context do.
        agreement: R^2 of exact values by cached ones, from which on they are trusted.
        in_doubt: so many leading units are deleted alone where they are not.
        at_worst: the cached context is given up, and every mask asked exactly, where the agreement
            is less; and where it is in doubt and there are two masks a unit at least.
        is_final: it is never given up.
    """

    ablation: Ablation = "attention"
    masks: int = 3
    nothing: bool = True
    evenly: bool = False
    agreement: float = 0.9
    in_doubt: int = 3
    at_worst: float = 0.5
    is_final: bool = False

    def is_doubtful(self, agreement: float | None) -> TypeGuard[float]:
        """None: the exact values are all alike, and nothing speaks against the cached ones."""
        return agreement is not None and agreement < self.agreement

    def gives_up(self, agreement: float | None, n_exact: int, n_units: int) -> bool:
        """Whether `n_exact` exact masks take the place of a cached context with this agreement."""
        if self.is_final or not self.is_doubtful(agreement):
            return False
        return agreement < self.at_worst or n_exact >= _MASKS_PER_UNIT * n_units

    def n_alone(self, f: ValueFunction, cached: ValueFunction, masks: Masks, at_least: int) -> int:
        """So many leading units are deleted alone.

        Args:
            masks: those over the cached context.
        """
        if not self.evenly:
            return at_least
        n_units = len(f.units)
        alone = f.estimate_more(single_drops(n_units)).tokens_computed
        spent = cached.estimate_more(masks).tokens_computed
        return max(at_least, min(n_units, n_units * spent // max(1, alone)))

    def probes(self, masks: Masks, alone: Sequence[int]) -> Masks:
        """What is asked exactly; f(x) first."""
        n_units = masks.shape[1]
        nothing = np.zeros((int(self.nothing), n_units), dtype=bool)
        drops = single_drops(n_units)[list(alone)]
        return with_full(np.vstack([nothing, drops, masks[: self.masks]]))


@dataclass(frozen=True, eq=False)
class Corrected:
    """The values of masks over the cached context, as exact ones.

    Attributes:
        full: f(x).
        extra_variance: of each unit's weight, for what the cached context does not know.
        agreement: R^2 of exact values by the cached ones; None where all are alike.
        alone: units that were deleted alone, exactly.
    """

    values: Floats
    full: float
    extra_variance: Floats
    agreement: float | None
    alone: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class CachedSample:
    """Masks and their values over the cached context.

    Args:
        ranking: of the units, by these values.
    """

    f: ValueFunction
    cached: ValueFunction
    masks: Masks
    values: Floats
    ranking: Sequence[int]
    mixing: Mixing

    def corrected(self, at_least: int) -> Corrected:
        """
        Args:
            at_least: so many leading units are deleted alone.
        """
        n_alone = self.mixing.n_alone(self.f, self.cached, self.masks, at_least)
        alone = tuple(self.ranking[:n_alone])
        probes = self.mixing.probes(self.masks, alone)
        exact, approximate = self.f(probes), self.cached(probes)
        values, extra_variance = _calibrated(exact, approximate, probes, self.values)
        exact_value = {mask.tobytes(): value for mask, value in zip(probes, exact, strict=True)}
        for i, mask in enumerate(self.masks):
            values[i] = exact_value.get(mask.tobytes(), values[i])
        return Corrected(values, float(exact[0]), extra_variance, _r2(exact, approximate), alone)


def cached_view(f: ValueFunction, ablation: Ablation = Mixing.ablation) -> ValueFunction | None:
    """The same units over the cached context; None where the model cannot answer so."""
    cached = f.over(f.units, ablation=ablation)
    try:
        cached.estimate(np.ones((1, len(f.units)), dtype=bool))
    except FocusLimeError:
        return None
    return cached


def caches(model: Model, prompt: Prompt) -> bool:
    """Whether the model can answer over the prompt's cached context."""
    shortest = OwnAnswer().expected(model, prompt, 1)
    return cached_view(ValueFunction(model, prompt, prompt.tree.scored, shortest)) is not None


def for_a_reading(cached: ValueFunction, masks: Masks) -> int:
    """How many masks over the cached context cost as much as one reading of the prompt.

    To stop before them saves next to nothing, and all but the leading units would be known badly.
    """
    first, more = (cached.estimate(masks[:n]) for n in (1, 1 + _SAMPLED))
    spent = max(1, more.tokens_computed - first.tokens_computed)
    return _SAMPLED * first.prompt_tokens // spent


def _calibrated(
    exact: Floats, approximate: Floats, probes: Masks, values: Floats
) -> tuple[Floats, Floats]:
    """Cached `values` as exact ones, and the variance of each unit's weight that remains.

    If the rest of the regression came of a weight for each unit, independent and alike in size, its
    variance would be the weights' times the sum of the units' variances over the probes.
    """
    moved = approximate - approximate.mean()
    spread = float(moved @ moved)
    slope = float(moved @ (exact - exact.mean())) / spread if spread > 1e-12 else 1.0
    offset = float(exact.mean() - slope * approximate.mean())
    rest = exact - offset - slope * approximate
    variance = float(rest @ rest) / max(1, len(rest) - 2)
    by_units = float(probes.var(axis=0, ddof=1).sum())
    return offset + slope * values, np.full(probes.shape[1], variance / max(by_units, 1e-12))


def _r2(exact: Floats, approximate: Floats) -> float | None:
    spread = float(((exact - exact.mean()) ** 2).sum())
    return 1.0 - float(((exact - approximate) ** 2).sum()) / spread if spread > 1e-12 else None
