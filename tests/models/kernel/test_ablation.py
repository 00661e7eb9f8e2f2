"""pytest tests/models/kernel/test_ablation.py"""

from __future__ import annotations

from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from focus_lime.method.masks import bernoulli
from focus_lime.models.kernel.ablation import plan_ablation
from focus_lime.models.kernel.prefixes import TokenSequence
from focus_lime.models.kernel.schedule import plan_context
from focus_lime.models.kernel.steps import Limits
from tests.models.kernel.paper import SETTINGS, Path, execute, limits, seen, trie


@SETTINGS
@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=12),
    st.lists(st.integers(0, 2), min_size=1, max_size=4),
    st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=4), min_size=1, max_size=3),
    st.integers(1, 6),
    st.randoms(use_true_random=False),
    limits,
    st.integers(1, 300),
)
def test_cached_tails_see_what_their_mask_keeps(
    context: list[int],
    rest: list[int],
    continuations: list[list[int]],
    n_masks: int,
    random: object,
    bounds: Limits,
    room: int,
) -> None:
    n = len(context)
    keep = random.choice([0.0, 0.3, 0.9, 1.0])  # type: ignore[attr-defined]
    kept = np.array([[random.random() < keep for _ in range(n)] for _ in range(n_masks)])  # type: ignore[attr-defined]
    tails = [TokenSequence(np.array(rest + tail), len(rest)) for tail in continuations]
    reading = plan_context(np.array(context), bounds)
    assert list(chain(*execute(reading))) == [tuple(context[: i + 1]) for i in range(n)]
    assert reading[-1].keep + reading[-1].push == n  # the stack that the tails read
    assert not any(step.reads for step in reading)
    steps = plan_ablation(tails, kept, bounds, room)
    size = len(trie(tails))
    assert sum(len(step.ids) for step in steps) == n_masks * size

    whole = trie(tails)
    read: list[tuple[int, int]] = []
    seen_by: list[list[Path]] = [[] for _ in kept]
    stack: list[tuple[int, Path]] = []  # (mask, what follows the context)
    rows = 0
    for step in steps:
        assert n <= step.keep <= n + len(stack)
        assert len(step.ids) <= bounds.tokens
        assert len({r.row + i for r in step.reads for i in range(r.count)}) <= bounds.reads
        keys = stack[: step.keep - n]
        count = seen(step)
        for row, token in enumerate(step.ids.tolist()):
            mask = rows // size  # one after the other, each whole
            rows += 1
            assert count[row, :n].tolist() == kept[mask].astype(int).tolist()
            assert count[row, step.keep + row] == 1
            assert not count[row, step.keep + row + 1 :].any()
            of_tail = count[row, n : n + len(keys)]
            visible = [keys[i] for i in np.repeat(np.arange(len(keys)), of_tail)]
            path = (*max((path for _, path in visible), key=len, default=()), token)
            ancestors = [(mask, path[:i]) for i in range(1, len(path))]
            assert sorted(visible, key=lambda key: len(key[1])) == ancestors
            assert step.positions[row] == n + len(path) - 1
            keys.append((mask, path))
            seen_by[mask].append(path)
        for r in step.reads:
            mask, index = divmod(r.sequence, len(tails))
            tail = tails[index]
            for i in range(r.count):
                before = tuple(tail.ids[: tail.first + r.offset + i].tolist())
                assert keys[step.keep - n + r.row + i] == (mask, before)
                read.append((r.sequence, r.offset + i))
        stack = keys[: step.keep - n + step.push]
    assert all(sorted(paths) == sorted(whole) for paths in seen_by)
    asked = [
        (m * len(tails) + i, at)
        for m in range(n_masks)
        for i, tail in enumerate(tails)
        for at in range(len(tail.ids) - tail.first)
    ]
    assert sorted(read) == asked


def test_as_many_masks_run_in_a_step_as_its_limits_allow() -> None:
    """Each of 56 masks runs a question of 3 tokens and a response of 4, whose last is never run."""
    masks = np.vstack([bernoulli(32, 24, seed=0), ~np.eye(32, dtype=bool)])
    tail = TokenSequence(np.arange(7), 3)
    steps = plan_ablation([tail], np.repeat(masks, 5, axis=1), Limits(100, 50), 1 << 20)
    assert [len(step.ids) for step in steps] == [72, 72, 72, 72, 48]  # 12 masks: 48 reads
