"""The attention ablation is what its mask says: pytest tests/models/test_attention_ablation.py"""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from focus_lime.method.objective import LabelLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ledger, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from tests.models.families import (
    DELETE,
    LABELS,
    ONE,
    PROMPT,
    context_of,
    resized,
    shared_model,
)


def hidden(model: HFCausalLM, variant: Variant, tail: list[int]) -> np.ndarray:
    """log p of each token of `tail`: one plain forward pass of the whole prompt, under a mask in
    which what follows the last attributable token does not see the dropped tokens.
    """
    encoded = model.encoder.encode(PROMPT)
    ids = [*encoded.ids.tolist(), *tail]
    cut = len(context_of(model, PROMPT))
    at = np.arange(len(ids))
    apart = at[:, None] - at
    full = apart >= 0
    full[cut:, :cut] &= ~model.encoder.dropped(variant)[:cut]
    config = model.model.config
    window = getattr(config, "sliding_window", None)
    near = full & (apart < window) if window else full
    masks = {
        kind: torch.zeros(1, 1, *seen.shape).masked_fill(torch.from_numpy(~seen), -1e30)
        for kind, seen in (("full_attention", full), ("sliding_attention", near))
    }
    eager = copy.deepcopy(model.model)
    eager.set_attn_implementation("eager")
    by_layer = getattr(config, "layer_types", None)
    with torch.no_grad():
        logits = eager(
            torch.tensor([ids]), attention_mask=masks if by_layer else masks["sliding_attention"]
        ).logits[0]
    rows = logits.double()[len(encoded.ids) - 1 : -1].log_softmax(-1)
    return rows[range(len(tail)), tail].numpy()


@pytest.mark.parametrize(("tokens", "call"), [(13, 0.0), (50, 1e12), (2048, 0.0)])
@pytest.mark.parametrize("name", ["gemma2", "gpt2", "llama", "mistral"])
def test_attention_ablation_hides_what_is_dropped_from_what_follows(
    name: str, tokens: int, call: float
) -> None:
    model = resized(shared_model(name), tokens, call)
    variants = [Variant(PROMPT, v.dropped, "attention") for v in DELETE[:14] + DELETE[-1:]]
    for target in (ONE, LABELS):
        model.clear_kv()
        ledger = Ledger()
        rows = score_all(model, variants, target, ledger)
        tails = [list(model.encode_response(response)) for response in target]
        for variant, row in zip(variants, rows, strict=True):
            expected = np.concatenate([hidden(model, variant, tail) for tail in tails])
            np.testing.assert_allclose(row, expected, atol=1e-4)
        # What is kept whole is the prompt.
        exact = score_all(model, [Variant(PROMPT)], target, Ledger())[0]
        np.testing.assert_allclose(rows[0], exact, atol=1e-4)

        encoded = model.encoder.encode(PROMPT)
        cut = len(context_of(model, PROMPT))
        after = [tuple(encoded.ids[cut:].tolist() + tail) for tail in tails]
        each = len({tail[:n] for tail in after for n in range(1, len(tail))})
        assert ledger.tokens_computed == cut + each * len(variants)
        assert ledger.calls == len(variants) * len(tails)
        assert ledger.tokens_asked == len(variants) * sum(cut + len(tail) for tail in after)
        assert ledger.unshared == ""


def test_the_value_function_asks_for_each_mask_once_under_attention_ablation() -> None:
    model = shared_model("llama")
    units = PROMPT.tree.units("sentence")
    ledger = Ledger()
    f = ValueFunction(
        model,
        PROMPT,
        units,
        LabelLogOdds(*(label.text for label in LABELS)),
        ablation="attention",
        ledger=ledger,
    )
    masks = ~np.eye(len(units), dtype=bool)
    twice = f(np.vstack([masks, masks]))
    np.testing.assert_array_equal(twice[: len(units)], twice[len(units) :])
    assert ledger.calls == 3 * len(units)
    assert np.std(twice) > 0.01
    exact = ValueFunction(model, PROMPT, units, f.objective)
    assert f.full() == pytest.approx(exact.full(), abs=1e-4)
