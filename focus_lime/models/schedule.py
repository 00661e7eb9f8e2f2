"""Which tokens run when, so that every token of a set of prompts runs once.

Pure Python and numpy: a plan can be tested by counting. The execution is `models/kernel.py`.

Sequences that begin alike form a tree: each node is a run of tokens that the sequences below it
share. The tree is walked depth first over one *stack* of keys and values, which holds the path
from the root to where we are. A `Step` is one forward pass over one row of tokens:

    stack   |#################|                 kept from earlier steps: `keep` tokens
    pushed                    |####|            the next tokens of the path, they stay on the stack
    packed                         |##|###|#|   whole subtrees that hang on the path, then forgotten

A token sees the stack up to where its own path leaves it, and its ancestors in the row. Which
queries see which keys is said by `Tile`s: disjoint rectangles and triangles that together cover
each visible pair once. Nothing is computed to be masked away, but where many small tiles would cost
more calls than one masked block costs work. All packed rows read the one stack; it is never copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from focus_lime.models.prefixes import Ids, Node, Scored, tree

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one step may hold. `tokens` and `reads` bound its memory; `call` is what an attention
    call costs beside its work, in pairs of query and key.
    """

    tokens: int
    reads: int
    call: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Queries `rows` (of the step's row) against `keys` (of the stack, then the row): all pairs,
    or the lower triangle if `causal`; or what its `parts` cover, as one masked call; or, for the
    i-th of `len(kept)` equal blocks of rows, the keys where `kept[i]`.
    """

    rows: Span
    keys: Span
    causal: bool = False
    parts: tuple[Tile, ...] = ()
    kept: NDArray[np.bool_] | None = None

    @property
    def area(self) -> int:
        return (self.rows[1] - self.rows[0]) * (self.keys[1] - self.keys[0])

    @property
    def pairs(self) -> int:
        """Visible pairs of query and key. (Of `kept`, all: an arithmetic unit computes them.)"""
        if self.parts:
            return sum(part.pairs for part in self.parts)
        n = self.rows[1] - self.rows[0]
        return n * (n + 1) // 2 if self.causal else self.area

    def mask(self) -> NDArray[np.bool_] | None:
        """`bool[rows, keys]`, True = visible; None where all is."""
        (top, bottom), (left, right) = self.rows, self.keys
        if self.causal:
            return np.tri(bottom - top, dtype=bool)
        if self.kept is not None:
            return np.repeat(self.kept, (bottom - top) // len(self.kept), axis=0)
        if not self.parts:
            return None
        seen = np.zeros((bottom - top, right - left), dtype=bool)
        for part in self.parts:
            inner = part.mask()
            rows = slice(part.rows[0] - top, part.rows[1] - top)
            seen[rows, part.keys[0] - left : part.keys[1] - left] = True if inner is None else inner
        return seen


@dataclass(frozen=True, slots=True)
class Read:
    """Rows `[row, row + count)` foretell the target tokens `[offset, offset + count)` of
    `sequence`.
    """

    sequence: int
    offset: int
    row: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One forward pass over `ids[q]` at `positions[q]`, with `keep` tokens on the stack; the first
    `push` tokens stay there.
    """

    keep: int
    push: int
    ids: Ids
    positions: Ids
    tiles: tuple[Tile, ...]
    reads: tuple[Read, ...]

    @property
    def height(self) -> int:
        """Keys that are in memory during the step."""
        return self.keep + len(self.ids)

    @property
    def pairs(self) -> int:
        return sum(tile.pairs for tile in self.tiles)


def plan(sequences: Sequence[Scored], limits: Limits, known: Ids | None = None) -> list[Step]:
    """Steps that compute each distinct prefix of the sequences once, the longest first.

    Sequences are known by their index; each target token of each is read exactly once.

    Args:
        known: tokens that are on the stack already, at least one: what sequences begin with of
            these is not computed. They stay there if no step pushes.
    """
    if known is None:
        walk, todo = _Walk(sequences, limits), [tree(sequences)]
    else:
        walk, todo = _Walk(sequences, limits, len(known)), []
        for node, at in _leaving(sequences, known):
            if walk.fits(node):
                walk.hang([node], at, len(known))
            else:
                todo.append(node)  # the stack is cut back where it begins: the last goes first
        walk.turn(len(known))
    while todo:
        node = todo.pop()
        walk.climb(node)
        walk.hang([child for child in node.children if walk.fits(child)], node.end)
        todo += [child for child in reversed(node.children) if not walk.fits(child)]
    walk.close()
    return walk.steps


def _leaving(sequences: Sequence[Scored], known: Ids) -> list[tuple[Node, int]]:
    """Subtrees that leave the path `known`, and after how many of its tokens, in this order."""
    everything = [*sequences, _unread(known)]
    node = tree(everything)
    found: list[tuple[Node, int]] = []
    while True:
        on = None
        for child in node.children:
            first = everything[child.sequence].ids[child.start]
            if node.end < len(known) and first == known[node.end]:
                on = child
            else:
                found.append((child, node.end))
        if on is None:
            return found
        if on.read_by:  # what a token foretells is not known: it must run
            return _leaving(sequences, known[: on.read_from])
        node = on


def _unread(ids: Ids) -> Scored:
    """A sequence that all of `ids` are fed of, and none of them foretells anything."""
    return Scored(np.append(ids, 0), len(ids) + 1)


def plan_context(context: Ids, limits: Limits) -> list[Step]:
    """Steps after which all of the context is on the stack."""
    return [replace(step, push=len(step.ids)) for step in plan([_unread(context)], limits)]


def plan_cached(
    context: Ids, tails: Sequence[Scored], kept: NDArray[np.bool_], limits: Limits, room: int
) -> list[Step]:
    """Steps for attention ablation: all tails once for each mask, over the context, which is on
    the stack.

    Args:
        context: `int64[n]`, what stands before every tail.
        tails: sequences that follow the context. Those of mask i are numbers
            `i * len(tails) ...` of the reads.
        kept: `bool[n_masks, n]`, the tokens of the context that mask i lets the tails see.
        room: how many elements a mask of one step may have.
    """
    n, steps = len(context), []
    block = _Row(tails, tree(tails).children, 0)
    shown = np.flatnonzero(~kept.all(axis=0))
    low, high = (int(shown[0]), int(shown[-1]) + 1) if len(shown) else (n, n)
    size, reads = len(block.ids), sum(read.count for read in block.reads)
    wide = room // (high - low + 1)  # how many rows may be masked at once
    fit = min(limits.tokens // size, limits.reads // max(1, reads), wide // size)
    if not fit:  # a step cannot hold the tails of one mask
        some = plan(tails, replace(limits, tokens=max(1, min(limits.tokens, wide))))
        return [
            _over(step, n, kept[i : i + 1], (low, high), i * len(tails))
            for i in range(len(kept))
            for step in some
        ]
    for first in range(0, len(kept), fit):
        count = len(kept[first : first + fit])
        ids, positions = np.tile(block.ids, count), np.tile(block.positions, count)
        own = [_moved(tile, i * size, 0) for i in range(count) for tile in block.tiles]
        tiles = _cheapest(own, limits.call)
        read = [
            Read(r.sequence + i * len(tails), r.offset, r.row + i * size, r.count)
            for i in range(count)
            for r in block.reads
        ]
        step = Step(0, 0, ids, positions, tuple(tiles), tuple(read))
        steps.append(_over(step, n, kept[first : first + fit], (low, high), first * len(tails)))
    return steps


def _over(step: Step, n: int, kept: NDArray[np.bool_], masked: Span, sequence: int) -> Step:
    """The step with `n` tokens of context under its stack. Of those in `masked`, the i-th of
    `len(kept)` equal blocks of rows sees `kept[i]`; of the others, all. Its reads are for the
    sequences from `sequence` on.
    """
    (low, high), rows = masked, (0, len(step.ids))
    tiles = [Tile(rows, keys) for keys in ((0, low), (high, n)) if keys[0] < keys[1]]
    if low < high:
        tiles.append(Tile(rows, (low, high), kept=kept[:, low:high]))
    tiles += [_moved(tile, 0, n) for tile in step.tiles]
    reads = tuple(replace(read, sequence=read.sequence + sequence) for read in step.reads)
    return Step(n + step.keep, step.push, step.ids, step.positions + n, tuple(tiles), reads)


class _Row:
    """Subtrees laid out one after the other, parents before children. Rows count from `offset`;
    so do the keys of its tiles, which are the row's own.
    """

    def __init__(self, sequences: Sequence[Scored], trees: Sequence[Node], offset: int) -> None:
        ids, positions = [], []
        self.tiles: list[Tile] = []
        self.reads: list[Read] = []
        for node in (node for top in trees for node in top.below()):
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
    sequences: Sequence[Scored], node: Node, start: int, end: int, row: int
) -> Iterator[Read]:
    """What tokens `[start, end)` of the node, at row `row`, foretell."""
    for index in node.read_by:
        first = sequences[index].first - 1
        low = max(start, first)
        if low < end:
            yield Read(index, low - first, row + low - start, end - low)


def _moved(tile: Tile, rows: int, keys: int) -> Tile:
    """The tile with its rows, and its keys which are rows, moved on; `keys` lie on the stack."""
    (top, bottom), (left, right) = tile.rows, tile.keys
    return replace(
        tile,
        rows=(top + rows, bottom + rows),
        keys=(left + rows + keys, right + rows + keys),
        parts=tuple(_moved(part, rows, keys) for part in tile.parts),
    )


class _Walk:
    """The open step, and the steps that are closed."""

    def __init__(self, sequences: Sequence[Scored], limits: Limits, known: int = 0) -> None:
        self.sequences, self.limits = sequences, limits
        self.steps: list[Step] = []
        self._open(known)

    def _open(self, keep: int) -> None:
        self.keep = self.depth = keep
        self.path: list[tuple[Node, int, int]] = []  # pieces of nodes that are pushed
        self.hanging: list[tuple[int, Node]] = []  # (where on the path, subtree)
        self.tokens = self.reads = 0

    def fits(self, node: Node) -> bool:
        """Whether the whole subtree can stand in one step."""
        return node.tokens <= self.limits.tokens and node.reads <= self.limits.reads

    def climb(self, node: Node) -> None:
        """Push the node's tokens; the stack is cut back to where the node begins."""
        start = node.start
        if self.depth != start:
            self.turn(start)
        while start < node.end:
            room, read_room = self.limits.tokens - self.tokens, self.limits.reads - self.reads
            end = min(node.end, start + room, max(start, node.read_from) + read_room)
            if end <= start:
                self.turn(start)
                continue
            self.path.append((node, start, end))
            self.tokens += end - start
            self.reads += max(0, end - max(start, node.read_from))
            self.depth = start = end

    def hang(self, trees: Sequence[Node], at: int, keep: int | None = None) -> None:
        """Pack subtrees that begin after `at` tokens of the stack, or of the path if that is where
        it now ends; a new step keeps these, or `keep`.
        """
        for top in trees:
            full = self.tokens + top.tokens > self.limits.tokens
            if full or self.reads + top.reads > self.limits.reads:
                self.turn(at if keep is None else keep)
            self.hanging.append((at, top))
            self.tokens += top.tokens
            self.reads += top.reads

    def turn(self, keep: int) -> None:
        """The open step is done; the next begins on `keep` tokens of the stack."""
        self.close()
        self._open(keep)

    def close(self) -> None:
        """The open step is done, if anything is in it."""
        if not self.tokens:
            return
        keep, push = self.keep, self.depth - self.keep
        ids = [self.sequences[node.sequence].ids[a:b] for node, a, b in self.path]
        positions = [np.arange(keep, self.depth)]
        reads = [r for n, a, b in self.path for r in _reads(self.sequences, n, a, b, a - keep)]
        # All rows see the whole stack, or each tree so much as it begins with.
        whole = all(at >= keep for at, _ in self.hanging)
        tiles = [Tile((0, self.tokens), (0, keep))] if keep and whole else []
        if push:
            tiles.append(Tile((0, push), (keep, self.depth), causal=True))
        own: list[Tile] = []
        row = push
        while self.hanging:
            at = self.hanging[0][0]
            trees = [top for where, top in self.hanging if where == at]
            del self.hanging[: len(trees)]
            packed = _Row(self.sequences, trees, row)
            low = keep if whole else 0
            if at > low:
                tiles.append(Tile((row, row + len(packed.ids)), (low, at)))
            own += [_moved(tile, 0, keep) for tile in packed.tiles]
            reads += packed.reads
            ids.append(packed.ids)
            positions.append(packed.positions)
            row += len(packed.ids)
        tiles += _cheapest(own, self.limits.call)
        row_ids, row_positions = np.concatenate(ids), np.concatenate(positions)
        step = Step(keep, push, row_ids, row_positions, tuple(tiles), tuple(reads))
        self.steps.append(step)


def _cheapest(own: list[Tile], call: int) -> list[Tile]:
    """Many small calls, or one masked call over all their rows: whichever costs less."""
    if len(own) < 2:
        return own
    rows = min(t.rows[0] for t in own), max(t.rows[1] for t in own)
    keys = min(t.keys[0] for t in own), max(t.keys[1] for t in own)
    block = Tile(rows, keys, parts=tuple(own))
    apart = sum(tile.pairs for tile in own) + (len(own) - 1) * call
    return [block] if block.area < apart else own
