"""pytest tests/models/test_base.py"""

from __future__ import annotations

import subprocess
import sys

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Estimate, Ledger, Model, Response
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.loading import load_model
from tests.conftest import linear_function


@pytest.mark.parametrize("module", ["base", "loading", "function"])
def test_a_model_by_name_costs_no_import_before_it_is_loaded(module: str) -> None:
    script = f"import sys, focus_lime.models.{module}; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert f"focus_lime.models.{module}" in modules
    assert not {"torch", "transformers", "scipy", "sklearn", "accelerate", "nltk"} & {*modules}


def test_every_kind_of_model_keeps_the_protocol(llama: HFCausalLM) -> None:
    for model in (llama, load_model("bundled:proxy"), linear_function({"a": 1.0})):
        assert isinstance(model, Model)
        assert not model.independent_classes


def test_a_model_of_scores_has_no_pieces_of_a_response() -> None:
    with pytest.raises(FocusLimeError, match="no part of a response"):
        linear_function({}).response_pieces(Response("x"))


def test_estimates_add_up_and_take_off_what_is_done() -> None:
    a, b = Estimate(3, 30, 20, bytes=5, prompt_tokens=10), Estimate(1, 10, 10, 7, 10)
    assert a + b == Estimate(4, 40, 30, 7, 10)
    assert a - b == Estimate(2, 20, 10, 5, 10)
    assert a.fpe == 2.0


def test_the_first_reason_why_nothing_was_shared_stays() -> None:
    ledger = Ledger(1, 2, 3, 4, 0.5)
    ledger.add(Ledger(1, 1, 1, 1, 1.0, "no cache"))
    ledger.add(Ledger(unshared="other"))
    assert ledger == Ledger(2, 3, 4, 5, 1.5, "no cache")
