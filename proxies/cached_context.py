"""The target as its own proxy: LIME over its cached context.

The prompt is read once; for each mask only the question and the answer run, over the keys and
values that the mask keeps (the ablation `attention`). So the target scouts for itself, for little
more than one reading: no other model can miss what it goes by.
"""

from __future__ import annotations

import numpy as np

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Ledger, Model

from .small_lm import lime


class CachedContext:
    """The sizes of LIME's weights on the target's value function over its cached context.

    Masks that drop many units see evidence that stands twice, which single drops do not.

    Args:
        n_masks, keep: of `small_lm.lime`.
    """

    name = "cached-context"

    def __init__(self, *, n_masks: int = 64, keep: float = 0.5) -> None:
        self._n_masks, self._keep = n_masks, keep

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
        """Raises:
        FocusLimeError: the target cannot answer over its cached context.
        """
        ledger = Ledger()
        value_function = ValueFunction(
            target, prompt, units, objective, ablation="attention", ledger=ledger, progress=progress
        )
        scores = lime(value_function, rng, self._n_masks, self._keep)
        return ProxyScores(scores, target_cost=ledger)
