"""Every method on a function whose weights are known, and on a small random transformer.

Run: pytest tests/benchmarks/methods/test_methods.py
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
import torch

from focus_lime.benchmarks.meter import Meter
from focus_lime.benchmarks.methods.base import Attributions, Case, spread
from focus_lime.benchmarks.metrics.formulas import rank
from focus_lime.benchmarks.registry import build
from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Unit, Units
from focus_lime.method.masks import single_drops, with_full
from focus_lime.method.objective import Objective, Score
from focus_lime.method.objectives.labels import ClassLogOdds, LabelLogOdds
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.models.base import Ledger, Model, Response
from focus_lime.models.function import FunctionModel
from focus_lime.models.hf import HFCausalLM
from tests.conftest import TEXT, linear_function
from tests.test_docs import code_blocks

WEIGHTS = {"alpha": 5.0, "delta": -2.0, "golf": 3.0}
TEN = "alpha bravo charlie delta echo foxtrot golf hotel india juliet".split()


def _peer(name: str, module: str, *more: Any) -> Any:
    """A method of a peer, skipped where that is not installed."""
    missing = find_spec(module) is None
    why = f"{module} is not installed: pip install 'focus-lime[peers]'"
    return pytest.param(name, *more, marks=pytest.mark.skipif(missing, reason=why))


def case(
    model: Model, text: str, objective: Objective, level: str = "sentence", budget: float = 60
) -> Case:
    prompt = Prompt.from_document(text)
    return Case(model, prompt, objective, level, prompt.tree.units(level), budget, seed=3)


def linear_case(level: str = "word", budget: float = 60) -> Case:
    text = " ".join(TEN) if level == "word" else "".join(f"This is {w}, it says. " for w in TEN)
    return case(linear_function(WEIGHTS), text, Score(), level, budget)


def truth() -> np.ndarray:
    return np.array([WEIGHTS.get(word, 0.0) for word in TEN])


def explain(name: str, problem: Case, **options: Any) -> Attributions:
    method = build("methods", name, name, options)
    attributions: Attributions = method.explain(problem)
    assert attributions.weights.shape == (len(problem.units),)
    return attributions


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("drops", {}),
        ("surrogate", {}),
        ("surrogate", {"options": {"kernel": True}}),
        ("surrogate", {"surrogate": "kernel-shap"}),
        ("surrogate", {"surrogate": "lime", "options": {"alpha": 0.0}}),
        _peer("shap-permutation", "shap", {}),
    ],
)
def test_exact_methods_recover_a_linear_function(name: str, options: dict[str, Any]) -> None:
    attributions = explain(name, linear_case(), **options)
    np.testing.assert_allclose(attributions.weights, truth(), atol=1e-9)
    assert attributions.is_additive


def test_kernel_shap_gives_the_shapley_values_of_an_interaction() -> None:
    """Two words that are needed together share their effect; a third has its own."""

    def score(texts: list[str]) -> np.ndarray:
        return np.array([6.0 * ("alpha" in t and "bravo" in t) + ("echo" in t) for t in texts])

    problem = case(FunctionModel(score), "alpha bravo charlie delta echo", Score(), "word", 60)
    attributions = explain("surrogate", problem, surrogate="kernel-shap")
    np.testing.assert_allclose(attributions.weights, [3, 3, 0, 0, 1], atol=1e-9)


def test_the_masks_are_those_that_the_surrogate_is_meant_for() -> None:
    for options, design in (
        ({}, "uniform-size"),
        ({"surrogate": "kernel-shap"}, "kernel-shap"),
        ({"surrogate": "kernel-shap", "design": "antithetic"}, "antithetic"),
    ):
        assert build("methods", "surrogate", "surrogate", options).design == design


@pytest.mark.parametrize("name", [_peer("lime", "lime"), _peer("shap-partition", "shap")])
def test_peers_that_shrink_or_sample_rank_a_linear_function_right(name: str) -> None:
    weights = explain(name, linear_case()).weights
    assert [TEN[i] for i in np.argsort(-weights)[:2]] == ["alpha", "golf"]
    assert TEN[int(np.argmin(weights))] == "delta"


@pytest.mark.skipif(find_spec("shap") is None, reason="shap is not installed")
def test_shap_with_evaluations_enough_gives_the_weights_of_a_linear_function() -> None:
    attributions = explain("shap-partition", linear_case(budget=500))
    np.testing.assert_allclose(attributions.weights, truth(), atol=1e-9)


def test_focus_lime_finds_the_sentences_and_leaves_the_others_unexamined() -> None:
    problem = linear_case("sentence")
    attributions = explain("focus-lime", problem, proxy="random", n_scored=4)
    examined = np.flatnonzero(attributions.examined)
    np.testing.assert_allclose(attributions.weights[examined], truth()[examined], atol=1e-6)
    assert "alpha" in {
        TEN[i] for i in examined
    }  # whatever chance chose: the coverage check looks for it
    assert len(examined) < len(TEN)
    assert problem.ledger.calls > 0


def test_focus_lime_without_its_coverage_check_keeps_what_chance_chose() -> None:
    attributions = explain(
        "focus-lime", linear_case("sentence"), proxy="random", coverage_check=False, n_scored=3
    )
    assert attributions.examined.sum() == 3


def test_words_of_unopened_sentences_share_their_weight() -> None:
    problem = linear_case("sentence")
    words = problem.prompt.tree.units("word")
    word_case = Case(problem.model, problem.prompt, Score(), "word", words, 60, 3)
    attributions = explain("focus-lime", word_case, proxy="random", n_scored=4)
    parents = words.parents(problem.units)
    texts = [text.strip(" ,.") for text in words.texts(problem.prompt.sources)]
    assert texts[int(np.nanargmax(attributions.weights))] == "alpha"
    for sentence in np.unique(parents[attributions.examined]):
        assert attributions.examined[parents == sentence].all()


def test_what_a_sparse_fit_left_out_is_ranked_by_the_estimate_without_selection() -> None:
    attributions = explain("surrogate", linear_case(budget=8), design="bernoulli")
    (estimates,) = attributions.tie_breakers
    silent = [
        i
        for i in rank(attributions.weights, tie_breakers=attributions.tie_breakers)
        if attributions.weights[i] == 0
    ]
    assert len(silent) > 2
    assert (np.diff(estimates[silent]) <= 0).all()


def test_what_focus_lime_did_not_examine_is_ranked_by_its_proxy() -> None:
    problem = linear_case("sentence")
    attributions = explain("focus-lime", problem, proxy="random", coverage_check=False, n_scored=3)
    assert attributions.explanation is not None
    ranking = rank(attributions.weights, tie_breakers=attributions.tie_breakers)
    assert set(ranking[: np.sum(attributions.weights > 0)]) <= set(
        np.flatnonzero(attributions.examined)
    )
    silent = [i for i in ranking if attributions.weights[i] == 0]
    assert silent
    left = [i for i in ranking if not attributions.examined[i]]
    assert [i for i in ranking if i in {*silent, *left}] == [*silent, *left]
    scores = {s.start: s.score for s in attributions.explanation.neighborhood.scored}
    by_proxy = [scores[problem.units[i].start] for i in left]
    assert len(by_proxy) == len(TEN) - 3
    assert by_proxy == sorted(by_proxy, reverse=True)


def test_bisection_narrows_down_to_the_units_that_matter() -> None:
    attributions = explain("bisection", linear_case(), keep=2)
    assert [TEN[i] for i in np.argsort(-attributions.weights)[:2]] == ["alpha", "golf"]


def test_bisection_stops_at_the_budget() -> None:
    problem = linear_case(budget=3)
    explain("bisection", problem, keep=2)
    assert problem.ledger.tokens_computed < 12 * len(TEN)


@pytest.mark.parametrize(
    ("name", "options"), [("drops-hierarchical", {}), ("drops-pruned", {"proxy": "random"})]
)
def test_drops_of_chosen_units_are_exact_and_others_not_examined(
    name: str, options: dict[str, Any]
) -> None:
    attributions = explain(name, linear_case("sentence", budget=6), **options)
    examined = attributions.examined
    assert 0 < examined.sum() < len(TEN)
    np.testing.assert_allclose(attributions.weights[examined], truth()[examined], atol=1e-9)
    (chose_by,) = attributions.tie_breakers  # ranks the others, too
    assert chose_by[examined].min() >= chose_by[~examined].max()


def test_a_fixed_cost_far_beyond_the_budget_is_refused() -> None:
    with pytest.raises(FocusLimeError, match="10 words ask for 5 FPE, more than 10 times"):
        explain("drops", linear_case(budget=0.4))


def test_a_proxy_alone_asks_the_target_nothing() -> None:
    problem = linear_case("sentence")
    attributions = explain("proxy-only", problem, proxy="random")
    assert not attributions.is_additive
    assert problem.ledger == Ledger()


# -- a transformer ------------------------------------------------------------------------------


def llama_case(model: HFCausalLM, budget: float = 30) -> Case:
    return case(model, TEXT, ResponseLogOdds(Response("Nevada")), budget=budget)


def log_probabilities_without(problem: Case) -> np.ndarray:
    values = problem.value()(with_full(single_drops(len(problem.units))))
    log_p = -np.logaddexp(0.0, -values)
    return np.asarray(log_p[0] - log_p[1:])


@pytest.mark.skipif(find_spec("captum") is None, reason="captum is not installed")
def test_captums_ablation_is_our_single_drops_in_log_probability(llama: HFCausalLM) -> None:
    attributions = explain("captum", llama_case(llama), algorithm="ablation")
    np.testing.assert_allclose(
        attributions.weights, log_probabilities_without(llama_case(llama)), atol=1e-4
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("captum", {"algorithm": "lime"}),
        ("captum", {"algorithm": "kernel-shap"}),
        ("context-cite", {}),
    ],
)
@pytest.mark.filterwarnings("ignore")  # of autocast and of LASSO paths, in the peers
def test_peers_with_passes_of_their_own_stay_near_the_budget(
    llama: HFCausalLM, name: str, options: dict[str, Any]
) -> None:
    module = name.replace("-", "_")
    if find_spec(module) is None:
        pytest.skip(f"{module} is not installed: pip install 'focus-lime[peers]'")
    problem = llama_case(llama)
    with Meter(llama, problem.ledger) as meter:
        attributions = explain(name, problem, **options)
    assert attributions.examined.all()
    fpe = meter.tokens_computed / llama.count_tokens(problem.prompt)
    assert 0.7 * problem.budget < fpe < 1.3 * problem.budget
    assert problem.ledger == Ledger()  # nothing of it went through our scoring


def test_our_methods_keep_to_the_budget(llama: HFCausalLM) -> None:
    problem = llama_case(llama, budget=4)
    problem.value().full()  # the kernel tries the model out once
    with Meter(llama, problem.ledger) as meter:
        explain("surrogate", problem)
    assert meter.tokens_computed <= 4 * llama.count_tokens(problem.prompt)


def test_gradient_times_input_is_a_directional_derivative(llama: HFCausalLM) -> None:
    """Summed over all tokens it is d log p / d scale of the prompt's embeddings, which can be had
    by differences.
    """
    problem = llama_case(llama)
    attributions = explain("gradient-input", problem)
    ids = llama.encoder.encode(problem.prompt).ids
    response = np.array(llama.encode_response(Response("Nevada")))
    inside = np.zeros(len(ids) + len(response))
    encoded = llama.encoder.encode(problem.prompt)
    inside[: len(ids)] = encoded.source >= 0
    scale = torch.from_numpy(inside)[None, :, None].float()
    joined = torch.from_numpy(np.append(ids, response))[None]
    embedded = llama.model.get_input_embeddings()(joined).detach()

    def log_p(step: float) -> float:
        with torch.no_grad():
            logits = llama.model(inputs_embeds=embedded * (1 + step * scale)).logits[0].double()
        rows = logits[len(ids) - 1 : -1].log_softmax(-1)
        return float(rows.gather(-1, joined[0, len(ids) :, None]).sum())

    slope = (log_p(0.01) - log_p(-0.01)) / 0.02  # wide, as norms are taken in float32
    assert attributions.weights.sum() == pytest.approx(slope, rel=0.02)
    assert all(parameter.grad is None for parameter in llama.model.parameters())


def test_attention_costs_one_reading(llama: HFCausalLM) -> None:
    problem = llama_case(llama)
    problem.value().full()
    problem.ledger.__init__()  # type: ignore[misc]
    with Meter(llama, problem.ledger) as meter:
        explain("proxy-only", problem, proxy="attention")
    assert meter.tokens_computed == pytest.approx(llama.count_tokens(problem.prompt), abs=4)


@pytest.mark.parametrize("name", ["gradient-input", _peer("captum", "captum")])
def test_methods_that_look_into_the_target_say_when_they_cannot(name: str) -> None:
    with pytest.raises(FocusLimeError, match="no causal language model"):
        explain(name, linear_case())


@pytest.mark.parametrize(
    "name",
    ["gradient-input", _peer("captum", "captum"), _peer("context-cite", "context_cite")],
)
def test_methods_of_whole_responses_refuse_all_else(llama: HFCausalLM, name: str) -> None:
    for objective in (LabelLogOdds("Yes", "No"), ResponseLogOdds("Nevada", part="Nev")):
        with pytest.raises(FocusLimeError, match="explains a whole response, not log-odds of"):
            explain(name, case(llama, TEXT, objective))


def test_focus_lime_explains_the_class_that_the_case_asks_for() -> None:
    def score(texts: list[str]) -> np.ndarray:
        return np.array([[2.0 * ("alpha" in t), 0.0] for t in texts])

    model = FunctionModel(score, labels=["yes", "no"], name="two classes")
    text = "".join(f"This is {w}, it says. " for w in TEN)
    objective = LabelLogOdds("yes").resolve(model, Prompt.from_document(text), 8, Ledger())
    assert isinstance(objective, ClassLogOdds)
    attributions = explain("focus-lime", case(model, text, objective), proxy="none")
    assert TEN[int(np.argmax(attributions.weights))] == "alpha"
    assert attributions.weights.max() == pytest.approx(2.0)


# -- what they share ----------------------------------------------------------------------------


def test_the_largest_affordable_number() -> None:
    problem = linear_case(budget=100)
    for factor in (0.3, 1.0, 7.0, 40.0):
        n = problem.n_affordable(lambda k, factor=factor: factor * k)  # type: ignore[misc]
        assert max(2.0, 0.85 * 100 / factor - 1) <= n <= max(2.0, 100 / factor)
    assert problem.n_affordable(lambda k: 1e9) == 2


def test_spread_keeps_the_sum() -> None:
    coarse = Units([Unit(0, 0, 10, "sentence"), Unit(0, 20, 30, "sentence")])
    edges = [(0, 4), (4, 10), (10, 20), (20, 30)]
    fine = Units([Unit(0, a, b, "word") for a, b in edges])
    fine = spread(fine, coarse, np.array([3.0, -1.0]))
    np.testing.assert_array_equal(fine, [1.5, 1.5, np.nan, -1.0])


def test_the_method_of_the_documentation_works() -> None:
    code = code_blocks("docs/benchmarks.md", "python")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    attributions = names["load"](share=0.4).explain(linear_case())
    assert attributions.examined.tolist() == [True, True, *[False] * 6, True, True]
