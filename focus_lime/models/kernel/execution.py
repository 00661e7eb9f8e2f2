"""Runs a schedule on a transformer: every token's keys and values are computed once.

The model computes everything but its attention, which it looks up by name in transformers'
`AttentionInterface`. During a forward pass that name leads to `_attention`, which writes the new
keys and values on top of a stack and lets each query see what the step's tiles say. So no cache
class of transformers is used, no cache is cropped, and no prefix is copied.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from transformers import AttentionInterface, PreTrainedModel

from focus_lime.models.kernel.attention import Accumulator, additive, partial
from focus_lime.models.kernel.steps import Step
from focus_lime.models.kernel.windows import parts

_Call = tuple[slice, slice, bool, torch.Tensor | None]
_Stack = tuple[torch.Tensor, torch.Tensor]  # keys and values of a layer

NAME = "focus_lime"
LOCK = threading.RLock()  # held while a model runs, with our attention or with its own
_running: ContextVar[Kernel | None] = ContextVar("running", default=None)


class NotShareable(RuntimeError):
    """The model's attention is not one that can run by tiles."""


class Kernel:
    """Runs steps over a stack of a model's keys and values, at most `height` tokens high.

    Attributes:
        filled: tokens that stay on the stack after the last step.
        layers: attention layers of the last step.
        windows: those of them with a sliding window.
        stacks: keys and values `[kv_heads, height, width]` of each attention module.
        step: the step that runs, or ran last.
    """

    def __init__(self, model: PreTrainedModel, height: int) -> None:
        self.model, self.height = model, height
        self.filled = self.layers = self.windows = 0
        self.stacks: dict[torch.nn.Module, _Stack] = {}
        self.step: Step | None = None
        self._calls: dict[Any, list[_Call]] = {}

    @torch.inference_mode()
    def copy(self, height: int) -> Kernel:
        """A kernel with a stack of its own, `height` tokens high, with the `filled` tokens."""
        copy, n = Kernel(self.model, height), min(self.filled, height)
        for module, stacks in self.stacks.items():
            key, value = (s.new_empty(s.shape[0], height, s.shape[2]) for s in stacks)
            for new, stack in zip((key, value), stacks, strict=True):
                new[:, :n] = stack[:, :n]
            copy.stacks[module] = key, value
        copy.filled = n
        return copy

    @torch.inference_mode()
    def run(self, step: Step) -> torch.Tensor:
        """Logits `[n_rows, vocabulary]` of the rows `step.rows_read`."""
        device = device_of(self.model)
        ids = torch.from_numpy(step.ids)[None].to(device)
        with attention_by(self.model, NAME):
            self.step = step
            self.layers = self.windows = 0
            running = _running.set(self)
            try:
                logits: torch.Tensor = self.model(
                    input_ids=ids,
                    attention_mask=torch.ones_like(ids),
                    position_ids=torch.from_numpy(step.positions)[None].to(device),
                    use_cache=False,
                    logits_to_keep=torch.from_numpy(step.rows_read).to(device),
                ).logits[0]
                self.filled = step.keep + step.push
            finally:
                _running.reset(running)
                self._calls = {}
        return logits

    def attend(
        self,
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        *,
        scale: float,
        window: int | None,
        softcap: float | None,
        sinks: torch.Tensor | None,
    ) -> torch.Tensor:
        """One layer: `query[1, heads, q, width]` -> `[1, q, heads, width]`.

        `sinks[heads]` are scores of a key that has no value: it only lowers the other weights
        (GPT-OSS).
        """
        self.layers += 1
        self.windows += window is not None
        keys, values = self._write(module, key[0], value[0])
        groups = query.shape[1] // keys.shape[0]
        queries = query[0].unflatten(0, (keys.shape[0], groups))
        sums = Accumulator(queries, values.shape[-1])
        for rows, columns, causal, mask in self._tiles(window, query):
            out, log_sum = partial(
                queries[:, :, rows],
                keys[:, columns],
                values[:, columns],
                scale=scale,
                causal=causal,
                mask=mask,
                softcap=softcap,
            )
            sums.add(rows, out, log_sum)
        if sinks is not None:
            share = torch.sigmoid(sums.log_sum - sinks.float().view(-1, groups, 1))
            sums.out *= share[..., None]
        return sums.out.flatten(0, 1).transpose(0, 1)[None].to(query.dtype).contiguous()

    def _write(self, module: torch.nn.Module, key: torch.Tensor, value: torch.Tensor) -> _Stack:
        """Put the step's keys and values `[kv_heads, q, width]` on the layer's stacks."""
        if module not in self.stacks:
            heads, _, width = key.shape
            values = value.new_empty(heads, self.height, value.shape[2])
            self.stacks[module] = key.new_empty(heads, self.height, width), values
        assert self.step is not None
        for stack, new in zip(self.stacks[module], (key, value), strict=True):
            stack[:, self.step.keep : self.step.height] = new
        return self.stacks[module]

    def _tiles(self, window: int | None, like: torch.Tensor) -> list[_Call]:
        """The step's attention calls; made in its first layer (of each device and window)."""
        place, step = (window, like.device), self.step
        if place not in self._calls:
            assert step is not None
            positions = step.key_positions
            calls: list[_Call] = []
            for tile in step.tiles:
                for rows, keys, causal, visible in parts(tile, window, positions, step.keep):
                    mask = None
                    if visible is not None:
                        mask = additive(torch.from_numpy(visible).to(like.device), like.dtype)
                    calls.append((slice(*rows), slice(*keys), causal, mask))
            self._calls[place] = calls
        return self._calls[place]


def device_of(model: PreTrainedModel) -> torch.device:
    """Where a model takes its input. Offloaded weights are on the device `meta` until a hook of
    accelerate loads them, and the hook moves the input too.
    """
    device: torch.device = model.device
    return torch.device("cpu") if device.type == "meta" else device


@contextmanager
def attention_by(model: PreTrainedModel, name: str) -> Iterator[None]:
    """The model with another attention function, which is put back at the end.

    One thread at a time, as the name stands in the model's configuration.
    """
    configs = {id(m.config): m.config for m in model.modules() if isinstance(m, PreTrainedModel)}
    with LOCK:
        before = [(config, config._attn_implementation) for config in configs.values()]
        try:
            for config, _ in before:
                config._attn_implementation = name
            yield
        finally:
            for config, implementation in before:
                config._attn_implementation = implementation


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    position_bias: torch.Tensor | None = None,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """What transformers calls in place of its own attention."""
    kernel = _running.get()
    if kernel is None:
        raise NotShareable("the model is in use by a scoring kernel, in another thread")
    if attention_mask is not None or position_bias is not None:
        raise NotShareable("its attention wants a mask or bias of its own")
    out = kernel.attend(
        module,
        query,
        key,
        value,
        scale=query.shape[-1] ** -0.5 if scaling is None else scaling,
        window=sliding_window,
        softcap=softcap,
        sinks=s_aux,
    )
    return out, None


AttentionInterface.register(NAME, _attention)
