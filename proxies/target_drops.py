"""The target as its own proxy: each unit alone is dropped, exactly.

Conversations have few messages, so that each can be tried. Blind where the text says it twice.
"""

from __future__ import annotations

import numpy as np

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Ledger, Model

from .small_lm import drops


class TargetDrops:
    """How far the target's value moves when each unit alone is dropped: one prompt a unit."""

    name = "target-drops"

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
            target, prompt, units, objective, ledger=ledger, progress=progress
        )
        return ProxyScores(drops(value_function), target_cost=ledger)
