"""When memory runs out, values stay: pytest tests/models/kernel/test_memory.py"""

from __future__ import annotations

import copy
import gc
import inspect
from typing import Any

import numpy as np
import pytest
import torch

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Ledger, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel.execution import Kernel
from focus_lime.models.kernel.memory import STEP_TOKENS
from focus_lime.models.kernel.scoring import Scorer
from tests.models.families import (
    DELETE,
    LABELS,
    ONE,
    PROMPT,
    SHARED,
    UNSHARED,
    build,
    context_of,
    resized,
    sequences,
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
    model = resized(build(*SHARED["llama"]), 64, 3e6)
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
    rows = list(model.score(DELETE, LABELS, Ledger()))
    assert sorted(index for index, _ in rows) == list(range(len(DELETE)))
    for index, row in rows:
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
    model.clear_kv()
    refused = cramped(model, 300, monkeypatch)
    forward, alive = model.model.forward, []

    def counted(*args: Any, **options: Any) -> Any:
        if len(refused) > len(alive):  # the first forward pass after memory ran out
            kernels = [k for k in gc.get_objects() if type(k) is Kernel]
            alive.append(sum(k.model is model.model for k in kernels))
        return forward(*args, **options)

    counted.__signature__ = inspect.signature(forward)  # type: ignore[attr-defined]
    monkeypatch.setattr(model.model, "forward", counted)
    score_all(model, DELETE, ONE, Ledger())
    assert len(alive) > 1
    assert set(alive) == {1}


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
    assert small.limits.tokens == STEP_TOKENS
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
    asked = sequences(model, DELETE, LABELS)
    steps = scorer.steps(asked)
    limits = scorer.limits
    assert limits.tokens < 150
    assert len(steps) > 1
    for step in steps:
        assert len(step.ids) <= limits.tokens
        assert len({read.row + i for read in step.reads for i in range(read.count)}) <= limits.reads
    context = context_of(model, PROMPT)
    rows = dict(scorer.score(asked, Ledger(), context))
    assert len(rows) == len(asked)
    for index, row in model.scorer.score(asked, Ledger(), context):
        np.testing.assert_allclose(rows[index], row, atol=1e-4)
