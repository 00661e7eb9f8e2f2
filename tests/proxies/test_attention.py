"""pytest tests/proxies/test_attention.py

The oracle is the model as transformers runs it: eager attention over the whole sequence, all of
whose matrices are returned.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, Gemma2Config, GptOssConfig

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Objective
from focus_lime.method.objectives.labels import LabelLogOdds
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.proxy import load_proxy
from focus_lime.models.base import Ledger, Response, Variant
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel.prefixes import TokenSequence
from focus_lime.proxies.attention import Attention, attention, rows_predicting
from tests.conftest import FAMILIES, TEXT, linear_function, make_tokenizer, units_of

PROMPT = Prompt.from_document(TEXT, question="Which law governs?")
ANSWER = ResponseLogOdds(Response("The law of Nevada."))
LABELS = LabelLogOdds(["Yes indeed", "Yes"], "No, never")


def eager(model: HFCausalLM, objective: Objective) -> tuple[np.ndarray, int]:
    """The attention to each token of the prompt, and how many tokens were asked for in all."""
    own = deepcopy(model.model)
    own.set_attn_implementation("eager")
    prompt_ids = model.encoder.encode(PROMPT).ids
    rows, asked = [], 0
    for response in objective.continuations:
        tail = model.encode_response(response)
        ids = torch.tensor([[*prompt_ids, *tail]])
        with torch.inference_mode():
            layers = own(ids, output_attentions=True).attentions
        mean = torch.stack(layers)[:, 0].mean((0, 1))  # over layers and heads
        rows.append(mean[len(prompt_ids) - 1 : -1, : len(prompt_ids)])
        asked += ids.shape[1]
    return torch.cat(rows).mean(0).double().numpy(), asked


def score(model: HFCausalLM, level: str = "sentence", objective: Objective = ANSWER) -> Any:
    units = units_of(PROMPT, level)
    rng = np.random.default_rng(0)
    return Attention().score(PROMPT, units, objective, target=model, rng=rng)


@pytest.mark.parametrize("objective", [ANSWER, LABELS], ids=["response", "labels"])
@pytest.mark.parametrize("block", [1 << 24, 1], ids=["at-once", "row-by-row"])
def test_tokens_get_what_plain_eager_attention_gives_them(
    family_model: HFCausalLM,
    objective: Objective,
    block: int,
) -> None:
    expected, asked = eager(family_model, objective)
    ledger = Ledger()
    found = attention(family_model, PROMPT, objective.continuations, ledger, block=block)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.std() > 1e-3  # a thousand times the tolerance: the attention is not flat
    assert (ledger.calls, ledger.tokens_asked) == (len(objective.continuations), asked)


def test_many_small_steps_are_one_reading(llama: HFCausalLM) -> None:
    once, thrifty = Ledger(), Ledger()
    expected = attention(llama, PROMPT, LABELS.continuations, once)
    small = HFCausalLM(llama.model, llama.tokenizer, name="small", memory=100_000)
    seen: list[tuple[int, int]] = []
    found = attention(
        small, PROMPT, LABELS.continuations, thrifty, lambda done, total: seen.append((done, total))
    )
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert len(seen) > 3
    assert seen[-1][0] == seen[-1][1] == len(seen)
    assert thrifty.tokens_computed == once.tokens_computed


def test_every_token_runs_once(llama: HFCausalLM) -> None:
    ledger = Ledger()
    attention(llama, PROMPT, ANSWER.continuations, ledger)
    length = llama.count_tokens(PROMPT) + len(llama.encode_response(ANSWER.continuations[0]))
    assert (ledger.calls, ledger.tokens_asked, ledger.tokens_computed) == (1, length, length - 1)
    assert ledger.seconds > 0


def test_only_the_rows_that_predict_are_multiplied_out(llama: HFCausalLM) -> None:
    ids = llama.encoder.encode(PROMPT).ids
    answer = np.array(llama.encode_response(ANSWER.continuations[0]))
    steps = llama.scorer.steps([TokenSequence(np.append(ids, answer), len(ids))])
    assert sum(len(rows_predicting(step)) for step in steps) == len(answer)
    assert sum(len(step.ids) for step in steps) > 10 * len(answer)


def test_a_unit_gets_what_its_tokens_get(llama: HFCausalLM) -> None:
    tokens, _ = eager(llama, ANSWER)
    for level in ("chunk", "sentence", "word"):
        units = units_of(PROMPT, level)
        scores = score(llama, level).scores
        for unit, found in zip(units, scores, strict=True):
            gone = llama.encoder.dropped(Variant(PROMPT, (unit.span,)))
            assert found == pytest.approx(tokens[gone].sum(), abs=1e-6)
        # Units tile the document, and each of its tokens belongs to one of them.
        attributable = llama.encoder.encode(PROMPT).source >= 0
        assert scores.sum() == pytest.approx(tokens[attributable].sum(), abs=1e-6)


def test_sinks_and_soft_caps_are_those_of_the_model() -> None:
    """Gemma 2 caps its scores and slides in every other layer; GPT-OSS has sinks, too."""
    more: dict[str, Any] = {"head_dim": 8, "sliding_window": 16}
    for name in (
        "vocab_size",
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "num_key_value_heads",
    ):
        more[name] = getattr(FAMILIES["llama"](), name)
    for config in (
        Gemma2Config(**more, attn_logit_softcapping=2.0, query_pre_attn_scalar=8),
        GptOssConfig(**more, num_local_experts=2, num_experts_per_tok=1),
    ):
        with torch.random.fork_rng():
            torch.manual_seed(7)
            net = AutoModelForCausalLM.from_config(config).eval()
            for name, parameter in net.named_parameters():
                if "sinks" in name:
                    parameter.data.normal_()
                elif "norm" not in name:
                    parameter.data.mul_(3.0)
        model = HFCausalLM(net, make_tokenizer("{{ messages[0].content }}"), name="tiny")
        expected, _ = eager(model, ANSWER)
        found = attention(model, PROMPT, ANSWER.continuations, Ledger())
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_cost_is_that_of_whose_attention_it_is(llama: HFCausalLM, base_gpt2: Any) -> None:
    own = score(llama)
    assert (own.cost, own.target_cost.calls) == (Ledger(), 1)
    units = PROMPT.tree.scored
    foreign = ResponseLogOdds(Response(ANSWER.query, ids=(10**6,)))
    other = Attention(base_gpt2)
    found = other.score(PROMPT, units, foreign, target=llama, rng=np.random.default_rng(0))
    assert other.name == "attention:tiny-gpt2"
    assert (found.cost.calls, found.target_cost) == (1, Ledger())
    np.testing.assert_array_equal(found.scores, score(base_gpt2).scores)


def test_nothing_of_the_model_is_changed(family_model: HFCausalLM) -> None:
    net = family_model.model
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    configuration, implementation = repr(net.config), net.config._attn_implementation
    score(family_model)
    assert (repr(net.config), net.config._attn_implementation) == (configuration, implementation)
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())
    assert not any(module._forward_hooks for module in net.modules())


def test_what_shows_no_attention_is_an_error(
    llama: HFCausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    units, rng = PROMPT.tree.scored, np.random.default_rng(0)
    scores = linear_function({})
    with pytest.raises(FocusLimeError, match=r"linear shows no attention.*give attention:MODEL"):
        Attention().score(PROMPT, units, ANSWER, target=scores, rng=rng)
    with pytest.raises(FocusLimeError, match="linear shows no attention"):
        Attention(scores).score(PROMPT, units, ANSWER, target=llama, rng=rng)
    long = Prompt.from_document(TEXT * 20)
    with pytest.raises(FocusLimeError, match="reads at most 512"):
        Attention().score(long, long.tree.scored, ANSWER, target=llama, rng=rng)
    monkeypatch.setattr(llama.scorer, "why_not", lambda longest: "it has a recurrent state")
    with pytest.raises(FocusLimeError, match=r"recurrent state\): give attention:MODEL"):
        Attention().score(PROMPT, units, ANSWER, target=llama, rng=rng)


def test_it_is_found_by_name() -> None:
    assert load_proxy("attention").name == "attention"
    assert load_proxy("attention:bundled:proxy").name == "attention:bundled:proxy"
    with pytest.raises(FocusLimeError, match="the model's name is empty"):
        load_proxy("attention:")
