"""pytest tests/method/surrogates/test_sparse.py

Oracles with known weights: linear, noisy and sparse.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.errors import FocusLimeError
from focus_lime.method.masks import bernoulli, enumerate_all, lime_kernel
from focus_lime.method.surrogate import goodness_of_fit
from focus_lime.method.surrogates.sparse import fit_sparse


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
    found = fit_sparse(masks, shift + masks @ truth, w, n_bootstrap=20)
    np.testing.assert_allclose(found.weights, truth, atol=1e-6)
    assert found.intercept == pytest.approx(shift, abs=1e-5)
    np.testing.assert_allclose(found.predict(masks), shift + masks @ truth, atol=1e-5)


def test_a_sparse_function_is_found_with_fewer_masks_than_units() -> None:
    rng = np.random.default_rng(0)
    truth = np.zeros(120)
    truth[[7, 40, 99]] = [4.0, -3.0, 2.0]
    masks = bernoulli(120, 80, seed=1)
    found = fit_sparse(masks, masks @ truth + rng.normal(0, 0.1, 80), n_bootstrap=20)
    assert set(np.argsort(-np.abs(found.weights))[:3]) == {7, 40, 99}
    np.testing.assert_allclose(found.weights[[7, 40, 99]], truth[[7, 40, 99]], atol=0.3)
    assert found.selected[[7, 40, 99]].min() == 1.0


def test_two_members_of_a_redundant_pair_are_both_missed_by_single_drops() -> None:
    masks = enumerate_all(4)
    found = fit_sparse(masks, (masks[:, 0] | masks[:, 1]).astype(float), n_bootstrap=0)
    assert found.weights[0] == pytest.approx(0.5)
    assert found.weights[1] == pytest.approx(0.5)


def test_weighted_least_squares_equals_repeated_masks() -> None:
    rng = np.random.default_rng(3)
    masks = bernoulli(5, 24, seed=2)
    values = masks @ np.array([3.0, -1.0, 2.0, 0.5, 4.0]) + rng.normal(0, 0.3, 24)
    counts = rng.integers(1, 4, 24)
    weighted = fit_sparse(masks, values, counts.astype(float), n_bootstrap=0)
    # The same units enter, so least squares on them must agree, however the penalty was chosen.
    repeated = np.repeat(masks, counts, axis=0), np.repeat(values, counts)
    support = weighted.weights != 0
    x = np.column_stack([np.ones(len(repeated[1])), repeated[0][:, support]])
    expected = np.linalg.lstsq(x, repeated[1], rcond=None)[0]
    np.testing.assert_allclose(weighted.weights[support], expected[1:], atol=1e-8)
    assert weighted.intercept == pytest.approx(expected[0])


def _truth(kind: str, p: int, rng: np.random.Generator) -> np.ndarray:
    if kind == "dense":
        return rng.normal(0, 1, p)
    truth = np.zeros(p)
    truth[rng.choice(p, 3, replace=False)] = {"sparse": [3, -2, 1], "weak": [3, -0.3, 0.3]}[kind]
    return truth


@pytest.mark.parametrize(
    ("kind", "n_units", "n_masks"),
    [
        ("dense", 16, 51),
        ("sparse", 16, 51),
        ("weak", 16, 51),
        ("sparse", 60, 51),  # fewer masks than units
    ],
)
def test_intervals_of_90_percent_hold_the_truth_in_86_to_94_percent(
    kind: str, n_units: int, n_masks: int
) -> None:
    """Over 500 fits, of all units that have an effect. Of the others an interval that the sparse
    fit's 0 widens holds the truth more often.
    """
    held, null = [], []
    for seed in range(500):
        rng = np.random.default_rng([seed, 7])
        truth = _truth(kind, n_units, rng)
        masks = bernoulli(n_units, n_masks, seed)
        # Noise that is larger where more is dropped, as that of language models is.
        noise = rng.normal(0, 0.5, n_masks) * (1.5 - masks.mean(axis=1))
        found = fit_sparse(masks, masks @ truth + noise, n_bootstrap=0)
        inside = (found.low <= truth) & (truth <= found.high)
        held.append(inside[truth != 0])
        null.append(inside[truth == 0])
        assert (found.low <= found.weights).all()
        assert (found.weights <= found.high).all()
    assert 0.86 <= np.mean(np.concatenate(held)) <= 0.94
    if kind != "dense":
        assert np.mean(np.concatenate(null)) >= 0.9


def test_without_noise_the_interval_is_the_weight() -> None:
    truth = np.array([3.0, 0.0, -1.0, 0.0, 0.5])
    masks = bernoulli(5, 25, seed=1)
    found = fit_sparse(masks, masks @ truth)
    np.testing.assert_allclose(found.low, truth, atol=1e-9)
    np.testing.assert_allclose(found.high, truth, atol=1e-9)
    assert found.significant.tolist() == [True, False, True, False, True]


def test_units_without_effect_are_hardly_ever_sure() -> None:
    wrong, right = 0, 0
    for seed in range(200):
        rng = np.random.default_rng([seed, 3])
        masks = bernoulli(16, 51, seed)
        values = masks @ _truth("sparse", 16, np.random.default_rng(0)) + rng.normal(0, 0.5, 51)
        found = fit_sparse(masks, values, n_bootstrap=0)
        wrong += bool(found.significant[_truth("sparse", 16, np.random.default_rng(0)) == 0].any())
        right += int(found.significant.sum())
    assert wrong <= 4  # of 200, at 99 %
    assert right > 2.5 * 200


def test_doubt_of_another_source_widens_the_intervals() -> None:
    masks = bernoulli(6, 40, seed=0)
    values = masks @ np.arange(6.0) + np.random.default_rng(0).normal(0, 0.2, 40)
    plain, doubtful = (
        fit_sparse(masks, values),
        fit_sparse(masks, values, extra_variance=np.full(6, 4.0)),
    )
    np.testing.assert_allclose(doubtful.error, np.sqrt(plain.error**2 + 4.0))
    np.testing.assert_array_equal(plain.weights, doubtful.weights)
    exact = fit_sparse(enumerate_all(3), enumerate_all(3) @ np.ones(3), extra_variance=np.ones(3))
    np.testing.assert_allclose(exact.high - exact.low, 2 * 1.6449, rtol=1e-3)


def test_of_a_unit_that_no_mask_dropped_nothing_is_sure() -> None:
    masks = bernoulli(6, 40, seed=0)
    masks[:, 2] = True
    values = masks @ np.arange(6.0) + np.random.default_rng(0).normal(0, 0.2, 40)
    found = fit_sparse(masks, values)
    assert found.weights[2] == 0
    assert not found.significant[2]
    assert found.low[2] < 0 < found.high[2]


@pytest.mark.parametrize("values", [np.zeros(30), np.full(30, 1e8), np.full(30, -3.0) + 1e-12])
def test_values_that_do_not_move_give_zero_weights(values: np.ndarray) -> None:
    masks = bernoulli(6, 30, seed=0)
    found = fit_sparse(masks, values)
    assert (found.weights == 0).all()
    assert (found.low == 0).all()
    assert (found.high == 0).all()
    assert found.intercept == pytest.approx(values[0])
    report = goodness_of_fit(found, masks, values)
    assert (report.r2, report.spearman) == (None, None)


def test_one_unit_and_one_mask() -> None:
    found = fit_sparse(np.array([[True], [False]]), np.array([2.0, -1.0]))
    assert found.weights.tolist() == pytest.approx([3.0])
    assert fit_sparse(np.array([[True]]), np.array([2.0])).weights.tolist() == [0.0]


def test_the_seed_decides_all() -> None:
    masks = bernoulli(10, 40, seed=0)
    values = masks @ np.arange(10.0) + np.random.default_rng(0).normal(0, 1, 40)
    one, two = fit_sparse(masks, values, seed=4), fit_sparse(masks, values, seed=4)
    np.testing.assert_array_equal(one.low, two.low)
    np.testing.assert_array_equal(one.weights, two.weights)


def test_goodness_of_fit_by_hand() -> None:
    found = fit_sparse(
        enumerate_all(3), enumerate_all(3) @ np.array([1.0, 2.0, 4.0]), n_bootstrap=0
    )
    fresh = np.array([[True, True, True], [False, True, True], [True, False, True]])
    assert found.predict(fresh).tolist() == pytest.approx([7.0, 6.0, 5.0])
    report = goodness_of_fit(found, fresh, np.array([8.0, 6.0, 4.0]))
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
        fit_sparse(masks, values, weights)
