"""pytest tests/models/test_schedule.py

Steps are executed on paper: a stack of prefixes in place of keys and values, and the tiles as
plain matrices of what each row sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from focus_lime.models.prefixes import Scored, tree
from focus_lime.models.schedule import Limits, Step, plan, plan_cached, plan_context
from focus_lime.perturb.masks import bernoulli

Path = tuple[int, ...]

SETTINGS = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@st.composite
def scored(draw: st.DrawFn, longest: int = 14) -> list[Scored]:
    """Sequences over two or three tokens, so that they share, repeat and contain one another."""
    token = st.integers(0, draw(st.integers(1, 2)))
    prefix = draw(st.lists(token, max_size=longest))
    prompts = draw(st.lists(st.lists(token, max_size=longest), min_size=1, max_size=5))
    tails = st.lists(st.lists(token, min_size=1, max_size=4), min_size=1, max_size=3)
    common = draw(tails)
    found = []
    for prompt in prompts:
        before = prefix + prompt or [0]
        for tail in common if draw(st.booleans()) else draw(tails):
            found.append(Scored(np.array(before + tail), len(before)))
    again = draw(st.lists(st.integers(0, len(found) - 1), max_size=3))
    return draw(st.permutations(found + [found[i] for i in again]))


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


def trie(sequences: Sequence[Scored]) -> set[Path]:
    """All distinct prefixes of what is fed."""
    fed = [tuple(s.fed.tolist()) for s in sequences]
    return {path[:n] for path in fed for n in range(1, len(path) + 1)}


def check(
    sequences: Sequence[Scored], steps: Sequence[Step], bounds: Limits, known: Path = ()
) -> None:
    rows = execute(steps, known)
    everything = [path for some in rows for path in some]
    free = {known[: i + 1] for i in range(len(known))}
    for s in sequences:  # but what foretells a target, and what follows it
        read = tuple(s.ids[: s.first].tolist())
        free = {path for path in free if path[: len(read)] != read}
    assert sorted(everything) == sorted(trie(sequences) - free)
    read: list[tuple[int, int]] = []
    for step, paths in zip(steps, rows, strict=True):
        assert 0 < len(paths) <= bounds.tokens
        assert len({r.row + i for r in step.reads for i in range(r.count)}) <= bounds.reads
        assert step.pairs == seen(step).sum() == sum(map(len, paths))
        for r in step.reads:
            assert r.count > 0
            s = sequences[r.sequence]
            for i in range(r.count):
                assert paths[r.row + i] == tuple(s.ids[: s.first + r.offset + i].tolist())
                read.append((r.sequence, r.offset + i))
    asked = [(i, at) for i, s in enumerate(sequences) for at in range(len(s.ids) - s.first)]
    assert sorted(read) == asked


@SETTINGS
@given(scored(), limits)
def test_every_token_runs_once_and_sees_its_own_prefix(
    sequences: list[Scored], bounds: Limits
) -> None:
    check(sequences, plan(sequences, bounds), bounds)


@SETTINGS
@given(scored(), limits, st.data())
def test_what_is_known_of_a_sequence_is_not_run_again(
    sequences: list[Scored], bounds: Limits, data: st.DataObject
) -> None:
    known = list(data.draw(st.sampled_from(sequences)).ids)
    known = known[: data.draw(st.integers(1, len(known)))]
    known += data.draw(st.lists(st.integers(0, 2), max_size=6))
    steps = plan(sequences, bounds, np.array(known))
    check(sequences, steps, bounds, tuple(map(int, known)))


@SETTINGS
@given(scored())
def test_the_tree_counts_what_is_below(sequences: list[Scored]) -> None:
    root = tree(sequences)
    assert root.tokens == len(trie(sequences))
    reads = {tuple(s.ids[:n].tolist()) for s in sequences for n in range(s.first, len(s.ids))}
    assert root.reads == len(reads)
    ends = [index for node in root.below() for index in node.ends]
    assert sorted(ends) == list(range(len(sequences)))
    for node in root.below():
        assert node.parent is None or node.parent.end == node.start < node.end
        assert [c.tokens for c in node.children] == sorted(c.tokens for c in node.children)[::-1]


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
    tails = [Scored(np.array(rest + tail), len(rest)) for tail in continuations]
    reading = plan_context(np.array(context), bounds)
    assert list(chain(*execute(reading))) == [tuple(context[: i + 1]) for i in range(n)]
    assert reading[-1].keep + reading[-1].push == n  # the stack that the tails read
    assert not any(step.reads for step in reading)
    steps = plan_cached(np.array(context), tails, kept, bounds, room)
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


# -- 32 units of 5 tokens, a question of 3, a response of 4 whose last token is never run ---------

UNITS = [np.arange(5 * i, 5 * i + 5) for i in range(32)]
QUESTION, RESPONSE = np.arange(200, 203), np.arange(210, 214)
ALL = np.ones((1, 32), dtype=bool)


def of(masks: np.ndarray) -> list[Scored]:
    found = []
    for mask in masks:
        prompt = np.concatenate([*(UNITS[i] for i in np.flatnonzero(mask)), QUESTION])
        found.append(Scored(np.append(prompt, RESPONSE), len(prompt)))
    return found


def bound(masks: np.ndarray) -> int:
    """The first mask whole, and of each other what follows its first change."""
    first = masks.argmin(axis=1)  # the first dropped unit
    after = [5 * mask[start:].sum() + 6 for mask, start in zip(masks, first, strict=True)]
    return int(5 * 32 + 6 + sum(after))


@pytest.mark.parametrize("bounds", [Limits(2048, 512), Limits(64, 8, 100), Limits(1, 1)])
def test_single_drops_cost_what_follows_them(bounds: Limits) -> None:
    masks = ~np.eye(32, dtype=bool)
    sequences = of(np.vstack([ALL, masks]))
    steps = plan(sequences, bounds)
    check(sequences, steps, bounds)
    cost = sum(len(step.ids) for step in steps)
    assert cost == bound(masks) == 166 + sum(5 * (31 - i) + 6 for i in range(32)) == 2838
    assert sum(len(sequence.ids) for sequence in sequences) == 167 + 32 * 162


@pytest.mark.parametrize("bounds", [Limits(2048, 512), Limits(200, 16, 1000)])
def test_random_masks_cost_each_kept_prefix_once(bounds: Limits) -> None:
    masks = bernoulli(32, 24, seed=0)
    sequences = of(np.vstack([ALL, masks]))
    steps = plan(sequences, bounds)
    check(sequences, steps, bounds)
    chosen = [tuple(np.flatnonzero(mask)) for mask in np.vstack([ALL, masks])]
    prefixes = {kept[:n] for kept in chosen for n in range(1, len(kept) + 1)}
    cost = sum(len(step.ids) for step in steps)
    assert cost == 5 * len(prefixes) + 6 * len(set(chosen)) <= bound(masks)


def test_cached_masks_cost_the_context_once_and_the_tail_each() -> None:
    masks = np.vstack([bernoulli(32, 24, seed=0), ~np.eye(32, dtype=bool)])
    steps = plan_cached(
        np.concatenate(UNITS),
        [Scored(np.append(QUESTION, RESPONSE), 3)],
        np.repeat(masks, 5, axis=1),
        Limits(100, 50),
        1 << 20,
    )
    assert [len(step.ids) for step in steps] == [72, 72, 72, 72, 48]  # 12 masks: 48 reads
