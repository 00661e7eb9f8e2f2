"""Every method on a function whose weights are known, and on a small random transformer.

Run: pytest tests/benchmarks/test_methods.py
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
import torch

from focus_lime.benchmarks.meter import Meter
from focus_lime.benchmarks.methods.base import Case, Found, spread
from focus_lime.benchmarks.metrics import rank
from focus_lime.benchmarks.registry import build
from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Ledger, Model, Response
from focus_lime.models.function import FunctionModel
from focus_lime.models.hf import HFCausalLM
from focus_lime.objective import ClassLogOdds, Objective, ResponseLogOdds, Score, choose
from focus_lime.perturb.masks import single_drops, with_full
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Level, Unit, Units
from tests.conftest import TEXT, linear_function
from tests.test_documents import code_blocks

WEIGHTS = {"alpha": 5.0, "delta": -2.0, "golf": 3.0}
TEN = "alpha bravo charlie delta echo foxtrot golf hotel india juliet".split()


def _peer(name: str, module: str) -> Any:
    """A method of a peer, skipped where that is not installed."""
    missing = find_spec(module) is None
    why = f"{module} is not installed: pip install 'focus-lime[peers]'"
    return pytest.param(name, marks=pytest.mark.skipif(missing, reason=why))


def case(
    model: Model, text: str, objective: Objective, level: Level = "sentence", budget: float = 60
) -> Case:
    prompt = Prompt.from_document(text)
    return Case(model, prompt, objective, level, split(prompt.sources, level), budget, seed=3)


def linear_case(level: Level = "word", budget: float = 60) -> Case:
    text = " ".join(TEN) if level == "word" else "".join(f"This is {w}, it says. " for w in TEN)
    return case(linear_function(WEIGHTS), text, Score(), level, budget)


def truth() -> np.ndarray:
    return np.array([WEIGHTS.get(word, 0.0) for word in TEN])


def explain(name: str, given: Case, **options: Any) -> Found:
    method = build("methods", name, name, options)
    found: Found = method.explain(given)
    assert found.weights.shape == (len(given.units),)
    return found


@pytest.mark.parametrize(
    "name",
    [
        "drops",
        "surrogate",
        _peer("shap-permutation", "shap"),
    ],
)
def test_exact_methods_recover_a_linear_function(name: str) -> None:
    found = explain(name, linear_case())
    np.testing.assert_allclose(found.weights, truth(), atol=1e-9)
    assert found.nats


def test_a_kernel_of_limes_changes_no_exact_fit() -> None:
    found = explain("surrogate", linear_case(), design="uniform-size", kernel=True)
    np.testing.assert_allclose(found.weights, truth(), atol=1e-9)


@pytest.mark.parametrize("name", [_peer("lime", "lime"), _peer("shap-partition", "shap")])
def test_peers_that_shrink_or_sample_rank_a_linear_function_right(name: str) -> None:
    weights = explain(name, linear_case()).weights
    assert [TEN[i] for i in np.argsort(-weights)[:2]] == ["alpha", "golf"]
    assert TEN[int(np.argmin(weights))] == "delta"


@pytest.mark.skipif(find_spec("shap") is None, reason="shap is not installed")
def test_shap_with_evaluations_enough_gives_the_weights_of_a_linear_function() -> None:
    found = explain("shap-partition", linear_case(budget=500))
    np.testing.assert_allclose(found.weights, truth(), atol=1e-9)


def test_focus_lime_finds_the_sentences_and_leaves_the_others_unexamined() -> None:
    given = linear_case("sentence")
    found = explain("focus-lime", given, proxy="random", sentences=4)
    examined = np.flatnonzero(found.examined)
    np.testing.assert_allclose(found.weights[examined], truth()[examined], atol=1e-6)
    assert "alpha" in {TEN[i] for i in examined}  # whatever chance chose: the audit looks for it
    assert len(examined) < len(TEN)
    assert given.ledger.calls > 0


def test_focus_lime_without_its_audit_keeps_what_chance_chose() -> None:
    found = explain("focus-lime", linear_case("sentence"), proxy="random", audit=False, sentences=3)
    assert found.examined.sum() == 3


def test_words_of_unopened_sentences_share_their_weight() -> None:
    given = linear_case("sentence")
    words = split(given.prompt.sources, "word")
    word_case = Case(given.model, given.prompt, Score(), "word", words, 60, 3)
    found = explain("focus-lime", word_case, proxy="random", sentences=4)
    parents = words.parents(given.units)
    texts = [text.strip(" ,.") for text in words.texts(given.prompt.sources)]
    assert texts[int(np.nanargmax(found.weights))] == "alpha"
    for sentence in np.unique(parents[found.examined]):
        assert found.examined[parents == sentence].all()


def test_what_a_sparse_fit_left_out_is_ranked_by_its_interval() -> None:
    found = explain("surrogate", linear_case(budget=8), design="bernoulli")
    (middles,) = found.then
    silent = [i for i in rank(found.weights, then=found.then) if found.weights[i] == 0]
    assert len(silent) > 2
    assert (np.diff(middles[silent]) <= 0).all()


def test_what_focus_lime_did_not_examine_is_ranked_by_its_proxy() -> None:
    given = linear_case("sentence")
    found = explain("focus-lime", given, proxy="random", audit=False, sentences=3)
    assert found.explanation is not None
    ranking = rank(found.weights, then=found.then)
    assert set(ranking[: np.sum(found.weights > 0)]) <= set(np.flatnonzero(found.examined))
    silent = [i for i in ranking if found.weights[i] == 0]
    assert silent
    left = [i for i in ranking if not found.examined[i]]
    assert [i for i in ranking if i in {*silent, *left}] == [*silent, *left]
    scores = {one["start"]: one["score"] for one in found.explanation.neighborhood["scored"]}
    said = [scores[given.units[i].start] for i in left]
    assert len(said) == len(TEN) - 3
    assert said == sorted(said, reverse=True)


def test_bisection_narrows_down_to_the_units_that_matter() -> None:
    found = explain("bisection", linear_case(), keep=2)
    assert [TEN[i] for i in np.argsort(-found.weights)[:2]] == ["alpha", "golf"]


def test_bisection_stops_at_the_budget() -> None:
    given = linear_case(budget=3)
    explain("bisection", given, keep=2)
    assert given.ledger.tokens_computed < 12 * len(TEN)


@pytest.mark.parametrize(
    ("name", "options"), [("drops-hierarchical", {}), ("drops-pruned", {"proxy": "random"})]
)
def test_drops_of_chosen_units_are_exact_and_others_not_examined(
    name: str, options: dict[str, Any]
) -> None:
    found = explain(name, linear_case("sentence", budget=6), **options)
    examined = found.examined
    assert 0 < examined.sum() < len(TEN)
    np.testing.assert_allclose(found.weights[examined], truth()[examined], atol=1e-9)
    (chose_by,) = found.then  # ranks the others, too
    assert chose_by[examined].min() >= chose_by[~examined].max()


def test_a_fixed_cost_far_beyond_the_budget_is_refused() -> None:
    with pytest.raises(FocusLimeError, match="10 words ask for 5 FPE, more than 10 times"):
        explain("drops", linear_case(budget=0.4))


def test_a_proxy_alone_asks_the_target_nothing() -> None:
    given = linear_case("sentence")
    found = explain("proxy-only", given, proxy="random")
    assert not found.nats
    assert given.ledger == Ledger()


# -- a transformer ------------------------------------------------------------------------------


def llama_case(model: HFCausalLM, budget: float = 30) -> Case:
    return case(model, TEXT, ResponseLogOdds(Response("Nevada")), budget=budget)


def log_probabilities_without(given: Case) -> np.ndarray:
    values = given.value()(with_full(single_drops(len(given.units))))
    log_p = -np.logaddexp(0.0, -values)
    return np.asarray(log_p[0] - log_p[1:])


@pytest.mark.skipif(find_spec("captum") is None, reason="captum is not installed")
def test_captums_ablation_is_our_single_drops_in_log_probability(llama: HFCausalLM) -> None:
    found = explain("captum", llama_case(llama), algorithm="ablation")
    np.testing.assert_allclose(
        found.weights, log_probabilities_without(llama_case(llama)), atol=1e-4
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
    given = llama_case(llama)
    with Meter(llama, given.ledger) as meter:
        found = explain(name, given, **options)
    assert found.examined.all()
    fpe = meter.tokens_computed / llama.length(given.prompt)
    assert 0.7 * given.budget < fpe < 1.3 * given.budget
    assert given.ledger == Ledger()  # nothing of it went through our scoring


def test_our_methods_keep_to_the_budget(llama: HFCausalLM) -> None:
    given = llama_case(llama, budget=4)
    given.value().full()  # the kernel tries the model out once
    with Meter(llama, given.ledger) as meter:
        explain("surrogate", given)
    assert meter.tokens_computed <= 4 * llama.length(given.prompt)


def test_gradient_times_input_is_a_directional_derivative(llama: HFCausalLM) -> None:
    """Summed over all tokens it is d log p / d scale of the prompt's embeddings, which can be had
    by differences.
    """
    given = llama_case(llama)
    found = explain("gradient-input", given)
    ids = llama.encoder.encode(given.prompt).ids
    response = np.array(llama.continuation(Response("Nevada")))
    inside = np.zeros(len(ids) + len(response))
    encoded = llama.encoder.encode(given.prompt)
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
    assert found.weights.sum() == pytest.approx(slope, rel=0.02)
    assert all(parameter.grad is None for parameter in llama.model.parameters())


def test_attention_costs_one_reading(llama: HFCausalLM) -> None:
    given = llama_case(llama)
    given.value().full()
    given.ledger.__init__()  # type: ignore[misc]
    with Meter(llama, given.ledger) as meter:
        explain("proxy-only", given, proxy="attention")
    assert meter.tokens_computed == pytest.approx(llama.length(given.prompt), abs=4)


@pytest.mark.parametrize("name", ["gradient-input", _peer("captum", "captum")])
def test_methods_that_look_into_the_target_say_when_they_cannot(name: str) -> None:
    with pytest.raises(FocusLimeError, match="no causal language model"):
        explain(name, linear_case())


def test_focus_lime_explains_the_class_that_the_case_asks_for() -> None:
    def score(texts: list[str]) -> np.ndarray:
        return np.array([[2.0 * ("alpha" in t), 0.0] for t in texts])

    model = FunctionModel(score, labels=["yes", "no"], name="two classes")
    text = "".join(f"This is {w}, it says. " for w in TEN)
    objective = choose(model, Prompt.from_document(text), None, ["yes"], 8, Ledger())
    assert isinstance(objective, ClassLogOdds)
    found = explain("focus-lime", case(model, text, objective), proxy="none")
    assert TEN[int(np.argmax(found.weights))] == "alpha"
    assert found.weights.max() == pytest.approx(2.0)


# -- what they share ----------------------------------------------------------------------------


def test_the_largest_affordable_number() -> None:
    given = linear_case(budget=100)
    for factor in (0.3, 1.0, 7.0, 40.0):
        n = given.n_affordable(lambda k, factor=factor: factor * k)  # type: ignore[misc]
        assert max(2.0, 0.85 * 100 / factor - 1) <= n <= max(2.0, 100 / factor)
    assert given.n_affordable(lambda k: 1e9) == 2


def test_spread_keeps_the_sum() -> None:
    coarse = Units([Unit(0, 0, 10, "sentence"), Unit(0, 20, 30, "sentence")])
    edges = [(0, 4), (4, 10), (10, 20), (20, 30)]
    fine = Units([Unit(0, a, b, "word") for a, b in edges])
    found = spread(fine, coarse, np.array([3.0, -1.0]))
    np.testing.assert_array_equal(found, [1.5, 1.5, np.nan, -1.0])


def test_the_method_of_the_documentation_works() -> None:
    (code,) = code_blocks("docs/benchmarks.md", "python")
    names: dict[str, Any] = {}
    exec(code, names)
    found = names["load"](share=0.4).explain(linear_case())
    assert found.examined.tolist() == [True, True, *[False] * 6, True, True]
