"""A step: one forward pass over one row of tokens, and what each of its queries sees.

A step runs over a *stack* of keys and values, which holds the path from the root of the prefix
tree to the current node:

    stack   |#################|                 `keep` tokens, kept from earlier steps
    pushed                    |####|            the next tokens of the path; they stay on the stack
    packed                         |##|###|#|   whole subtrees attached to the path, then discarded

A token sees the stack up to where its own path leaves it, and its ancestors in the row. `Tile`s
say which queries see which keys: disjoint rectangles and triangles that together cover each
visible pair once. All packed rows read the one stack, which is never copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from focus_lime.models.kernel.prefixes import Ids

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one step may hold.

    Attributes:
        tokens: most tokens of a row.
        reads: most rows whose logits are read.
        call: cost of one attention call beside its work, in pairs of query and key.
    """

    tokens: int
    reads: int
    call: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Which queries `rows` (of the step's row) see which `keys` (of the stack, then the row).

    Every query sees every key; or, if `causal`, query i sees the keys up to i; or the pairs that
    `parts` cover, computed as one masked call; or the i-th block of rows, `sizes[i]` of them, sees
    the keys where `kept[i]`.
    """

    rows: Span
    keys: Span
    causal: bool = False
    parts: tuple[Tile, ...] = ()
    kept: NDArray[np.bool_] | None = None
    sizes: tuple[int, ...] = ()

    @property
    def area(self) -> int:
        return (self.rows[1] - self.rows[0]) * (self.keys[1] - self.keys[0])

    @property
    def pairs(self) -> int:
        """Visible pairs of query and key. With `kept` all of them count, since all are computed."""
        if self.parts:
            return sum(part.pairs for part in self.parts)
        n = self.rows[1] - self.rows[0]
        return n * (n + 1) // 2 if self.causal else self.area

    def mask(self) -> NDArray[np.bool_] | None:
        """`bool[rows, keys]`, True = visible; None where every pair is."""
        (top, bottom), (left, right) = self.rows, self.keys
        if self.causal:
            return np.tri(bottom - top, dtype=bool)
        if self.kept is not None:
            return np.repeat(self.kept, self.sizes, axis=0)
        if not self.parts:
            return None
        visible = np.zeros((bottom - top, right - left), dtype=bool)
        for part in self.parts:
            inner = part.mask()
            rows = slice(part.rows[0] - top, part.rows[1] - top)
            columns = slice(part.keys[0] - left, part.keys[1] - left)
            visible[rows, columns] = True if inner is None else inner
        return visible

    def shifted(self, *, rows: int = 0, stack: int = 0) -> Tile:
        """The tile, where its row begins `rows` later and the stack is higher by `stack`."""
        (top, bottom), (left, right) = self.rows, self.keys
        return replace(
            self,
            rows=(top + rows, bottom + rows),
            keys=(left + rows + stack, right + rows + stack),
            parts=tuple(part.shifted(rows=rows, stack=stack) for part in self.parts),
        )


def cheapest(tiles: Sequence[Tile], call: int) -> list[Tile]:
    """The tiles as separate calls, or as one masked call over all their rows and keys, whichever
    costs less where a call costs `call` pairs.
    """
    if len(tiles) < 2:
        return list(tiles)
    rows = min(t.rows[0] for t in tiles), max(t.rows[1] for t in tiles)
    keys = min(t.keys[0] for t in tiles), max(t.keys[1] for t in tiles)
    block = Tile(rows, keys, parts=tuple(tiles))
    separate = sum(tile.pairs for tile in tiles) + (len(tiles) - 1) * call
    return [block] if block.area < separate else list(tiles)


@dataclass(frozen=True, slots=True)
class Read:
    """The logits of rows `[row, row + count)` predict the target tokens `[offset, offset + count)`
    of `sequence`.
    """

    sequence: int
    offset: int
    row: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One forward pass over `ids[q]` at `positions[q]`, with `keep` tokens on the stack; the first
    `push` tokens stay there.

    Attributes:
        stack_positions: of the tokens on the stack, where they are not 0, 1, 2, ...
    """

    keep: int
    push: int
    ids: Ids
    positions: Ids
    tiles: tuple[Tile, ...]
    reads: tuple[Read, ...]
    stack_positions: Ids | None = None

    @property
    def key_positions(self) -> Ids:
        """Of all keys: those on the stack, then the row's."""
        below = np.arange(self.keep) if self.stack_positions is None else self.stack_positions
        return np.concatenate([below, self.positions])

    @property
    def height(self) -> int:
        """Keys that are in memory during the step."""
        return self.keep + len(self.ids)

    @property
    def pairs(self) -> int:
        return sum(tile.pairs for tile in self.tiles)

    @property
    def rows_read(self) -> NDArray[np.int64]:
        """The rows whose logits are wanted, in order, each once."""
        rows = [np.arange(read.row, read.row + read.count) for read in self.reads]
        return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *rows]))
