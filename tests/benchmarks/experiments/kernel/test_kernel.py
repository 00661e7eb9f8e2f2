"""The kernel's benchmark counts what it says.

Run: pytest tests/benchmarks/experiments/kernel
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from focus_lime.benchmarks.experiments.kernel import figures, memory
from focus_lime.benchmarks.experiments.kernel.__main__ import main
from focus_lime.benchmarks.experiments.kernel.cases import Document, Work, make_case, write_document
from focus_lime.benchmarks.experiments.kernel.figures import (
    cached_table,
    exact_table,
    measure,
    memory_table,
)
from focus_lime.models.base import Response
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel.execution import attention_by


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
    case = make_case(document, 0.5, design, n_masks=12, n_units=8)
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
    case = make_case(document, 0.9, "single drops", n_masks=0, n_units=6)
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


def test_the_command(tmp_path: Path) -> None:
    for peer in ("captum", "context_cite"):
        if find_spec(peer) is None:
            pytest.skip(f"{peer} is not installed: pip install 'focus-lime[peers]'")
    out = tmp_path / "table.md"
    sizes = ["--lengths", "900", "--masks", "4", "--cached", "0", "--memory", "0"]
    assert main([*sizes, "--out", str(out)]) == 0
    text = out.read_text()
    assert "experiments.kernel --lengths 900" in text
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if " bernoulli |" in line]
    assert [row[1] for row in rows] == ["10%", "50%", "90%"]
    assert all(float(row[-1]) < 1e-3 for row in rows)  # the peer's values are ours


def test_a_model_without_a_kernel_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", "configs/terms.py:missing"]) == 2
    assert capsys.readouterr().err.startswith("error: ")


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_the_peak_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("plain", "kernel"):
        memory.main(["--what", what, "--tokens", "1000"])
        assert 0 <= int(capsys.readouterr().out) < 4 << 30
    # In a process of its own the pass is the largest that there was: warming up reads 1,000 tokens.
    assert memory.measured("plain", "bundled:target", 4000, "cpu") > 1 << 20


def test_the_table_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = {"plain": 100 << 20, "kernel": 160 << 20}
    monkeypatch.setattr(figures, "measured", lambda what, *rest: peaks[what])
    table = memory_table("bundled:target", 32000, "cpu", 50 << 20)
    cells = [line.strip("| ").split(" | ")[-1] for line in table.splitlines()[2:]]
    assert cells == ["100", "160", "180"]
