"""The lime package (Ribeiro et al. 2016), its features the units, as its `LimeTextExplainer` comes.

It explains a text in which every unit is one word of its own, and asks about such texts; each is
answered by our value function for the units that it still has. So masks, kernel and ridge
regression are lime's; the scoring, with its shared prefixes, is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from lime.lime_text import LimeTextExplainer

from focus_lime.method.masks import uniform_size, with_full
from focus_lime.models.base import Floats

from .base import Attributions, Case
from .isolated import isolated


@dataclass(frozen=True)
class Lime:
    def explain(self, case: Case) -> Attributions:
        f, n_units = case.value(), len(case.units)

        def cost(n: int) -> float:  # lime's own masks have this design
            return f.estimate(with_full(uniform_size(n_units, n, case.seed))).fpe

        def answer(texts: list[str]) -> Floats:
            masks = np.zeros((len(texts), n_units), dtype=bool)
            for row, text in enumerate(texts):
                masks[row, [int(name[1:]) for name in text.split()]] = True
            return f(masks)[:, None]

        explainer = LimeTextExplainer(
            split_expression=r"\s+", mask_string="", random_state=case.seed
        )
        with isolated(case.seed):
            result = explainer.explain_instance(
                " ".join(f"u{i}" for i in range(n_units)),
                answer,
                labels=(0,),
                num_features=n_units,
                num_samples=case.n_affordable(cost) + 1,  # its first is the text itself
            )
        weights = np.zeros(n_units)
        for name, weight in result.as_list(label=0):
            weights[int(name[1:])] = weight
        return Attributions(weights)


def load() -> Lime:
    return Lime()
