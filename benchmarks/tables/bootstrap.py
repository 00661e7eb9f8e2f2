"""Means of what was sampled, with percentile-bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mean:
    """A mean over documents and its percentile-bootstrap interval."""

    mean: float
    low: float
    high: float


def bootstrap_mean(
    values: Sequence[float], *, level: float = 0.95, n_samples: int = 10_000, seed: int = 0
) -> Mean:
    """Mean of independent values, one a document, with its percentile interval.

    Documents are what was sampled, so they are what is resampled (Efron & Tibshirani 1993,
    chapter 13); items of one document are not independent and are averaged before.

    Raises:
        ValueError: no values, or more than one row of them.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not len(array):
        raise ValueError(f"a mean needs values in one row, got shape {array.shape}")
    rng = np.random.default_rng(seed)
    draws = array[rng.integers(0, len(array), size=(n_samples, len(array)))].mean(axis=1)
    low, high = np.percentile(draws, [50 * (1 - level), 50 * (1 + level)])
    return Mean(float(array.mean()), float(low), float(high))


def clustered_mean(
    values: Sequence[float],
    clusters: Sequence[str],
    *,
    level: float = 0.95,
    n_samples: int = 10_000,
    seed: int = 0,
) -> Mean:
    """Mean of all values, with the percentile interval that resamples whole clusters: items of one
    document, which resemble each other, come and go together. The same as `bootstrap_mean` where
    every value is a cluster of its own.

    Raises:
        ValueError: no values, or not one cluster a value.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not len(array) or len(clusters) != len(array):
        raise ValueError(f"{len(clusters)} clusters for values of shape {array.shape}")
    numbers = {name: number for number, name in enumerate(dict.fromkeys(clusters))}
    of_value = np.array([numbers[name] for name in clusters])
    sums, sizes = np.bincount(of_value, array), np.bincount(of_value)
    drawn = np.random.default_rng(seed).integers(0, len(sums), size=(n_samples, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [50 * (1 - level), 50 * (1 + level)])
    return Mean(float(array.mean()), float(low), float(high))
