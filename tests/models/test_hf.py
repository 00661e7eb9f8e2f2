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
from focus_lime.models.base import Ledger, Response, Target, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from focus_lime.objective import ResponseLogOdds
from focus_lime.perturb.cache import ScoreCache
from focus_lime.perturb.masks import bernoulli
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from tests.conftest import CHAT_TEMPLATE, TEXT, make_model, make_tokenizer

PROMPT = Prompt.from_document(TEXT * 2, question="Which law?")
TARGET = Target((Response("Nevada law."),))


def naive(model: HFCausalLM, ids: list[int], tail: list[int]) -> np.ndarray:
    """log p of each token of `tail`, from a plain forward pass over one sequence."""
    with torch.no_grad():
        logits = model.model(torch.tensor([ids + tail])).logits[0].double()
    rows = logits[len(ids) - 1 : -1].log_softmax(-1)
    return rows[range(len(tail)), tail].numpy()


def test_scores_equal_naive_forward_passes_whatever_the_batch(family_model: HFCausalLM) -> None:
    units = split(PROMPT.sources, "word")
    f = ValueFunction(family_model, PROMPT, units, ResponseLogOdds(TARGET.continuations[0]))
    masks = np.vstack([np.ones(len(units), bool), bernoulli(len(units), 12, seed=3)])
    variants = [f.variant(mask) for mask in masks]
    tail = list(family_model.continuation(TARGET.continuations[0]))
    together = score_all(family_model, variants, TARGET, Ledger())
    for variant, row in zip(variants, together, strict=True):
        alone = score_all(family_model, [variant], TARGET, Ledger())[0]
        expected = naive(family_model, family_model.encoder.variant_ids(variant).tolist(), tail)
        np.testing.assert_allclose(row, expected, atol=1e-4)
        np.testing.assert_allclose(row, alone, atol=1e-4)


def test_the_all_kept_mask_is_the_prompt(family_model: HFCausalLM) -> None:
    content = PROMPT.messages[0].content
    expected = family_model.tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True
    )["input_ids"]
    assert family_model.encoder.variant_ids(Variant(PROMPT)).tolist() == list(expected)
    assert list(expected).count(family_model.tokenizer.bos_token_id) == 1


def test_a_generated_response_is_the_greedy_one_and_is_scored_by_its_ids(
    family_model: HFCausalLM,
) -> None:
    ledger = Ledger()
    response = family_model.generate(PROMPT, 5, ledger)
    ids = family_model.encoder.encode(PROMPT).ids.tolist()
    with torch.no_grad():
        for token in response.ids or ():
            assert int(family_model.model(torch.tensor([ids])).logits[0, -1].argmax()) == token
            ids.append(token)
    assert family_model.continuation(response) == response.ids
    assert ledger.calls == 1
    assert ledger.tokens_computed == len(ids) - 1


def test_dropped_tokens_are_those_that_hold_mostly_dropped_text(llama: HFCausalLM) -> None:
    ids = llama.encoder.encode(PROMPT)
    units = split(PROMPT.sources, "sentence")
    for unit in units:
        kept = llama.encoder.variant_ids(Variant(PROMPT, ((0, unit.start, unit.end),)))
        size = ids.end - ids.start
        overlap = np.minimum(ids.end, unit.end) - np.maximum(ids.start, unit.start)
        more = (ids.source == 0) & (2 * overlap > size)
        ties = (ids.source == 0) & (2 * overlap == size) & (ids.end <= unit.end)
        assert kept.tolist() == ids.ids[~(more | ties)].tolist()


def test_each_dropped_run_becomes_one_placeholder(llama: HFCausalLM) -> None:
    words = split(PROMPT.sources, "word")
    filler = llama.tokenizer(" ...", add_special_tokens=False)["input_ids"]
    run = (0, words[1].start, words[3].end)
    single = (0, words[6].start, words[6].end)
    got = llama.encoder.variant_ids(Variant(PROMPT, (run, single), "placeholder", " ...")).tolist()
    full = llama.encoder.encode(PROMPT)
    starts = full.start.tolist()

    def token_of(character: int) -> int:
        """The first token of the word at `character`: it begins with the space before it."""
        return starts.index(character - 1)

    expected = full.ids.tolist()
    expected[token_of(single[1]) : token_of(words[7].start)] = filler
    expected[token_of(run[1]) : token_of(words[4].start)] = filler
    assert got == expected


def test_token_units_tile_the_sources_and_match_the_ids() -> None:
    model = make_model("llama")
    text = "Ünïcode 👩‍👩‍👧 法律 tabs\t\r\n" + TEXT
    prompt = Prompt.from_messages(
        [{"role": "user", "content": text}, {"role": "user", "content": "x"}]
    )
    units = model.tokens(prompt)
    assert "".join(units.texts(prompt.sources)) == text + "x"
    encoded = model.encoder.encode(prompt)
    starts = {(s, a) for s, a in zip(encoded.source, encoded.start, strict=True) if s >= 0}
    assert {(u.source, u.start) for u in units} == starts


def test_a_base_model_has_one_bos_and_a_spaced_response(base_gpt2: HFCausalLM) -> None:
    assert base_gpt2.continuation(Response("Nevada")) == base_gpt2.continuation(Response(" Nevada"))
    text = "Once upon a time."
    assert (
        base_gpt2.tokenizer.decode(base_gpt2.encoder.encode(Prompt.from_document(text)).ids) == text
    )


def test_a_prompt_with_nothing_left_is_scored_after_the_token_that_begins_a_text(
    base_gpt2: HFCausalLM,
) -> None:
    prompt = Prompt.from_document("Once upon a time.")
    variant = Variant(prompt, ((0, 0, 17),))
    assert base_gpt2.encoder.variant_ids(variant).tolist() == [base_gpt2.tokenizer.bos_token_id]
    row = score_all(base_gpt2, [variant], TARGET, Ledger())[0]
    tail = list(base_gpt2.continuation(TARGET.continuations[0]))
    np.testing.assert_allclose(row, naive(base_gpt2, [0], tail), atol=1e-4)


def test_several_continuations_stand_one_after_the_other(llama: HFCausalLM) -> None:
    both = Target((Response("Yes"), Response("No, never")))
    row = score_all(llama, [Variant(PROMPT)], both, Ledger())[0]
    parts = [
        score_all(llama, [Variant(PROMPT)], Target((r,)), Ledger())[0] for r in both.continuations
    ]
    np.testing.assert_allclose(row, np.concatenate(parts), atol=1e-4)


def test_cost_counts_asked_tokens_and_each_computed_token_once(llama: HFCausalLM) -> None:
    short = Variant(PROMPT, ((0, 60, 120),))
    ledger = Ledger()
    llama.release()
    score_all(llama, [Variant(PROMPT), short, short], TARGET, ledger)
    tail = list(llama.continuation(TARGET.continuations[0]))
    whole, less = ([*llama.encoder.variant_ids(v), *tail] for v in (Variant(PROMPT), short))
    shared = next(i for i, (a, b) in enumerate(zip(whole, less, strict=False)) if a != b)
    assert (ledger.calls, ledger.tokens_asked) == (3, len(whole) + 2 * len(less))
    # The last token of a response is read off, never run.
    assert ledger.tokens_computed == len(whole) - 1 + len(less) - 1 - shared
    assert ledger.unshared == ""


def test_a_prompt_longer_than_the_window_is_an_error_with_both_lengths(llama: HFCausalLM) -> None:
    long = Prompt.from_document(TEXT * 40)
    tokens = llama.length(long)
    with pytest.raises(FocusLimeError, match=rf"has {tokens} tokens .* at most 512"):
        score_all(llama, [Variant(long)], TARGET, Ledger())
    with pytest.raises(FocusLimeError, match=rf"has {tokens} tokens .* at most 512"):
        llama.generate(long, 5, Ledger())


def test_empty_responses_training_mode_and_slow_tokenizers_are_errors(llama: HFCausalLM) -> None:
    with pytest.raises(FocusLimeError, match="has no tokens"):
        llama.continuation(Response(""))

    with pytest.raises(FocusLimeError, match="training mode"):
        HFCausalLM(copy.deepcopy(llama.model).train(), llama.tokenizer)

    class Slow:
        is_fast = False

    with pytest.raises(FocusLimeError, match="fast tokenizer"):
        HFCausalLM(llama.model, Slow())


def test_nan_logits_are_an_error_that_names_the_mask_and_nothing_is_kept(tmp_path: Path) -> None:
    model = make_model("llama")
    units = split(PROMPT.sources, "sentence")
    cache = ScoreCache(tmp_path / "scores.sqlite")
    f = ValueFunction(model, PROMPT, units, ResponseLogOdds(TARGET.continuations[0]), cache=cache)
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


def test_fingerprint_changes_with_the_weights_the_template_and_nothing_else() -> None:
    first, same, other = make_model("llama"), make_model("llama"), make_model("llama")
    assert first.fingerprint == same.fingerprint
    other.model.lm_head.weight.data[-1, -1] += 0.5
    assert first.fingerprint != other.fingerprint
    same.tokenizer.chat_template = CHAT_TEMPLATE + " "
    assert first.fingerprint != same.fingerprint


def test_nothing_of_the_users_is_changed() -> None:
    tokenizer = make_tokenizer(CHAT_TEMPLATE)
    given: Any = make_model("llama").model
    state = copy.deepcopy(given.state_dict())
    settings = given.generation_config.to_dict(), given.config.to_dict(), len(tokenizer)
    model = HFCausalLM(given, tokenizer)
    model.generate(PROMPT, 3, Ledger())
    score_all(model, [Variant(PROMPT)], TARGET, Ledger())
    assert settings == (given.generation_config.to_dict(), given.config.to_dict(), len(tokenizer))
    assert tokenizer.pad_token is None
    assert all(torch.equal(state[name], value) for name, value in given.state_dict().items())
