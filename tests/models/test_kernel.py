"""pytest tests/models/test_kernel.py"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    Gemma3Config,
    Gemma3ForConditionalGeneration,
)

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Ledger, Response, Target, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel import NAME, Kernel
from focus_lime.models.prefixes import Scored
from focus_lime.models.schedule import Limits, plan
from focus_lime.objective import ResponseLogOdds, log_odds
from focus_lime.perturb.masks import bernoulli
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from tests.conftest import CHAT_TEMPLATE, TEXT, VOCABULARY, make_tokenizer
from tests.models.families import (
    ALTERNATE,
    DELETE,
    LABELS,
    N_WORDS,
    ONE,
    PLACEHOLDER,
    PROMPT,
    SHARED,
    SMALL,
    UNSHARED,
    build,
    check,
    check_shared,
    of,
    sequences,
    shared_model,
    sizes,
)
from tests.models.test_hf import naive

# -- exact, by every family, step size and kind of mask -------------------------------------------


@pytest.mark.parametrize("name", sorted(SHARED))
def test_values_are_those_of_plain_forward_passes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tokens, call in ((64, 0.0), (2048, 1e12)):
        sizes(monkeypatch, tokens, call)
        check_shared(shared_model(name), DELETE, ONE)
    check_shared(shared_model(name), PLACEHOLDER, LABELS)


@pytest.mark.parametrize("call", [0.0, 1e12])
@pytest.mark.parametrize("tokens", [7, 33, 2048])
@pytest.mark.parametrize("name", ["gpt2", "llama", "mistral", "gemma2"])
def test_values_do_not_depend_on_the_size_of_a_step(
    name: str, tokens: int, call: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes(monkeypatch, tokens, call)
    check_shared(shared_model(name), DELETE[:7] + DELETE[-3:], LABELS)


@pytest.mark.parametrize("name", ["gpt2", "mistral"])
def test_one_token_at_a_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes(monkeypatch, 1, 0.0)
    check_shared(shared_model(name), DELETE[:3], LABELS)


def test_one_response_may_begin_as_another_and_prompts_may_repeat() -> None:
    nested = Target((Response("Nevada law."), Response("Nevada"), Response("Nevada law. Ohio")))
    check_shared(shared_model("llama"), [DELETE[0], DELETE[3], DELETE[0], DELETE[3]], nested)


def test_a_window_wider_than_the_prompt_changes_nothing_and_a_narrow_one_does() -> None:
    rows = {
        width: np.concatenate(
            score_all(build("mistral", {"sliding_window": width}), DELETE, ONE, Ledger())
        )
        for width in (16, 400, None)
    }
    np.testing.assert_allclose(rows[400], rows[None], atol=1e-5)
    assert np.abs(rows[16] - rows[None]).max() > 0.1


@pytest.mark.parametrize("name", ["gpt2", "llama", "mistral", "gemma2", "qwen2"])
def test_bfloat16_is_as_near_as_bfloat16_is_to_itself(name: str) -> None:
    """Log-odds in nats. At twice the initialisation masks move them by tenths, and bfloat16 errs by
    thousandths; at three times, by whole nats and by hundredths, however it is computed.
    """
    variants = of(bernoulli(N_WORDS, 32, seed=5))
    model = build(*SHARED[name], factor=2.0)
    model.model.to(torch.bfloat16)
    tail = list(model.continuation(Response("Nev")))
    target = Target((Response("Nev", tuple(tail)),))
    ledger = Ledger()
    got = [log_odds(row.sum()) for row in score_all(model, variants, target, ledger)]
    prompts = [model.encoder.variant_ids(variant).tolist() for variant in variants]
    plain = [log_odds(naive(model, prompt, tail).sum()) for prompt in prompts]
    model.model.float()
    exact = [log_odds(naive(model, prompt, tail).sum()) for prompt in prompts]
    assert ledger.unshared == ""
    assert np.std(exact) > 0.05
    np.testing.assert_allclose(got, plain, atol=1e-2)
    error, own = (np.sqrt(np.mean(np.subtract(a, exact) ** 2)) for a in (got, plain))
    assert error < 1.5 * own


# -- what cannot be shared ------------------------------------------------------------------------


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

    def more(module: Any, given: Any, out: torch.Tensor) -> torch.Tensor:
        return out * (1.0 + 0.02 * out.shape[1])

    model.model.model.embed_tokens.register_forward_hook(more)
    model.model.model.layers[0].register_forward_hook(more)
    ledger = check(model, DELETE[:6], ONE)
    assert "not its own" in ledger.unshared


def test_a_model_that_reads_backwards_is_found_out() -> None:
    model = build("llama", {})

    def mixed(module: Any, given: Any, out: torch.Tensor) -> torch.Tensor:
        return out + out.roll(1, dims=1)  # a convolution: a state that is no key and no value

    model.model.model.layers[1].mlp.register_forward_hook(mixed)
    model.score([Variant(PROMPT)], ONE, Ledger())
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
    longest = max(map(len, sequences(shared_model("llama"), DELETE, ONE)))
    model = longrope(longest - beyond)
    ledger = check(model, DELETE, ONE)
    assert ledger.unshared == (
        f"its positions mean something else beyond {longest - 1} tokens" if beyond else ""
    )
    assert ledger.tokens_computed == ledger.tokens_asked if beyond else True


def test_the_response_counts_for_positions_that_stretch() -> None:
    model = longrope(shared_model("llama").length(PROMPT))  # and the response is beyond
    with pytest.raises(FocusLimeError, match="positions mean something else"):
        score_all(model, [Variant(PROMPT, (), "attention")], ONE, Ledger())


# -- the model is as it was -----------------------------------------------------------------------


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_the_models_own_attention_is_there_again(
    attention: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = build("llama", {}, attention=attention)
    check_shared(model, DELETE[:4], ONE)
    assert model.model.config._attn_implementation == attention

    def broken(*_: Any, **__: Any) -> torch.Tensor:
        assert model.model.config._attn_implementation == NAME
        raise ValueError("broken")

    monkeypatch.setattr(model.model.model.layers[1].mlp, "forward", broken)
    with pytest.raises(ValueError, match="broken"):
        score_all(model, DELETE[:4], ONE, Ledger())
    assert model.model.config._attn_implementation == attention


def test_each_part_of_a_model_has_its_own_attention_again() -> None:
    seeing = {
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
    }
    config = Gemma3Config(
        text_config={**SMALL, "head_dim": 8, **ALTERNATE},
        vision_config=seeing,
        mm_tokens_per_image=4,
    )
    chosen = {"": "sdpa", "text_config": "eager", "vision_config": "sdpa"}
    with torch.random.fork_rng():
        torch.manual_seed(7)
        given = Gemma3ForConditionalGeneration._from_config(config, attn_implementation=chosen)
    model = HFCausalLM(given.eval(), make_tokenizer(CHAT_TEMPLATE), name="tiny-gemma3")
    ledger = check(model, DELETE[:4], ONE)
    assert ledger.unshared == ""
    parts = (given.config, given.config.text_config, given.config.vision_config)
    assert [part._attn_implementation for part in parts] == ["sdpa", "eager", "sdpa"]


def test_a_plain_forward_pass_between_two_steps_disturbs_nothing() -> None:
    model = build("llama", {})
    rng = np.random.default_rng(0)
    ids = rng.integers(3, VOCABULARY, 20)
    steps = plan([Scored(ids, 15), Scored(np.append(ids[:12], ids[:5]), 14)], Limits(8, 8))
    kernel, other = Kernel(model.model, 20), Kernel(model.model, 20)
    for step in steps:
        first = kernel.run(step)
        model.model(torch.from_numpy(ids)[None])
        assert torch.equal(first, other.run(step))


def test_threads_take_turns() -> None:
    """Two explanations at a time on one model, and somebody's own use of it after."""
    model = shared_model("llama")
    prompt = Prompt.from_document(TEXT, question="Which law?")
    units = split(prompt.sources, "sentence")
    masks = bernoulli(len(units), 6, seed=0)

    def values(response: str) -> np.ndarray:
        return ValueFunction(model, prompt, units, ResponseLogOdds(Response(response)))(masks)

    responses = ["Nevada law", "thirty days", "monthly", "either party"] * 3
    expected = [values(response) for response in responses]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(values, responses))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert model.model.config._attn_implementation == "sdpa"


class Adapter(torch.nn.Module):
    """What wraps a model to change it a little: its signature says nothing of what it hands on."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner, self.config, self.device, self.dtype = (
            inner, inner.config, inner.device, inner.dtype,
        )  # fmt: skip
        self.scale = torch.nn.Parameter(torch.tensor(0.5))

    def forward(self, *args: Any, **options: Any) -> Any:
        found = self.inner(*args, **options)
        found.logits = found.logits * self.scale
        return found


def test_an_adapter_around_a_model_is_shared() -> None:
    inner = shared_model("llama")
    model = HFCausalLM(Adapter(inner.model).eval(), inner.tokenizer, name="adapted")
    ledger = Ledger()
    variants = [Variant(PROMPT), Variant(PROMPT, ((0, 20, 60),))]
    rows = score_all(model, variants, ONE, ledger)
    assert ledger.unshared == ""
    tail = list(model.continuation(ONE.continuations[0]))
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
