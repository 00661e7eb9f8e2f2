"""Keys and values of a kernel's stack, as transformers' `generate` takes them: what was read to
score is not read again to answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from accelerate.utils.memory import should_reduce_batch_size
from transformers import DynamicCache

from focus_lime.models.kernel.execution import LOCK, Kernel, device_of
from focus_lime.models.kernel.prefixes import Ids
from focus_lime.models.kernel.schedule import plan_context
from focus_lime.models.kernel.steps import Limits

_TOLERANCE = 2e-2  # of the largest logit, as half precision rounds


@torch.inference_mode()
def past_key_values(kernel: Kernel, n: int) -> DynamicCache:
    """A copy of the first `n` tokens of the stack.

    Raises:
        ValueError: the model's attention layers are not numbered one by one.
    """
    layers = {getattr(module, "layer_idx", None): stack for module, stack in kernel.stacks.items()}
    config = kernel.model.config.get_text_config()
    if sorted(layers, key=str) != sorted(range(config.num_hidden_layers), key=str):
        raise ValueError("not one attention layer a number")
    past = DynamicCache(config=kernel.model.config)
    for index in range(config.num_hidden_layers):
        key, value = layers[index]
        past.update(key[None, :, :n].clone(), value[None, :, :n].clone(), index)
    return past


@torch.inference_mode()
def can_hand_over(model: Any) -> bool:
    """Whether the model goes on from a kernel's keys and values as from its own: tried on a few
    random tokens.
    """
    config = model.config.get_text_config()
    ids: Ids = np.random.default_rng(1).integers(0, config.vocab_size, size=24)
    n_past = 16
    kernel = Kernel(model, len(ids))
    tokens = torch.from_numpy(ids)[None].to(device_of(model))
    try:
        for step in plan_context(ids[:n_past], Limits(tokens=len(ids), reads=len(ids))):
            kernel.run(step)
        with LOCK:
            own = model(input_ids=tokens, use_cache=False).logits[0, -1].float()
            continued = model(
                input_ids=tokens[:, n_past:],
                attention_mask=torch.ones_like(tokens),
                past_key_values=past_key_values(kernel, n_past),
            ).logits[0, -1]
    except Exception as error:  # a model of the user's may raise anything
        if should_reduce_batch_size(error):
            raise
        return False
    gap = (continued.float() - own).abs().max()
    return bool(gap <= _TOLERANCE * own.abs().max())
