"""Formulas that several metrics share. Every function is pure: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit
from scipy.stats import spearmanr

from focus_lime.models.base import Floats

_CONSTANT = 1e-12  # a range below which numbers do not vary


def rank(weights: Floats, seed: int = 0, tie_breakers: Sequence[Floats] = ()) -> list[int]:
    """Units by weight, highest first: those whose deletion should lower the value the most.

    Units that were not examined (NaN) count 0, as in every metric: they come before units whose
    deletion should raise the value, and among those that were found to do nothing. Among equals
    the first of the tie-breakers decides, the highest number first, then the next one, and then
    chance: reading order would favour methods that know nothing where evidence stands first.
    """
    chance = np.random.default_rng([seed, len(weights)]).permutation(len(weights))
    keys = [-numbers for numbers in (np.nan_to_num(weights), *tie_breakers)]
    return [int(i) for i in np.lexsort((chance, *reversed(keys)))]


def leading(ranking: Sequence[int], sizes: Sequence[int], wanted: float) -> int:
    """How many leading units hold `wanted` words: the fewest, one at least, never more than all.

    Args:
        sizes: words of each unit.
    """
    held = np.cumsum([sizes[i] for i in ranking])
    return min(len(ranking), int(np.searchsorted(held, wanted - 1e-9)) + 1)


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


def probability(log_odds: Floats | float) -> Floats:
    """p of a log-odds in nats."""
    return np.asarray(expit(log_odds), dtype=np.float64)


def log_probability(log_odds: Floats | float) -> Floats:
    """log p of a log-odds v in nats: -log(1 + exp(-v))."""
    return -np.logaddexp(0.0, -np.asarray(log_odds, dtype=np.float64))


def varies(numbers: Floats) -> bool:
    return bool(np.ptp(numbers) > _CONSTANT)


def spearman(a: Floats, b: Floats) -> float | None:
    """Spearman's rho; None where one of them is constant."""
    return float(spearmanr(a, b).statistic) if varies(a) and varies(b) else None
