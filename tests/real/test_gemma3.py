"""Gemma 3 270M, a real model with a sliding window, on a prompt beyond that window: values and
answers against plain transformers.

Run: pytest tests/real/test_gemma3.py

The model is used where it was fetched before, as CI does; elsewhere they skip.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from focus_lime import FocusLime, Prompt
from focus_lime.benchmarks.models.gemma3 import GEMMA3
from focus_lime.inputs.units import Units
from focus_lime.method.masks import with_full
from focus_lime.method.objective import log_odds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ablation, Ledger, Response
from focus_lime.models.hf import HFCausalLM
from tests.models.families import hidden
from tests.real.published import loaded, plain

CONTRACT = (Path(__file__).parents[2] / "configs" / "contract.txt").read_text("utf-8")[:4700]
QUESTION = "What is the renewal term of the Davida venture?"
ANSWER = "The renewal term is eight months."
WINDOW = 512
TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def gemma3() -> HFCausalLM:
    return loaded(GEMMA3)


@pytest.fixture(scope="module")
def prompt() -> Prompt:
    return Prompt.from_document(CONTRACT, question=QUESTION)


@pytest.fixture(scope="module")
def full(gemma3: HFCausalLM, prompt: Prompt) -> float:
    """The value of the prompt as it is, by transformers."""
    response = list(gemma3.encode_response(Response(ANSWER)))
    return plain(gemma3, gemma3.encoder.encode(prompt).ids.tolist(), response)


def early_and_late(units: Units) -> np.ndarray:
    """Two masks: each third unit is dropped in the first twentieth of the text, or in the last."""
    start = np.array([unit.start for unit in units]) / len(CONTRACT)
    masks = np.ones((2, len(units)), dtype=bool)
    for mask, region in zip(masks, (start < 0.05, start > 0.95), strict=True):
        mask[np.flatnonzero(region)[::3]] = False
    assert not masks.all(axis=1).any()
    return masks


def value_function(
    model: HFCausalLM, prompt: Prompt, level: str, ablation: Ablation = "delete"
) -> ValueFunction:
    """One that knows nothing yet."""
    explainer = FocusLime(model)
    return explainer.value_function(prompt, level=level, objective=ANSWER, ablation=ablation)


def test_it_is_a_base_model_most_of_whose_layers_slide(gemma3: HFCausalLM, prompt: Prompt) -> None:
    config = gemma3.model.config
    assert (config.layer_types.count("sliding_attention"), len(config.layer_types)) == (15, 18)
    assert config.sliding_window == WINDOW
    assert gemma3.window == 32_768
    ids = gemma3.encoder.encode(prompt).ids.tolist()
    text = gemma3.tokenizer.decode(ids)
    assert text.startswith(f"<bos>{CONTRACT[:20]}")
    assert text.endswith(f"Question: {QUESTION}\nAnswer:")
    assert len(ids) > 1.7 * WINDOW


@pytest.mark.parametrize("level", ["sentence", "word", "token"])
def test_values_are_those_of_plain_transformers(
    level: str, gemma3: HFCausalLM, prompt: Prompt, full: float
) -> None:
    """To rounding, asked for together and alone."""
    f = value_function(gemma3, prompt, level)
    masks = early_and_late(f.units)
    together = f(with_full(masks))
    assert f.ledger.unshared == ""
    response = list(gemma3.encode_response(Response(ANSWER)))
    variants = [gemma3.encoder.variant_ids(f.variant(mask)).tolist() for mask in masks]
    expected = [full, *(plain(gemma3, ids, response) for ids in variants)]
    np.testing.assert_allclose(together, expected, atol=TOLERANCE)
    assert np.abs(together[1:] - full).min() > 10 * TOLERANCE  # what is dropped matters
    again = value_function(gemma3, prompt, level)
    alone = [float(again(mask[None])[0]) for mask in masks[::-1]][::-1]
    np.testing.assert_allclose(alone, together[1:], atol=TOLERANCE)


@pytest.mark.parametrize(
    ("level", "ablation", "ahead"),
    [
        ("sentence", "attention", 0),
        ("token", "attention", 0),
        ("word", "reread", 16),
        ("token", "reread", 16),
    ],
)
def test_values_over_the_cached_context_are_those_of_plain_transformers_under_a_mask(
    level: str, ablation: Ablation, ahead: int, gemma3: HFCausalLM, prompt: Prompt
) -> None:
    f = value_function(gemma3, prompt, level, ablation)
    masks = early_and_late(f.units)
    masks = np.vstack([masks, masks.all(axis=0)])
    together = f(masks)
    assert f.ledger.unshared == ""
    response = list(gemma3.encode_response(Response(ANSWER)))
    both = hidden(gemma3, f.variant(masks[-1]), response, ahead)
    np.testing.assert_allclose(together[-1], log_odds(float(both.sum())), atol=TOLERANCE)
    again = value_function(gemma3, prompt, level, ablation)
    alone = [float(again(mask[None])[0]) for mask in masks[::-1]][::-1]
    np.testing.assert_allclose(alone, together, atol=TOLERANCE)


def test_an_answer_is_what_transformers_generates(gemma3: HFCausalLM, prompt: Prompt) -> None:
    """Whether nothing was read before, or this prompt, or one that begins alike."""

    def by_transformers(prompt: Prompt) -> list[int]:
        ids = torch.from_numpy(gemma3.encoder.encode(prompt).ids)[None]
        options = {"do_sample": False, "max_new_tokens": 8, "pad_token_id": gemma3.encoder.pad_id}
        output = gemma3.model.generate(ids, attention_mask=torch.ones_like(ids), **options)
        return output[0, ids.shape[1] :].tolist()

    def by_us(prompt: Prompt, ledger: Ledger) -> list[int]:
        return list(gemma3.generate(prompt, 8, ledger).ids or ())

    gemma3.clear_kv()
    expected, first, again = by_transformers(prompt), Ledger(), Ledger()
    assert len(expected) == 8
    assert by_us(prompt, first) == expected
    assert by_us(prompt, again) == expected
    context = first.tokens_computed - again.tokens_computed
    assert context > 1.7 * WINDOW
    shorter = Prompt.from_document(CONTRACT[:4000], question=QUESTION)
    assert by_us(shorter, ledger := Ledger()) == by_transformers(shorter)
    assert ledger.tokens_asked - ledger.tokens_computed > 1.3 * WINDOW
