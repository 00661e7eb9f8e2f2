"""What one explanation is worth on one item, by the target itself and by the item's gold spans.

The target is asked on fresh masks: their seeds begin where those of explanations end (`SEEDS`). All
methods on an item meet the same masks, and a score that is known is never asked for again, since
the evaluator's value function has the run's cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ablation

from .methods.base import Attributions
from .metrics.base import Metric, Trial
from .metrics.deletion import PERCENT

SEEDS = 2**31  # seeds of explanations lie below, those of evaluation above
ABLATIONS: tuple[Ablation, ...] = ("delete", "placeholder")
_RANDOM = 3  # orders of random deletion


@dataclass(frozen=True, eq=False)
class Evaluator:
    """One item at one level.

    Args:
        value: the target through all units.
        gold: indices of the units that hold evidence; empty if the item has none.
        n_masks: of the linear datamodeling score.
    """

    value: ValueFunction
    gold: frozenset[int]
    ablations: Sequence[Ablation] = ABLATIONS
    n_masks: int = 32
    seed: int = SEEDS

    @cached_property
    def full(self) -> float:
        """The value of the prompt as it is."""
        return self.value.full()

    @cached_property
    def sizes(self) -> list[int]:
        """Words of each unit; one at least."""
        texts = self.value.units.texts(self.value.prompt.sources)
        return [max(1, len(text.split())) for text in texts]

    @cached_property
    def _random_orders(self) -> list[list[int]]:
        rng = np.random.default_rng([self.seed, 0])
        return [[int(i) for i in rng.permutation(len(self.sizes))] for _ in range(_RANDOM)]

    def trial(self, attributions: Attributions, ablation: Ablation = "delete") -> Trial:
        return Trial(
            value=self.value.over(self.value.units, ablation=ablation),
            full=self.full,
            attributions=attributions,
            gold=self.gold,
            sizes=self.sizes,
            random_orders=self._random_orders,
            n_masks=self.n_masks,
            seed=self.seed,
        )

    def measure(
        self, attributions: Attributions, metrics: Mapping[str, Metric]
    ) -> dict[str, float | None]:
        """All measures of the metrics, by name. None: not defined for this item or method."""
        trials = {name: self.trial(attributions, name) for name in {"delete", *self.ablations}}
        measured: dict[str, float | None] = {}
        for metric in metrics.values():
            for ablation in self.ablations if metric.perturbs else ("delete",):
                mark = "" if ablation == "delete" else f":{ablation}"
                measures = metric.measure(trials[ablation])
                measured |= {f"{name}{mark}": value for name, value in measures.items()}
        return measured

    def curve(self, attributions: Attributions) -> list[tuple[float, float]]:
        """(percent of the words deleted, f(x) - f(what is left)), the leading units first."""
        trial = self.trial(attributions)
        counts = trial.percent_counts(trial.ranking, PERCENT)
        values = trial.value(trial.without(trial.ranking, counts))
        return [(p, trial.full - float(v)) for p, v in zip(PERCENT, values, strict=True)]
