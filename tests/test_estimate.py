"""pytest tests/test_estimate.py

What an explanation will cost, before anything runs, and what it costs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from focus_lime import FocusLime, FunctionModel, Prompt
from focus_lime.method.proxy import load_proxy
from focus_lime.method.settings import Settings, resolve
from focus_lime.models.hf import HFCausalLM
from tests.conftest import TEXT, linear_function

from .test_explain import PROMPT, WEIGHTS


@pytest.mark.parametrize("ablation", ["delete", "placeholder", "attention"])
def test_an_estimate_is_what_is_then_spent(llama: HFCausalLM, ablation: Any) -> None:
    prompt = Prompt.from_document(TEXT * 2, question="Which law?")
    # Without a proxy S is known beforehand; what nobody can know is left out.
    options: dict[str, Any] = {
        "objective": "Nevada law", "budget": 12, "ablation": ablation, "verify": 0, "sets": False,
    }  # fmt: skip
    explainer = FocusLime(llama)
    expected = explainer.estimate(prompt, **options)
    spent = explainer.explain(prompt, **options).cost.target
    for name in ("calls", "tokens_asked", "tokens_computed"):
        assert getattr(spent, name) == getattr(expected, name)
    assert expected.bytes > llama.scorer.memory


@pytest.mark.parametrize(
    ("options", "n_scored", "n_coarse"),
    [
        ({}, 16, 6),
        ({"budget": 300}, 75, 29),
        ({"budget": 8}, 2, 6),
        ({"granularity": "word"}, 16, 6),  # its own masks say nothing of sentences
        ({"n_scored": 40}, 40, 15),
        ({"n_scored": 40, "n_coarse": 3}, 40, 3),
        ({"estimator": "mixed"}, 64, 24),  # four masks over the cached context for an exact one
        ({"estimator": "mixed", "granularity": "word"}, 64, 24),
    ],
)
def test_a_larger_budget_affords_a_larger_neighborhood(
    options: dict[str, Any], n_scored: int, n_coarse: int
) -> None:
    settings = resolve(Settings(**options), PROMPT.tree, has_proxy=True)
    assert (settings.n_scored, settings.n_coarse) == (n_scored, n_coarse)


def test_the_mixed_estimator_keeps_no_more_than_exact_masks_can_attribute_without_a_cache(
    llama: HFCausalLM,
) -> None:
    mixed = Settings(estimator="mixed", budget=40)
    without = FocusLime(linear_function(WEIGHTS), load_proxy("bm25"))
    assert without.plan(PROMPT, mixed).settings.n_scored == 10
    assert without.plan(PROMPT, replace(mixed, n_scored=30)).settings.n_scored == 30
    prompt = Prompt.from_document(TEXT, question="Which law?")
    assert FocusLime(llama, load_proxy("bm25")).plan(prompt, mixed).settings.n_scored == 40


def test_the_cost_does_not_depend_on_what_the_model_had_read(llama: HFCausalLM) -> None:
    prompt = Prompt.from_document(TEXT * 2, question="Which law?")
    explainer = FocusLime(llama, load_proxy("bm25"))
    options: dict[str, Any] = {"objective": "Nevada law", "budget": 8}
    first = explainer.explain(prompt, **options)
    expected = explainer.estimate(prompt, **options)
    explainer.value_function(prompt, objective="Nevada law").full()
    again = explainer.explain(prompt, **options)
    for name in ("calls", "tokens_computed"):
        assert getattr(first.cost.target, name) == getattr(again.cost.target, name)
    explainer.value_function(prompt, objective="Nevada law").full()
    assert explainer.estimate(prompt, **options) == expected


def test_an_estimate_asks_nothing_of_a_function() -> None:
    def never(texts: list[str]) -> list[float]:
        raise AssertionError("it was asked")

    explainer = FocusLime(FunctionModel(never), load_proxy("bm25"))
    answer, check, singles, nested = 1, 4, 8, 2
    # Of masks that keep most a few drop one unit: these are among the singles.
    estimate = explainer.estimate(PROMPT, budget=64, design="bernoulli")
    assert estimate.calls == 64 + answer + check + singles + nested
