"""pytest tests/models/kernel/test_schedule.py"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from focus_lime.method.masks import bernoulli
from focus_lime.models.kernel.prefixes import TokenSequence
from focus_lime.models.kernel.schedule import plan
from focus_lime.models.kernel.steps import Limits, Step
from tests.models.kernel.paper import SETTINGS, Path, execute, limits, scored, seen, trie


def check(
    sequences: Sequence[TokenSequence], steps: Sequence[Step], bounds: Limits, known: Path = ()
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
    sequences: list[TokenSequence], bounds: Limits
) -> None:
    check(sequences, plan(sequences, bounds), bounds)


@SETTINGS
@given(scored(), limits, st.data())
def test_what_is_known_of_a_sequence_is_not_run_again(
    sequences: list[TokenSequence], bounds: Limits, data: st.DataObject
) -> None:
    known = list(data.draw(st.sampled_from(sequences)).ids)
    known = known[: data.draw(st.integers(1, len(known)))]
    known += data.draw(st.lists(st.integers(0, 2), max_size=6))
    steps = plan(sequences, bounds, np.array(known))
    check(sequences, steps, bounds, tuple(map(int, known)))


# -- 32 units of 5 tokens, a question of 3, a response of 4 whose last token is never run ---------

UNITS = [np.arange(5 * i, 5 * i + 5) for i in range(32)]
QUESTION, RESPONSE = np.arange(200, 203), np.arange(210, 214)
ALL = np.ones((1, 32), dtype=bool)


def of(masks: np.ndarray) -> list[TokenSequence]:
    sequences = []
    for mask in masks:
        prompt = np.concatenate([*(UNITS[i] for i in np.flatnonzero(mask)), QUESTION])
        sequences.append(TokenSequence(np.append(prompt, RESPONSE), len(prompt)))
    return sequences


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
