"""A pretrained Llama's own continuation, token by token, against a naive forward pass.

Run: pytest tests/real/test_stories260k.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from focus_lime import FocusLime, Prompt, load_model
from focus_lime.method.value import ValueFunction
from focus_lime.models.hf import HFCausalLM

STORY = (
    "Once upon a time, there was a little girl named Lily. She had a red ball. One day, Lily lost "
    "her ball in the park. She was very sad. Then a big dog came. The dog had the ball! Lily was"
)
NEW_TOKENS = 8


@pytest.fixture(scope="module")
def model(shared: Path) -> HFCausalLM:
    found = load_model(str(shared / "models" / "stories260K"))
    assert isinstance(found, HFCausalLM)
    return found


@pytest.fixture(scope="module")
def prompt() -> Prompt:
    return Prompt.from_document(STORY)


@pytest.fixture(scope="module")
def value_function(model: HFCausalLM, prompt: Prompt) -> ValueFunction:
    return FocusLime(model).value_function(prompt, level="token", max_new_tokens=NEW_TOKENS)


def naive_log_odds(model: HFCausalLM, ids: list[int], response: list[int]) -> float:
    """One row, no padding, all logits, float64 from there on."""
    with torch.inference_mode():
        logits = model.model(input_ids=torch.tensor([ids + response])).logits[0].double()
    log_p = logits.log_softmax(-1)
    steps = [log_p[len(ids) - 1 + i, token].item() for i, token in enumerate(response)]
    lp = sum(steps)
    return float(lp - np.log(-np.expm1(lp)))


def response_ids(value_function: ValueFunction) -> list[int]:
    (response,) = value_function.objective.continuations
    assert response.ids is not None
    return list(response.ids)


def test_token_units_tile_the_prompt(value_function: ValueFunction) -> None:
    assert "".join(value_function.units.texts([STORY])) == STORY
    assert len(value_function.units) > 60


def test_the_all_kept_mask_is_the_prompt(
    model: HFCausalLM, prompt: Prompt, value_function: ValueFunction
) -> None:
    everything = value_function.variant(np.ones(len(value_function.units), dtype=bool))
    ids = model.encoder.variant_ids(everything).tolist()
    assert ids == model.tokenizer(STORY)["input_ids"]
    generated = model.model.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        do_sample=False,
        max_new_tokens=NEW_TOKENS,
        pad_token_id=0,
    )
    assert generated[0, len(ids) :].tolist() == response_ids(value_function)


def test_single_drops_equal_a_forward_pass_by_hand(
    model: HFCausalLM, value_function: ValueFunction
) -> None:
    coded: Any = model.tokenizer(STORY, return_offsets_mapping=True)
    ids, offsets = coded["input_ids"], coded["offset_mapping"]
    response = response_ids(value_function)
    n_units = len(value_function.units)
    masks = np.vstack([np.ones((1, n_units), dtype=bool), ~np.eye(n_units, dtype=bool)])
    values = value_function(masks)
    assert abs(values[0] - naive_log_odds(model, ids, response)) < 1e-4
    for number, unit in enumerate(value_function.units, start=1):
        kept = [
            token
            for token, (low, high) in zip(ids, offsets, strict=True)
            if not (low < high and unit.start <= low and high <= unit.end)
        ]
        assert len(kept) < len(ids)
        assert abs(values[number] - naive_log_odds(model, kept, response)) < 1e-4


def test_a_continuation_is_explained_at_token_level(model: HFCausalLM, prompt: Prompt) -> None:
    explanation = FocusLime(model, None).explain(
        prompt, granularity="token", budget=192, max_new_tokens=NEW_TOKENS
    )
    assert "".join(explanation.text(unit) for unit in explanation.units) == STORY
    assert explanation.response.strip()
    assert explanation.fit.r2 is not None
    assert explanation.fit.r2 > 0.2
