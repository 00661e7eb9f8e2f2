"""Peers of the jobs get as many calls as we had: pytest tests/benchmarks/experiments/jobs"""

from __future__ import annotations

import sys
from importlib.util import find_spec

import numpy as np
import pytest

from focus_lime.benchmarks.experiments.jobs.peers import (
    Answer,
    Bisection,
    Explained,
    LeaveOneOut,
    load_peers,
)
from focus_lime.benchmarks.methods.base import Case, Method
from focus_lime.benchmarks.registry import build
from focus_lime.benchmarks.tasks.cuad_classifier import PaidByCall
from focus_lime.errors import FocusLimeError
from focus_lime.explain import FocusLime
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Score
from focus_lime.models.base import Floats
from focus_lime.models.function import FunctionModel

WEIGHTS = {"s7.": 4.0, "s21.": 2.0, "s22.": 1.0}


@pytest.fixture
def without_shap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its import takes half a minute."""
    monkeypatch.setitem(sys.modules, "shap", None)


class Function:
    """The exact weights of three sentences, and how many texts it was asked about."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, texts: list[str]) -> Floats:
        self.texts += texts
        return np.array([sum(w for word, w in WEIGHTS.items() if word in t) for t in texts])


def explained(n_units: int) -> Explained:
    prompt = Prompt.from_document(" ".join(f"This is s{i}." for i in range(n_units)))
    explanation = FocusLime(FunctionModel(Function())).explain(prompt, budget=64)
    return Explained(prompt, Function(), "sentence", explanation)


@pytest.mark.usefixtures("without_shap")
@pytest.mark.parametrize("n_units", [8, 13, 40, 100])
def test_no_peer_asks_more_and_all_find_the_sentence(n_units: int) -> None:
    case = explained(n_units)
    peers, missing = load_peers()
    assert len(peers) + len(missing) == 5
    for name, peer in peers.items():
        counted = Function()
        alone = Explained(case.prompt, counted, case.level, case.explanation)
        answer = alone.by(peer)
        assert answer is not None
        assert answer.calls <= case.calls
        assert answer.weights.shape == (n_units,)
        if name in ("plain LIME", "lime") and n_units > 8:
            assert answer.calls >= 0.9 * case.calls
        if name == "bisection" or (name == "leave one out" and n_units < case.calls):
            assert answer.supporting[:1] == [7], name
        # The function is asked once about each text, whatever the peer tried.
        assert len(counted.texts) == len(set(counted.texts))


@pytest.mark.skipif(find_spec("shap") is None, reason="shap is not installed")
@pytest.mark.parametrize("n_units", [3, 40])
def test_nor_does_shap(n_units: int) -> None:
    case = explained(n_units)
    answer = case.by(build("methods", "shap", "shap-partition", {}))
    assert answer is not None
    assert 2 < answer.calls <= case.calls


def case_of(n_units: int, calls: int) -> Case:
    prompt = Prompt.from_document(" ".join(f"This is s{i}." for i in range(n_units)))
    model = PaidByCall(Function(), name="f", fingerprint="")
    return Case(model, prompt, Score(), "sentence", prompt.tree.scored, calls, 0)


def test_leaving_one_out_is_exact_where_the_calls_pay_for_it() -> None:
    case = case_of(24, calls=25)
    weights = LeaveOneOut().explain(case).weights
    assert case.ledger.calls == 25
    assert {i: w for i, w in enumerate(weights) if w} == {7: 4.0, 21: 2.0, 22: 1.0}


def test_else_runs_are_dropped_first() -> None:
    case = case_of(100, calls=31)
    answer = Answer(LeaveOneOut().explain(case).weights, case.ledger.calls)
    assert case.ledger.calls <= 31
    assert answer.supporting == [7, 21, 22]
    assert np.isnan(answer.weights).sum() == 100 - 15  # fifteen runs, fifteen units


@pytest.mark.parametrize("calls", [2, 3])
def test_the_least_that_dropping_can_be_paid_with(calls: int) -> None:
    case = case_of(9, calls)
    weights = LeaveOneOut().explain(case).weights
    assert case.ledger.calls <= calls
    assert np.isfinite(weights).sum() == calls - 2


@pytest.mark.parametrize("calls", [18, 20, 60])
def test_a_search_ends_at_single_units_within_the_calls(calls: int) -> None:
    case = case_of(16, calls)  # one group a round is the least: 2 + 4 * 4
    weights = Bisection().explain(case).weights
    assert case.ledger.calls <= calls
    assert int(np.argmax(weights)) == 7


def test_an_edit_in_the_order_of_a_peer() -> None:
    case = explained(30)
    weights = np.zeros(30)
    weights[[7, 21]] = 2.0, 1.0
    assert [
        u.text(case.prompt.sources).strip() for u in case.smallest_edit(Answer(weights, 1))
    ] == [
        "This is s7.",
        "This is s21.",
        "This is s22.",
    ]  # of the other units what it takes


class Refuses(Method):
    def explain(self, case: Case) -> Answer:  # type: ignore[override]
        raise FocusLimeError("not this one")


def test_what_a_peer_cannot_explain_is_left_out() -> None:
    assert explained(8).answers({"refuses": Refuses()}) == {}


def test_the_peers_are_asked_about_the_text_that_was_explained() -> None:
    case = explained(12)
    other = Prompt.from_document("This is none of it.")
    with pytest.raises(FocusLimeError, match="not the same text"):
        Explained(other, Function(), "sentence", case.explanation)
