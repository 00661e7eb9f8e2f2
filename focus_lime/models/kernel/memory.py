"""How much may run at once: from the memory that is allowed, and less each time it runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from accelerate.utils.memory import clear_device_cache, should_reduce_batch_size

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Floats
from focus_lime.models.kernel.steps import Limits

# (index of the sequence, log-probabilities of its target), as soon as they are known.
IndexedScores = Iterator[tuple[int, Floats]]

MEMORY = 256 << 20  # bytes
STEP_TOKENS = 2048  # keeps a processor busy
_BATCH_TOKENS = 4096  # of a padded batch
# Floating-point operations that take as long as the overhead of one attention call (20 us).
_CALL_FLOPS, _CALL_FLOPS_ELSEWHERE = {"cpu": 3e6}, 1e9


class MemoryBudget:
    """What one forward pass of a model may hold.

    Args:
        memory: bytes that a step may need beside the keys and values on the stack.
        step_tokens: most tokens of a step, where memory allows them.
        call_flops: cost of one attention call beside its work; by the kind of device if None.
    """

    def __init__(
        self, model: Any, memory: int, step_tokens: int, call_flops: float | None = None
    ) -> None:
        self.model, self.memory, self.step_tokens = model, memory, step_tokens
        self._config = model.config.get_text_config()
        self._call_flops = call_flops
        self._halvings = 0  # how often memory ran out

    @property
    def limits(self) -> Limits:
        """What a step may hold: the activations of its tokens take up to half of the memory, the
        logits that are read up to a quarter.
        """
        config, size = self._config, self.model.dtype.itemsize
        inner = getattr(config, "intermediate_size", None) or 4 * config.hidden_size
        inner = int(np.max(inner))  # some have one for each layer
        attention = config.num_attention_heads * self._head_width
        token = size * (8 * config.hidden_size + 4 * inner) + 12 * attention  # 12: float32 sums
        tokens = min(self.step_tokens, self.memory // (2 * token))
        reads = self.memory // (4 * size * config.vocab_size)
        flops = self._call_flops
        if flops is None:
            flops = _CALL_FLOPS.get(self.model.device.type, _CALL_FLOPS_ELSEWHERE)
        call = int(flops / (4 * attention))
        return Limits(max(1, tokens >> self._halvings), max(1, reads >> self._halvings), call)

    @property
    def mask_elements(self) -> int:
        """Most elements of one attention mask, which takes up to a quarter of the memory."""
        return self.memory // (4 * int(self.model.dtype.itemsize)) >> self._halvings

    @property
    def batch_tokens(self) -> int:
        """Most tokens of a padded batch."""
        return _BATCH_TOKENS >> self._halvings

    def stack_bytes(self, height: int) -> int:
        """Of the keys and values of so many tokens."""
        config = self._config
        heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        per_token = 2 * config.num_hidden_layers * heads * self._head_width
        return int(height * per_token * self.model.dtype.itemsize)

    @property
    def _head_width(self) -> int:
        config = self._config
        width = getattr(config, "head_dim", None)
        return int(width or config.hidden_size // config.num_attention_heads)

    def run(
        self, score: Callable[[list[int]], IndexedScores], n: int, free: Callable[[], None]
    ) -> IndexedScores:
        """What `score` yields of the sequences 0 to n - 1. When memory runs out, the budget is
        halved and `score` is called again with the sequences that are left.

        Args:
            score: yields (place in the list of indices, values).
            free: gives back what is kept between calls.

        Raises:
            FocusLimeError: one token at a time is too much.
        """
        left = list(range(n))
        while left:
            done = set()
            try:
                for place, values in score(left):
                    done.add(place)
                    yield left[place], values
            except RuntimeError as error:
                if not should_reduce_batch_size(error):
                    raise
                free()
                self._halvings += 1
                if self.step_tokens >> self._halvings == 0:
                    self._halvings = 0
                    raise FocusLimeError(
                        "out of memory even when one token runs at a time: take a device with more "
                        "memory, a smaller dtype, or a shorter document"
                    ) from error
            left = [i for place, i in enumerate(left) if place not in done]
            if left:  # outside of `except`: the error holds frames, and these hold tensors
                clear_device_cache(garbage_collection=True)
