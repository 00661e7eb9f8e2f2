"""pytest tests/benchmarks/experiments/test_scouting.py"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.benchmarks.experiments.scouting import Case, cases, main, measure
from focus_lime.inputs.units import Span
from focus_lime.method.proxy import ProxyScores
from focus_lime.models.base import Ledger
from focus_lime.models.hf import HFCausalLM


@pytest.fixture(scope="module")
def twice(target: HFCausalLM) -> Case:
    """A contract that states the answer twice."""
    return next(case for case in cases(target, 1, 900) if case.asked.task == "twice")


class Planted:
    """Knows the evidence, and has something to say for other units: scores times `sign`."""

    name = "planted"

    def __init__(self, case: Case, sign: float) -> None:
        self.case, self.sign = case, sign

    def score(self, prompt, units, objective, *, target, rng, progress=None):  # type: ignore[no-untyped-def]
        spans = [Span(0, *span) for span in self.case.asked.evidence]
        holds = [any(unit.overlaps(span) for span in spans) for unit in units]
        scores = self.sign * (2.0 * np.array(holds) + np.linspace(0, 1, len(units)))
        tokens = self.case.tokens
        return ProxyScores(scores, Ledger(3, 9, 7), Ledger(1, tokens, tokens // 2))


def test_best_and_worst_proxies_are_told_apart(target: HFCausalLM, twice: Case) -> None:
    best = measure(Planted(twice, 1), twice, target)
    assert best.complete
    assert best.on_top
    assert best.chunk_rank <= 2  # two chunks have the first two places
    assert (best.proxy_calls, best.proxy_tokens) == (6, 14)  # chunks, then sentences
    assert best.fpe == pytest.approx(1, abs=2 / twice.tokens)
    worst = measure(Planted(twice, -1), twice, target)
    assert not worst.complete
    assert not worst.on_top
    assert worst.chunk_rank > 6


def test_the_table_has_a_line_a_proxy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bm25", "random", "--seeds", "1", "--words", "900"]) == 0
    text = capsys.readouterr().out
    assert "experiments.scouting bm25 random --seeds 1" in text
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.split("|")[1].strip() for row in rows] == ["`bm25`", "`random`"]
