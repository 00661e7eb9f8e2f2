"""pytest tests/models/test_hf.py

The reference in all of these is transformers itself, one prompt at a time and unpadded.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span
from focus_lime.method.cache import ScoreCache
from focus_lime.method.masks import bernoulli
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ledger, Response, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from tests.conftest import CHAT_TEMPLATE, TEXT, make_model, make_tokenizer
from tests.models.families import naive

PROMPT = Prompt.from_document(TEXT * 2, question="Which law?")
TARGET = (Response("Nevada law."),)


def test_scores_equal_naive_forward_passes_whatever_the_batch(family_model: HFCausalLM) -> None:
    units = PROMPT.tree.units("word")
    f = ValueFunction(family_model, PROMPT, units, ResponseLogOdds(TARGET[0]))
    masks = np.vstack([np.ones(len(units), bool), bernoulli(len(units), 12, seed=3)])
    variants = [f.variant(mask) for mask in masks]
    tail = list(family_model.encode_response(TARGET[0]))
    together = score_all(family_model, variants, TARGET, Ledger())
    for variant, row in zip(variants, together, strict=True):
        alone = score_all(family_model, [variant], TARGET, Ledger())[0]
        expected = naive(family_model, family_model.encoder.variant_ids(variant).tolist(), tail)
        np.testing.assert_allclose(row, expected, atol=1e-4)
        np.testing.assert_allclose(row, alone, atol=1e-4)


def test_a_generated_response_is_the_greedy_one_and_is_scored_by_its_ids(
    family_model: HFCausalLM,
) -> None:
    ledger = Ledger()
    family_model.clear_kv()
    response = family_model.generate(PROMPT, 5, ledger)
    ids = family_model.encoder.encode(PROMPT).ids.tolist()
    with torch.no_grad():
        for token in response.ids or ():
            assert int(family_model.model(torch.tensor([ids])).logits[0, -1].argmax()) == token
            ids.append(token)
    assert family_model.encode_response(response) == response.ids
    assert ledger.calls == 1
    assert ledger.tokens_asked == ledger.tokens_computed == len(ids) - 1


def test_an_answer_that_its_length_cut_off_says_so(llama: HFCausalLM) -> None:
    cut = llama.generate(PROMPT, 3, Ledger())
    assert cut.is_cut
    (note,) = ResponseLogOdds(cut).resolve(llama, PROMPT, 3, Ledger()).notes
    assert "--max-new-tokens" in note


def test_an_answer_that_ended_by_itself_is_whole(
    llama: HFCausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = torch.tensor([[40, 41, llama.tokenizer.eos_token_id]])
    monkeypatch.setattr(
        llama.model, "generate", lambda inputs, **_: torch.cat([inputs, end], dim=1)
    )
    assert not llama.generate(PROMPT, 3, Ledger()).is_cut


def test_what_was_read_to_answer_is_not_read_again(family_model: HFCausalLM) -> None:
    """Nor to score, nor for another prompt, as far as it begins alike."""
    family_model.clear_kv()
    first, again, scored, other = Ledger(), Ledger(), Ledger(), Ledger()
    response = family_model.generate(PROMPT, 5, first)
    assert family_model.generate(PROMPT, 5, again) == response
    score_all(family_model, [Variant(PROMPT)], (response,), scored)
    context = len(family_model._context(PROMPT))
    saved = first.tokens_computed - context
    assert again.tokens_computed == scored.tokens_computed == saved
    shorter = Prompt.from_document(TEXT[:90], question="Which law?")
    answer = family_model.generate(shorter, 5, other)
    assert other.tokens_computed < other.tokens_asked
    family_model.clear_kv()
    assert family_model.generate(shorter, 5, Ledger()) == answer


def test_a_large_context_is_read_anew_rather_than_kept_twice(llama: HFCausalLM) -> None:
    tight = HFCausalLM(llama.model, llama.tokenizer, memory=10_000)
    ledger = Ledger()
    response = tight.generate(PROMPT, 5, ledger)
    assert tight.scorer.cached is None
    assert ledger.tokens_computed == ledger.tokens_asked
    assert response == llama.generate(PROMPT, 5, Ledger())


def test_a_prompt_with_nothing_left_is_scored_after_the_token_that_begins_a_text(
    base_gpt2: HFCausalLM,
) -> None:
    prompt = Prompt.from_document("Once upon a time.")
    variant = Variant(prompt, (Span(0, 0, 17),))
    assert base_gpt2.encoder.variant_ids(variant).tolist() == [base_gpt2.tokenizer.bos_token_id]
    row = score_all(base_gpt2, [variant], TARGET, Ledger())[0]
    tail = list(base_gpt2.encode_response(TARGET[0]))
    np.testing.assert_allclose(row, naive(base_gpt2, [0], tail), atol=1e-4)


def test_several_continuations_stand_one_after_the_other(llama: HFCausalLM) -> None:
    both = (Response("Yes"), Response("No, never"))
    row = score_all(llama, [Variant(PROMPT)], both, Ledger())[0]
    parts = [score_all(llama, [Variant(PROMPT)], (r,), Ledger())[0] for r in both]
    np.testing.assert_allclose(row, np.concatenate(parts), atol=1e-4)


def test_cost_counts_asked_tokens_and_each_computed_token_once(llama: HFCausalLM) -> None:
    short = Variant(PROMPT, (Span(0, 60, 120),))
    ledger = Ledger()
    llama.clear_kv()
    score_all(llama, [Variant(PROMPT), short, short], TARGET, ledger)
    tail = list(llama.encode_response(TARGET[0]))
    whole, less = ([*llama.encoder.variant_ids(v), *tail] for v in (Variant(PROMPT), short))
    shared = next(i for i, (a, b) in enumerate(zip(whole, less, strict=False)) if a != b)
    assert (ledger.calls, ledger.tokens_asked) == (3, len(whole) + 2 * len(less))
    # The last token of a response is read off, never run.
    assert ledger.tokens_computed == len(whole) - 1 + len(less) - 1 - shared
    assert ledger.unshared == ""


def test_a_prompt_longer_than_the_window_is_an_error_with_both_lengths(llama: HFCausalLM) -> None:
    long = Prompt.from_document(TEXT * 40)
    tokens = llama.count_tokens(long)
    with pytest.raises(FocusLimeError, match=rf"has {tokens} tokens .* at most 512"):
        score_all(llama, [Variant(long)], TARGET, Ledger())
    with pytest.raises(FocusLimeError, match=rf"has {tokens} tokens .* at most 512"):
        llama.generate(long, 5, Ledger())


def test_a_model_in_training_mode_is_an_error(llama: HFCausalLM) -> None:
    with pytest.raises(FocusLimeError, match="training mode"):
        HFCausalLM(copy.deepcopy(llama.model).train(), llama.tokenizer)


def test_nan_logits_are_an_error_that_names_the_mask_and_nothing_is_kept(tmp_path: Path) -> None:
    model = make_model("llama")
    units = PROMPT.tree.units("sentence")
    cache = ScoreCache(tmp_path / "scores.sqlite")
    f = ValueFunction(model, PROMPT, units, ResponseLogOdds(TARGET[0]), cache=cache)
    mask = np.ones((1, len(units)), dtype=bool)
    mask[0, [1, 3]] = False
    f(~mask)
    model.model.model.norm.weight.data.fill_(float("nan"))
    with pytest.raises(
        FocusLimeError, match=r"NaN or inf for the mask that drops the units 1, 3 of 8"
    ):
        f(mask)
    with pytest.raises(FocusLimeError, match="NaN or inf for the prompt; nothing"):
        f.full()
    assert len(cache) == 1


def test_nothing_of_the_users_is_changed() -> None:
    tokenizer = make_tokenizer(CHAT_TEMPLATE)
    users: Any = make_model("llama").model
    state = copy.deepcopy(users.state_dict())
    settings = users.generation_config.to_dict(), users.config.to_dict(), len(tokenizer)
    model = HFCausalLM(users, tokenizer)
    model.generate(PROMPT, 3, Ledger())
    score_all(model, [Variant(PROMPT)], TARGET, Ledger())
    assert settings == (users.generation_config.to_dict(), users.config.to_dict(), len(tokenizer))
    assert tokenizer.pad_token is None
    assert all(torch.equal(state[name], value) for name, value in users.state_dict().items())
