"""Ablations over the cached context are what they say.

pytest tests/models/test_cached_ablation.py
"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.method.objectives.labels import LabelLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ablation, Ledger, Variant, score_all
from tests.models.families import (
    DELETE,
    LABELS,
    ONE,
    PROMPT,
    context_of,
    hidden,
    read_anew,
    resized,
    shared_model,
)


@pytest.mark.parametrize(("tokens", "call"), [(13, 0.0), (50, 1e12), (2048, 0.0)])
@pytest.mark.parametrize("name", ["gemma2", "gpt2", "llama", "mistral"])
@pytest.mark.parametrize(("ablation", "ahead"), [("attention", 0), ("reread", 16)])
def test_what_is_dropped_is_hidden_and_what_follows_it_read_anew(
    name: str, tokens: int, call: float, ablation: Ablation, ahead: int
) -> None:
    model = resized(shared_model(name), tokens, call)
    variants = [Variant(PROMPT, v.dropped, ablation) for v in DELETE[:14] + DELETE[-1:]]
    for target in (ONE, LABELS):
        model.clear_kv()
        ledger = Ledger()
        rows = score_all(model, variants, target, ledger)
        tails = [list(model.encode_response(response)) for response in target]
        for variant, row in zip(variants, rows, strict=True):
            expected = np.concatenate([hidden(model, variant, tail, ahead) for tail in tails])
            np.testing.assert_allclose(row, expected, atol=1e-4)
        # What is kept whole is the prompt.
        exact = score_all(model, [Variant(PROMPT)], target, Ledger())[0]
        np.testing.assert_allclose(rows[0], exact, atol=1e-4)

        encoded = model.encoder.encode(PROMPT)
        cut = len(context_of(model, PROMPT))
        after = [tuple(encoded.ids[cut:].tolist() + tail) for tail in tails]
        each = len({tail[:n] for tail in after for n in range(1, len(tail))})
        dropped = [model.encoder.dropped(variant)[:cut] for variant in variants]
        anew = sum(len(read_anew(each, ahead)) for each in dropped)
        assert ledger.tokens_computed == cut + each * len(variants) + anew
        assert ledger.calls == len(variants) * len(tails)
        assert ledger.tokens_asked == len(variants) * sum(cut + len(tail) for tail in after)
        assert ledger.unshared == ""


@pytest.mark.parametrize("ablation", ["attention", "reread"])
def test_the_value_function_asks_for_each_mask_once(ablation: Ablation) -> None:
    model = shared_model("llama")
    units = PROMPT.tree.units("sentence")
    ledger = Ledger()
    f = ValueFunction(
        model,
        PROMPT,
        units,
        LabelLogOdds(*(label.text for label in LABELS)),
        ablation=ablation,
        ledger=ledger,
    )
    masks = ~np.eye(len(units), dtype=bool)
    twice = f(np.vstack([masks, masks]))
    np.testing.assert_array_equal(twice[: len(units)], twice[len(units) :])
    assert ledger.calls == 3 * len(units)
    assert np.std(twice) > 0.01
    exact = ValueFunction(model, PROMPT, units, f.objective)
    assert f.full() == pytest.approx(exact.full(), abs=1e-4)
