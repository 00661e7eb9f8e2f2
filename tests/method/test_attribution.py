"""pytest tests/method/test_attribution.py"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from focus_lime.inputs.prompt import Prompt
from focus_lime.method.attribution import Attribution, Verify, attribute
from focus_lime.method.cache import ScoreCache
from focus_lime.method.masks import Masks, bernoulli, single_drops
from focus_lime.method.mixed import Mixing, cached_view
from focus_lime.method.objective import Score
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.rounds import settled
from focus_lime.method.surrogates.sparse import SparseLinear, fit_sparse
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Estimate, Ledger, Response
from focus_lime.models.function import FunctionModel
from focus_lime.models.hf import HFCausalLM
from tests.conftest import TEXT
from tests.models.families import UNSHARED, build

N = 12
MARKS = [f"mark{i:02d}" for i in range(N)]
PROMPT = Prompt.from_document("".join(f"This clause has {mark} in it. " for mark in MARKS))
WEIGHTS = np.array([0, 4.0, 0, 0, -2.0, 0, 0, 0, 1.0, 0, 0, 0])


def weigh(f: ValueFunction, masks: Masks, **options: Any) -> Attribution:
    return attribute(f, masks, SparseLinear(), **options)


def linear(noise: float = 0.0) -> ValueFunction:
    """The sum of the weights of the marks that are there, and noise that the text decides."""

    def function(texts: list[str]) -> list[float]:
        return [
            sum(w for mark, w in zip(MARKS, WEIGHTS, strict=True) if mark in text)
            + noise * np.random.default_rng(list(text.encode())).normal()
            for text in texts
        ]

    units = PROMPT.tree.scored
    return ValueFunction(FunctionModel(function, name="function"), PROMPT, units, Score())


def spoken(model: HFCausalLM, response: str = "Nevada law", **options: Any) -> ValueFunction:
    prompt = Prompt.from_document(TEXT * 2, question="Which law?")
    objective = ResponseLogOdds(Response(response))
    return ValueFunction(model, prompt, prompt.tree.scored, objective, **options)


def test_a_linear_function_is_settled_in_the_first_round() -> None:
    f = linear()
    found = weigh(f, bernoulli(N, 200, seed=0))
    np.testing.assert_allclose(found.surrogate.weights, WEIGHTS, atol=1e-9)
    assert found.stopped == "settled"
    assert found.surrogate.n_masks + found.held_out.n_masks == 2 * N + 8
    assert found.significant == found.surrogate.ranking[:3] == [1, 4, 8]
    assert found.effects == pytest.approx({1: 4.0, 4: -2.0, 8: 1.0})
    assert found.curve == pytest.approx((-1.0, 1.0, 0.0))  # without mark 1; 1, 4; 1, 4, 8
    assert found.full == WEIGHTS.sum()
    assert found.held_out.r2 == pytest.approx(1.0)


def test_noise_takes_more_rounds_and_no_confidence_takes_all() -> None:
    masks = bernoulli(N, 200, seed=1)
    noisy = weigh(linear(4.0), masks)
    asked = noisy.surrogate.n_masks + noisy.held_out.n_masks
    assert 2 * N + 8 < asked < 200
    assert noisy.stopped == "settled"
    all_of_them = weigh(linear(4.0), masks, confidence=1)
    assert all_of_them.surrogate.n_masks + all_of_them.held_out.n_masks == 200
    assert all_of_them.stopped == "budget"
    hopeless = weigh(linear(100.0), masks)
    assert hopeless.stopped == "budget"
    assert hopeless.significant == []


def test_masks_that_are_never_fitted_are_every_fifth() -> None:
    masks = bernoulli(N, 50, seed=2)
    f = linear(0.5)
    found = weigh(f, masks, confidence=1, verify=Verify(0))
    held = np.arange(50) % 5 == 4
    values = f(masks)
    expected = fit_sparse(masks[~held], values[~held], seed=0)
    np.testing.assert_array_equal(found.surrogate.weights, expected.weights)
    rest = values[held] - expected.predict(masks[held])
    r2 = 1 - (rest @ rest) / ((values[held] - values[held].mean()) ** 2).sum()
    assert found.held_out.r2 == pytest.approx(r2)
    assert (found.effects, found.curve) == ({}, ())


def test_where_all_masks_are_asked_the_fit_is_judged_on_all() -> None:
    """Of A or B the best sum of weights keeps a third of the variance unknown, by hand."""

    def function(texts: list[str]) -> list[float]:
        return [float("mark03" in text or "mark07" in text) for text in texts]

    units = PROMPT.tree.scored.select([3, 7])
    f = ValueFunction(FunctionModel(function), PROMPT, units, Score())
    found = weigh(f, bernoulli(2, 64, seed=0))
    assert found.stopped == "all_masks"
    assert found.surrogate.n_masks == found.held_out.n_masks == 4
    assert found.held_out.r2 == pytest.approx(2 / 3)


def test_the_deletion_curve_tells_a_fact_that_is_stated_twice() -> None:
    """Each alone takes nothing, both together all; the first drop is not asked a second time."""

    def function(texts: list[str]) -> list[float]:
        return [
            5.0 * ("mark03" in text or "mark07" in text) + 2.0 * ("mark10" in text)
            for text in texts
        ]

    units = PROMPT.tree.scored
    f = ValueFunction(FunctionModel(function), PROMPT, units, Score(), cache=ScoreCache())
    masks = bernoulli(N, 200, seed=0)
    before = weigh(f, masks, verify=Verify(0))
    asked = f.ledger.calls
    found = weigh(f, masks, verify=Verify(3))
    assert set(found.surrogate.ranking[:2]) == {3, 7}
    assert found.surrogate.ranking[2] == 10
    assert [found.effects[i] for i in found.surrogate.ranking[:3]] == [0.0, 0.0, 2.0]
    assert found.curve == (7.0, 2.0, 0.0)
    np.testing.assert_array_equal(found.surrogate.weights, before.surrogate.weights)
    assert f.ledger.calls - asked == 3 + 2  # three alone; two and three together


def test_what_leads_is_large_by_weight_or_alone() -> None:
    """A fact that is stated twice leads by its weights, what needs its neighbor by deletion."""

    def function(texts: list[str]) -> list[float]:
        return [
            8.0 * ("mark03" in text or "mark07" in text)
            + 6.0 * ("mark05" in text and "mark09" in text)
            + 0.3 * ("mark10" in text)
            for text in texts
        ]

    f = ValueFunction(FunctionModel(function), PROMPT, PROMPT.tree.scored, Score())
    found = weigh(f, bernoulli(N, 400, seed=0), verify=Verify(6), confidence=1)
    assert {found.effects[i] for i in (3, 7)} == {0.0}
    assert set(found.leading) == {3, 5, 7, 9}
    assert set(found.leading[:2]) == {5, 9}  # 6 nats alone each, the others some 4 by weight


def test_settled_by_hand() -> None:
    masks = bernoulli(N, 60, seed=3)
    values = masks @ WEIGHTS + np.random.default_rng(0).normal(0, 0.3, 60)
    found = fit_sparse(masks, values)
    assert found.significant[[1, 4]].all()
    assert settled(found, top=2, confidence=0.99, seed=0)
    nothing = fit_sparse(masks, np.random.default_rng(1).normal(0, 1, 60))
    assert not nothing.significant.any()
    assert not settled(nothing, top=2, confidence=0.5, seed=0)


# -- mixed fidelity --------------------------------------------------------------------------------


def test_mixed_is_exact_where_the_model_cannot_answer_over_its_context() -> None:
    for f, name in (
        (linear(), "function"),
        (spoken(build(*UNSHARED["bloom"][:2])), "tiny-bloom"),
    ):
        assert cached_view(f) is None
        masks = bernoulli(len(f.units), 40, seed=0)
        found = weigh(f, masks, estimator="mixed")
        exact = weigh(f, masks)
        assert found.estimator == "exact"
        assert found.agreement is None
        assert found.notes == (
            f"{name} cannot answer over its cached context: every mask was asked exactly",
        )
        np.testing.assert_array_equal(found.surrogate.weights, exact.surrogate.weights)


def test_mixed_gives_up_where_the_cached_context_predicts_badly(llama: HFCausalLM) -> None:
    """A random model: what a later token has read of an earlier one is all that it goes by."""
    f = spoken(llama)
    masks = bernoulli(len(f.units), 120, seed=0)
    found = weigh(f, masks, estimator="mixed", budget=40)
    assert found.estimator == "exact"
    (note,) = found.notes
    assert note.startswith("the cached context predicted exact values badly (R² ")
    exact = weigh(f, masks[:40])
    np.testing.assert_allclose(found.surrogate.weights, exact.surrogate.weights, atol=1e-6)


class Shifted(ValueFunction):
    """Its cached values are a line of the exact ones, and noise; it counts the exact masks."""

    exact = 0
    each: int  # tokens of a mask over the cached context; of the prompt, and of exact masks, 1000
    ablation = "delete"
    noise: float

    def over(self, units, *, ablation=None, progress=None):  # type: ignore[no-untyped-def]
        other = super().over(units, progress=progress)
        other.ablation = ablation or self.ablation
        other.parent = self
        return other

    def estimate(self, masks):  # type: ignore[no-untyped-def]
        each = self.each if self.ablation == "attention" else 1000
        tokens = 1000 + each * (len(masks) - int(np.asarray(masks).all(axis=1).any()))
        return Estimate(len(masks), tokens_computed=tokens, prompt_tokens=1000)

    def __call__(self, masks):  # type: ignore[no-untyped-def]
        values = super().__call__(masks)
        if self.ablation != "attention":
            self.exact += len(masks)
            return values
        rng = np.random.default_rng(len(masks))
        return 3.0 + 0.5 * values + self.noise * rng.normal(size=len(values))


BLIND = Mixing(agreement=-np.inf)  # goes by the cached context, whatever it is worth


def shifted(noise: float, each: int = 1000) -> Shifted:
    plain = linear()
    f = Shifted(plain.model, PROMPT, plain.units, plain.objective)
    f.noise, f.each = noise, each
    return f


def test_cached_values_are_put_on_the_line_of_the_exact_ones() -> None:
    f = shifted(0.0)
    found = weigh(f, bernoulli(N, 150, seed=0), estimator="mixed", mixing=BLIND)
    assert found.estimator == "mixed"
    np.testing.assert_allclose(found.surrogate.weights, WEIGHTS, atol=1e-6)
    assert found.effects == pytest.approx({1: 4.0, 4: -2.0, 8: 1.0})
    assert f.exact <= 2 + 3 + 3 + 7  # the ends, the leading units, the checks; verified, nested


def test_what_cached_values_miss_widens_every_interval() -> None:
    masks = bernoulli(N, 150, seed=0)
    sharp, doubtful = (
        weigh(shifted(noise), masks, estimator="mixed", confidence=1, mixing=BLIND).surrogate
        for noise in (0.02, 0.2)
    )
    assert ((doubtful.high - doubtful.low) > 3 * (sharp.high - sharp.low)).all()


@pytest.mark.parametrize(("budget", "estimator"), [(15, "mixed"), (40, "exact")])
def test_bad_cached_values_are_better_than_few_exact_ones(budget: int, estimator: str) -> None:
    f, masks = shifted(0.2), bernoulli(N, 150, seed=0)
    found = weigh(f, masks, estimator="mixed", budget=budget, mixing=Mixing(at_worst=-np.inf))
    assert found.estimator == estimator
    (note,) = found.notes
    assert note.startswith("the cached context predicted exact values badly (R² ")
    assert ("deleted alone, which is exact" in note) == (estimator == "mixed")
    assert found.surrogate.ranking[:3] == [1, 4, 8]
    assert found.effects == pytest.approx({1: 4.0, 4: -2.0, 8: 1.0})


def test_in_doubt_more_of_the_leading_units_are_deleted_alone() -> None:
    """And what was asked exactly takes the place of what the cached context said of it."""
    f, masks = shifted(0.1), np.vstack([single_drops(N), bernoulli(N, 60, seed=0)])
    doubt = Mixing(in_doubt=6, is_final=True)
    doubtful, trusted = (weigh(f, masks, estimator="mixed", mixing=m) for m in (doubt, BLIND))
    assert len(doubtful.effects) >= 6 > len(trusted.effects) == 3
    for unit in (1, 4, 8):  # the others have no effect, and any of them may lead the rest
        assert doubtful.effects[unit] == pytest.approx(WEIGHTS[unit])
        assert doubtful.full - doubtful.values[unit] == pytest.approx(WEIGHTS[unit])


@pytest.mark.parametrize(
    ("each", "alone"), [(1, 3), (100, 3), (500, 12)], ids=["cheap", "dear", "as dear as exact"]
)
def test_as_many_units_are_deleted_alone_as_cost_what_the_cached_masks_do(
    each: int, alone: int
) -> None:
    """24 masks over the cached context; an exact one costs 1,000 tokens."""
    f = shifted(0.0, each)
    mixing = Mixing(evenly=True, agreement=-np.inf)
    found = weigh(f, bernoulli(N, 24, seed=0), estimator="mixed", mixing=mixing)
    assert len(found.effects) == alone
    expected = {unit: WEIGHTS[unit] for unit in found.effects}
    assert found.effects == pytest.approx(expected, abs=1e-9)
    assert list(found.effects)[:3] == found.surrogate.ranking[:3]
    assert len(found.curve) == 3


def test_probes_of_masks_near_the_prompt_stay_near() -> None:
    masks = single_drops(N)
    far, near = Mixing(masks=2), Mixing(masks=2, nothing=False)
    assert far.probes(masks, [4]).sum(axis=1).tolist() == [N, 0, N - 1, N - 1, N - 1]
    assert near.probes(masks, [4]).sum(axis=1).tolist() == [N, N - 1, N - 1, N - 1]


def test_cached_values_that_predict_nothing_are_given_up_whatever_is_left() -> None:
    found = weigh(shifted(0.2), bernoulli(N, 150, seed=0), estimator="mixed", budget=15)
    assert found.estimator == "exact"


@pytest.mark.parametrize(("each", "asked"), [(1000, 32), (20, 50), (1, 150)])
def test_cheap_cached_masks_are_not_stopped_before_they_cost_a_reading(
    each: int, asked: int
) -> None:
    f = shifted(0.0, each)
    found = weigh(f, bernoulli(N, 150, seed=0), estimator="mixed", mixing=BLIND)
    assert len(found.values) == asked
    assert found.stopped == ("budget" if asked == 150 else "settled")


def test_mixed_on_a_language_model_costs_few_exact_prompts(llama: HFCausalLM) -> None:
    f = spoken(llama, ledger=Ledger())
    cached = cached_view(f)
    assert cached is not None
    assert cached.full() == pytest.approx(f.full(), abs=1e-4)
    assert f.ledger.calls == 1  # the prompt is one under every ablation
    single = single_drops(len(f.units))
    assert np.abs(cached(single) - f(single)).max() > 1e-3
