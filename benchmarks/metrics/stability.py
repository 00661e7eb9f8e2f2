"""How alike explanations of one item are under other seeds. Measured over the records of a run, not
of one explanation, so it is in no entry point.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from focus_lime.models.base import Floats

from .formulas import spearman


@dataclass(frozen=True)
class Stability:
    """Means over all pairs of seeds.

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


def jaccard(a: Collection[int], b: Collection[int]) -> float:
    """|A ∩ B| / |A ∪ B|; 1 for two empty sets."""
    union = {*a, *b}
    return len(set(a) & set(b)) / len(union) if union else 1.0


def stability(runs: Sequence[Floats], k: int) -> Stability:
    """Of the weights of several runs, `float64[n_units]` each.

    Raises:
        ValueError: fewer than two runs.
    """
    if len(runs) < 2:
        raise ValueError("stability needs two runs at least")
    overlaps, rhos, signs = [], [], []
    for a, b in combinations(map(np.nan_to_num, runs), 2):
        top_a, top_b = _top(a, k), _top(b, k)
        overlaps.append(jaccard(top_a, top_b))
        rhos.append(spearman(a, b))
        both = sorted(top_a & top_b)
        if both:
            signs.append(float(np.mean(np.sign(a[both]) == np.sign(b[both]))))
    known = [rho for rho in rhos if rho is not None]
    return Stability(
        float(np.mean(overlaps)),
        float(np.mean(known)) if known else None,
        float(np.mean(signs)) if signs else None,
    )


def _top(weights: Floats, k: int) -> set[int]:
    sizes = np.abs(weights)
    order = np.argsort(-sizes, kind="stable")[: min(k, int(np.count_nonzero(sizes)))]
    return set(map(int, order))
