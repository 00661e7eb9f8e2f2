"""The schedule of attention ablation: all continuations once a mask, over one cached context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from focus_lime.models.kernel.packing import PackedSubtrees
from focus_lime.models.kernel.prefixes import TokenSequence, prefix_tree
from focus_lime.models.kernel.schedule import plan
from focus_lime.models.kernel.steps import Limits, Read, Step, Tile, cheapest


def plan_ablation(
    tails: Sequence[TokenSequence], kept: NDArray[np.bool_], limits: Limits, mask_elements: int
) -> list[Step]:
    """Steps that run all tails once for each mask over a context that is on the stack.

    Args:
        tails: sequences that follow the context. In the reads those of mask i have the numbers from
            `i * len(tails)` on.
        kept: `bool[n_masks, n_context]`, the tokens of the context that the tails see under mask i.
        mask_elements: most elements of the attention mask of one step.
    """
    context = _MaskedContext(kept)
    block = PackedSubtrees(tails, prefix_tree(tails).children, 0)
    size, reads = len(block.ids), sum(read.count for read in block.reads)
    masked_rows = mask_elements // (context.high - context.low + 1)
    masks = min(limits.tokens // size, limits.reads // max(1, reads), masked_rows // size)
    if not masks:  # a step cannot hold the tails of one mask
        pieces = plan(tails, replace(limits, tokens=max(1, min(limits.tokens, masked_rows))))
        return [
            context.under(step, i, i + 1, len(tails)) for i in range(len(kept)) for step in pieces
        ]
    steps = []
    for first in range(0, len(kept), masks):
        count = len(kept[first : first + masks])
        ids, positions = np.tile(block.ids, count), np.tile(block.positions, count)
        tiles = [tile.shifted(rows=i * size) for i in range(count) for tile in block.tiles]
        row_reads = [
            Read(r.sequence + i * len(tails), r.offset, r.row + i * size, r.count)
            for i in range(count)
            for r in block.reads
        ]
        tiles = cheapest(tiles, limits.call)
        step = Step(0, 0, ids, positions, tuple(tiles), tuple(row_reads))
        steps.append(context.under(step, first, first + count, len(tails)))
    return steps


class _MaskedContext:
    """A cached context of which mask i keeps the tokens `kept[i]`; those outside of `[low, high)`
    are kept by all masks.
    """

    def __init__(self, kept: NDArray[np.bool_]) -> None:
        self.kept, n = kept, kept.shape[1]
        dropped = np.flatnonzero(~kept.all(axis=0))
        self.low = int(dropped[0]) if len(dropped) else n
        self.high = int(dropped[-1]) + 1 if len(dropped) else n

    def under(self, step: Step, first: int, last: int, n_tails: int) -> Step:
        """The step with the context under its stack, its rows in as many equal blocks as there are
        masks in `[first, last)`.
        """
        n, rows = self.kept.shape[1], (0, len(step.ids))
        everywhere = ((0, self.low), (self.high, n))
        tiles = [Tile(rows, keys) for keys in everywhere if keys[0] < keys[1]]
        if self.low < self.high:
            kept = self.kept[first:last, self.low : self.high]
            tiles.append(Tile(rows, (self.low, self.high), kept=kept))
        tiles += [tile.shifted(stack=n) for tile in step.tiles]
        reads = tuple(replace(r, sequence=r.sequence + first * n_tails) for r in step.reads)
        return Step(n + step.keep, step.push, step.ids, step.positions + n, tuple(tiles), reads)
