"""A small model as the proxy: LIME over coarse units on the proxy's own value function.

This is Phase I of the Focus-LIME paper. Any `Model` will do; usually a causal LM that is much
smaller than the target and scores the target's response.
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import Ridge

from focus_lime.models.base import Ledger, Model
from focus_lime.models.load import load_model
from focus_lime.neighborhood import ProxyScores
from focus_lime.objective import Objective
from focus_lime.perturb.masks import bernoulli, lime_kernel
from focus_lime.perturb.value import Progress, ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.units import Units


class SmallLM:
    """LIME with ridge regression, as in the lime package: every unit gets a score to be ranked by.

    The score is the size of the weight: text that speaks against the answer matters as well.

    Args:
        model: the proxy's model.
        n_masks: calls per scoring; at least 1.5 a unit are made, else units are confounded.
        keep: the probability with which a mask keeps a unit.
    """

    def __init__(self, model: Model, *, n_masks: int = 64, keep: float = 0.5) -> None:
        self.name = f"small-lm:{model.name}"
        self._model, self._n_masks, self._keep = model, n_masks, keep

    def score(
        self,
        prompt: Prompt,
        units: Units,
        objective: Objective,
        *,
        target: Model,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> ProxyScores:
        ledger = Ledger()
        value_function = ValueFunction(
            self._model, prompt, units, objective.for_other(), ledger=ledger, progress=progress
        )
        n_masks = max(self._n_masks, 3 * len(units) // 2)
        masks = bernoulli(len(units), n_masks, int(rng.integers(2**31)), keep=self._keep)
        values = value_function(masks)
        ridge = Ridge(alpha=1.0).fit(masks, values, sample_weight=lime_kernel(masks))
        return ProxyScores(np.abs(ridge.coef_).astype(np.float64), ledger)


def load(spec: str) -> SmallLM:
    """`--proxy small-lm:SPEC`, or just `--proxy SPEC`: any model by name."""
    return SmallLM(load_model(spec))
