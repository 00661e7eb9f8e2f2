"""Steps executed on paper: a stack of prefixes in place of keys and values, and the tiles as plain
matrices of what each row sees.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from focus_lime.models.kernel.prefixes import TokenSequence
from focus_lime.models.kernel.steps import Limits, Step

Path = tuple[int, ...]

SETTINGS = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@st.composite
def scored(draw: st.DrawFn, longest: int = 14) -> list[TokenSequence]:
    """Sequences over two or three tokens, so that they share, repeat and contain one another."""
    token = st.integers(0, draw(st.integers(1, 2)))
    prefix = draw(st.lists(token, max_size=longest))
    prompts = draw(st.lists(st.lists(token, max_size=longest), min_size=1, max_size=5))
    tails = st.lists(st.lists(token, min_size=1, max_size=4), min_size=1, max_size=3)
    common = draw(tails)
    sequences = []
    for prompt in prompts:
        before = prefix + prompt or [0]
        for tail in common if draw(st.booleans()) else draw(tails):
            sequences.append(TokenSequence(np.array(before + tail), len(before)))
    again = draw(st.lists(st.integers(0, len(sequences) - 1), max_size=3))
    return draw(st.permutations(sequences + [sequences[i] for i in again]))


limits = st.builds(
    Limits,
    tokens=st.integers(1, 60),
    reads=st.integers(1, 20),
    call=st.sampled_from([0, 1, 7, 50, 10**9]),
)


def seen(step: Step) -> np.ndarray:
    """How often each row sees each key, `int[rows, keys]`, from the tiles."""
    count = np.zeros((len(step.ids), step.height), dtype=int)
    for tile in step.tiles:
        (top, bottom), (left, right) = tile.rows, tile.keys
        assert 0 <= top < bottom <= len(step.ids)
        assert 0 <= left < right <= step.height
        mask = tile.mask()
        count[top:bottom, left:right] += 1 if mask is None else mask
    return count


def execute(steps: Sequence[Step], known: Path = ()) -> list[list[Path]]:
    """The prefix that each row of each step stands for, checked against all that it sees; the
    prefixes of `known` are on the stack from the beginning.
    """
    stack: list[Path] = [known[: i + 1] for i in range(len(known))]
    rows: list[list[Path]] = []
    for step in steps:
        assert step.keep <= len(stack)
        keys = stack[: step.keep]
        count = seen(step)
        assert len(step.positions) == len(step.ids)
        for row, token in enumerate(step.ids.tolist()):
            assert count[row, step.keep + row] == 1
            assert not count[row, step.keep + row + 1 :].any()  # what is not there yet
            visible = [keys[i] for i in np.repeat(np.arange(len(keys)), count[row, : len(keys)])]
            path = (*max(visible, key=len, default=()), token)
            # Exactly its ancestors, each once, wherever they lie.
            assert sorted(visible, key=len) == [path[:n] for n in range(1, len(path))]
            assert step.positions[row] == len(path) - 1
            keys.append(path)
        rows.append(keys[step.keep :])
        stack = keys[: step.keep + step.push]
    return rows


def trie(sequences: Sequence[TokenSequence]) -> set[Path]:
    """All distinct prefixes of what is fed."""
    fed = [tuple(s.fed.tolist()) for s in sequences]
    return {path[:n] for path in fed for n in range(1, len(path) + 1)}
