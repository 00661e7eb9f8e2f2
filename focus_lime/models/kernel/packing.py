"""Fills steps with the nodes of a prefix tree, within the limits of a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from focus_lime.models.kernel.prefixes import Node, TokenSequence
from focus_lime.models.kernel.steps import Limits, Read, Step, Tile, cheapest


class PackedSubtrees:
    """Subtrees laid out in a row one after the other, parents before children.

    Rows count from `offset`, and so do the keys of `tiles`, which are the row's own.
    """

    def __init__(
        self, sequences: Sequence[TokenSequence], subtrees: Sequence[Node], offset: int
    ) -> None:
        ids, positions = [], []
        self.tiles: list[Tile] = []
        self.reads: list[Read] = []
        for node in (node for root in subtrees for node in root.below()):
            n = node.end - node.start
            own = (offset, offset + n)
            self.tiles.append(Tile(own, own, causal=True))
            if node.children:
                self.tiles.append(Tile((offset + n, offset + node.tokens), own))
            self.reads += _reads(sequences, node, node.start, node.end, offset)
            ids.append(sequences[node.sequence].ids[node.start : node.end])
            positions.append(np.arange(node.start, node.end))
            offset += n
        self.ids, self.positions = np.concatenate(ids), np.concatenate(positions)


def _reads(
    sequences: Sequence[TokenSequence], node: Node, start: int, end: int, row: int
) -> Iterator[Read]:
    """What the tokens `[start, end)` of the node, which run from `row` on, predict."""
    for index in node.read_by:
        first = sequences[index].first - 1
        low = max(start, first)
        if low < end:
            yield Read(index, low - first, row + low - start, end - low)


class StepBuilder:
    """Finished `steps`, and the open one, which is filled until it is full or another begins."""

    def __init__(self, sequences: Sequence[TokenSequence], limits: Limits, keep: int = 0) -> None:
        self.sequences, self.limits = sequences, limits
        self.steps: list[Step] = []
        self._open(keep)

    def _open(self, keep: int) -> None:
        self._keep = self._depth = keep  # tokens of the path before the step, and with it
        self._pushed: list[tuple[Node, int, int]] = []  # (node, start, end): pieces of the path
        self._attached: list[tuple[int, Node]] = []  # (tokens of the path before it, subtree)
        self._tokens = self._reads = 0

    def fits(self, node: Node) -> bool:
        """Whether the whole subtree can stand in one step."""
        return node.tokens <= self.limits.tokens and node.reads <= self.limits.reads

    def push(self, node: Node) -> None:
        """Extend the path by the node's tokens; the stack is cut back to where the node begins."""
        start = node.start
        if self._depth != start:
            self.start_step(start)
        while start < node.end:
            room, read_room = self.limits.tokens - self._tokens, self.limits.reads - self._reads
            end = min(node.end, start + room, max(start, node.read_from) + read_room)
            if end <= start:
                self.start_step(start)
                continue
            self._pushed.append((node, start, end))
            self._tokens += end - start
            self._reads += max(0, end - max(start, node.read_from))
            self._depth = start = end

    def attach(self, subtrees: Sequence[Node], at: int, keep: int | None = None) -> None:
        """Pack subtrees that leave the path after `at` tokens. Where the open step is full, a new
        one begins on `keep` tokens of the stack (`at` by default).
        """
        for root in subtrees:
            full = self._tokens + root.tokens > self.limits.tokens
            if full or self._reads + root.reads > self.limits.reads:
                self.start_step(at if keep is None else keep)
            self._attached.append((at, root))
            self._tokens += root.tokens
            self._reads += root.reads

    def start_step(self, keep: int) -> None:
        """Finish the open step; the next begins on `keep` tokens of the stack."""
        self.flush()
        self._open(keep)

    def flush(self) -> None:
        """Finish the open step, if anything is in it."""
        if not self._tokens:
            return
        keep, push = self._keep, self._depth - self._keep
        ids = [self.sequences[node.sequence].ids[a:b] for node, a, b in self._pushed]
        positions = [np.arange(keep, self._depth)]
        reads = [r for n, a, b in self._pushed for r in _reads(self.sequences, n, a, b, a - keep)]
        # All rows see the whole stack; or, if a subtree leaves it lower, each what is below that.
        shared = all(at >= keep for at, _ in self._attached)
        tiles = [Tile((0, self._tokens), (0, keep))] if keep and shared else []
        if push:
            tiles.append(Tile((0, push), (keep, self._depth), causal=True))
        own: list[Tile] = []
        row = push
        while self._attached:
            at = self._attached[0][0]
            subtrees = [root for leaves, root in self._attached if leaves == at]
            del self._attached[: len(subtrees)]
            packed = PackedSubtrees(self.sequences, subtrees, row)
            low = keep if shared else 0
            if at > low:
                tiles.append(Tile((row, row + len(packed.ids)), (low, at)))
            own += [tile.shifted(stack=keep) for tile in packed.tiles]
            reads += packed.reads
            ids.append(packed.ids)
            positions.append(packed.positions)
            row += len(packed.ids)
        tiles += cheapest(own, self.limits.call)
        row_ids, row_positions = np.concatenate(ids), np.concatenate(positions)
        step = Step(keep, push, row_ids, row_positions, tuple(tiles), tuple(reads))
        self.steps.append(step)
