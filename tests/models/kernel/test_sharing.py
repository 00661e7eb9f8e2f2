"""pytest tests/models/kernel/test_sharing.py"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.units import Span
from focus_lime.models.base import Ledger, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from tests.models.families import (
    DELETE,
    LABELS,
    ONE,
    PROMPT,
    UNSHARED,
    build,
    check,
    naive,
    sequences,
    shared_model,
)


@pytest.mark.parametrize("name", sorted(UNSHARED))
def test_other_models_are_scored_whole_and_the_ledger_says_why(name: str) -> None:
    kind, options, reason = UNSHARED[name]
    model = build(kind, options)
    ledger = check(model, DELETE[:5] + DELETE[-3:], LABELS, rtol=1e-4)
    assert reason in ledger.unshared
    assert ledger.tokens_computed >= ledger.tokens_asked
    with pytest.raises(FocusLimeError, match=rf"cached context \(.*{reason}.*use the ablation"):
        score_all(model, [Variant(PROMPT, (), "attention")], ONE, Ledger())


def test_a_model_that_counts_the_tokens_of_its_batch_is_found_out() -> None:
    model = build("llama", {})

    def more(module: Any, inputs: Any, out: torch.Tensor) -> torch.Tensor:
        return out * (1.0 + 0.02 * out.shape[1])

    model.model.model.embed_tokens.register_forward_hook(more)
    model.model.model.layers[0].register_forward_hook(more)
    ledger = check(model, DELETE[:6], ONE)
    assert "not its own" in ledger.unshared


def test_a_model_that_reads_backwards_is_found_out() -> None:
    model = build("llama", {})

    def mixed(module: Any, inputs: Any, out: torch.Tensor) -> torch.Tensor:
        return out + out.roll(1, dims=1)  # a convolution: a state that is no key and no value

    model.model.model.layers[1].mlp.register_forward_hook(mixed)
    assert "not its own" in model.scorer.why_not(50)


def test_a_window_that_the_attention_does_not_tell_is_not_trusted() -> None:
    ledger = check(build("llama", {"sliding_window": 16}), DELETE[:4], ONE)
    assert ledger.unshared == "its attention does not say how wide its window is"


def test_a_model_that_gives_all_logits_is_scored_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build("llama", {})
    forward = model.model.forward

    def old(input_ids: Any, attention_mask: Any = None, position_ids: Any = None, **o: Any) -> Any:
        assert "logits_to_keep" not in o
        return forward(input_ids, attention_mask, position_ids, **o)

    monkeypatch.setattr(model.model, "forward", old)
    ledger = check(model, DELETE[:6], LABELS)
    assert ledger.unshared == "it computes logits for every token"


def longrope(longest: int) -> HFCausalLM:
    rope = {
        "rope_type": "longrope",
        "rope_theta": 10000.0,
        "short_factor": [1.0] * 4,
        "long_factor": [3.0] * 4,
        "original_max_position_embeddings": longest,
    }
    return build("phi3", {"rope_parameters": rope, "original_max_position_embeddings": longest})


@pytest.mark.parametrize("beyond", [True, False])
def test_positions_that_stretch_with_the_sequence_are_not_shared_beyond(beyond: bool) -> None:
    longest = max(len(s.ids) for s in sequences(shared_model("llama"), DELETE, ONE))
    model = longrope(longest - beyond)
    ledger = check(model, DELETE, ONE)
    assert ledger.unshared == (
        f"its positions mean something else beyond {longest - 1} tokens" if beyond else ""
    )
    assert ledger.tokens_computed == ledger.tokens_asked if beyond else True


def test_the_response_counts_for_positions_that_stretch() -> None:
    model = longrope(shared_model("llama").count_tokens(PROMPT))  # and the response is beyond
    with pytest.raises(FocusLimeError, match="positions mean something else"):
        score_all(model, [Variant(PROMPT, (), "attention")], ONE, Ledger())


class Adapter(torch.nn.Module):
    """What wraps a model to change it a little: its signature says nothing of what it hands on."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner, self.config, self.device, self.dtype = (
            inner, inner.config, inner.device, inner.dtype,
        )  # fmt: skip
        self.scale = torch.nn.Parameter(torch.tensor(0.5))

    def forward(self, *args: Any, **options: Any) -> Any:
        output = self.inner(*args, **options)
        output.logits = output.logits * self.scale
        return output


def test_an_adapter_around_a_model_is_shared() -> None:
    inner = shared_model("llama")
    model = HFCausalLM(Adapter(inner.model).eval(), inner.tokenizer, name="adapted")
    ledger = Ledger()
    variants = [Variant(PROMPT), Variant(PROMPT, (Span(0, 20, 60),))]
    rows = score_all(model, variants, ONE, ledger)
    assert ledger.unshared == ""
    tail = list(model.encode_response(ONE[0]))
    for variant, row in zip(variants, rows, strict=True):
        expected = naive(model, model.encoder.variant_ids(variant).tolist(), tail)
        np.testing.assert_allclose(row, expected, atol=1e-4)


def test_a_compiled_model_is_scored_as_what_it_was_compiled_from() -> None:
    inner = shared_model("llama")
    model = HFCausalLM(torch.compile(inner.model), inner.tokenizer, name="compiled")
    ledger = Ledger()
    rows = score_all(model, [Variant(PROMPT)], ONE, ledger)
    assert ledger.unshared == ""
    np.testing.assert_allclose(rows, score_all(inner, [Variant(PROMPT)], ONE, Ledger()), atol=1e-4)
