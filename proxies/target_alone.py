"""The target as its own proxy: what does it say of each unit alone?

No other text is there to stand in for a unit, so evidence that the text has twice, or ten times, is
found each time. Blind where two units are needed together. A prompt is as short as its unit: all of
them together are about one reading of the text, but a service that is paid by the call is paid for
each.
"""

from __future__ import annotations

import numpy as np

from focus_lime.models.base import Ledger, Model
from focus_lime.neighborhood import ProxyScores
from focus_lime.objective import Objective
from focus_lime.perturb.value import Progress, ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Units


class TargetAlone:
    """The target's value where one unit is all that is left of the text, `float64[n_units]`."""

    name = "target-alone"

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
        everything = split(prompt.sources, "sentence")
        f = ValueFunction(target, prompt, everything, objective, ledger=ledger, progress=progress)
        only = everything.parents(units) == np.arange(len(units))[:, None]
        return ProxyScores(f(only), target_cost=ledger)
