"""The target as its own proxy: LIME over its cached context.

The prompt is read once; for each mask only the question and the answer run, over the keys and
values that the mask keeps (the ablation `attention`). So the target scouts for itself, for little
more than one reading: no other model can miss what it goes by.
"""

from __future__ import annotations

import numpy as np

from focus_lime.models.base import Ledger, Model
from focus_lime.neighborhood import ProxyScores
from focus_lime.objective import Objective
from focus_lime.perturb.value import Progress, ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.units import Units

from .small_lm import lime


class CachedContext:
    """The sizes of LIME's weights on the target's value function at low fidelity.

    In 36 generated contracts of about 3,400 tokens, which the bundled target answered, masks that
    keep a unit with probability .5 ranked the planted sentences, and their chunks, above all others
    in 36; with .8 in 32 and 33, with .9 in 31 and 30, and single drops in 30 and 29: where the
    document says it twice, little happens until both are gone.

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
