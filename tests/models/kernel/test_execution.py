"""pytest tests/models/kernel/test_execution.py"""

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

from focus_lime.inputs.prompt import Prompt
from focus_lime.method.masks import bernoulli
from focus_lime.method.objective import log_odds
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ledger, Response, score_all
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel.execution import NAME, Kernel
from focus_lime.models.kernel.prefixes import TokenSequence
from focus_lime.models.kernel.schedule import plan
from focus_lime.models.kernel.steps import Limits
from tests.conftest import CHAT_TEMPLATE, TEXT, VOCABULARY, make_tokenizer
from tests.models.families import (
    ALTERNATE,
    DELETE,
    LABELS,
    N_WORDS,
    ONE,
    PLACEHOLDER,
    SHARED,
    SMALL,
    build,
    check,
    check_shared,
    naive,
    of,
    resized,
    shared_model,
)

# -- exact, by every family, step size and kind of mask -------------------------------------------


@pytest.mark.parametrize("name", sorted(SHARED))
def test_values_are_those_of_plain_forward_passes(name: str) -> None:
    for tokens, call in ((64, 0.0), (2048, 1e12)):
        check_shared(resized(shared_model(name), tokens, call), DELETE, ONE)
    check_shared(shared_model(name), PLACEHOLDER, LABELS)


@pytest.mark.parametrize("call", [0.0, 1e12])
@pytest.mark.parametrize("tokens", [7, 33, 2048])
@pytest.mark.parametrize("name", ["gpt2", "llama", "mistral", "gemma2"])
def test_values_do_not_depend_on_the_size_of_a_step(name: str, tokens: int, call: float) -> None:
    check_shared(resized(shared_model(name), tokens, call), DELETE[:7] + DELETE[-3:], LABELS)


@pytest.mark.parametrize("name", ["gpt2", "mistral"])
def test_one_token_at_a_time(name: str) -> None:
    check_shared(resized(shared_model(name), 1, 0.0), DELETE[:3], LABELS)


def test_one_response_may_begin_as_another_and_prompts_may_repeat() -> None:
    nested = (Response("Nevada law."), Response("Nevada"), Response("Nevada law. Ohio"))
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
    tail = list(model.encode_response(Response("Nev")))
    target = (Response("Nev", tuple(tail)),)
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
        vision = Gemma3ForConditionalGeneration._from_config(config, attn_implementation=chosen)
    model = HFCausalLM(vision.eval(), make_tokenizer(CHAT_TEMPLATE), name="tiny-gemma3")
    ledger = check(model, DELETE[:4], ONE)
    assert ledger.unshared == ""
    parts = (vision.config, vision.config.text_config, vision.config.vision_config)
    assert [part._attn_implementation for part in parts] == ["sdpa", "eager", "sdpa"]


def test_a_plain_forward_pass_between_two_steps_disturbs_nothing() -> None:
    model = build("llama", {})
    rng = np.random.default_rng(0)
    ids = rng.integers(3, VOCABULARY, 20)
    steps = plan(
        [TokenSequence(ids, 15), TokenSequence(np.append(ids[:12], ids[:5]), 14)], Limits(8, 8)
    )
    kernel, other = Kernel(model.model, 20), Kernel(model.model, 20)
    for step in steps:
        first = kernel.run(step)
        model.model(torch.from_numpy(ids)[None])
        assert torch.equal(first, other.run(step))


def test_threads_take_turns() -> None:
    """Two explanations at a time on one model, and somebody's own use of it after."""
    model = shared_model("llama")
    prompt = Prompt.from_document(TEXT, question="Which law?")
    units = prompt.tree.units("sentence")
    masks = bernoulli(len(units), 6, seed=0)

    def values(response: str) -> np.ndarray:
        return ValueFunction(model, prompt, units, ResponseLogOdds(Response(response)))(masks)

    responses = ["Nevada law", "thirty days", "monthly", "either party"] * 3
    expected = [values(response) for response in responses]
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(values, responses))
    np.testing.assert_allclose(rows, expected, atol=1e-4)
    assert model.model.config._attn_implementation == "sdpa"
