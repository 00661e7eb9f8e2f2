"""Runs a schedule on a transformer: every token's keys and values are computed once.

The model computes everything but its attention, which it looks up by name in transformers'
`AttentionInterface`. There, for the time of one forward pass, stands `_attention`: it writes the
new keys and values on top of a stack and lets each query see what the step's tiles say. So no
cache class of transformers is used, none has to be cropped, and no prefix is ever copied.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AttentionInterface, PreTrainedModel

from focus_lime.models.attention import Accumulator, additive, partial
from focus_lime.models.schedule import Span, Step, Tile

# Rows, keys, whether the pairs are a lower triangle, and which of them are seen (None: all).
_Part = tuple[Span, Span, bool, NDArray[np.bool_] | None]
_Call = tuple[slice, slice, bool, torch.Tensor | None]
_Stack = tuple[torch.Tensor, torch.Tensor]  # keys and values of a layer

NAME = "focus_lime"
LOCK = threading.RLock()  # held while a model has our attention, or must not have it
_running: ContextVar[Kernel | None] = ContextVar("running", default=None)
_WINDOW_ROWS = 256  # queries of a sliding window that are masked together


class NotShareable(RuntimeError):
    """The model's attention is not one that can run by tiles."""


class Kernel:
    """The stack of keys and values of one model, `height` tokens high at most."""

    def __init__(self, model: PreTrainedModel, height: int) -> None:
        self.model, self.height = model, height
        self.filled = 0  # tokens that are on the stack for good
        self.layers = 0  # attention layers that the last step ran through
        self.windows = 0  # and how many of them slide
        self._stacks: dict[torch.nn.Module, _Stack] = {}
        self._step: Step | None = None
        self._calls: dict[Any, list[_Call]] = {}

    @torch.inference_mode()
    def copy(self, height: int) -> Kernel:
        """Another stack, `height` tokens high, with what is on this one for good up to there."""
        other, n = Kernel(self.model, height), min(self.filled, height)
        for module, stacks in self._stacks.items():
            new = [stack.new_empty(stack.shape[0], height, stack.shape[2]) for stack in stacks]
            for to, stack in zip(new, stacks, strict=True):
                to[:, :n] = stack[:, :n]
            other._stacks[module] = new[0], new[1]
        other.filled = n
        return other

    @torch.inference_mode()
    def run(self, step: Step) -> torch.Tensor:
        """Logits `[n_rows, vocabulary]` of the rows that `rows_read` names."""
        device = device_of(self.model)
        ids = torch.from_numpy(step.ids)[None].to(device)
        with attention_by(self.model, NAME):
            self._step = step
            self.layers = self.windows = 0
            running = _running.set(self)
            try:
                logits: torch.Tensor = self.model(
                    input_ids=ids,
                    attention_mask=torch.ones_like(ids),
                    position_ids=torch.from_numpy(step.positions)[None].to(device),
                    use_cache=False,
                    logits_to_keep=torch.from_numpy(rows_read(step)).to(device),
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

        `sinks[heads]` are scores of a key without a value, which only takes its share (GPT-OSS).
        """
        self.layers += 1
        self.windows += window is not None
        keys, values = self._write(module, key[0], value[0])
        groups = query.shape[1] // keys.shape[0]
        queries = query[0].unflatten(0, (keys.shape[0], groups))
        sums = Accumulator(queries, values.shape[-1])
        for rows, columns, causal, mask in self._tiles(window, query):
            found = partial(
                queries[:, :, rows],
                keys[:, columns],
                values[:, columns],
                scale=scale,
                causal=causal,
                mask=mask,
                softcap=softcap,
            )
            sums.add(rows, *found)
        if sinks is not None:
            share = torch.sigmoid(sums.log_sum - sinks.float().view(-1, groups, 1))
            sums.out *= share[..., None]
        return sums.out.flatten(0, 1).transpose(0, 1)[None].to(query.dtype).contiguous()

    def _write(self, module: torch.nn.Module, key: torch.Tensor, value: torch.Tensor) -> _Stack:
        """Put the step's keys and values `[kv_heads, q, width]` on the layer's stack."""
        if module not in self._stacks:
            heads, _, width = key.shape
            values = value.new_empty(heads, self.height, value.shape[2])
            self._stacks[module] = key.new_empty(heads, self.height, width), values
        assert self._step is not None
        for stack, new in zip(self._stacks[module], (key, value), strict=True):
            stack[:, self._step.keep : self._step.height] = new
        return self._stacks[module]

    def _tiles(self, window: int | None, like: torch.Tensor) -> list[_Call]:
        """The step's attention calls; made in its first layer (of each device and window)."""
        place, step = (window, like.device), self._step
        if place not in self._calls:
            assert step is not None
            positions = np.concatenate([np.arange(step.keep), step.positions])
            found: list[_Call] = []
            for tile in step.tiles:
                parts = (
                    _whole(tile) if window is None else _within(tile, window, positions, step.keep)
                )
                for rows, keys, causal, seen in parts:
                    mask = None
                    if seen is not None:
                        mask = additive(torch.from_numpy(seen).to(like.device), like.dtype)
                    found.append((slice(*rows), slice(*keys), causal, mask))
            self._calls[place] = found
        return self._calls[place]


def device_of(model: PreTrainedModel) -> torch.device:
    """Where a model takes its input: weights that are offloaded are on no device until a hook of
    accelerate brings them, and their input along.
    """
    device: torch.device = model.device
    return torch.device("cpu") if device.type == "meta" else device


def rows_read(step: Step) -> NDArray[np.int64]:
    """The rows of a step whose logits are wanted, in order, each once."""
    rows = [np.arange(read.row, read.row + read.count) for read in step.reads]
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *rows]))


def _whole(tile: Tile) -> Iterator[_Part]:
    """A tile as it is."""
    yield tile.rows, tile.keys, tile.causal, None if tile.causal else tile.mask()


def _within(tile: Tile, window: int, positions: NDArray[np.int64], keep: int) -> Iterator[_Part]:
    """The pairs of a tile that are less than `window` apart; keys that no row sees are left out.

    `positions` are those of all keys: of the stack, `keep` of them, then of the step's rows.
    """
    (top, bottom), (left, right) = tile.rows, tile.keys
    of = positions[left:right]
    if positions[keep + top : keep + bottom].max() - of.min() < window:
        yield from _whole(tile)
        return
    seen = tile.mask()
    for first in range(top, bottom, _WINDOW_ROWS):
        rows = (first, min(bottom, first + _WINDOW_ROWS))
        at = positions[keep + rows[0] : keep + rows[1]]
        if seen is None:  # the keys are in order: out of all windows, in some, in all
            low, high = (int(np.sum(of <= edge - window)) for edge in (at.min(), at.max()))
            if left + high < right:
                yield rows, (left + high, right), False, None
            near = at[:, None] - of[None, low:high] < window
        else:
            near = (at[:, None] - of[None, :] < window) & seen[rows[0] - top : rows[1] - top]
            columns = np.flatnonzero(near.any(axis=0))
            low, high = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 0)
            near = near[:, low:high]
        if low < high:
            yield rows, (left + low, left + high), False, near


@contextmanager
def attention_by(model: PreTrainedModel, name: str) -> Iterator[None]:
    """The model with another attention function; what was set before is set again after.

    One thread at a time: the name stands in the model's configuration.
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
