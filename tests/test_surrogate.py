"""pytest tests/test_surrogate.py

Oracles with known weights: linear, noisy and sparse.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.errors import FocusLimeError
from focus_lime.perturb.masks import bernoulli, enumerate_all, lime_kernel
from focus_lime.surrogate import fidelity, fit


@given(
    weights=st.lists(st.sampled_from([0.0, 0.0, 1.0, -2.0, 5.5]), min_size=1, max_size=12),
    shift=st.floats(-1e3, 1e3),
    kernel=st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_a_linear_function_is_recovered(weights: list[float], shift: float, kernel: bool) -> None:
    truth = np.array(weights)
    masks = bernoulli(len(truth), 60, seed=0)
    w = lime_kernel(masks) if kernel else None
    found = fit(masks, shift + masks @ truth, w, n_bootstrap=20)
    np.testing.assert_allclose(found.weights, truth, atol=1e-6)
    assert found.intercept == pytest.approx(shift, abs=1e-5)
    np.testing.assert_allclose(found.predict(masks), shift + masks @ truth, atol=1e-5)


def test_a_sparse_function_is_found_with_fewer_masks_than_units() -> None:
    rng = np.random.default_rng(0)
    truth = np.zeros(120)
    truth[[7, 40, 99]] = [4.0, -3.0, 2.0]
    masks = bernoulli(120, 80, seed=1)
    found = fit(masks, masks @ truth + rng.normal(0, 0.1, 80), n_bootstrap=20)
    assert set(np.argsort(-np.abs(found.weights))[:3]) == {7, 40, 99}
    np.testing.assert_allclose(found.weights[[7, 40, 99]], truth[[7, 40, 99]], atol=0.3)
    assert found.selected[[7, 40, 99]].min() == 1.0


def test_two_members_of_a_redundant_pair_are_both_missed_by_single_drops() -> None:
    masks = enumerate_all(4)
    found = fit(masks, (masks[:, 0] | masks[:, 1]).astype(float), n_bootstrap=0)
    assert found.weights[0] == pytest.approx(0.5)
    assert found.weights[1] == pytest.approx(0.5)


def test_weighted_least_squares_equals_repeated_masks() -> None:
    rng = np.random.default_rng(3)
    masks = bernoulli(5, 24, seed=2)
    values = masks @ np.array([3.0, -1.0, 2.0, 0.5, 4.0]) + rng.normal(0, 0.3, 24)
    counts = rng.integers(1, 4, 24)
    weighted = fit(masks, values, counts.astype(float), n_bootstrap=0)
    # The same units enter, so least squares on them must agree, however the penalty was chosen.
    repeated = np.repeat(masks, counts, axis=0), np.repeat(values, counts)
    support = weighted.weights != 0
    x = np.column_stack([np.ones(len(repeated[1])), repeated[0][:, support]])
    expected = np.linalg.lstsq(x, repeated[1], rcond=None)[0]
    np.testing.assert_allclose(weighted.weights[support], expected[1:], atol=1e-8)
    assert weighted.intercept == pytest.approx(expected[0])


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    truth = np.array([3.0, -2.0, 1.5, 0, 0, 0, 0, 0])
    inside = []
    for seed in range(25):
        masks = bernoulli(8, 64, seed)
        values = masks @ truth + rng.normal(0, 0.5, 64)
        found = fit(masks, values, n_bootstrap=60, seed=seed)
        inside.append((found.low <= truth) & (truth <= found.high))
    assert 0.8 <= np.mean(inside) <= 1.0
    assert (found.low <= found.weights).all()
    assert (found.weights <= found.high).all()


@pytest.mark.parametrize("values", [np.zeros(30), np.full(30, 1e8), np.full(30, -3.0) + 1e-12])
def test_values_that_do_not_move_give_zero_weights(values: np.ndarray) -> None:
    masks = bernoulli(6, 30, seed=0)
    found = fit(masks, values)
    assert (found.weights == 0).all()
    assert (found.low == 0).all()
    assert (found.high == 0).all()
    assert found.intercept == pytest.approx(values[0])
    report = fidelity(found, masks, values)
    assert (report.r2, report.spearman) == (None, None)


def test_one_unit_and_one_mask() -> None:
    found = fit(np.array([[True], [False]]), np.array([2.0, -1.0]))
    assert found.weights.tolist() == pytest.approx([3.0])
    assert fit(np.array([[True]]), np.array([2.0])).weights.tolist() == [0.0]


def test_the_seed_decides_all() -> None:
    masks = bernoulli(10, 40, seed=0)
    values = masks @ np.arange(10.0) + np.random.default_rng(0).normal(0, 1, 40)
    one, two = fit(masks, values, seed=4), fit(masks, values, seed=4)
    np.testing.assert_array_equal(one.low, two.low)
    np.testing.assert_array_equal(one.weights, two.weights)


def test_fidelity_by_hand() -> None:
    found = fit(enumerate_all(3), enumerate_all(3) @ np.array([1.0, 2.0, 4.0]), n_bootstrap=0)
    fresh = np.array([[True, True, True], [False, True, True], [True, False, True]])
    assert found.predict(fresh).tolist() == pytest.approx([7.0, 6.0, 5.0])
    report = fidelity(found, fresh, np.array([8.0, 6.0, 4.0]))
    assert report.r2 == pytest.approx(1 - 2 / 8)
    assert report.spearman == pytest.approx(1.0)
    assert report.n_masks == 3


@pytest.mark.parametrize(
    ("masks", "values", "weights", "complaint"),
    [
        (np.ones((0, 3), bool), np.ones(0), None, "cannot fit"),
        (np.ones((3, 3), bool), np.ones(2), None, "cannot fit"),
        (np.ones((2, 3), bool), np.array([1.0, np.nan]), None, "NaN"),
        (np.ones((2, 3), bool), np.ones(2), np.array([1.0, -1.0]), "non-negative"),
        (np.ones((2, 3), bool), np.ones(2), np.zeros(2), "non-negative"),
    ],
)
def test_bad_input_is_named(
    masks: np.ndarray, values: np.ndarray, weights: np.ndarray | None, complaint: str
) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        fit(masks, values, weights)
