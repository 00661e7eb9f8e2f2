"""pytest tests/method/test_objective.py"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Objective, Score, log1mexp, log_odds
from focus_lime.method.objectives.labels import ClassLogOdds, LabelLogOdds
from focus_lime.method.objectives.own_answer import OwnAnswer
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.models.base import Floats, Ledger, Response, Variant, score_all
from focus_lime.models.function import FunctionModel
from focus_lime.models.hf import HFCausalLM
from tests.conftest import TEXT, linear_function

PROMPT = Prompt.from_document(TEXT, question="Which law?")


def pick(model: Any, objective: Objective | None = None) -> Any:
    return (objective or OwnAnswer()).resolve(model, PROMPT, 4, Ledger())


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
    objective = LabelLogOdds(["a", "b"], "c")
    row = np.log([0.2, 0.1, 0.5, 0.5])
    value = objective.value(row, [slice(0, 1), slice(1, 2), slice(2, 4)])
    assert value == pytest.approx(np.log(0.3 / 0.25))


def test_class_log_odds_are_the_log_odds_of_probabilities() -> None:
    row = np.log([0.7, 0.2, 0.1])
    assert ClassLogOdds("a", 0).value(row, []) == pytest.approx(np.log(0.7 / 0.3))
    assert ClassLogOdds("a", 0).value(row + 5.0, []) == pytest.approx(np.log(0.7 / 0.3))


def test_a_language_model_explains_its_own_answer_unless_told(llama: HFCausalLM) -> None:
    own = pick(llama)
    assert own.response.ids == llama.generate(PROMPT, 4, Ledger()).ids
    assert own.without_token_ids().response.ids is None
    assert pick(llama, ResponseLogOdds("Ohio")) == ResponseLogOdds(Response("Ohio"))
    labels = pick(llama, LabelLogOdds(" Yes ", "No"))
    assert labels == LabelLogOdds("Yes", "No")
    assert labels.name == "log-odds of 'Yes' against 'No'"


def test_a_part_of_a_response_is_what_follows_what_stands_before_it(llama: HFCausalLM) -> None:
    """Log p of the part given the beginning: of the whole less that of the beginning."""
    whole, beginning = Response("The law is Nevada"), Response("The law is")
    objective = pick(llama, ResponseLogOdds(whole, part=" Nevada"))
    row, less = (
        score_all(llama, [Variant(PROMPT)], (response,), Ledger())[0]
        for response in (whole, beginning)
    )
    assert llama.encode_response(whole)[: len(less)] == llama.encode_response(beginning)
    value = objective.value(row, [slice(0, len(row))])
    assert value == pytest.approx(log_odds(row.sum() - less.sum()), abs=1e-4)
    assert objective.name == "log-odds of ' Nevada'"


def test_an_objective_of_the_user_is_as_good() -> None:
    class Margin(Objective):
        def value(self, row: Floats, spans: Sequence[slice]) -> float:
            return float(row[0] - row[1])

    classifier = FunctionModel(lambda texts: np.tile([3.0, 1.0], (len(texts), 1)))
    row = score_all(classifier, [Variant(PROMPT)], (), Ledger())[0]
    margin = pick(classifier, Margin())
    assert margin.value(row, []) == 2.0
    assert margin.answer(row, []) == "2"


def test_labels_equal_differences_of_responses(llama: HFCausalLM) -> None:
    objective = pick(llama, LabelLogOdds("Yes", "No"))
    ends = np.cumsum([len(llama.encode_response(r)) for r in objective.continuations])
    row = score_all(llama, [Variant(PROMPT)], objective.continuations, Ledger())[0]
    both = [
        score_all(llama, [Variant(PROMPT)], (Response(t),), Ledger())[0].sum()
        for t in ("Yes", "No")
    ]
    value = objective.value(row, [slice(0, ends[0]), slice(ends[0], ends[1])])
    assert value == pytest.approx(both[0] - both[1], abs=1e-4)


def test_a_function_explains_its_score_or_its_class() -> None:
    assert pick(linear_function({"law": 1.0})) == Score()

    def probabilities(texts: list[str]) -> np.ndarray:
        return np.tile([0.1, 0.9], (len(texts), 1))

    classifier = FunctionModel(probabilities, labels=["no", "yes"])
    assert pick(classifier) == ClassLogOdds("yes", 1)
    assert pick(classifier, LabelLogOdds("no")) == ClassLogOdds("no", 0)


@pytest.mark.parametrize(
    ("objective", "complaint"),
    [
        (lambda: LabelLogOdds("Yes", "Yes "), "not all different"),
        (lambda: LabelLogOdds("Yes", ""), "label is empty"),
        (lambda: LabelLogOdds(), "label is empty"),
        (lambda: LabelLogOdds("Yes"), "nothing to be compared with"),
        (lambda: ResponseLogOdds(" "), "response is empty"),
        (lambda: ResponseLogOdds("Nevada", part="Ohio"), "does not stand in the response"),
    ],
)
def test_bad_objectives_are_named(
    llama: HFCausalLM, objective: Callable[[], Objective], complaint: str
) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        pick(llama, objective())


def test_labels_with_the_same_tokens_are_an_error(base_gpt2: HFCausalLM) -> None:
    # A base model reads on after a space, so these two become the same text.
    same = [Response("Yes"), Response(" Yes")]
    assert base_gpt2.encode_response(same[0]) == base_gpt2.encode_response(same[1])

    class Lowercase(HFCausalLM):
        def encode_response(self, response: Response) -> tuple[int, ...]:
            return super().encode_response(Response(response.text.lower()))

    model = Lowercase(base_gpt2.model, base_gpt2.tokenizer)
    with pytest.raises(FocusLimeError, match="same tokens"):
        pick(model, LabelLogOdds("YES", "yes"))


def test_a_function_refuses_responses_and_unknown_classes() -> None:
    classifier = FunctionModel(lambda t: np.zeros((len(t), 2)), labels=["safe", "unsafe"])
    with pytest.raises(FocusLimeError, match="gives scores, not text"):
        pick(classifier, ResponseLogOdds("x"))
    with pytest.raises(FocusLimeError, match="no class 'saef': did you mean safe"):
        pick(classifier, LabelLogOdds("saef"))
    many = FunctionModel(lambda texts: np.zeros((len(texts), 2)))
    row = score_all(many, [Variant(PROMPT)], (), Ledger())[0]
    with pytest.raises(FocusLimeError, match="gives 2 classes"):
        Score().value(row, [])
