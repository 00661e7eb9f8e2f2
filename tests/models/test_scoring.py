"""pytest tests/models/test_scoring.py

Limits, estimates, and what happens when memory runs out: values stay, cost is as announced.
"""

from __future__ import annotations

import copy
import gc
import inspect
import math
import weakref
from pathlib import Path
from typing import Any

import accelerate
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from focus_lime.errors import FocusLimeError
from focus_lime.models import scoring
from focus_lime.models.base import Estimate, Ledger, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel import Kernel
from focus_lime.models.prefixes import Scored
from focus_lime.models.schedule import Limits
from focus_lime.models.scoring import Scorer, log_probabilities
from focus_lime.objective import LabelLogOdds
from focus_lime.perturb.masks import bernoulli
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
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

OUT_OF_MEMORY = "CUDA out of memory. Tried to allocate 2.00 GiB"


def cramped(model: HFCausalLM, most: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lets the model run out of memory beyond `most` tokens at once; the list fills with the
    tokens of those forward passes.
    """
    refused: list[int] = []
    forward = model.model.forward

    def narrow(*args: Any, input_ids: torch.Tensor, **options: Any) -> Any:
        if input_ids.numel() > most:
            refused.append(input_ids.numel())
            raise torch.OutOfMemoryError(OUT_OF_MEMORY)
        return forward(*args, input_ids=input_ids, **options)

    narrow.__signature__ = inspect.signature(forward)  # type: ignore[attr-defined]
    monkeypatch.setattr(model.model, "forward", narrow)
    return refused


def unshared_model() -> HFCausalLM:
    kind, options, _ = UNSHARED["bloom"]
    return build(kind, options)


ATTENTION = [Variant(PROMPT, v.dropped, "attention") for v in DELETE]


@pytest.mark.parametrize("variants", [DELETE, ATTENTION], ids=["delete", "attention"])
def test_less_memory_changes_no_value_and_is_remembered(
    variants: list[Variant], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = build(*SHARED["llama"])
    expected = score_all(model, variants, LABELS, Ledger())  # which also finds out: shared
    refused = cramped(model, 40, monkeypatch)
    seen: list[int] = []
    for index, row in model.score(variants, LABELS, Ledger()):
        seen.append(index)
        np.testing.assert_allclose(row, expected[index], atol=1e-4)
    assert sorted(seen) == list(range(len(variants)))
    assert refused  # it ran out, and went on
    assert model.scorer.limits.tokens <= 40
    refused.clear()
    again = score_all(model, variants, LABELS, Ledger())
    assert not refused
    for row, value in zip(again, expected, strict=True):
        np.testing.assert_allclose(row, value, atol=1e-4)


def test_what_was_known_before_memory_ran_out_is_not_computed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scoring, "_STEP_TOKENS", 64)
    model = build(*SHARED["llama"])
    expected = score_all(model, DELETE, ONE, Ledger())
    forward, passes = model.model.forward, [0]

    def late(*args: Any, **options: Any) -> Any:
        passes[0] += 1
        if passes[0] == 6:
            raise torch.OutOfMemoryError(OUT_OF_MEMORY)
        return forward(*args, **options)

    monkeypatch.setattr(model.model, "forward", late)
    ledger, seen = Ledger(), []
    before = None
    for index, row in model.score(DELETE, ONE, ledger):
        if passes[0] > 5 and before is None:
            before = len(seen)
        seen.append(index)
        np.testing.assert_allclose(row, expected[index], atol=1e-4)
    assert sorted(seen) == list(range(len(DELETE)))
    assert before is not None
    assert before > 0  # some were done by then
    assert ledger.calls == len(DELETE)


@pytest.mark.parametrize("most", [300, 130])
def test_less_memory_for_padded_batches(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = unshared_model()
    expected = score_all(model, DELETE, LABELS, Ledger())
    refused = cramped(model, most, monkeypatch)
    found = list(model.score(DELETE, LABELS, Ledger()))
    assert sorted(index for index, _ in found) == list(range(len(DELETE)))
    for index, row in found:
        np.testing.assert_allclose(row, expected[index], atol=1e-4)
    assert refused
    refused.clear()
    score_all(model, DELETE, LABELS, Ledger())
    assert not refused


@pytest.mark.parametrize("unshared", [False, True])
def test_no_memory_at_all_is_an_error_that_says_what_to_do(
    unshared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = unshared_model() if unshared else build(*SHARED["llama"])
    score_all(model, DELETE[:1], ONE, Ledger())
    cramped(model, 0, monkeypatch)
    with pytest.raises(FocusLimeError, match="out of memory even when one token runs at a time"):
        score_all(model, DELETE, ONE, Ledger())


def test_the_old_stack_is_gone_before_the_next_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(*SHARED["llama"])
    score_all(model, DELETE[:1], ONE, Ledger())
    model.release()
    made: list[weakref.ref[Kernel]] = []
    init = Kernel.__init__

    def remembered(self: Kernel, *given: Any) -> None:
        init(self, *given)
        made.append(weakref.ref(self))

    alive: list[bool] = []

    def clear(**_: Any) -> None:
        gc.collect()
        alive.append(any(kernel() is not None for kernel in made))

    monkeypatch.setattr(Kernel, "__init__", remembered)
    monkeypatch.setattr(scoring, "clear_device_cache", clear)
    cramped(model, 300, monkeypatch)
    score_all(model, DELETE, ONE, Ledger())
    assert len(alive) > 1
    assert not any(alive)


def test_another_error_is_not_taken_for_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(*SHARED["llama"])
    score_all(model, DELETE[:1], ONE, Ledger())

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("device-side assert triggered")

    monkeypatch.setattr(model.model, "forward", broken)
    with pytest.raises(RuntimeError, match="device-side assert"):
        score_all(model, DELETE, ONE, Ledger())


# -- limits ---------------------------------------------------------------------------------------


def test_a_big_vocabulary_bounds_the_rows_that_are_read() -> None:
    small = shared_model("llama").scorer
    assert small.limits.tokens == scoring._STEP_TOKENS
    big = Scorer(copy.deepcopy(small.model), 0, memory=1 << 20)
    big.model.config.vocab_size = 4096
    assert big.limits.reads == (1 << 20) // (4 * 4 * 4096) == 16
    big.model.config.vocab_size = 1 << 22
    assert big.limits.reads == 1
    wide = Scorer(copy.deepcopy(small.model), 0, memory=1 << 20)
    wide.model.config.hidden_size = 1 << 20
    assert wide.limits.tokens == 1


def test_every_step_is_within_the_limits() -> None:
    model = shared_model("gemma2")
    scorer = Scorer(model.model, 0, memory=1 << 18)
    sequences = model._sequences(DELETE, LABELS)
    steps = scorer.steps(sequences)
    limits = scorer.limits
    assert limits.tokens < 150
    assert len(steps) > 1
    for step in steps:
        assert len(step.ids) <= limits.tokens
        rows = {read.row + i for read in step.reads for i in range(read.count)}
        assert len(rows) <= limits.reads
    context = model._context(PROMPT)
    found = dict(scorer.score(sequences, Ledger(), context))
    for index, row in model.scorer.score(sequences, Ledger(), context):
        np.testing.assert_allclose(found[index], row, atol=1e-4)


def test_values_and_limits_without_a_list_of_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration that has one inner width for each layer."""
    limits = shared_model("gemma3n").scorer.limits
    assert isinstance(limits, Limits)
    assert limits.tokens >= 1


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
        model.release()
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
        split(PROMPT.sources, "word"),
        LabelLogOdds(LABELS.continuations[:1], LABELS.continuations[1:]),
        ablation=ablation,
        ledger=ledger,
    )
    masks = np.vstack([bernoulli(N_WORDS, 6, seed=9)] * 2)
    f.model.release()
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
        model.release()
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
    given = build(*SHARED["llama"])
    expected = score_all(given, DELETE[:8], ONE, Ledger())
    given.model.save_pretrained(tmp_path / "model")
    layers = {f"model.layers.{i}": place for i, place in enumerate(("cpu", "disk"))}
    rest = ("model.embed_tokens", "model.norm", "model.rotary_emb", "lm_head")
    mapped = accelerate.dispatch_model(
        copy.deepcopy(given.model),
        {**layers, **dict.fromkeys(rest, "cpu")},
        main_device="cpu",
        offload_dir=tmp_path / "weights",
    )
    offloaded = accelerate.cpu_offload(copy.deepcopy(given.model), torch.device("cpu"))
    assert offloaded.device.type == "meta"
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path / "model", device_map={"": "cpu"})
    for model in (mapped, offloaded, loaded):
        ledger = Ledger()
        other = HFCausalLM(model, given.tokenizer)
        rows = score_all(other, DELETE[:8], ONE, ledger)
        assert ledger.unshared == ""
        np.testing.assert_allclose(np.array(rows), np.array(expected), atol=1e-5)


# -- precision ------------------------------------------------------------------------------------


def test_log_probabilities_are_exact_near_certainty() -> None:
    # p = 1 - 1e-12: float32 log-softmax gives 0, and log-odds of inf.
    gap = math.log(1e-12)
    logits = torch.tensor([[0.0, gap - math.log(2), gap - math.log(2)]])
    assert logits.log_softmax(-1)[0, 0] == 0.0
    value = log_probabilities(logits, np.array([0]), np.array([0]))[0]
    assert value == pytest.approx(-1e-12, rel=1e-4)
    assert log_probabilities(logits, np.array([0]), np.array([1]))[0] == pytest.approx(
        gap - math.log(2)
    )


def test_log_probabilities_are_those_of_float64() -> None:
    random = torch.Generator().manual_seed(0)
    logits = 8 * torch.randn(50, 300, generator=random)
    logits[::7, 3] = 40.0  # some are all but certain
    rng = np.random.default_rng(0)
    rows, ids = rng.integers(0, 50, 90), rng.integers(0, 300, 90)
    ids[::3] = 3
    expected = logits.double().log_softmax(-1)[rows, ids].numpy()
    got = log_probabilities(logits, rows, ids)
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, expected, rtol=2e-5, atol=0)


def test_one_token_vocabularies_of_the_target_and_repeats_are_read_in_order() -> None:
    model = shared_model("llama")
    ids = np.array([4, 5, 6, 7, 5, 6, 7])
    sequences = [Scored(ids, first) for first in (1, 3, 6, 1)]
    rows = dict(model.scorer.score(sequences, Ledger()))
    for index, sequence in enumerate(sequences):
        np.testing.assert_array_equal(rows[index], rows[0][sequence.first - 1 :])
