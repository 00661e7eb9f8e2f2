"""How good a ranking of units is: against people's evidence, and against the model itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from focus_lime.prompt.units import Units


def gold_units(units: Units, spans: Sequence[tuple[int, int]], source: int = 0) -> frozenset[int]:
    """Indices of the units that share a character with one of the spans `[start, end)`."""
    return frozenset(
        index
        for index, unit in enumerate(units)
        if unit.source == source
        and any(unit.start < end and start < unit.end for start, end in spans)
    )


def recall_at(ranking: Sequence[int], gold: Collection[int], k: int) -> float:
    """|first k of the ranking ∩ gold| / |gold|.

    With more gold units than k it cannot reach 1; `ceiling_at` is what it can reach.

    Raises:
        ValueError: there is no gold, or k < 1.
    """
    if not gold or k < 1:
        raise ValueError(f"recall needs gold units and k >= 1, got {len(gold)} and k = {k}")
    return len(set(ranking[:k]) & set(gold)) / len(gold)


def ceiling_at(gold: Collection[int], k: int) -> float:
    """The highest recall that any ranking has at k: min(k, |gold|) / |gold|."""
    return recall_at(sorted(gold), gold, k)


def aopc(full: float, without_top: Sequence[float]) -> float:
    """Area over the perturbation curve: 1/K * sum over k = 1..K of f(x) - f(x without top k).

    `without_top[k - 1]` is f(x without the first k units of the ranking). In the unit of f;
    higher is better. Samek et al. 2017 (IEEE TNNLS 28, equation 12) divide by K + 1 and count
    the step k = 0, which is 0; Nguyen 2018 (NAACL, section 3.2) brought it to text by deletion.
    Here the mean is over the K steps that delete something.

    Raises:
        ValueError: no steps.
    """
    if not len(without_top):
        raise ValueError("AOPC needs at least one step")
    return float(full - np.mean(without_top))


@dataclass(frozen=True)
class Mean:
    """A mean over contracts and its percentile-bootstrap interval."""

    mean: float
    low: float
    high: float


def bootstrap_mean(
    values: Sequence[float], *, level: float = 0.95, n_samples: int = 10_000, seed: int = 0
) -> Mean:
    """Mean of independent values (one a contract) with its percentile interval.

    The contracts are what was sampled, so they are what is resampled (Efron & Tibshirani 1993,
    chapter 13); labels of one contract are not independent and are averaged before.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not len(array):
        raise ValueError(f"a mean needs values in one row, got shape {array.shape}")
    rng = np.random.default_rng(seed)
    draws = array[rng.integers(0, len(array), size=(n_samples, len(array)))].mean(axis=1)
    low, high = np.percentile(draws, [50 * (1 - level), 50 * (1 + level)])
    return Mean(float(array.mean()), float(low), float(high))
