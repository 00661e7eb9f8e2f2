"""pytest tests/models/test_fingerprint.py"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import accelerate
import pytest
import torch
from torch.profiler import ProfilerActivity, profile
from transformers import BertConfig, BertForSequenceClassification

from focus_lime.models.classifier import HFClassifier
from focus_lime.models.fingerprint import Fingerprint
from focus_lime.models.hf import HFCausalLM
from tests.conftest import CHAT_TEMPLATE, VOCABULARY, make_model, make_tokenizer


class Counted:
    """A tokenizer that counts how often its vocabulary is read, as it is for every digest."""

    is_fast = True
    pad_token_id = eos_token_id = 1
    model_max_length = 512

    def __init__(self) -> None:
        self.inner = make_tokenizer(CHAT_TEMPLATE)
        self.chat_template: str | None = CHAT_TEMPLATE
        self.reads = 0

    def __len__(self) -> int:
        return len(self.inner)

    @property
    def backend_tokenizer(self) -> Any:
        self.reads += 1
        return self.inner.backend_tokenizer


def causal(tokenizer: Any) -> HFCausalLM:
    return HFCausalLM(make_model("llama").model, tokenizer)


def classifier(tokenizer: Any) -> HFClassifier:
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=48,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return HFClassifier(BertForSequenceClassification(config).eval(), tokenizer)


def added(model: Any) -> None:
    with torch.no_grad():
        next(model.parameters())[0, 0] += 0.5


def through_data(model: Any) -> None:
    next(model.parameters()).data.mul_(1.5)


def replaced(model: Any) -> None:
    module = model.get_input_embeddings()
    module.weight = torch.nn.Parameter(module.weight.detach() + 1.0)


def loaded(model: Any) -> None:
    model.load_state_dict({name: value * 2 for name, value in model.state_dict().items()})


def configured(model: Any) -> None:
    model.config.some_setting = 3


@pytest.mark.parametrize("make", [causal, classifier])
@pytest.mark.parametrize("change", [added, through_data, replaced, loaded, configured])
def test_weights_are_read_once_until_they_change(
    make: Callable[[Any], Any], change: Callable[[Any], None]
) -> None:
    tokenizer = Counted()
    model = make(tokenizer)
    first = model.fingerprint
    assert (model.fingerprint, tokenizer.reads) == (first, 1)
    change(model.model)
    second = model.fingerprint
    assert second != first
    assert (model.fingerprint, tokenizer.reads) == (second, 2)
    assert second == make_like(make, model).fingerprint


def make_like(make: Callable[[Any], Any], model: Any) -> Any:
    """The same model, never looked at before."""
    return type(model)(copy.deepcopy(model.model), Counted())


def test_it_follows_the_tokenizer_and_not_where_the_weights_lie() -> None:
    model, tokenizer = make_model("llama").model, make_tokenizer(CHAT_TEMPLATE)
    mark = Fingerprint(model, tokenizer)
    first = mark.digest
    assert Fingerprint(copy.deepcopy(model), tokenizer).digest == first
    tokenizer.chat_template = CHAT_TEMPLATE + " "
    second = mark.digest
    tokenizer.add_tokens(["legalese"])
    assert len({first, second, mark.digest}) == 3


def test_one_element_that_no_sample_holds_counts() -> None:
    first, other = make_model("llama"), make_model("llama")
    assert first.fingerprint == other.fingerprint
    fresh = make_model("llama")
    fresh.model.lm_head.weight.data[-1, -2] += 0.5
    assert first.fingerprint != fresh.fingerprint


def test_a_large_weight_is_read_in_little_memory() -> None:
    model = make_model("llama").model
    large = torch.nn.Parameter(torch.ones(1 << 22))
    model.register_parameter("large", large)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        assert Fingerprint(model, make_tokenizer()).digest
    assert max(event.cpu_memory_usage for event in seen.events()) < large.nbytes / 4


def test_weights_of_inference_mode_have_a_fingerprint() -> None:
    expected = make_model("llama").fingerprint
    with torch.inference_mode():
        assert make_model("llama").fingerprint == expected


def test_offloaded_weights_are_the_same_weights() -> None:
    model = make_model("llama")
    offloaded = accelerate.cpu_offload(copy.deepcopy(model.model), torch.device("cpu"))
    assert offloaded.device.type == "meta"
    assert HFCausalLM(offloaded, model.tokenizer).fingerprint == model.fingerprint
