"""The target as its own proxy: each unit alone is dropped, exactly.

Conversations have few messages, so that each can be tried. Blind where the text says it twice.
"""

from __future__ import annotations

import numpy as np

from focus_lime.models.base import Ledger, Model
from focus_lime.neighborhood import ProxyScores
from focus_lime.objective import Objective
from focus_lime.perturb.value import Progress, ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.units import Units

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
        found = ValueFunction(target, prompt, units, objective, ledger=ledger, progress=progress)
        return ProxyScores(drops(found), target_cost=ledger)
