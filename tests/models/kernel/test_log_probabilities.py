"""pytest tests/models/kernel/test_log_probabilities.py"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from focus_lime.models.kernel.log_probabilities import log_probabilities


def test_log_probabilities_are_exact_near_certainty() -> None:
    # p = 1 - 1e-12: float32 log-softmax gives 0, and log-odds of inf.
    gap = math.log(1e-12)
    logits = torch.tensor([[0.0, gap - math.log(2), gap - math.log(2)]])
    assert logits.log_softmax(-1)[0, 0] == 0.0
    value = log_probabilities(logits, np.array([0]), np.array([0]))[0]
    assert value == pytest.approx(-1e-12, rel=1e-4)
    assert log_probabilities(logits, np.array([0]), np.array([1]))[0] == pytest.approx(
        gap - math.log(2)
    )


def test_log_probabilities_are_those_of_float64() -> None:
    random = torch.Generator().manual_seed(0)
    logits = 8 * torch.randn(50, 300, generator=random)
    logits[::7, 3] = 40.0  # some are all but certain
    rng = np.random.default_rng(0)
    rows, ids = rng.integers(0, 50, 90), rng.integers(0, 300, 90)
    ids[::3] = 3
    expected = logits.double().log_softmax(-1)[rows, ids].numpy()
    got = log_probabilities(logits, rows, ids)
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, expected, rtol=2e-5, atol=0)
