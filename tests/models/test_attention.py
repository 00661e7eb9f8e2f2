"""pytest tests/models/test_attention.py

The reference is softmax(scores) @ values by its definition, in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from focus_lime.models import attention
from focus_lime.models.attention import Accumulator, additive, partial

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
            found = partial(
                query,
                key[:, left:right],
                value[:, left:right],
                scale=SCALE,
                mask=additive(seen[:, left:right], torch.float32),
                softcap=softcap,
            )
            sums.add(slice(0, ROWS), *found)
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
        found = partial(
            query[:, :, top:bottom],
            key[:, left:right],
            value[:, left:right],
            scale=SCALE,
            mask=additive(shown[top:bottom, left:right], torch.float32),
        )
        sums.add(slice(top, bottom), *found)
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
        found = partial(
            query,
            key[:, left:right],
            value[:, left:right],
            scale=SCALE,
            causal=causal,
            softcap=softcap,
        )
        sums.add(slice(0, ROWS), *found)
    expected, log_sum = reference(query, key, value, seen, softcap)
    torch.testing.assert_close(sums.out.double(), expected, atol=2e-6, rtol=1e-5)
    torch.testing.assert_close(sums.log_sum.double(), log_sum, atol=2e-6, rtol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_row_that_sees_nothing_has_no_weight(dtype: torch.dtype) -> None:
    query, key, value = (part.to(dtype) for part in tensors(4))
    nothing = additive(torch.zeros(ROWS, 10, dtype=torch.bool), dtype)
    sums = Accumulator(query, WIDTH)
    for left, right, mask in ((0, 10, nothing), (10, KEYS, None), (0, 10, nothing)):
        found = partial(query, key[:, left:right], value[:, left:right], scale=SCALE, mask=mask)
        sums.add(slice(0, ROWS), *found)
    seen = torch.ones(ROWS, KEYS, dtype=torch.bool)
    seen[:, :10] = False
    expected, _ = reference(query, key, value, seen)
    within = 2e-6 if dtype == torch.float32 else 3e-2
    torch.testing.assert_close(sums.out.double(), expected, atol=within, rtol=within)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kind", ["all", "causal", "mask"])
@pytest.mark.parametrize("size", [1, ROWS, 200])
def test_the_fused_kernel_is_taken_and_is_the_plain_one(
    size: int, kind: str, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    fused = attention._fused("cpu", dtype)
    assert fused is not None
    query, key, value = (part.to(dtype) for part in tensors(5, size, size))
    mask = None
    if kind == "mask":
        seen = torch.from_numpy(np.random.default_rng(5).random((size, size)) < 0.5)
        seen[:, 0] = True
        seen[size // 2] = False
        mask = additive(seen, dtype)
    options: dict[str, Any] = {"scale": SCALE, "causal": kind == "causal", "mask": mask}
    got = partial(query, key, value, **options)
    monkeypatch.setattr(attention, "_fused", lambda *_: None)
    expected = partial(query, key, value, **options)
    within = 5e-6 if dtype == torch.float32 else 3e-2
    for a, b in zip(got, expected, strict=True):
        assert a.shape == b.shape
        torch.testing.assert_close(a.float(), b, atol=within, rtol=within)


@pytest.mark.parametrize("elements", [1, 500, 1000])
@pytest.mark.parametrize("kind", ["all", "causal", "mask"])
def test_blocks_of_rows_are_the_whole(
    kind: str, elements: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "_fused", lambda *_: None)
    query, key, value = tensors(6, KEYS, KEYS)
    mask = additive(random_mask(KEYS, KEYS, 6), torch.float32) if kind == "mask" else None
    options: dict[str, Any] = {"scale": SCALE, "causal": kind == "causal", "mask": mask}
    for softcap in (None, 3.0):
        whole = partial(query, key, value, **options, softcap=softcap)
        with monkeypatch.context() as patch:
            patch.setattr(attention, "_BLOCK_ELEMENTS", elements)
            parts = partial(query, key, value, **options, softcap=softcap)
        for a, b in zip(parts, whole, strict=True):
            torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)


def test_a_kernel_that_is_wrong_or_missing_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(q: Any, k: Any, v: Any, **options: Any) -> Any:
        out, log_sum = attention._plain(q, k, v, **options)
        return out, log_sum / np.log(2)  # as kernels that count in base 2

    def missing(*_: Any, **__: Any) -> Any:
        raise RuntimeError("not implemented for this device")

    for kernel in (wrong, missing):
        monkeypatch.setattr(attention, "_FUSED", {"cpu": kernel})
        assert attention._fused.__wrapped__("cpu", torch.float32) is None
    assert attention._fused("meta", torch.float32) is None
