"""The cost is what was announced: pytest tests/models/kernel/test_scoring.py"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import accelerate
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.masks import bernoulli
from focus_lime.method.objectives.labels import LabelLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Estimate, Ledger, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel.prefixes import TokenSequence
from tests.conftest import TEXT
from tests.models.families import (
    DELETE,
    LABELS,
    N_WORDS,
    ONE,
    PLACEHOLDER,
    PROMPT,
    SHARED,
    UNSHARED,
    build,
    shared_model,
)

ATTENTION = [Variant(PROMPT, v.dropped, "attention") for v in DELETE]


# -- estimates ------------------------------------------------------------------------------------


def spent(ledger: Ledger) -> tuple[int, int, int]:
    return ledger.calls, ledger.tokens_asked, ledger.tokens_computed


def announced(estimate: Estimate) -> tuple[int, int, int]:
    return estimate.calls, estimate.tokens_asked, estimate.tokens_computed


@pytest.mark.parametrize("variants", [DELETE, PLACEHOLDER, ATTENTION])
@pytest.mark.parametrize("name", ["gpt2", "mistral", "bloom", "rwkv"])
def test_the_cost_is_what_was_announced(name: str, variants: list[Variant]) -> None:
    model = shared_model(name) if name in SHARED else build(*UNSHARED[name][:2])
    for target in (ONE, LABELS):
        ledger = Ledger()
        if name in UNSHARED and variants is ATTENTION:
            with pytest.raises(FocusLimeError, match="cannot answer over its cached context"):
                model.estimate(variants, target)
            return
        model.clear_kv()
        estimate = model.estimate(variants, target)
        assert estimate.bytes > 0
        score_all(model, variants, target, ledger)
        assert spent(ledger) == announced(estimate)


@pytest.mark.parametrize("ablation", ["delete", "placeholder", "attention"])
def test_the_value_function_announces_each_distinct_mask_once(ablation: Any) -> None:
    ledger = Ledger()
    f = ValueFunction(
        shared_model("llama"),
        PROMPT,
        PROMPT.tree.units("word"),
        LabelLogOdds(*(label.text for label in LABELS)),
        ablation=ablation,
        ledger=ledger,
    )
    masks = np.vstack([bernoulli(N_WORDS, 6, seed=9)] * 2)
    f.model.clear_kv()
    estimate = f.estimate(masks)
    assert spent(ledger) == (0, 0, 0)
    f(masks)
    assert spent(ledger) == announced(estimate)
    assert estimate.calls == 6 * 3


def test_the_cached_context_is_read_once_for_many_calls() -> None:
    model = build(*SHARED["llama"])
    together = score_all(model, ATTENTION, ONE, first := Ledger())
    apart: list[np.ndarray] = []
    for _ in range(2):
        model.clear_kv()
        ledger = Ledger()
        apart = [score_all(model, [variant], ONE, ledger)[0] for variant in ATTENTION]
        assert ledger.tokens_computed == first.tokens_computed
    np.testing.assert_allclose(together, apart, atol=1e-5)
    other = Variant(Prompt.from_document(TEXT + TEXT, question="Which law?"), (), "attention")
    exact = score_all(model, [Variant(other.prompt)], ONE, Ledger())
    np.testing.assert_allclose(score_all(model, [other], ONE, Ledger()), exact, atol=1e-4)
    again = score_all(model, ATTENTION, ONE, ledger := Ledger())
    assert ledger.tokens_computed == first.tokens_computed  # another context took its place
    np.testing.assert_allclose(again, together, atol=1e-6)


# -- where the weights are ------------------------------------------------------------------------


def test_hooks_that_place_the_weights_disturb_nothing(tmp_path: Path) -> None:
    original = build(*SHARED["llama"])
    expected = score_all(original, DELETE[:8], ONE, Ledger())
    original.model.save_pretrained(tmp_path / "model")
    layers = {f"model.layers.{i}": place for i, place in enumerate(("cpu", "disk"))}
    rest = ("model.embed_tokens", "model.norm", "model.rotary_emb", "lm_head")
    mapped = accelerate.dispatch_model(
        copy.deepcopy(original.model),
        {**layers, **dict.fromkeys(rest, "cpu")},
        main_device="cpu",
        offload_dir=tmp_path / "weights",
    )
    offloaded = accelerate.cpu_offload(copy.deepcopy(original.model), torch.device("cpu"))
    assert offloaded.device.type == "meta"
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path / "model", device_map={"": "cpu"})
    for model in (mapped, offloaded, loaded):
        ledger = Ledger()
        other = HFCausalLM(model, original.tokenizer)
        rows = score_all(other, DELETE[:8], ONE, ledger)
        assert ledger.unshared == ""
        np.testing.assert_allclose(np.array(rows), np.array(expected), atol=1e-5)


def test_one_token_vocabularies_of_the_target_and_repeats_are_read_in_order() -> None:
    model = shared_model("llama")
    ids = np.array([4, 5, 6, 7, 5, 6, 7])
    repeats = [TokenSequence(ids, first) for first in (1, 3, 6, 1)]
    rows = dict(model.scorer.score(repeats, Ledger()))
    for index, sequence in enumerate(repeats):
        np.testing.assert_array_equal(rows[index], rows[0][sequence.first - 1 :])
