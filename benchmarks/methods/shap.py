"""The shap package: PartitionExplainer (Owen values over a balanced tree of neighbors in reading
order) and PermutationExplainer (Lundberg & Lee 2017).

A row of ones stands for the units; its masker hides ones, and each row is answered by our value
function. So the game and its values are shap's; the scoring is ours, in the batches that shap asks
for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shap

from focus_lime.errors import FocusLimeError
from focus_lime.method.masks import shapley
from focus_lime.models.base import Floats

from .base import Attributions, Case
from .isolated import isolated

_BATCH = 10  # rows that shap has answered at once, by default


@dataclass(frozen=True)
class Shap:
    algorithm: str

    def explain(self, case: Case) -> Attributions:
        f, n_units = case.value(), len(case.units)
        if n_units < 2:
            raise FocusLimeError("shap needs two units at least")
        one_batch = f.estimate(shapley(n_units, _BATCH, case.seed)).fpe
        most = max(2, int(case.budget / one_batch * _BATCH))

        def answer(rows: Floats) -> Floats:
            return f(np.asarray(rows) > 0.5)

        masker = _Masker(n_units)
        row = np.ones((1, n_units))
        with isolated(case.seed):
            if self.algorithm == "partition":
                explainer = shap.PartitionExplainer(answer, masker)
                result = explainer(row, max_evals=most, batch_size=_BATCH, silent=True)
            else:
                least = 2 * n_units + 1
                if most < least:
                    raise FocusLimeError(
                        f"one permutation of {n_units} units asks for {least} masks, and the "
                        f"budget of {case.budget:g} FPE pays for {most}"
                    )
                explainer = shap.PermutationExplainer(answer, masker, seed=case.seed)
                result = explainer(row, max_evals=most, batch_size=_BATCH, silent=True)
        return Attributions(np.asarray(result.values[0], dtype=np.float64).reshape(n_units))


class _Masker:
    """Hides units: ones become zeros."""

    def __init__(self, n_units: int) -> None:
        self.shape = (1, n_units)
        self.clustering = balanced_tree(n_units)

    def __call__(self, mask: Any, row: Floats) -> Floats:
        if isinstance(mask, bool):
            mask = np.full(row.shape[-1], mask)
        return (np.asarray(mask, dtype=bool) * row).reshape(1, -1)


def balanced_tree(n_units: int) -> Floats:
    """A linkage matrix `float64[n_units - 1, 4]` (scipy's format) that halves runs of units."""
    rows: list[tuple[float, float, float, float]] = []

    def join(start: int, end: int) -> tuple[int, float]:
        """The cluster of units [start, end), and its height."""
        if end - start == 1:
            return start, 0.0
        middle = (start + end) // 2
        (left, low), (right, high) = join(start, middle), join(middle, end)
        height = max(low, high) + 1.0
        rows.append((left, right, height, end - start))
        return n_units + len(rows) - 1, height

    join(0, n_units)
    return np.array(rows, dtype=np.float64)


def load_partition() -> Shap:
    return Shap("partition")


def load_permutation() -> Shap:
    return Shap("permutation")
