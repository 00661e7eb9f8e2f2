"""pytest tests/models/kernel/test_attention.py

The reference is softmax(scores) @ values by its definition, in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from focus_lime.models.kernel.attention import (
    Accumulator,
    additive,
    fused_attention,
    is_right,
    partial,
    plain_attention,
)

KV_HEADS, GROUPS, ROWS, KEYS, WIDTH = 2, 3, 21, 33, 8
SCALE = 0.3


def tensors(seed: int, rows: int = ROWS, keys: int = KEYS, *, values: int = WIDTH) -> Any:
    random = torch.Generator().manual_seed(seed)
    shapes = (KV_HEADS, GROUPS, rows, WIDTH), (KV_HEADS, keys, WIDTH), (KV_HEADS, keys, values)
    return tuple(2 * torch.randn(*shape, generator=random) for shape in shapes)


def reference(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    seen: torch.Tensor,
    softcap: float | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    q, k, v = query.double(), key[:, None].double(), value[:, None].double()
    scores = q @ k.transpose(-1, -2) * SCALE
    if softcap is not None:
        scores = softcap * torch.tanh(scores / softcap)
    scores = scores.masked_fill(~seen, float("-inf"))
    return scores.softmax(-1) @ v, scores.logsumexp(-1)


def random_mask(rows: int, keys: int, seed: int) -> torch.Tensor:
    """Each row sees something; some rows see nothing of long runs of keys."""
    rng = np.random.default_rng(seed)
    seen = rng.random((rows, keys)) < 0.5
    seen[2, : keys - 3] = False
    seen[3:6, keys // 3 :] = False
    seen[np.arange(rows), rng.integers(0, keys // 3, rows)] = True
    return torch.from_numpy(seen)


@pytest.mark.parametrize("softcap", [None, 3.0])
@pytest.mark.parametrize("cuts", [(), (1,), (16,), (5, 6, 30), tuple(range(1, KEYS))])
def test_parts_merge_to_the_whole(cuts: tuple[int, ...], softcap: float | None) -> None:
    query, key, value = tensors(0)
    seen = random_mask(ROWS, KEYS, 1)
    expected, _ = reference(query, key, value, seen, softcap)
    spans = list(zip((0, *cuts), (*cuts, KEYS), strict=True))
    for order in (spans, spans[::-1]):  # rows that see nothing yet, and nothing any more
        sums = Accumulator(query, WIDTH)
        for left, right in order:
            pair = partial(
                query,
                key[:, left:right],
                value[:, left:right],
                scale=SCALE,
                mask=additive(seen[:, left:right], torch.float32),
                softcap=softcap,
            )
            sums.add(slice(0, ROWS), *pair)
        torch.testing.assert_close(sums.out.double(), expected, atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_tiles_of_rows_and_keys_merge_to_the_whole(seed: int) -> None:
    """Random rectangles, each with its mask, that together show every visible pair once."""
    query, key, value = tensors(seed)
    rng = np.random.default_rng(seed)
    owner = rng.integers(0, 4, (ROWS, KEYS))  # which of four overlapping tiles shows the pair
    seen = random_mask(ROWS, KEYS, seed)
    sums = Accumulator(query, WIDTH)
    for tile in range(4):
        shown = seen & torch.from_numpy(owner == tile)
        rows, keys = (torch.nonzero(shown.any(dim))[:, 0] for dim in (1, 0))
        top, bottom, left, right = rows[0], rows[-1] + 1, keys[0], keys[-1] + 1
        pair = partial(
            query[:, :, top:bottom],
            key[:, left:right],
            value[:, left:right],
            scale=SCALE,
            mask=additive(shown[top:bottom, left:right], torch.float32),
        )
        sums.add(slice(top, bottom), *pair)
    expected, log_sum = reference(query, key, value, seen)
    torch.testing.assert_close(sums.out.double(), expected, atol=2e-6, rtol=1e-5)
    torch.testing.assert_close(sums.log_sum.double(), log_sum, atol=2e-6, rtol=1e-6)


@pytest.mark.parametrize("softcap", [None, 3.0])
@pytest.mark.parametrize("values", [WIDTH, 5])
def test_a_causal_triangle_after_shared_keys(values: int, softcap: float | None) -> None:
    query, key, value = tensors(3, ROWS, KEYS, values=values)
    before = KEYS - ROWS
    seen = torch.ones(ROWS, KEYS, dtype=torch.bool).tril(before)
    sums = Accumulator(query, values)
    for left, right, causal in ((before, KEYS, True), (0, before, False)):
        pair = partial(
            query,
            key[:, left:right],
            value[:, left:right],
            scale=SCALE,
            causal=causal,
            softcap=softcap,
        )
        sums.add(slice(0, ROWS), *pair)
    expected, log_sum = reference(query, key, value, seen, softcap)
    torch.testing.assert_close(sums.out.double(), expected, atol=2e-6, rtol=1e-5)
    torch.testing.assert_close(sums.log_sum.double(), log_sum, atol=2e-6, rtol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_row_that_sees_nothing_has_no_weight(dtype: torch.dtype) -> None:
    query, key, value = (part.to(dtype) for part in tensors(4))
    nothing = additive(torch.zeros(ROWS, 10, dtype=torch.bool), dtype)
    sums = Accumulator(query, WIDTH)
    for left, right, mask in ((0, 10, nothing), (10, KEYS, None), (0, 10, nothing)):
        pair = partial(query, key[:, left:right], value[:, left:right], scale=SCALE, mask=mask)
        sums.add(slice(0, ROWS), *pair)
    seen = torch.ones(ROWS, KEYS, dtype=torch.bool)
    seen[:, :10] = False
    expected, _ = reference(query, key, value, seen)
    within = 2e-6 if dtype == torch.float32 else 3e-2
    torch.testing.assert_close(sums.out.double(), expected, atol=within, rtol=within)


def full(part: torch.Tensor) -> torch.Tensor:
    """Keys or values once for each group of queries."""
    return part[:, None].expand(KV_HEADS, GROUPS, *part.shape[1:])


def visible(kind: str, size: int, seed: int) -> tuple[torch.Tensor, dict[str, Any]]:
    """Which pairs are visible, and the options of `partial` that say so."""
    everything = torch.ones(size, size, dtype=torch.bool)
    if kind == "mask":
        seen = random_mask(size, size, seed) if size > 5 else everything
        return seen, {"mask": additive(seen, torch.float32)}
    return (everything.tril(), {"causal": True}) if kind == "causal" else (everything, {})


@pytest.mark.parametrize("kind", ["all", "causal", "mask"])
@pytest.mark.parametrize("size", [1, ROWS, 200])
def test_the_fused_kernel_of_this_machine_is_the_definition(size: int, kind: str) -> None:
    fused = fused_attention("cpu", torch.float32)
    assert fused is not None
    query, key, value = tensors(5, size, size)
    seen, options = visible(kind, size, 5)
    options = {"scale": SCALE, "causal": False, "mask": None, **options}
    pair = fused(query, full(key), full(value), **options)
    for a, b in zip(pair, reference(query, key, value, seen), strict=True):
        torch.testing.assert_close(a.double(), b, atol=5e-6, rtol=5e-6)
    for a, b in zip(pair, partial(query, key, value, **options), strict=True):
        assert torch.equal(a, b)  # it is the one that is taken


@pytest.mark.parametrize("elements", [1, 500, 1000, 1 << 24])
@pytest.mark.parametrize("kind", ["all", "causal", "mask"])
@pytest.mark.parametrize("softcap", [None, 3.0])
def test_plain_attention_is_the_definition_in_blocks_of_any_size(
    softcap: float | None, kind: str, elements: int
) -> None:
    query, key, value = tensors(6, KEYS, KEYS)
    seen, options = visible(kind, KEYS, 6)
    pair = plain_attention(
        query,
        full(key),
        full(value),
        scale=SCALE,
        softcap=softcap,
        block_elements=elements,
        **options,
    )
    for a, b in zip(pair, reference(query, key, value, seen, softcap), strict=True):
        torch.testing.assert_close(a.double(), b, atol=1e-5, rtol=1e-5)


def test_a_kernel_that_is_wrong_or_missing_is_not_taken() -> None:
    def wrong(q: Any, k: Any, v: Any, **options: Any) -> Any:
        out, log_sum = plain_attention(q, k, v, **options)
        return out, log_sum / np.log(2)  # as kernels that count in base 2

    def missing(*_: Any, **__: Any) -> Any:
        raise RuntimeError("not implemented for this device")

    for dtype in (torch.float32, torch.bfloat16):
        assert is_right(plain_attention, "cpu", dtype)
        assert not is_right(wrong, "cpu", dtype)
        assert not is_right(missing, "cpu", dtype)
    assert fused_attention("meta", torch.float32) is None
