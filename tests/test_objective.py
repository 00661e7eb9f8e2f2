"""pytest tests/test_objective.py"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Ledger, Response, Target, Variant, score_all
from focus_lime.models.function import FunctionModel
from focus_lime.models.hf import HFCausalLM
from focus_lime.objective import (
    ClassLogOdds,
    LabelLogOdds,
    ResponseLogOdds,
    Score,
    choose,
    log1mexp,
    log_odds,
)
from focus_lime.prompt.prompt import Prompt
from tests.conftest import TEXT, linear_function

PROMPT = Prompt.from_document(TEXT, question="Which law?")


def pick(model: Any, **wishes: Any) -> Any:
    wishes = {"response": None, "labels": None, "max_new_tokens": 4, "ledger": Ledger()} | wishes
    return choose(model, PROMPT, **wishes)


@given(st.floats(-700, -1e-29))
def test_log_odds_to_full_precision(lp: float) -> None:
    with mpmath.workdps(60):
        expected = mpmath.mpf(lp) - mpmath.log(-mpmath.expm1(mpmath.mpf(lp)))
    assert log_odds(lp) == pytest.approx(float(expected), rel=1e-12, abs=1e-12)
    assert log1mexp(lp) <= 0


def test_log_odds_are_finite_for_certain_and_impossible_responses() -> None:
    assert log_odds(0.0) == pytest.approx(69.08, abs=0.01)
    assert log_odds(-1e5) == -1e5


def test_response_log_odds_by_hand() -> None:
    row = np.log([0.5, 0.8])
    value = ResponseLogOdds(Response("x")).value(row, [slice(0, 2)])
    assert value == pytest.approx(np.log(0.4 / 0.6))


def test_label_log_odds_by_hand() -> None:
    objective = LabelLogOdds((Response("a"), Response("b")), (Response("c"),))
    row = np.log([0.2, 0.1, 0.5, 0.5])
    value = objective.value(row, [slice(0, 1), slice(1, 2), slice(2, 4)])
    assert value == pytest.approx(np.log(0.3 / 0.25))


def test_class_log_odds_are_the_log_odds_of_probabilities() -> None:
    row = np.log([0.7, 0.2, 0.1])
    assert ClassLogOdds(0, "a").value(row, []) == pytest.approx(np.log(0.7 / 0.3))
    assert ClassLogOdds(0, "a").value(row + 5.0, []) == pytest.approx(np.log(0.7 / 0.3))


def test_a_language_model_explains_its_own_answer_unless_told(llama: HFCausalLM) -> None:
    own = pick(llama)
    assert own.response.ids == llama.generate(PROMPT, 4, Ledger()).ids
    assert own.for_other().response.ids is None
    assert pick(llama, response="Ohio") == ResponseLogOdds(Response("Ohio"))
    labels = pick(llama, labels=[" Yes ", "No"])
    assert labels == LabelLogOdds((Response("Yes"),), (Response("No"),))
    assert labels.name == "log-odds of 'Yes' against 'No'"


def test_labels_equal_differences_of_responses(llama: HFCausalLM) -> None:
    objective = pick(llama, labels=["Yes", "No"])
    ends = np.cumsum([len(llama.continuation(r)) for r in objective.target.continuations])
    row = score_all(llama, [Variant(PROMPT)], objective.target, Ledger())[0]
    both = [
        score_all(llama, [Variant(PROMPT)], Target((Response(t),)), Ledger())[0].sum()
        for t in ("Yes", "No")
    ]
    value = objective.value(row, [slice(0, ends[0]), slice(ends[0], ends[1])])
    assert value == pytest.approx(both[0] - both[1], abs=1e-4)


def test_a_function_explains_its_score_or_its_class() -> None:
    assert pick(linear_function({"law": 1.0})) == Score()

    def probabilities(texts: list[str]) -> np.ndarray:
        return np.tile([0.1, 0.9], (len(texts), 1))

    classifier = FunctionModel(probabilities, labels=["no", "yes"])
    assert pick(classifier) == ClassLogOdds(1, "yes")
    assert pick(classifier, labels=["no"]) == ClassLogOdds(0, "no")


@pytest.mark.parametrize(
    ("wishes", "complaint"),
    [
        ({"labels": ["Yes", "Yes "]}, "not all different"),
        ({"labels": ["Yes", ""]}, "label is empty"),
        ({"labels": []}, "label is empty"),
        ({"labels": ["Yes"]}, "nothing to be compared with"),
        ({"response": " "}, "response is empty"),
        ({"response": "x", "labels": ["a", "b"]}, "explain one of them"),
    ],
)
def test_bad_wishes_are_named(llama: HFCausalLM, wishes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        pick(llama, **wishes)


def test_labels_with_the_same_tokens_are_an_error(base_gpt2: HFCausalLM) -> None:
    # A base model reads on after a space, so these two become the same text.
    same = [Response("Yes"), Response(" Yes")]
    assert base_gpt2.continuation(same[0]) == base_gpt2.continuation(same[1])

    class Lowercase(HFCausalLM):
        def continuation(self, response: Response) -> tuple[int, ...]:
            return super().continuation(Response(response.text.lower()))

    model = Lowercase(base_gpt2.model, base_gpt2.tokenizer)
    with pytest.raises(FocusLimeError, match="same tokens"):
        pick(model, labels=["YES", "yes"])


def test_a_function_refuses_responses_and_unknown_classes() -> None:
    classifier = FunctionModel(lambda t: np.zeros((len(t), 2)), labels=["safe", "unsafe"])
    with pytest.raises(FocusLimeError, match="gives scores, not text"):
        pick(classifier, response="x")
    with pytest.raises(FocusLimeError, match="no class 'saef': did you mean safe"):
        pick(classifier, labels=["saef"])
    many = FunctionModel(lambda texts: np.zeros((len(texts), 2)))
    row = score_all(many, [Variant(PROMPT)], Target(), Ledger())[0]
    with pytest.raises(FocusLimeError, match="gives 2 classes"):
        Score().value(row, [])
