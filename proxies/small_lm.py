"""A small model as the proxy: LIME, or single drops, on the proxy's own value function.

LIME is Phase I of the Focus-LIME paper. Any `Model` will do; usually a causal LM that is much
smaller than the target and scores the target's response.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from sklearn.linear_model import Ridge

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.masks import bernoulli, lime_kernel, single_drops, with_full
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Floats, Ledger, Model
from focus_lime.models.loading import load_model

How = Literal["lime", "drops"]


class SmallLM:
    """Every unit gets a score to be ranked by: the size of its effect on the proxy's value, as text
    that speaks against the answer matters as well.

    Args:
        model: the proxy's model.
        how: `lime` estimates all effects at once, from masks that drop many units. `drops` drops
            one unit at a time: exact for each, but blind to evidence that stands in two of them.
        n_masks, keep: of `lime`, see there.
    """

    def __init__(
        self, model: Model, *, how: How = "lime", n_masks: int = 64, keep: float = 0.5
    ) -> None:
        self.name = f"{'small-lm' if how == 'lime' else 'small-lm-drops'}:{model.name}"
        self._model, self._how, self._n_masks, self._keep = model, how, n_masks, keep

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
            self._model,
            prompt,
            units,
            objective.without_token_ids(),
            ledger=ledger,
            progress=progress,
        )
        if self._how == "drops":
            return ProxyScores(drops(value_function), ledger)
        return ProxyScores(lime(value_function, rng, self._n_masks, self._keep), ledger)


def lime(
    value_function: ValueFunction, rng: np.random.Generator, n_masks: int, keep: float
) -> Floats:
    """The sizes of the weights `float64[n_units]` of ridge regression, as in the lime package.

    Args:
        n_masks: calls; at least 1.5 a unit are made, else units are confounded.
        keep: the probability with which a mask keeps a unit.
    """
    n_units = len(value_function.units)
    masks = bernoulli(n_units, max(n_masks, 3 * n_units // 2), int(rng.integers(2**31)), keep=keep)
    values = value_function(masks)
    ridge = Ridge(alpha=1.0).fit(masks, values, sample_weight=lime_kernel(masks))
    weights: Floats = np.abs(ridge.coef_).astype(np.float64)
    return weights


def drops(value_function: ValueFunction) -> Floats:
    """How far the value moves when each unit alone is dropped, `float64[n_units]`."""
    values = value_function(with_full(single_drops(len(value_function.units))))
    moved: Floats = np.abs(values[1:] - values[0])
    return moved


def load(model: str) -> SmallLM:
    """`--proxy small-lm:SPEC`, or just `--proxy SPEC`: any model by name."""
    return SmallLM(load_model(model))


def load_drops(model: str) -> SmallLM:
    """`--proxy small-lm-drops:SPEC`."""
    return SmallLM(load_model(model), how="drops")
