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


def moved(kept: np.ndarray, ahead: int, place: int) -> int:
    """Where a token that is read anew stands: it moves up by what is dropped before it, back to the
    last token that stays as it was.
    """
    gone = 0
    for t in range(place - 1, -1, -1):
        if kept[t] and kept[max(0, t - ahead) : t].all():
            break
        gone += not kept[t]
    return place - gone


@SETTINGS
@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=12),
    st.lists(st.integers(0, 2), min_size=1, max_size=4),
    st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=4), min_size=1, max_size=3),
    st.integers(1, 6),
    st.randoms(use_true_random=False),
    limits,
    st.integers(1, 300),
    st.integers(0, 4),
)
def test_cached_tails_see_what_their_mask_keeps(
    context: list[int],
    rest: list[int],
    continuations: list[list[int]],
    n_masks: int,
    random: object,
    bounds: Limits,
    room: int,
    ahead: int,
) -> None:
    """What is read anew sees what is kept before it: cached, or read anew itself."""
    n = len(context)
    keep = random.choice([0.0, 0.3, 0.9, 1.0])  # type: ignore[attr-defined]
    kept = np.array([[random.random() < keep for _ in range(n)] for _ in range(n_masks)])  # type: ignore[attr-defined]
    tails = [TokenSequence(np.array(rest + tail), len(rest)) for tail in continuations]
    reading = plan_context(np.array(context), bounds)
    assert list(chain(*execute(reading))) == [tuple(context[: i + 1]) for i in range(n)]
    assert reading[-1].keep + reading[-1].push == n  # the stack that the tails read
    assert not any(step.reads for step in reading)
    steps = plan_ablation(np.array(context), tails, kept, ahead, bounds, room)
    whole = trie(tails)
    anew = [
        [t for t in range(n) if mask[t] and not mask[max(0, t - ahead) : t].all()] for mask in kept
    ]
    # One mask after the other, each whole: what is read anew, then the tails.
    of_rows = [
        (mask, place) for mask in range(n_masks) for place in [*anew[mask], *[None] * len(whole)]
    ]
    assert sum(len(step.ids) for step in steps) == len(of_rows)
    read: list[tuple[int, int]] = []
    seen_by: list[list[Path]] = [[] for _ in kept]
    # (mask, what follows the context), or (mask, place in the context) of what is read anew
    stack: list[tuple[int, Path | int]] = []
    rows = 0
    for step in steps:
        assert n <= step.keep <= n + len(stack)
        assert len(step.ids) <= bounds.tokens
        assert len({r.row + i for r in step.reads for i in range(r.count)}) <= bounds.reads
        keys = stack[: step.keep - n]
        count = seen(step)
        for row, token in enumerate(step.ids.tolist()):
            mask, place = of_rows[rows]
            rows += 1
            cached = kept[mask].copy()
            cached[anew[mask]] = False
            if place is not None:
                cached[place:] = False
            assert count[row, :n].tolist() == cached.astype(int).tolist()
            assert count[row, step.keep + row] == 1
            assert not count[row, step.keep + row + 1 :].any()
            above = count[row, n : n + len(keys)]
            visible = [keys[i] for i in np.repeat(np.arange(len(keys)), above)]
            again = [key for _, key in visible if isinstance(key, int)]
            assert all(of == mask for of, _ in visible)
            earlier = [t for t in anew[mask] if place is None or t < place]
            assert again == earlier
            assert step.key_positions[step.keep + row] == step.positions[row]
            stacked = step.key_positions[n : n + len(keys)]
            assert [stacked[i] for i, (_, key) in enumerate(keys) if isinstance(key, int)] == [
                moved(kept[of], ahead, key) for of, key in keys if isinstance(key, int)
            ]
            if place is not None:
                assert len(visible) == len(again)
                assert token == context[place]
                assert step.positions[row] == moved(kept[mask], ahead, place)
                keys.append((mask, place))
                continue
            paths = [key for _, key in visible if not isinstance(key, int)]
            path = (*max(paths, key=len, default=()), token)
            assert sorted(paths, key=len) == [path[:i] for i in range(1, len(path))]
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
    context, kept = np.arange(160), np.repeat(masks, 5, axis=1)
    steps = plan_ablation(context, [tail], kept, 0, Limits(100, 50), 1 << 20)
    assert [len(step.ids) for step in steps] == [72, 72, 72, 72, 48]  # 12 masks: 48 reads
