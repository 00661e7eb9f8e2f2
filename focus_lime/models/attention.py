"""Attention by tiles: partial softmaxes over parts of the keys, merged exactly.

The softmax over all keys is the mean of the softmaxes over disjoint parts, weighted by their
sums of exponentials (Milakov & Gimelshein 2018; the device of FlashAttention). So queries that
share keys read them together, and the rest apart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch

Pair = tuple[torch.Tensor, torch.Tensor]
Partial = Callable[..., Pair]

_HIDDEN = -1e30  # finite: a row that sees nothing in one tile has weight 0 in the merge, not NaN
_BLOCK_ELEMENTS = 1 << 24  # scores that plain mathematics holds at once


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


def additive(seen: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """What is added to scores so that only the pairs in `seen` (bool) count."""
    hidden = max(_HIDDEN, torch.finfo(dtype).min)
    return torch.zeros_like(seen, dtype=dtype).masked_fill_(~seen, hidden)


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
        fused = _fused(query.device.type, query.dtype)
        if fused is not None:
            return fused(query, keys, values, scale=scale, causal=causal, mask=mask)
    return _plain(query, keys, values, scale=scale, causal=causal, mask=mask, softcap=softcap)


def _plain(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    causal: bool = False,
    mask: torch.Tensor | None = None,
    softcap: float | None = None,
) -> Pair:
    """`partial` by its definition, on any device, some rows at a time."""
    outs, log_sums = [], []
    rows, keys = query.shape[2], key.shape[2]
    block = max(1, _BLOCK_ELEMENTS // (query.shape[0] * query.shape[1] * keys))
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


# -- fused kernels of torch, which are not public: taken where they do what is expected ----------


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
    found = torch.ops.aten._scaled_dot_product_efficient_attention(
        q, k, v, bias, True, 0.0, causal, scale=scale
    )
    return found[0], found[1][..., : q.shape[2]]


_FUSED: dict[str, Partial] = {"cpu": _cpu, "cuda": _cuda}


@cache
def _fused(device: str, dtype: torch.dtype) -> Partial | None:
    """The fused kernel of a kind of device, if it agrees with plain mathematics there."""
    found = _FUSED.get(device)
    if found is None:
        return None
    random = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(2, n, 24, 32, generator=random).to(device, dtype) for n in (3, 1, 1))
    k, v = k.expand_as(q), v.expand_as(q)
    seen = torch.ones(24, 24, dtype=torch.bool, device=device)
    seen[3:9, :20] = seen[12] = False
    mask = additive(seen, dtype)
    for options in ({"causal": True, "mask": None}, {"causal": False, "mask": mask}):
        expected = _plain(q, k, v, scale=0.2, **options)
        try:
            got = found(q, k, v, scale=0.2, **options)
        except (RuntimeError, AttributeError, TypeError):
            return None
        for a, b in zip(got, expected, strict=True):
            if a.shape != b.shape or not torch.allclose(a.float(), b, atol=2e-2, rtol=1e-2):
                return None
    return found
