"""pytest tests/models/kernel/test_windows.py"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from focus_lime.models.kernel.steps import Tile
from focus_lime.models.kernel.windows import parts
from tests.models.kernel.paper import SETTINGS


def covered(
    tile: Tile, window: int | None, positions: np.ndarray, keep: int
) -> tuple[np.ndarray, int]:
    """How often each pair `[row, key]` is in a part, and how many keys the parts read."""
    count = np.zeros((len(positions) - keep, len(positions)), dtype=int)
    columns = 0
    for rows, keys, causal, visible in parts(tile, window, positions, keep):
        shape = rows[1] - rows[0], keys[1] - keys[0]
        assert min(shape) > 0
        mask = np.tri(*shape, dtype=bool) if causal else visible
        count[slice(*rows), slice(*keys)] += 1 if mask is None else mask
        columns += shape[1]
    return count, columns


@SETTINGS
@given(st.integers(0, 9), st.integers(1, 9), st.integers(1, 20), st.data())
def test_a_tile_loses_exactly_the_pairs_that_are_too_far_apart(
    keep: int, n_rows: int, window: int, data: st.DataObject
) -> None:
    positions = np.arange(keep + n_rows)
    kind = data.draw(st.sampled_from(["all", "causal", "kept"] if keep else ["causal"]))
    if kind == "causal":
        tile = Tile((0, n_rows), (keep, keep + n_rows), causal=True)
    elif kind == "all":
        tile = Tile((0, n_rows), (0, keep))
    else:
        kept = data.draw(st.lists(st.booleans(), min_size=keep, max_size=keep))
        tile = Tile((0, n_rows), (0, keep), kept=np.array([kept]), sizes=(n_rows,))
    expected = np.zeros((n_rows, keep + n_rows), dtype=int)
    for row in range(n_rows):
        for key in range(*tile.keys):
            before = kind != "causal" or key - keep <= row
            shown = kind != "kept" or kept[key]
            expected[row, key] = before and shown and positions[keep + row] - key < window
    np.testing.assert_array_equal(covered(tile, window, positions, keep)[0], expected)


@pytest.mark.parametrize("window", [None, 5, 700, 2000])
def test_long_tiles_are_taken_in_blocks_that_read_near_keys_only(window: int | None) -> None:
    keep, n_rows = 1000, 600
    positions = np.arange(keep + n_rows)
    count, columns = covered(Tile((0, n_rows), (0, keep)), window, positions, keep)
    apart = keep + np.arange(n_rows)[:, None] - np.arange(keep)
    expected = apart < window if window else np.ones_like(apart, dtype=bool)
    np.testing.assert_array_equal(count[:, :keep], expected)
    assert columns <= (3 * (window + 256) if window == 5 else 3 * keep)
