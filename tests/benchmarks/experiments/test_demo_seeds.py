"""Run: pytest tests/benchmarks/experiments/test_demo_seeds.py"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from focus_lime import FocusLime, Prompt
from focus_lime.benchmarks.experiments import demo_seeds
from focus_lime.benchmarks.experiments.demo_seeds import main
from focus_lime.proxies.bundled.contracts import generate_contract
from focus_lime.proxies.bundled.demo import Demonstration


def small_demo(seed: int, proxy: str) -> Demonstration:
    """As the demo, on a contract of a few hundred words; seed 1 is answered by nobody."""
    contract = generate_contract(np.random.default_rng(seed), words=250)
    asked = contract.questions[0]
    prompt = Prompt.from_document(contract.text, question=asked.question)
    response = asked.answer if seed == 0 else "I cannot tell."
    explainer = FocusLime.from_pretrained("bundled:target", proxy)
    return Demonstration(asked, explainer.explain(prompt, objective=response, sets=False))


def test_a_line_a_seed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_seeds, "explain_generated", small_demo)
    out = tmp_path / "table.md"
    assert main(["--seeds", "2", "--proxy", "bm25", "--out", str(out)]) == 0
    text = out.read_text()
    assert capsys.readouterr().out.strip() == text.strip()
    assert "experiments.demo_seeds --seeds 2 --proxy bm25" in text
    assert "| 0 | yes | yes |" in text
    assert "| 1 | no | " in text
    assert "Right answers: 1 of 2." in text


def test_a_proxy_that_is_not_known_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "1", "--proxy", "bm2"]) == 2
    assert "bm25" in capsys.readouterr().err
