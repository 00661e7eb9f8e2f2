"""Ablations over the cached context are what they say.

pytest tests/models/test_cached_ablation.py
"""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from focus_lime.method.objective import LabelLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ablation, Ledger, Variant, score_all
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


def read_anew(dropped: np.ndarray, ahead: int) -> list[int]:
    """The kept tokens that follow a dropped one by no more than `ahead`."""
    kept = np.flatnonzero(~dropped).tolist()
    return [t for t in kept if dropped[max(0, t - ahead) : t].any()]


def hidden(model: HFCausalLM, variant: Variant, tail: list[int], ahead: int) -> np.ndarray:
    """log p of each token of `tail`: one plain forward pass under a mask. The whole prompt stands
    in the row; then, at their own positions once more, the tokens that are read anew; then the
    tail, which sees neither what is dropped nor the first copy of what is read anew.
    """
    encoded = model.encoder.encode(PROMPT)
    cut = len(context_of(model, PROMPT))
    dropped = model.encoder.dropped(variant)[:cut]
    anew = read_anew(dropped, ahead)
    after = [*encoded.ids[cut:].tolist(), *tail]
    ids = [*encoded.ids[:cut].tolist(), *encoded.ids[anew].tolist(), *after]
    moved = []  # up by what is dropped before them, back to the last token that stays as it was
    for t in anew:
        still = [s for s in range(t) if not dropped[s] and s not in anew]
        moved.append(t - int(dropped[max(still, default=-1) + 1 : t].sum()))
    at = np.array([*range(cut), *moved, *range(cut, cut + len(after))])
    rows = np.arange(len(ids))
    first_copy = rows < cut
    apart = at[:, None] - at
    full = (apart >= 0) & (rows[:, None] >= rows)
    # Of the context a later row sees what is kept and not read anew.
    stale = first_copy & ~np.isin(rows, [*np.flatnonzero(dropped), *anew])
    full[cut:] &= stale | ~first_copy
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
            torch.tensor([ids]),
            attention_mask=masks if by_layer else masks["sliding_attention"],
            position_ids=torch.from_numpy(at)[None],
        ).logits[0]
    log_p = logits.double()[len(ids) - len(tail) - 1 : -1].log_softmax(-1)
    return log_p[range(len(tail)), tail].numpy()


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
