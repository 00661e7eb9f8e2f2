"""Rankings and what was examined, against the spans that people marked as evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import ceil

import numpy as np

from focus_lime.inputs.units import Span, Units

from .base import Measures, Metric, Trial

RECALL = (1, 3, 5, 10)
SHARES = (1.0, 1.5, 2.0)
PRECISION = (1, 3, 5)


def gold_units(units: Units, gold: Sequence[Span]) -> frozenset[int]:
    """Indices of the units that share a character with one of the spans."""
    return frozenset(
        index for index, unit in enumerate(units) if any(unit.overlaps(span) for span in gold)
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
    ranks = [rank for rank, unit in enumerate(ranking, start=1) if unit in wanted]
    return sum(hits / rank for hits, rank in enumerate(ranks, start=1)) / len(wanted)


def scout_recall(examined: Collection[int], gold: Collection[int]) -> float:
    """|examined ∩ gold| / |gold|: the share of the evidence that could get a weight at all."""
    if not gold:
        raise ValueError("scout recall needs gold units")
    return len(set(examined) & set(gold)) / len(set(gold))


def measure(trial: Trial) -> Measures:
    names = [f"recall@{k}" for k in RECALL] + [f"recall@{share:.0%}" for share in SHARES]
    names += [f"precision@{k}" for k in PRECISION] + ["r-precision", "map", "scout-recall"]
    ranking, gold = trial.ranking, trial.gold
    if not gold:
        return dict.fromkeys(names)
    values = [recall_at(ranking, gold, k) for k in RECALL]
    values += [recall_at_share(ranking, gold, share) for share in SHARES]
    values += [precision_at(ranking, gold, k) for k in PRECISION]
    values += [r_precision(ranking, gold), average_precision(ranking, gold)]
    examined = [int(i) for i in np.flatnonzero(trial.attributions.examined)]
    values.append(scout_recall(examined, gold))
    return dict(zip(names, values, strict=True))


METRIC = Metric(
    measure,
    tables={
        "Evidence": ("recall@1", "recall@5", "recall@200%", "r-precision", "map", "scout-recall")
    },
)
