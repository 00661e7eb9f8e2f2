"""What a metric gets and gives: a trial, and numbers by name.

A metric is one file that ends in a `Metric`, and one line under the entry points
`focus_lime.metrics`; a benchmark's YAML names those that it wants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from focus_lime.method.masks import Masks
from focus_lime.method.value import ValueFunction

from ..methods.base import Attributions
from .formulas import leading, rank

Measures = Mapping[str, float | None]


@dataclass(frozen=True, eq=False)
class Trial:
    """One explanation of one item, and the target through all units under one ablation.

    Attributes:
        value: masks `bool[n_masks, n_units]` -> log-odds `float64[n_masks]`, in nats.
        full: the value of the prompt as it is.
        attributions: the method's answer.
        gold: indices of the units that hold evidence; empty where the item has none.
        sizes: words of each unit, one at least.
        random_orders: orders of the units by chance, the same for all methods.
        n_masks: how many masks a metric draws, where it draws any.
        seed: the first of the seeds for evaluation; explanations have lower ones.
    """

    value: ValueFunction
    full: float
    attributions: Attributions
    gold: frozenset[int]
    sizes: Sequence[int]
    random_orders: Sequence[Sequence[int]]
    n_masks: int
    seed: int

    @property
    def n_units(self) -> int:
        return len(self.sizes)

    @cached_property
    def ranking(self) -> list[int]:
        """All units by their attributions, the highest first."""
        return rank(self.attributions.weights, self.seed, self.attributions.tie_breakers)

    def counts(self, ranking: Sequence[int], wanted: Sequence[float]) -> list[int]:
        """How many leading units of a ranking hold so many words, for each number wanted."""
        return [leading(ranking, self.sizes, words) for words in wanted]

    def percent_counts(self, ranking: Sequence[int], wanted: Sequence[float]) -> list[int]:
        """How many leading units of a ranking hold so many percent of all words."""
        return self.counts(ranking, [percent * sum(self.sizes) / 100 for percent in wanted])

    def without(self, ranking: Sequence[int], counts: Sequence[int]) -> Masks:
        """Masks `bool[len(counts), n_units]` that delete the first units of a ranking."""
        masks = np.ones((len(counts), self.n_units), dtype=bool)
        for row, count in enumerate(counts):
            masks[row, list(ranking[:count])] = False
        return masks


@dataclass(frozen=True)
class Metric:
    """A family of measures.

    Attributes:
        measure: a trial -> its measures by name; None: not defined for this item or method.
        perturbs: measured under every ablation of the benchmark, not under deletion alone; names
            under another ablation end in `:ABLATION`.
        tables: the columns that it adds to the Markdown tables, by the title of the table; the
            CSV holds every measure.
        lower_is_better: the measures of which the lowest mean is the best.
    """

    measure: Callable[[Trial], Measures]
    perturbs: bool = False
    tables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lower_is_better: Sequence[str] = ()
