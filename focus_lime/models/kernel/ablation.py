"""The schedule of ablation over a cached context: what follows the context runs once for each mask,
and sees of the context what the mask keeps.

The context was read with the dropped tokens in it, so its later tokens hold something of them. Most
of that lies near: with `ahead`, so many tokens after each run of dropped ones are read anew without
them, at the positions that they have then, and take the place of the cached ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from focus_lime.models.kernel.packing import PackedSubtrees
from focus_lime.models.kernel.prefixes import Ids, TokenSequence, prefix_tree
from focus_lime.models.kernel.schedule import plan
from focus_lime.models.kernel.steps import Limits, Read, Step, Tile, cheapest


def plan_ablation(
    context: Ids,
    tails: Sequence[TokenSequence],
    kept: NDArray[np.bool_],
    ahead: int,
    limits: Limits,
    mask_elements: int,
) -> list[Step]:
    """Steps that run all tails once for each mask over a context that is on the stack.

    Args:
        tails: sequences that follow the context. In the reads those of mask i have the numbers from
            `i * len(tails)` on.
        kept: `bool[n_masks, n_context]`, the tokens of the context that are kept under mask i.
        ahead: tokens after each run of dropped ones that are read anew.
        mask_elements: most elements of the attention mask of one step.
    """
    block = PackedSubtrees(tails, prefix_tree(tails).children, 0)
    reads = sum(read.count for read in block.reads)
    views = [_View.of(mask, ahead) for mask in kept]
    low, high = _varying(views)
    width = high - low + 1
    steps: list[Step] = []
    group: list[_View] = []
    size = 0

    def flush(next_mask: int) -> None:
        nonlocal group, size
        if group:
            first = next_mask - len(group)
            steps.append(_packed(context, block, len(tails), group, first, limits.call))
        group, size = [], 0

    for number, view in enumerate(views):
        rows = len(view.anew) + len(block.ids)
        n_reads = (len(group) + 1) * max(1, reads)
        if rows > limits.tokens or reads > limits.reads or rows * width > mask_elements:
            flush(number)
            most = max(1, min(limits.tokens, mask_elements // width))
            steps += _apart(context, tails, view, replace(limits, tokens=most), number)
            continue
        full = size + rows > limits.tokens or n_reads > limits.reads
        if full or (size + rows) * width > mask_elements:
            flush(number)
        group.append(view)
        size += rows
    flush(len(views))
    return steps


@dataclass(frozen=True, eq=False)
class _View:
    """What rows see of a context under one mask.

    Attributes:
        cached: `bool[n_context]`, the tokens whose cached keys and values the tails see.
        anew: the tokens that are read anew, in order.
        positions: of these; what is dropped between them and the last cached token is not counted.
    """

    cached: NDArray[np.bool_]
    anew: Ids
    positions: Ids

    @classmethod
    def of(cls, kept: NDArray[np.bool_], ahead: int) -> _View:
        dropped = np.flatnonzero(~kept)
        near = np.zeros(len(kept) + 1, dtype=np.int64)
        np.add.at(near, np.minimum(dropped + 1, len(kept)), 1)
        np.add.at(near, np.minimum(dropped + 1 + ahead, len(kept)), -1)
        again = kept & (np.cumsum(near)[:-1] > 0)
        anew, cached = np.flatnonzero(again), kept & ~again
        # Dropped tokens, less those before the last cached one.
        gone = np.cumsum(~kept)
        closed = np.maximum.accumulate(np.where(cached, gone, 0))
        return cls(cached, anew, (np.arange(len(kept)) - gone + closed)[anew])

    def blocks(self, tail: int, low: int, high: int) -> tuple[list[NDArray[np.bool_]], list[int]]:
        """What blocks of rows see of the cached tokens [low, high), and how many rows each has: the
        tokens read anew, then `tail` rows of the tails.
        """
        # Rows with the same cached tokens before them are one block.
        before = np.cumsum(self.cached)[self.anew]
        _, firsts, sizes = np.unique(before, return_index=True, return_counts=True)
        earlier = np.arange(len(self.cached)) < self.anew[firsts][:, None]
        seen = [*(self.cached & earlier), self.cached]
        return [row[low:high] for row in seen], [*sizes.tolist(), tail]


def _varying(views: Sequence[_View]) -> tuple[int, int]:
    """[low, high) of the context; what lies outside of it all rows of all masks see."""
    n = len(views[0].cached)
    hidden = [np.flatnonzero(~view.cached) for view in views]
    low = min((int(places[0]) for places in hidden if len(places)), default=n)
    high = max((int(places[-1]) + 1 for places in hidden if len(places)), default=n)
    if any(len(view.anew) for view in views):
        high = n  # a token read anew sees nothing that comes after it
    return low, high


def _context_tiles(views: Sequence[_View], n_rows: int, tail: int) -> list[Tile]:
    """What the rows of a step see of the cached context: for each mask the tokens read anew, then
    `tail` rows of the tails.
    """
    n, (low, high) = len(views[0].cached), _varying(views)
    tiles = [Tile((0, n_rows), keys) for keys in ((0, low), (high, n)) if keys[0] < keys[1]]
    if low < high:
        blocks = [view.blocks(tail, low, high) for view in views]
        kept = np.stack([row for seen, _ in blocks for row in seen])
        sizes = tuple(size for _, sizes in blocks for size in sizes)
        tiles.append(Tile((0, n_rows), (low, high), kept=kept, sizes=sizes))
    return tiles


def _packed(
    context: Ids,
    block: PackedSubtrees,
    n_tails: int,
    views: Sequence[_View],
    first: int,
    call: int,
) -> Step:
    """One step for the masks from `first` on: for each its tokens read anew, then the tails."""
    n, tail = len(context), len(block.ids)
    ids, positions, own, reads = [], [], [], []
    row = 0
    for number, view in enumerate(views, start=first):
        anew = len(view.anew)
        if anew:
            read, after = (row, row + anew), (row + anew, row + anew + tail)
            own += [Tile(read, (n + read[0], n + read[1]), causal=True)]
            own += [Tile(after, (n + read[0], n + read[1]))]
        row += anew
        own += [tile.shifted(rows=row, stack=n) for tile in block.tiles]
        reads += [
            Read(r.sequence + number * n_tails, r.offset, r.row + row, r.count) for r in block.reads
        ]
        ids += [context[view.anew], block.ids]
        positions += [view.positions, block.positions + n]
        row += tail
    tiles = [*_context_tiles(views, row, tail), *cheapest(own, call)]
    return Step(n, 0, np.concatenate(ids), np.concatenate(positions), tuple(tiles), tuple(reads))


def _apart(
    context: Ids, tails: Sequence[TokenSequence], view: _View, limits: Limits, number: int
) -> list[Step]:
    """Steps for one mask of which a single step cannot hold all: the tokens read anew stay on the
    stack, above the context, and the tails follow in pieces.
    """
    n, steps = len(context), []
    below = np.arange(n)
    for start in range(0, len(view.anew), limits.tokens):
        piece = view.anew[start : start + limits.tokens]
        at = view.positions[start : start + limits.tokens]
        rows = (0, len(piece))
        tiles = _context_tiles([_View(view.cached, piece, at)], len(piece), 0)
        if start:
            tiles.append(Tile(rows, (n, n + start)))
        tiles.append(Tile(rows, (n + start, n + start + len(piece)), causal=True))
        steps.append(Step(n + start, len(piece), context[piece], at, tuple(tiles), (), below))
        below = np.concatenate([below, at])
    above, tails_view = len(view.anew), _View(view.cached, view.anew[:0], view.anew[:0])
    for step in plan(tails, limits):
        n_rows = len(step.ids)
        tiles = _context_tiles([tails_view], n_rows, n_rows)
        if above:
            tiles.append(Tile((0, n_rows), (n, n + above)))
        tiles += [tile.shifted(stack=n + above) for tile in step.tiles]
        reads = tuple(replace(r, sequence=r.sequence + number * len(tails)) for r in step.reads)
        stack = np.concatenate([below, n + np.arange(step.keep)])
        steps.append(
            Step(
                n + above + step.keep,
                step.push,
                step.ids,
                step.positions + n,
                tuple(tiles),
                reads,
                stack,
            )
        )
    return steps
