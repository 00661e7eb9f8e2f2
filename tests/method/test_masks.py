"""pytest tests/perturb/test_masks.py"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lime.lime_text import LimeTextExplainer

from focus_lime.errors import FocusLimeError
from focus_lime.method import masks as m

PARENTS = np.repeat([0, 1, 2], 20)
DESIGNS: dict[str, Callable[[int, int, int], m.Masks]] = {
    "bernoulli": lambda n, k, s: m.bernoulli(n, k, s, keep=0.7),
    "near_full": lambda n, k, s: m.near_full(n, k, s, most_dropped=2),
    "uniform_size": m.uniform_size,
    "antithetic": m.antithetic,
    "shapley": m.shapley,
    "local": m.local,
    "within_tree": lambda n, k, s: m.within_tree(
        np.arange(n) // 3, k, s, keep_parent=0.7, keep=0.7
    ),
}
NEAR = {"near_full", "local"}  # they may have fewer masks than are asked for


@pytest.mark.parametrize("name", sorted(DESIGNS))
@given(n_units=st.integers(1, 40), n_masks=st.integers(1, 60), seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_masks_are_distinct_and_a_longer_run_extends_a_shorter_one(
    name: str, n_units: int, n_masks: int, seed: int
) -> None:
    design = DESIGNS[name]
    masks = design(n_units, n_masks, seed)
    assert masks.dtype == bool
    assert masks.shape[1] == n_units
    assert len(np.unique(masks, axis=0)) == len(masks) <= n_masks
    longer = design(n_units, n_masks + 9, seed)
    # Of all masks but one (in pairs: of all) the order is another.
    if len(masks) == n_masks and len(longer) < 2**n_units - 1:
        np.testing.assert_array_equal(longer[:n_masks], masks)
    if name not in (*NEAR, "antithetic") and 2**n_units > n_masks:
        assert len(masks) == n_masks


@pytest.mark.parametrize("name", sorted(DESIGNS.keys() - {"local"}))
def test_all_masks_are_enumerated_when_they_fit(name: str) -> None:
    found = {tuple(row) for row in DESIGNS[name](4, 16, 0).tolist()}
    assert found == set(product([True, False], repeat=4))


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_the_seed_decides(name: str) -> None:
    design = DESIGNS[name]
    np.testing.assert_array_equal(design(20, 30, 5), design(20, 30, 5))
    assert (design(20, 30, 5) != design(20, 30, 6)).any()


def test_nested_drops_grow_by_one_in_the_given_order() -> None:
    expected = [[True, True, False], [False, True, False], [False, False, False]]
    assert m.nested_drops(3, [2, 0, 1]).tolist() == expected
    assert m.nested_drops(3, []).shape == (0, 3)


def test_bernoulli_keeps_the_share_it_was_told() -> None:
    assert m.bernoulli(50, 400, 0, keep=0.8).mean() == pytest.approx(0.8, abs=0.01)


def test_local_masks_drop_a_few_and_every_unit_about_as_often() -> None:
    for n, most in ((30, 2), (80, 2), (200, 5)):
        masks = m.local(n, 2 * n, 0)
        assert set((~masks).sum(axis=1).tolist()) == set(range(1, most + 1))
        times = (~masks).sum(axis=0)  # about 3, of up to five dropped 6
        assert times.min() >= 2
        assert times.max() - times.min() <= 2


def test_local_masks_of_few_units_are_all_that_there_are() -> None:
    masks = m.local(8, 256, 3)
    assert len(masks) == len(np.unique(masks, axis=0)) == 8 + 28
    assert set((~masks).sum(axis=1).tolist()) == {1, 2}
    assert m.local(1, 4, 0).tolist() == [[False]]
    assert m.local(2, 4, 0).all(axis=1).sum() == 0


def test_near_full_drops_a_few_and_never_none() -> None:
    dropped = (~m.near_full(30, 200, 0, most_dropped=3)).sum(axis=1)
    assert set(dropped.tolist()) == {1, 2, 3}


def test_near_full_gives_what_there_is() -> None:
    masks = m.near_full(10, 500, 0, most_dropped=1)
    assert len(np.unique(masks, axis=0)) == len(masks)


def test_uniform_size_spreads_over_all_sizes() -> None:
    counts = np.bincount((~m.uniform_size(60, 2400, 0)).sum(axis=1), minlength=61)[1:60]
    assert counts.min() > 15  # 40 expected
    assert counts.max() < 75


def test_antithetic_pairs_are_complements() -> None:
    masks = m.antithetic(15, 40, 0)
    np.testing.assert_array_equal(masks[::2], ~masks[1::2])


def test_shapley_sizes_follow_the_kernel() -> None:
    n = 6
    sizes = (~m.shapley(n, 40, 0)).sum(axis=1)
    assert sizes.min() >= 1
    assert sizes.max() <= n - 1
    totals = [
        m.shapley_weight(n, kept) * len([x for x in product([0, 1], repeat=n) if sum(x) == kept])
        for kept in range(1, n)
    ]
    assert totals == pytest.approx([(n - 1) / (k * (n - k)) for k in range(1, n)])
    assert m.shapley_weight(n, 0) == m.shapley_weight(n, n) == float("inf")


def test_a_dropped_parent_takes_its_leaves_and_leaves_go_only_inside_kept_ones() -> None:
    masks = m.within_tree(PARENTS, 300, 0, keep_parent=0.5, keep=0.9)
    whole = np.stack([~masks[:, p == PARENTS].any(axis=1) for p in range(3)], axis=1)
    assert whole[:, 2].mean() == pytest.approx(0.5, abs=0.1)  # twenty leaves never go by chance
    inside = masks[~whole[:, 2]][:, PARENTS == 2]
    assert inside.mean() == pytest.approx(0.9, abs=0.05)


def test_lime_kernel_is_that_of_the_lime_package() -> None:
    masks = m.uniform_size(9, 20, 1)
    kernel = LimeTextExplainer().base.kernel_fn
    cosine = 1 - masks.sum(axis=1) / np.sqrt(9 * masks.sum(axis=1).clip(min=1))
    np.testing.assert_allclose(m.lime_kernel(masks), kernel(cosine * 100), rtol=1e-12)


@pytest.mark.parametrize("keep", [0.0, -1.0, 1.5, float("nan")])
def test_a_probability_that_is_none_is_an_error(keep: float) -> None:
    with pytest.raises(FocusLimeError, match="probability"):
        m.bernoulli(5, 5, 0, keep=keep)


def test_no_masks_is_an_error() -> None:
    with pytest.raises(FocusLimeError, match="cannot design 0 masks"):
        m.bernoulli(5, 0, 0)


@given(st.integers(1, 40), st.integers(1, 120), st.integers(0, 3))
def test_alone_and_local_holds_no_single_drop_out(n_units: int, n_masks: int, seed: int) -> None:
    masks = m.alone_and_local(n_units, n_masks, seed, apart=5)
    assert len(masks) <= n_masks
    assert len(np.unique(masks, axis=0)) == len(masks)
    dropped = (~masks).sum(axis=1)
    assert dropped.min(initial=1) >= 1
    if n_masks >= 2 * n_units and n_units > 3:
        assert (dropped == 1).sum() == n_units
        fitted = masks[np.arange(len(masks)) % 5 != 4]
        assert ((~fitted).sum(axis=1) == 1).sum() == n_units
