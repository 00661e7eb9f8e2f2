"""The few explanations that show most of what matters in a corpus: SP-LIME."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from focus_lime.explanation.result import Explanation
from focus_lime.models.base import Floats

from .outliers import shares, words


@dataclass(frozen=True)
class Pick:
    """An explanation that was picked, and the share of the importance covered so far."""

    index: int
    covered: float


def pick(explanations: Sequence[Explanation], k: int) -> list[Pick]:
    """The few explanations that show most of what matters in the corpus.

    SP-LIME (Ribeiro et al. 2016, algorithm 2): with W the explanations' weights on features, the
    importance of a feature is I_j = sqrt(sum_i W_ij), and the explanations that cover the most
    importance are picked greedily, which is within 1 - 1/e of the best choice. Features are words;
    a unit's share is spread evenly over its different words. Ties go to the earlier one; picking
    ends when nothing is left to cover.
    """
    weights = words_by_explanation(explanations)
    importance = np.sqrt(weights.sum(axis=0))
    total = importance.sum()
    open_, chosen = np.ones(len(importance), dtype=bool), list[Pick]()
    covered = 0.0
    while len(chosen) < k:
        gains = (weights > 0) @ (importance * open_)
        best = int(gains.argmax()) if len(gains) else 0
        if not len(gains) or gains[best] <= 0:
            break
        covered += float(gains[best])
        open_ &= weights[best] <= 0
        chosen.append(Pick(best, covered / total))
    return chosen


def coverage(weights: Floats, chosen: Iterable[int]) -> float:
    """The importance that a set of explanations covers: sum of I_j over their features."""
    rows = sorted(set(chosen))
    return float(np.sqrt(weights.sum(axis=0))[(weights[rows] > 0).any(axis=0)].sum())


def words_by_explanation(explanations: Sequence[Explanation]) -> NDArray[np.float64]:
    """SP-LIME's W: the share of each word in each explanation, `float64[n, n_words]`."""
    columns: dict[str, int] = {}
    entries: list[tuple[int, int, float]] = []
    for row, explanation in enumerate(explanations):
        units, parts = shares(explanation)
        for unit, part in zip(units, parts, strict=True):
            different = sorted(words(explanation.text(unit)))
            for word in different:
                column = columns.setdefault(word, len(columns))
                entries.append((row, column, part / len(different)))
    weights = np.zeros((len(explanations), len(columns)))
    for row, column, part in entries:
        weights[row, column] += part
    return weights
