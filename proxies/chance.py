"""Chance: scores that know nothing. The control that every claim about a proxy is held against."""

from __future__ import annotations

import numpy as np

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.value import Progress
from focus_lime.models.base import Model


class Chance:
    """Uniform on [0, 1), from the generator that is given: the same seed, the same scores."""

    name = "random"

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
        return ProxyScores(rng.random(len(units)))
