"""The part of a tile that a sliding window lets through."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from focus_lime.models.kernel.steps import Span, Tile

# Rows, keys, whether the pairs are a lower triangle, and which of them are visible (None: all).
Part = tuple[Span, Span, bool, NDArray[np.bool_] | None]

_ROWS = 256  # queries that are masked together


def parts(
    tile: Tile, window: int | None, positions: NDArray[np.int64], keep: int
) -> Iterator[Part]:
    """The pairs of a tile whose positions are less than `window` apart, without keys that no row
    sees; all of its pairs if there is no window.

    Args:
        positions: of all keys: those of the stack, `keep` tokens, then those of the step's rows.
    """
    (top, bottom), (left, right) = tile.rows, tile.keys
    key_positions, row_positions = positions[left:right], positions[keep + top : keep + bottom]
    if window is None or row_positions.max() - key_positions.min() < window:
        yield tile.rows, tile.keys, tile.causal, None if tile.causal else tile.mask()
        return
    mask = tile.mask()
    for first in range(0, bottom - top, _ROWS):
        queries = row_positions[first : first + _ROWS]
        rows = (top + first, top + first + len(queries))
        if mask is None:  # the keys are in order: outside every window, inside some, inside all
            edges = (queries.min() - window, queries.max() - window)
            low, high = (int(np.sum(key_positions <= edge)) for edge in edges)
            if left + high < right:
                yield rows, (left + high, right), False, None
            visible = queries[:, None] - key_positions[None, low:high] < window
        else:
            visible = queries[:, None] - key_positions[None, :] < window
            visible &= mask[first : first + len(queries)]
            columns = np.flatnonzero(visible.any(axis=0))
            low, high = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 0)
            visible = visible[:, low:high]
        if low < high:
            yield rows, (left + low, left + high), False, visible
