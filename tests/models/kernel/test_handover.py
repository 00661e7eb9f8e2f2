"""What was read to score goes on as the model's own: pytest tests/models/kernel/test_handover.py"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from focus_lime.inputs.prompt import Prompt
from focus_lime.models.base import Ledger, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel.execution import Kernel
from focus_lime.models.kernel.handover import can_hand_over, past_key_values
from focus_lime.models.kernel.schedule import plan_context
from focus_lime.models.kernel.steps import Limits
from tests.conftest import TEXT, VOCABULARY
from tests.models.families import ONE, PROMPT, SHARED, shared_model

WINDOW = 16  # of the families that have one
# Their caches hold something else than what their attention reads: latents, fewer heads, nothing.
OWN_WAY = {"deepseek-v3", "gemma3n", "jetmoe"}


@pytest.mark.parametrize("name", sorted(SHARED))
def test_the_logits_are_the_models_own_on_both_sides_of_the_window(name: str) -> None:
    model = shared_model(name).model
    assert can_hand_over(model) == (name not in OWN_WAY)
    if name in OWN_WAY:
        return
    ids = np.random.default_rng(0).integers(3, VOCABULARY, size=3 * WINDOW)
    kernel = Kernel(model, len(ids))
    for step in plan_context(ids, Limits(tokens=11, reads=11)):
        kernel.run(step)
    tokens = torch.from_numpy(ids)[None]
    with torch.no_grad():
        own = model(tokens, use_cache=False).logits[0]
        for n in (1, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW):
            for end in (n + 1, len(ids)):  # a token, and more than a window
                continued = model(
                    tokens[:, n:end],
                    attention_mask=torch.ones(1, end, dtype=torch.long),
                    past_key_values=past_key_values(kernel, n),
                ).logits[0]
                torch.testing.assert_close(continued, own[n:end], atol=1e-4, rtol=0)


def greedy(model: HFCausalLM, prompt: Prompt, n: int) -> list[int]:
    """One plain forward pass a token."""
    ids = model.encoder.encode(prompt).ids.tolist()
    answer: list[int] = []
    with torch.no_grad():
        for _ in range(n):
            answer.append(int(model.model(torch.tensor([ids + answer])).logits[0, -1].argmax()))
    return answer


@pytest.mark.parametrize("name", ["gemma2", "gemma3", "gpt-oss", "mistral"])
def test_an_answer_beyond_the_window_is_the_greedy_one(name: str) -> None:
    """Whether nothing was read before, or this prompt, or one that begins alike."""
    model = shared_model(name)
    other = Prompt.from_document(TEXT[:150], question="Which law?")
    for prompt in (PROMPT, other):
        assert model.count_tokens(prompt) > 3 * WINDOW
        expected = greedy(model, prompt, 20)
        for before in (None, PROMPT, other):
            model.clear_kv()
            if before is not None:
                score_all(model, [Variant(before)], ONE, Ledger())
            ledger = Ledger()
            assert list(model.generate(prompt, 20, ledger).ids or ()) == expected
            assert (ledger.tokens_computed < ledger.tokens_asked) == (before is not None)
