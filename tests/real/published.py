"""Real models by name, and what their values must be: those of a plain forward pass."""

from __future__ import annotations

import pytest
import torch

from focus_lime import load_model
from focus_lime.errors import FocusLimeError
from focus_lime.method.objective import log_odds
from focus_lime.models import gguf, store
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.published import Published

_LARGE = 100_000_000  # bytes; more is not fetched for whoever only runs the tests


def loaded(published: Published) -> HFCausalLM:
    """The model; without it the test skips. A large one must be there, as CI sees to."""
    is_kept = store.place(published.digest, gguf.DTYPE).is_dir()
    if published.size > _LARGE and not is_kept:
        pytest.skip(
            f"{published.name} ({store.megabytes(published.size)}, {published.licence}) is not "
            f"fetched for tests: load_model({published.name!r}) does, once"
        )
    try:
        model = load_model(published.name)
    except FocusLimeError as error:
        pytest.skip(str(error))
    assert isinstance(model, HFCausalLM)
    return model


def plain(model: HFCausalLM, ids: list[int], response: list[int]) -> float:
    """One row, as transformers does it, and float64 from its logits on."""
    n = len(response)
    with torch.inference_mode():
        output = model.model(input_ids=torch.tensor([ids + response]), logits_to_keep=n + 1)
    steps = output.logits[0, :-1].double().log_softmax(-1)
    return log_odds(float(steps[range(n), response].sum()))
