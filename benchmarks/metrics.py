"""How good the weights of units are: against people's evidence, against the model itself, and
against themselves under other seeds.

Every function is pure: rankings, weights and values in, numbers out. What the values are of is the
business of `evaluate`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import spearmanr

from focus_lime.models.base import Floats
from focus_lime.perturb.masks import Masks
from focus_lime.prompt.units import Units


def gold_units(units: Units, spans: Sequence[tuple[int, int]], source: int = 0) -> frozenset[int]:
    """Indices of the units that share a character with one of the spans `[start, end)`."""
    return frozenset(
        index
        for index, unit in enumerate(units)
        if unit.source == source
        and any(unit.start < end and start < unit.end for start, end in spans)
    )


def gold_of(units: Units, gold: Sequence[tuple[int, int, int]]) -> frozenset[int]:
    """`gold_units` of spans (source, start, end)."""
    sources = {source for source, _, _ in gold}
    return frozenset().union(
        *(
            gold_units(units, [(a, b) for s, a, b in gold if s == source], source)
            for source in sources
        )
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


def precision_at(ranking: Sequence[int], gold: Collection[int], k: int) -> float:
    """|first k of the ranking ∩ gold| / k. Of a ranking shorter than k the rest is no evidence."""
    if k < 1:
        raise ValueError(f"precision needs k >= 1, got {k}")
    return len(set(ranking[:k]) & set(gold)) / k


def r_precision(ranking: Sequence[int], gold: Collection[int]) -> float:
    """Precision at |gold|, where it equals recall (Manning et al. 2008, section 8.4)."""
    return precision_at(ranking, gold, len(gold))


def recall_at_share(ranking: Sequence[int], gold: Collection[int], share: float) -> float:
    """Recall at ceil(share * |gold|): k relative to the length of the evidence."""
    return recall_at(ranking, gold, ceil(share * len(gold) - 1e-9))


def average_precision(ranking: Sequence[int], gold: Collection[int]) -> float:
    """1/|gold| * sum of precision@k over the ranks k that hold gold; gold that is not in the
    ranking counts 0. Its mean over items is mAP (Manning et al. 2008, section 8.4).
    """
    if not gold:
        raise ValueError("average precision needs gold units")
    wanted = set(gold)
    hits = [rank for rank, unit in enumerate(ranking, start=1) if unit in wanted]
    return sum(found / rank for found, rank in enumerate(hits, start=1)) / len(wanted)


def scout_recall(examined: Collection[int], gold: Collection[int]) -> float:
    """|examined ∩ gold| / |gold|: what of the evidence could get a weight at all."""
    if not gold:
        raise ValueError("scout recall needs gold units")
    return len(set(examined) & set(gold)) / len(set(gold))


def rank(weights: Floats, seed: int = 0, then: Sequence[Floats] = ()) -> list[int]:
    """Units by weight, highest first: those whose deletion should lower the value the most.

    Units not examined (NaN) count 0, as in every metric: nobody knows of an effect, so they come
    before those whose deletion should *raise* the value, and neither before nor after those that
    were found to do nothing. Among equals the numbers of `then` decide, the highest first, one
    after another, and what they leave open, chance: in reading order, evidence that stands first
    would be found by a method that knows nothing.
    """
    chance = np.random.default_rng([seed, len(weights)]).permutation(len(weights))
    keys = [-numbers for numbers in (np.nan_to_num(weights), *then)]
    return [int(i) for i in np.lexsort((chance, *reversed(keys)))]


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


def leading(ranking: Sequence[int], sizes: Sequence[int], wanted: float) -> int:
    """How many leading units hold `wanted` words: the fewest, one at least, never more than all.

    Args:
        sizes: words of each unit.
    """
    held = np.cumsum([sizes[i] for i in ranking])
    return min(len(ranking), int(np.searchsorted(held, wanted - 1e-9)) + 1)


def normalised_aopc(found: float, lowest: float, highest: float) -> float:
    """(AOPC - lowest) / (highest - lowest), the bounds those of the same prompt over all orders
    (Edin et al. 2025, ACL, "Normalized AOPC", equation 4). 1: no order does better.

    Raises:
        ValueError: bounds that are equal or the wrong way round: no order matters.
    """
    if not highest > lowest:
        raise ValueError(f"the bounds {lowest} and {highest} leave nothing between them")
    return (found - lowest) / (highest - lowest)


def aopc_bound(
    values: Callable[[Masks], Floats], n_units: int, steps: int, *, sign: int, width: int = 1
) -> float:
    """The best AOPC (`sign` 1) or the worst (-1) over orders of `steps` units, by beam search.

    Exact where `width` is as large as the number of sets of a size; else a bound from inside (Edin
    et al. 2025, section 4). Asks for about width * n_units * steps masks.
    """
    full = float(values(np.ones((1, n_units), dtype=bool))[0])
    beam: dict[frozenset[int], float] = {frozenset(): 0.0}
    for _ in range(min(steps, n_units)):
        wider: dict[frozenset[int], float] = {}
        for dropped, area in beam.items():
            others = [i for i in range(n_units) if i not in dropped]
            masks = np.ones((len(others), n_units), dtype=bool)
            masks[:, sorted(dropped)] = False
            masks[np.arange(len(others)), others] = False
            for unit, value in zip(others, values(masks), strict=True):
                reached, new = dropped | {unit}, area + full - float(value)
                if sign * new > sign * wider.get(reached, -sign * np.inf):
                    wider[reached] = new
        best = sorted(wider.items(), key=lambda one: -sign * one[1])[:width]
        beam = dict(best)
    return max(beam.values(), key=lambda area: sign * area) / min(steps, n_units)


def comprehensiveness(full: float, without: Sequence[float]) -> float:
    """Mean over the bins of p(x) - p(x without the rationale), in probability; higher is better
    (DeYoung et al. 2020, ERASER, section 4.2; their bins are 1, 5, 10, 20 and 50 % of the tokens).
    """
    return aopc(full, without)


def sufficiency(full: float, alone: Sequence[float]) -> float:
    """Mean over the bins of p(x) - p(the rationale alone), in probability; lower is better (DeYoung
    et al. 2020, section 4.2).
    """
    return aopc(full, alone)


def probability(log_odds: Floats | float) -> Floats:
    """p of a log-odds in nats."""
    return np.asarray(expit(log_odds), dtype=np.float64)


def log_probability(log_odds: Floats | float) -> Floats:
    """log p of a log-odds v in nats: -log(1 + exp(-v))."""
    return -np.logaddexp(0.0, -np.asarray(log_odds, dtype=np.float64))


def top_k_drop(full: float, without: float) -> float:
    """log p(R | x) - log p(R | x without the first k units), in nats, from log-odds (Cohen-Wang et
    al. 2024, ContextCite, equation 3). Higher is better.
    """
    return float(log_probability(full) - log_probability(without))


def lds(weights: Floats, masks: Masks, values: Floats) -> float | None:
    """Linear datamodeling score: Spearman's rho of the values of masks and the sums of the weights
    that they keep (Park et al. 2023, TRAK, definition 2.3). A weight that is NaN counts 0. None
    where the values do not vary; 0 where only the sums do not: they foretell nothing.
    """
    sums = masks @ np.nan_to_num(weights)
    if np.ptp(values) <= 1e-12:
        return None
    return 0.0 if np.ptp(sums) <= 1e-12 else float(spearmanr(values, sums).statistic)


def r_squared(weights: Floats, masks: Masks, values: Floats) -> float | None:
    """1 - var(values - sums of kept weights) / var(values): the weights as they are, the intercept
    free. Below 0 where a constant foretells better; None where the values do not vary.
    """
    spread = float(np.var(values))
    if spread <= 1e-24:
        return None
    return 1.0 - float(np.var(values - masks @ np.nan_to_num(weights))) / spread


def jaccard(one: Collection[int], other: Collection[int]) -> float:
    """|A ∩ B| / |A ∪ B|; 1 for two empty sets."""
    a, b = set(one), set(other)
    return len(a & b) / len(a | b) if a | b else 1.0


@dataclass(frozen=True)
class Stability:
    """How alike explanations of one item are under other seeds, over all pairs of seeds.

    The first k units are those of the largest |weight|, as in the feature and sign agreement of
    Krishna et al. 2022 (arXiv 2202.01602, section 3.2); a weight of 0, or none, is never among
    them, so that no order among equals decides.

    Attributes:
        jaccard: of the first k units.
        spearman: rho of all weights, those not examined as 0; None where one of them is constant.
        signs: of the units that are among the first k of both, the share with equal signs.
    """

    jaccard: float
    spearman: float | None
    signs: float | None


def stability(runs: Sequence[Floats], k: int) -> Stability:
    """Means over the pairs of `runs`, weights `float64[n_units]` each.

    Raises:
        ValueError: fewer than two runs.
    """
    if len(runs) < 2:
        raise ValueError("stability needs two runs at least")
    tops = [set(_top(weights, k)) for weights in runs]
    known = [np.nan_to_num(weights) for weights in runs]
    alike, rhos, signs = [], [], []
    for i in range(len(runs)):
        for j in range(i):
            alike.append(jaccard(tops[i], tops[j]))
            if np.ptp(known[i]) and np.ptp(known[j]):
                rhos.append(float(spearmanr(known[i], known[j]).statistic))
            both = sorted(tops[i] & tops[j])
            if both:
                same = np.sign(known[i][both]) == np.sign(known[j][both])
                signs.append(float(np.mean(same)))
    return Stability(
        float(np.mean(alike)),
        float(np.mean(rhos)) if rhos else None,
        float(np.mean(signs)) if signs else None,
    )


def _top(weights: Floats, k: int) -> NDArray[np.intp]:
    sizes = np.abs(np.nan_to_num(weights))
    return np.argsort(-sizes, kind="stable")[: min(k, int(np.count_nonzero(sizes)))]


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
