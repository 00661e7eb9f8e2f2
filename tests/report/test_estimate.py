"""Run with: pytest tests/report/test_estimate.py"""

from __future__ import annotations

import io

from rich.console import Console

from focus_lime.models.base import Estimate
from focus_lime.report import print_estimate


def printed(estimate: Estimate) -> str:
    out = io.StringIO()
    print_estimate(estimate, Console(file=out, width=100))
    return " ".join(out.getvalue().split())


def test_an_estimate_says_what_is_asked_and_what_is_assumed() -> None:
    shown = printed(Estimate(66, 534_708, 123_456, 3 << 20, 8_230))
    for line in (
        "prompt 8,230 tokens",
        "calls 66, 534,708 tokens asked",
        "computed 123,456 tokens, 15.00 full prompts",
        "memory 3 MiB beside the model's weights",
        "assumed S spread evenly over the prompt",
        "not counted what the proxy asks",
    ):
        assert line in shown
    assert "memory" not in printed(Estimate(1, 2, 3, 0, 4))
