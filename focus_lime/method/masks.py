"""Mask designs: which units are kept, `bool[n_masks, n_units]`, True = kept.

Mask i depends on (seed, i) alone, so that a longer run extends a shorter one. Masks are
distinct; when all 2^n fit, they are enumerated, but by `local`, which stays near the whole prompt.
No design contains the all-kept mask unless it enumerates: the base value is known already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError

Masks = NDArray[np.bool_]
Draw = Callable[[np.random.Generator], NDArray[np.bool_]]

TREE = "tree"  # the design `within_tree`, which needs to know the units' parents

_ATTEMPTS = 200  # draws before a mask may be taken from the neighbourhood of a duplicate


def enumerate_all(n_units: int) -> Masks:
    """All 2^n masks, by the binary number of what is dropped."""
    numbers = np.arange(2**n_units, dtype=np.int64)[:, None]
    kept: Masks = (numbers >> np.arange(n_units)) & 1 == 0
    return kept


def all_there(masks: NDArray[Any]) -> bool:
    """Whether masks over n units are all 2^n, each once: nothing is left to chance then."""
    n_units = masks.shape[1]
    return bool(n_units < 60 and len(masks) == 2**n_units == len(np.unique(masks, axis=0)))


def single_drops(n_units: int) -> Masks:
    """Mask i drops unit i alone."""
    return ~np.eye(n_units, dtype=bool)


def nested_drops(n_units: int, order: Sequence[int]) -> Masks:
    """Mask i drops the first i + 1 units of `order` together."""
    masks = np.ones((len(order), n_units), dtype=bool)
    for i, unit in enumerate(order):
        masks[i:, unit] = False
    return masks


def alone_and_nested(n_units: int, alone: Sequence[int], order: Sequence[int]) -> Masks:
    """Drop each unit of `alone` by itself, then the first 1, 2, ... of `order` together."""
    return np.vstack([single_drops(n_units)[list(alone)], nested_drops(n_units, order)])


def with_full(masks: Masks) -> Masks:
    """The all-kept mask, then the masks."""
    return np.vstack([np.ones((1, masks.shape[1]), dtype=bool), masks])


def distinct(n_units: int, n_masks: int, seed: int, draw: Draw) -> Masks:
    """`n_masks` distinct masks from `draw`, none all-kept; all 2^n if they fit.

    Where a design can hardly give a new mask any more, single units of its last draw are flipped.
    """
    _check(n_units, n_masks)
    if n_units < 60 and 2**n_units <= n_masks:
        return np.random.default_rng(seed).permutation(enumerate_all(n_units))
    masks = np.empty((n_masks, n_units), dtype=bool)
    seen = {np.ones(n_units, dtype=bool).tobytes()}
    for i in range(n_masks):
        rng = np.random.default_rng([seed, i])
        mask = draw(rng)
        for attempt in range(_ATTEMPTS + 10 * n_units):
            if mask.tobytes() not in seen:
                break
            mask = draw(rng) if attempt < _ATTEMPTS else mask ^ (rng.permutation(n_units) == 0)
        else:
            return masks[:i]
        seen.add(mask.tobytes())
        masks[i] = mask
    return masks


def bernoulli(n_units: int, n_masks: int, seed: int, *, keep: float = 0.5) -> Masks:
    """Every unit is kept with probability `keep`, independently."""
    _check_probability(keep)
    return distinct(n_units, n_masks, seed, lambda rng: rng.random(n_units) < keep)


def mostly_kept(n_units: int, n_masks: int, seed: int) -> Masks:
    """Every unit is kept with probability .7. On a real model and on the bundled one the weights of
    such masks foretold what deletions of one to five units do better than those of masks that keep
    half, and still knew of a fact that the text has twice (docs/lab-notes.md).
    """
    return bernoulli(n_units, n_masks, seed, keep=0.7)


def near_full(n_units: int, n_masks: int, seed: int, *, most_dropped: int = 3) -> Masks:
    """One to `most_dropped` units dropped: for large neighborhoods, where half is too much."""
    most = min(most_dropped, n_units)

    def draw(rng: np.random.Generator) -> Masks:
        mask = np.ones(n_units, dtype=bool)
        mask[rng.choice(n_units, size=int(rng.integers(1, most + 1)), replace=False)] = False
        return mask

    return distinct(n_units, n_masks, seed, draw)


def uniform_size(n_units: int, n_masks: int, seed: int) -> Masks:
    """LIME's design: how many units are dropped is uniform on 1..n, then which ones."""
    return near_full(n_units, n_masks, seed, most_dropped=n_units)


def antithetic(n_units: int, n_masks: int, seed: int) -> Masks:
    """Fair coins in pairs: mask 2i + 1 is the complement of mask 2i."""
    _check(n_units - 1, n_masks)
    pairs = distinct(n_units - 1, -(-n_masks // 2), seed, _fair(n_units - 1))
    # The first unit is kept in one of the pair alone, so that pairs are distinct if halves are.
    halves = np.column_stack([np.ones(len(pairs), dtype=bool), pairs])
    both = np.stack([halves, ~halves], axis=1).reshape(-1, n_units)
    return both[:n_masks]


def shapley(n_units: int, n_masks: int, seed: int) -> Masks:
    """Sizes in proportion to the Shapley kernel's total weight at a size (Lundberg & Lee 2017).

    Masks drawn so are regressed without further weights.
    """
    if n_units < 2:
        return distinct(n_units, n_masks, seed, _fair(n_units))
    sizes = np.arange(1, n_units)
    share = (n_units - 1) / (sizes * (n_units - sizes))
    share = share / share.sum()

    def draw(rng: np.random.Generator) -> Masks:
        mask = np.ones(n_units, dtype=bool)
        dropped = rng.choice(sizes, p=share)
        mask[rng.choice(n_units, size=int(dropped), replace=False)] = False
        return mask

    return distinct(n_units, n_masks, seed, draw)


def kernel_shap(n_units: int, n_masks: int, seed: int) -> Masks:
    """The all-dropped mask, which KernelSHAP must know, then those of `shapley`."""
    masks = shapley(n_units, n_masks, seed)
    if all_there(masks):
        return masks
    none = np.zeros((1, n_units), dtype=bool)
    return np.vstack([none, masks[masks.any(axis=1)]])[:n_masks]


def shapley_weight(n_units: int, kept: int) -> float:
    """The Shapley kernel of one mask with `kept` of `n_units` units (infinite for none or all)."""
    if kept in (0, n_units):
        return float("inf")
    return (n_units - 1) / (comb(n_units, kept) * kept * (n_units - kept))


def within_tree(
    parents: NDArray[np.intp], n_masks: int, seed: int, *, keep_parent: float, keep: float
) -> Masks:
    """Masks over leaves that respect their tree (`parents[leaf]` is the leaf's parent).

    A parent is kept with probability `keep_parent`; one that is dropped takes its leaves along,
    and leaves are dropped, with probability 1 - `keep`, only inside kept parents.
    """
    _check_probability(keep_parent)
    _check_probability(keep)
    n_units, n_parents = len(parents), int(parents.max(initial=-1)) + 1

    def draw(rng: np.random.Generator) -> Masks:
        kept_parents = rng.random(n_parents) < keep_parent
        return kept_parents[parents] & (rng.random(n_units) < keep)

    return distinct(n_units, n_masks, seed, draw)


def local(n_units: int, n_masks: int, seed: int) -> Masks:
    """One unit dropped, or two; of more than 80 units up to one in 40. Every unit is dropped as
    often as any other: masks come in blocks, each a random partition of the units. Fewer than
    `n_masks` where there are no more of them.

    For words and tokens, whose effects are joint: an answer stands on all words of its sentence,
    and once one is gone the others have nothing left to show.
    """
    _check(n_units, n_masks)
    most = min(n_units, max(2, n_units // 40))
    there_are = sum(comb(n_units, size) for size in range(1, most + 1))
    masks: dict[bytes, Masks] = {}
    block = 0
    while len(masks) < min(n_masks, there_are):
        rng = np.random.default_rng([seed, block])
        left = rng.permutation(n_units)
        while len(left):
            dropped, left = np.split(left, [int(rng.integers(1, most + 1))])
            mask = np.ones(n_units, dtype=bool)
            mask[dropped] = False
            masks.setdefault(mask.tobytes(), mask)
        block += 1
    return np.array([*masks.values()][:n_masks], dtype=bool).reshape(-1, n_units)


def alone_and_local(n_units: int, n_masks: int, seed: int, *, apart: int) -> Masks:
    """Every unit dropped alone, and masks of `local` that drop more: of the first ones every
    `apart`-th, and all that come after. Fewer than `n_masks` where there are no more.

    Where effects are joint no sum of weights fits, and only what each unit does alone tells which
    ones matter.
    """
    alone = list(single_drops(n_units))
    joint = [mask for mask in local(n_units, n_masks + n_units, seed) if (~mask).sum() > 1]
    masks: list[Masks] = []
    while len(masks) < n_masks and (alone or joint):
        is_joint = joint and (not alone or len(masks) % apart == apart - 1)
        masks.append((joint if is_joint else alone or joint).pop(0))
    return np.array(masks, dtype=bool).reshape(-1, n_units)


def lime_kernel(masks: Masks, width: float = 0.25) -> NDArray[np.float64]:
    """LIME's weights exp(-d^2 / (2 width^2)), d the cosine distance to the all-kept mask.

    For a mask that keeps the share s, d = 1 - sqrt(s) (Ribeiro et al. 2016; form and width are
    those of the lime package's LimeTextExplainer, which counts distances in percent).
    """
    distance = 1.0 - np.sqrt(masks.mean(axis=1))
    return np.asarray(np.exp(-(distance**2) / (2 * width**2)), dtype=np.float64)


DESIGNS: dict[str, Callable[[int, int, int], Masks]] = {
    "antithetic": antithetic,
    "bernoulli": bernoulli,
    "kernel-shap": kernel_shap,
    "local": local,
    "mostly-kept": mostly_kept,
    "near-full": near_full,
    "shapley": shapley,
    "uniform-size": uniform_size,
}


def _fair(n_units: int) -> Draw:
    return lambda rng: rng.random(n_units) < 0.5


def _check(n_units: int, n_masks: int) -> None:
    if n_units < 0 or n_masks < 1:
        raise FocusLimeError(f"cannot design {n_masks} masks over {n_units} units")


def _check_probability(keep: float) -> None:
    if not 0.0 < keep <= 1.0:
        raise FocusLimeError(f"a probability of keeping must be in (0, 1], got {keep}")
