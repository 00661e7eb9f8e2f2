"""Gradient x input (Shrikumar et al. 2017): the derivative of the objective by each token's
embedding, times the embedding, summed over a unit's tokens. One pass forward and one back.

The meter counts the pass forward alone. The weight of a unit is, to the first order, what the
value loses when its embeddings go to 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from focus_lime.models.base import Variant
from focus_lime.models.kernel.execution import LOCK

from .base import Attributions, Case


@dataclass(frozen=True)
class GradientInput:
    def explain(self, case: Case) -> Attributions:
        model, response = case.causal, case.response_ids("gradient x input")
        ids = model.encoder.encode(case.prompt).ids
        joined = torch.from_numpy(np.append(ids, response))[None].to(model.model.device)
        with LOCK, torch.enable_grad():
            embedded = model.model.get_input_embeddings()(joined).detach().requires_grad_()
            logits = model.model(
                inputs_embeds=embedded,
                attention_mask=torch.ones_like(joined),
                position_ids=torch.arange(joined.shape[1], device=joined.device)[None],
                use_cache=False,
            ).logits[0, len(ids) - 1 : -1]
            chosen = logits.float().log_softmax(-1).gather(-1, joined[0, len(ids) :, None])
            # d log-odds / d lp = 1 / (1 - p): one positive factor, left out of the ranking.
            (gradient,) = torch.autograd.grad(chosen.sum(), embedded)
        product = (gradient * embedded.detach()).sum(-1)[0, : len(ids)].double().cpu().numpy()
        variants = (Variant(case.prompt, (unit.span,)) for unit in case.units)
        tokens = (model.encoder.dropped(variant) for variant in variants)
        return Attributions(np.array([product[mine].sum() for mine in tokens]), is_additive=False)


def load() -> GradientInput:
    return GradientInput()
