"""Attention by tiles: partial softmaxes over parts of the keys, merged exactly.

The softmax over all keys is the mean of the softmaxes over disjoint parts, weighted by their
sums of exponentials (Milakov & Gimelshein 2018, "Online normalizer calculation for softmax"; used
by FlashAttention). So queries that share keys read these together, and their other keys apart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch

Pair = tuple[torch.Tensor, torch.Tensor]
Partial = Callable[..., Pair]

_HIDDEN = -1e30  # finite: a row that sees nothing in one tile has weight 0 in the merge, not NaN


class Accumulator:
    """The running attention of `query[kv_heads, groups, rows, _]` to values of `width`, in
    float32.
    """

    def __init__(self, query: torch.Tensor, width: int) -> None:
        options: dict[str, Any] = {"device": query.device, "dtype": torch.float32}
        self.out = torch.zeros(*query.shape[:3], width, **options)
        self.log_sum = torch.full(query.shape[:3], float("-inf"), **options)
        self._empty = True

    def add(self, rows: slice, out: torch.Tensor, log_sum: torch.Tensor) -> None:
        """Merge a partial softmax over further keys into `rows`."""
        if self._empty and log_sum.shape == self.log_sum.shape:
            self.out, self.log_sum = out.float(), log_sum.float()
            self._empty = False
            return
        self._empty = False
        before = self.log_sum[..., rows]
        share = torch.sigmoid(log_sum - before)
        self.out[..., rows, :].lerp_(out.float(), share[..., None])
        self.log_sum[..., rows] = torch.logaddexp(before, log_sum)


def additive(visible: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """What is added to scores so that only the pairs in `visible` (bool) count."""
    hidden = max(_HIDDEN, torch.finfo(dtype).min)
    return torch.zeros_like(visible, dtype=dtype).masked_fill_(~visible, hidden)


def partial(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    causal: bool = False,
    mask: torch.Tensor | None = None,
    softcap: float | None = None,
) -> Pair:
    """Softmax attention over some keys, and the log of its sum of exponentials.

    Args:
        query: `[kv_heads, groups, rows, width]`.
        key, value: `[kv_heads, keys, width]`; never copied for the groups of queries.
        causal: row i sees the keys up to i.
        mask: what is added to the scores, `[rows, keys]` (see `additive`).
        softcap: scores s become softcap * tanh(s / softcap), as in Gemma 2.
    """
    shape = (*query.shape[:2], *key.shape[1:])
    keys = key[:, None].expand(shape)
    values = value[:, None].expand(*shape[:3], value.shape[-1])
    if softcap is None and key.shape[-1] == value.shape[-1]:
        fused = fused_attention(query.device.type, query.dtype)
        if fused is not None:
            return fused(query, keys, values, scale=scale, causal=causal, mask=mask)
    return plain_attention(
        query, keys, values, scale=scale, causal=causal, mask=mask, softcap=softcap
    )


def plain_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    causal: bool = False,
    mask: torch.Tensor | None = None,
    softcap: float | None = None,
    block_elements: int = 1 << 24,
) -> Pair:
    """`partial` by its definition, on any device; `key` and `value` have the shape
    `[kv_heads, groups, keys, width]`. At most `block_elements` scores are in memory at once.
    """
    outs, log_sums = [], []
    rows, keys = query.shape[2], key.shape[2]
    block = max(1, block_elements // (query.shape[0] * query.shape[1] * keys))
    for first in range(0, rows, block):
        scores = query[:, :, first : first + block].float() @ key.float().transpose(-1, -2) * scale
        if softcap is not None:
            scores = torch.tanh(scores / softcap) * softcap
        if mask is not None:
            scores = scores + mask[first : first + block]
        if causal:
            row = torch.arange(first, first + scores.shape[2], device=scores.device)
            column = torch.arange(keys, device=scores.device)
            scores = scores.masked_fill(column > row[:, None], _HIDDEN)
        outs.append(scores.softmax(-1) @ value.float())
        log_sums.append(scores.logsumexp(-1))
    return torch.cat(outs, 2), torch.cat(log_sums, 2)


# -- fused kernels of torch. They are not public, so each is checked before it is used -------------


def _cpu(q: Any, k: Any, v: Any, *, scale: float, causal: bool, mask: Any) -> Pair:
    out, log_sum = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
        q, k, v, 0.0, causal, attn_mask=None if mask is None else mask[None, None], scale=scale
    )
    return out, log_sum


def _cuda(q: Any, k: Any, v: Any, *, scale: float, causal: bool, mask: Any) -> Pair:
    bias = None
    if mask is not None:  # the kernel wants rows that begin at multiples of 16 bytes
        padded = torch.nn.functional.pad(mask, (0, -mask.shape[1] % 16))
        bias = padded[:, : mask.shape[1]].expand(*q.shape[:3], mask.shape[1])
    out, log_sum, *_ = torch.ops.aten._scaled_dot_product_efficient_attention(
        q, k, v, bias, True, 0.0, causal, scale=scale
    )
    return out, log_sum[..., : q.shape[2]]


_FUSED: dict[str, Partial] = {"cpu": _cpu, "cuda": _cuda}


@cache
def fused_attention(device: str, dtype: torch.dtype) -> Partial | None:
    """The fused kernel of a kind of device, if there is one that is right there."""
    kernel = _FUSED.get(device)
    return kernel if kernel is not None and is_right(kernel, device, dtype) else None


def is_right(kernel: Partial, device: str, dtype: torch.dtype) -> bool:
    """Whether a kernel runs on the device and agrees with `plain_attention`, within the rounding
    of `dtype`, on a small causal and a small masked case.
    """
    random = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(2, n, 24, 32, generator=random).to(device, dtype) for n in (3, 1, 1))
    k, v = k.expand_as(q), v.expand_as(q)
    visible = torch.ones(24, 24, dtype=torch.bool, device=device)
    visible[3:9, :20] = visible[12] = False
    mask = additive(visible, dtype)
    for options in ({"causal": True, "mask": None}, {"causal": False, "mask": mask}):
        expected = plain_attention(q, k, v, scale=0.2, **options)
        try:
            pair = kernel(q, k, v, scale=0.2, **options)
        except (RuntimeError, AttributeError, TypeError):
            return False
        for a, b in zip(pair, expected, strict=True):
            if a.shape != b.shape or not torch.allclose(a.float(), b, atol=2e-2, rtol=1e-2):
                return False
    return True
