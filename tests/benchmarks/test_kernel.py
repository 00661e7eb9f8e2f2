"""The kernel's benchmark counts what it says: pytest tests/benchmarks/test_kernel.py"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from focus_lime.benchmarks.kernel import cached_table, exact_table, measure
from focus_lime.benchmarks.kernel_cases import Document, Work, make_case, write_document
from focus_lime.models.base import Response
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel import attention_by
from focus_lime.proxies.bundled.models import load


@pytest.fixture(scope="module")
def target() -> HFCausalLM:
    return load("target")


@pytest.fixture(scope="module")
def document(target: HFCausalLM) -> Document:
    return write_document(target, 700, 0, Response("The renewal term is one year."))


def test_a_document_fills_the_prompt_but_for_a_little(document: Document) -> None:
    assert 600 < document.tokens <= 700


def test_work_is_what_torch_counts(target: HFCausalLM) -> None:
    n, work = 200, Work.of(target.model)
    counter = FlopCounterMode(display=False)
    # torch counts nothing of a fused attention on a CPU, and all pairs of one in plain matrices.
    with torch.inference_mode(), attention_by(target.model, "eager"), counter:
        target.model(torch.arange(5, 5 + n)[None], use_cache=False, logits_to_keep=1)
    expected = n * work.per_token + n * n * work.per_pair + work.per_logits
    assert counter.get_total_flops() == expected


@pytest.mark.parametrize("design", ["bernoulli", "single drops"])
def test_a_case_stays_within_its_bound(document: Document, design: str) -> None:
    case = make_case(document, 0.5, design, 12, 8)
    steps = document.model.scorer.steps(case.sequences)
    tokens = sum(len(step.ids) for step in steps)
    assert 0.5 <= case.starts < 0.6
    assert tokens <= case.bound < case.naive
    # By hand: what each sequence does not share with the whole prompt, and the longest share.
    shared = [
        next(i for i, (a, b) in enumerate(zip(s.fed, case.full.fed, strict=False)) if a != b)
        for s in case.sequences
    ]
    parts = [len(s.fed) - n for s, n in zip(case.sequences, shared, strict=True)]
    assert case.bound == max(shared) + sum(parts)
    work = Work.of(document.model.model)
    assert work.steps(steps) < work.plain(len(case.full.ids)) * len(case.sequences)


def test_a_line_of_the_table(document: Document) -> None:
    pytest.importorskip("captum", reason="captum is not installed: pip install 'focus-lime[peers]'")
    case = make_case(document, 0.9, "single drops", 0, 6)
    row = measure(case, 0.9, "single drops", rounds=1, peer_masks=3)
    assert row.apart < 1e-4
    assert row.peer_masks == 3
    assert row.speedup > 0
    assert "captum" in exact_table([row]).splitlines()[2]


def test_the_table_of_the_cached_context(target: HFCausalLM) -> None:
    table = cached_table(target, 700, 30, 10)
    rows = dict(line.strip("| ").split(" | ") for line in table.splitlines()[2:])
    assert rows["tokens computed / (prompt once + question and response once a mask)"] == "1.000"
    correlations = [float(value) for name, value in rows.items() if "correlation" in name]
    assert len(correlations) == 2
    assert np.min(correlations) > 0.8
