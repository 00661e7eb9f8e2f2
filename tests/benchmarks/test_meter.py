"""pytest tests/benchmarks/test_meter.py"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from focus_lime.benchmarks.meter import Meter
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.masks import bernoulli, single_drops, with_full
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ledger, Response
from focus_lime.models.hf import HFCausalLM
from tests.conftest import TEXT, linear_function, make_model

RESPONSE = Response("Nevada")


def value(model: HFCausalLM, ledger: Ledger) -> ValueFunction:
    prompt = Prompt.from_document(TEXT, "Which law governs?")
    units = prompt.tree.scored
    return ValueFunction(model, prompt, units, ResponseLogOdds(RESPONSE), ledger=ledger)


@pytest.mark.parametrize("family", ["llama", "gpt2", "mistral"])
def test_the_meter_counts_what_the_kernels_ledger_counts(family: str) -> None:
    model, ledger = make_model(family), Ledger()
    f = value(model, ledger)
    value(model, Ledger()).full()  # the kernel tries the model out once, on no one's account
    masks = with_full(single_drops(len(f.units)))
    with Meter(model, ledger) as meter:
        f(masks)
    assert not ledger.unshared
    assert meter.tokens_computed == ledger.tokens_computed
    assert meter.tokens_computed < meter.tokens_asked == ledger.tokens_asked
    assert meter.calls == len(masks)


def test_asked_is_every_prompt_in_full(llama: HFCausalLM) -> None:
    ledger = Ledger()
    f = value(llama, ledger)
    masks = bernoulli(len(f.units), 6, 0)
    with Meter(llama, ledger) as meter:
        f(masks)
    ids = [llama.encoder.variant_ids(f.variant(mask)) for mask in masks]
    tail = len(llama.encode_response(RESPONSE))
    assert meter.tokens_asked == sum(len(one) + tail for one in ids)


def test_a_peers_pass_is_counted_with_its_padding(llama: HFCausalLM) -> None:
    ids = torch.arange(20).reshape(2, 10) + 5
    mask = torch.ones_like(ids)
    mask[0, :4] = 0
    with Meter(llama, Ledger()) as meter, torch.no_grad():
        llama.model(input_ids=ids, attention_mask=mask)
        llama.model.forward(input_ids=ids[:1])  # as captum calls it: no hook of the outer model
    assert (meter.calls, meter.tokens_computed, meter.tokens_asked) == (3, 30, 26)


def test_tokens_of_a_cache_are_not_counted_again(llama: HFCausalLM) -> None:
    prompt, ledger = Prompt.from_document(TEXT), Ledger()
    llama.generate(prompt, 1, Ledger())  # a model is tried out when it first answers
    llama.clear_kv()
    with Meter(llama, Ledger()) as meter:
        llama.generate(prompt, 5, ledger)
    assert meter.computed == meter.read == ledger.tokens_computed


def test_embeddings_are_tokens_too(llama: HFCausalLM) -> None:
    embedded = llama.model.get_input_embeddings()(torch.arange(7)[None]).detach()
    with Meter(llama, Ledger()) as meter, torch.no_grad():
        llama.model(inputs_embeds=embedded)
    assert meter.tokens_computed == 7


def test_the_hook_is_gone_afterwards_even_after_an_error(llama: HFCausalLM) -> None:
    meter = Meter(llama, Ledger())
    with pytest.raises(RuntimeError), meter:
        raise RuntimeError
    with torch.no_grad():
        llama.model(input_ids=torch.arange(4)[None])
    assert meter.computed == 0
    assert not llama.model.base_model._forward_pre_hooks


def test_a_function_of_texts_is_counted_in_words() -> None:
    model, ledger = linear_function({"Nevada": 1.0}), Ledger()
    prompt = Prompt.from_document("one two three Nevada")
    from focus_lime.method.objective import Score

    f = ValueFunction(model, prompt, prompt.tree.units("word"), Score(), ledger=ledger)
    with Meter(model, ledger) as meter:
        f(np.array([[True, True, True, True], [True, False, False, True]]))
    assert (meter.calls, meter.tokens_asked, meter.tokens_computed) == (2, 6, 6)
