"""pytest tests/method/surrogates/test_kernel_shap.py

Against Shapley values by their definition, over all orders of the units.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.errors import FocusLimeError
from focus_lime.method.masks import Masks, bernoulli, kernel_shap
from focus_lime.method.surrogate import Sample
from focus_lime.method.surrogates.kernel_shap import KernelShap
from focus_lime.models.base import Floats


def shapley_values(value: Callable[[Masks], Floats], n: int) -> Floats:
    """The mean over all orders of what each unit adds when it comes."""
    total = np.zeros(n)
    orders = list(permutations(range(n)))
    for order in orders:
        mask = np.zeros((n + 1, n), dtype=bool)
        for place, unit in enumerate(order):
            mask[place + 1 :, unit] = True
        total[list(order)] += np.diff(value(mask))
    return total / len(orders)


def game(seed: int, n: int) -> Callable[[Masks], Floats]:
    """Any value for each of the 2^n masks."""
    values = np.random.default_rng(seed).normal(size=2**n)
    return lambda masks: values[masks @ (1 << np.arange(n))]


@given(seed=st.integers(0, 10**6), n=st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_over_all_masks_the_weights_are_the_shapley_values(seed: int, n: int) -> None:
    value, masks = game(seed, n), kernel_shap(n, 2**n, 0)
    full = float(value(np.ones((1, n), dtype=bool))[0])
    fit = KernelShap().fit(Sample(masks, value(masks), full))
    np.testing.assert_allclose(fit.weights, shapley_values(value, n), atol=1e-9)
    np.testing.assert_allclose(fit.low, fit.high)


def test_over_some_masks_they_come_near_and_sum_to_the_effect() -> None:
    n, rng = 8, np.random.default_rng(0)
    pairs = np.triu(rng.normal(size=(n, n)))

    def value(masks: Masks) -> Floats:
        kept = masks.astype(float)
        return np.einsum("mi,ij,mj->m", kept, pairs, kept)

    full = float(value(np.ones((1, n), dtype=bool))[0])
    masks = kernel_shap(n, 180, seed=1)
    assert not masks[0].any()
    fit = KernelShap().fit(Sample(masks, value(masks), full))
    assert fit.weights.sum() == pytest.approx(full - value(masks[:1])[0])
    np.testing.assert_allclose(fit.weights, shapley_values(value, n), atol=0.5)
    assert (fit.low < fit.high).all()


def test_the_value_without_any_unit_is_needed() -> None:
    masks = bernoulli(6, 20, seed=0)
    with pytest.raises(FocusLimeError, match="needs the value without any unit"):
        KernelShap().fit(Sample(masks, np.ones(len(masks)), 1.0).select(masks.any(axis=1)))
