"""pytest tests/test_explain.py"""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from focus_lime import FocusLime, FunctionModel, LabelLogOdds, Prompt
from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation
from focus_lime.method.masks import DESIGNS, enumerate_all
from focus_lime.method.proxy import ProxyScores, load_proxy
from focus_lime.models.base import Ledger
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.loading import load_model
from focus_lime.proxies.small_lm import SmallLM
from tests.conftest import TEXT, linear_function

WEIGHTS = {"clause-17 ": 3.0, "clause-40 ": -2.0, "clause-61 ": 1.0}
DOCUMENT = "".join(
    f"The clause-{i} of this agreement binds both parties to the terms above. "
    + ("\n\n" if i % 9 == 0 else "")
    for i in range(90)
)
PROMPT = Prompt.from_document(DOCUMENT, question="What of clause-17, clause-40, clause-61?")


def without_seconds(explanation: Explanation) -> dict[str, Any]:
    data = json.loads(explanation.to_json())
    for cost in data["cost"].values():
        cost.pop("seconds")
    return data


@pytest.mark.parametrize("proxy", ["bm25", "small-lm", None])
def test_the_weights_of_a_linear_oracle_are_found(proxy: str | None) -> None:
    model = linear_function(WEIGHTS)
    scout = SmallLM(model, n_masks=100) if proxy == "small-lm" else proxy and load_proxy(proxy)
    found = FocusLime(model, scout or None).explain(PROMPT, budget=200 if proxy is None else 64)
    top = found.top(3)
    assert [round(unit.weight or 0.0, 6) for unit in top] == [3.0, -2.0, 1.0]
    for unit, name in zip(top, WEIGHTS, strict=True):
        assert name in found.text(unit)
        if proxy is not None:  # LIME's kernel leaves plain LIME few masks that count
            assert (unit.low, unit.high) == pytest.approx((unit.weight, unit.weight))
    if found.fit.r2 is not None:  # few units are asked in all their masks: none is held out
        assert found.fit.r2 == pytest.approx(1.0)
    assert found.base_value == 2.0
    assert found.response == "2"
    assert found.curve is not None
    assert found.curve.spans == tuple(unit.span for unit in top)
    assert found.curve.values == pytest.approx((-1.0, 1.0, 0.0))
    assert found.fine_curve is None


@pytest.mark.parametrize("design", [*DESIGNS, "tree"])
def test_every_design_finds_the_words(design: str) -> None:
    found = FocusLime(linear_function(WEIGHTS), load_proxy("bm25")).explain(
        PROMPT, granularity="word", design=design, n_scored=3
    )
    words = [found.text(unit).strip() for unit in found.top(3)]
    assert words == ["clause-17", "clause-40", "clause-61"]
    assert found.settings.design == design


@pytest.mark.parametrize("granularity", ["sentence", "word"])
def test_units_tile_the_document(granularity: Any) -> None:
    found = FocusLime(linear_function(WEIGHTS), load_proxy("bm25")).explain(
        PROMPT, granularity=granularity
    )
    assert "".join(found.text(unit) for unit in found.units) == DOCUMENT
    assert "".join(found.text(unit) for unit in found.tiles) == DOCUMENT
    levels = {(unit.status, unit.level) for unit in found.tiles}
    assert levels >= {("attributed", granularity), ("background", "sentence")}
    assert {unit.level for unit in found.units} == {"sentence"}
    for unit in found.tiles:
        assert (unit.weight is None) == (unit.status == "background")


def test_word_level_names_the_words() -> None:
    found = FocusLime(linear_function(WEIGHTS), load_proxy("bm25")).explain(
        PROMPT, granularity="word"
    )
    words = [found.text(unit).strip() for unit in found.top(3)]
    assert words == ["clause-17", "clause-40", "clause-61"]
    assert found.curve is None  # the words' says it
    assert found.fine_curve is not None
    assert found.fine_curve.values == pytest.approx((-1.0, 1.0, 0.0))
    assert [found.text(span).strip() for span in found.fine_curve.spans] == words


@pytest.mark.parametrize("granularity", ["sentence", "word", "token"])
@pytest.mark.parametrize("proxy", ["bm25", None])
def test_a_language_model_at_every_granularity(
    llama: HFCausalLM, granularity: Any, proxy: str | None
) -> None:
    prompt = Prompt.from_document(TEXT, question="Which law?")
    explainer = FocusLime(llama, load_proxy(proxy) if proxy else None)
    options = {"granularity": granularity, "budget": 24, "n_scored": 2, "n_coarse": 1}
    found = explainer.explain(prompt, max_new_tokens=4, **options)
    assert "".join(found.text(unit) for unit in found.units) == TEXT
    again = explainer.explain(prompt, max_new_tokens=4, **options)
    assert without_seconds(found) == without_seconds(again)
    other = explainer.explain(prompt, max_new_tokens=4, **options, seed=1)
    assert without_seconds(found) != without_seconds(other)
    full = llama.count_tokens(prompt)
    assert found.cost.target.fpe == found.cost.target.tokens_computed / full


def test_the_words_of_a_sentence_are_the_sentence() -> None:
    """They tile it; and to drop all of them is to drop it: one perturbed prompt, asked once."""
    model = linear_function(WEIGHTS)
    found = FocusLime(model, load_proxy("bm25")).explain(PROMPT, granularity="word")
    opened = [u for u in found.coarse if any(u.start <= p.start < u.end for p in found.fine_units)]
    assert [round(unit.weight or 0.0, 6) for unit in opened] == [3.0, -2.0, 1.0]
    assert "".join(map(found.text, found.fine_units)) == "".join(map(found.text, opened))
    f = FocusLime(model).value_function(PROMPT)
    words = PROMPT.tree.units("word", within=f.units)
    inside = words.parents(f.units)
    for unit in opened:
        index = next(i for i, one in enumerate(f.units) if one.start == unit.start)
        sentence = f.variant(np.arange(len(f.units)) != index)
        assert f.over(words).variant(inside != index) == sentence
        assert unit.effect == pytest.approx(unit.weight)


def test_the_mixed_estimator_is_told_and_leaves_nothing_in_memory() -> None:
    """The bundled target's cached context is as good as exact masks, and far cheaper."""
    model = load_model("bundled:target")
    text = Path("configs/contract.txt").read_text(encoding="utf-8")
    prompt = Prompt.from_document(text, question="What is the renewal term of the Davida venture?")
    explainer = FocusLime(model, load_proxy("bm25"))
    mixed = explainer.explain(prompt, estimator="mixed", sets=False, n_scored=16)
    exact = explainer.explain(prompt, sets=False)
    assert mixed.fit.estimator == "mixed"
    assert mixed.fit.agreement is not None
    assert mixed.fit.agreement >= 0.9
    assert mixed.top(1)[0].span == exact.top(1)[0].span
    assert mixed.cost.target.tokens_computed < exact.cost.target.tokens_computed
    f = explainer.value_function(prompt, objective="eight months")
    before = f.ledger.tokens_computed
    f.full()
    assert f.ledger.tokens_computed - before >= model.count_tokens(prompt)  # it is read again


def test_where_the_cached_context_predicts_badly_that_is_told(llama: HFCausalLM) -> None:
    prompt = Prompt.from_document(TEXT * 4, question="Which law?")
    found = FocusLime(llama, load_proxy("bm25")).explain(
        prompt, objective="Nevada law", estimator="mixed", n_scored=8
    )
    assert found.fit.estimator == "exact"
    assert any("predicted exact values badly" in warning for warning in found.warnings)


class Failing:
    """A proxy as nobody wants it."""

    name = "failing"

    def __init__(self, scores: Any) -> None:
        self.scores = scores

    def score(self, prompt, units, objective, *, target, rng, progress=None):  # type: ignore[no-untyped-def]
        return self.scores(len(units))


@pytest.mark.parametrize(
    ("scores", "warning"),
    [
        (lambda n: 1 / 0, "division by zero"),
        (lambda n: ProxyScores(np.full(n, np.nan)), "or NaN"),
        (lambda n: ProxyScores(np.zeros(n + 1)), "scores of shape"),
        (lambda n: ProxyScores(np.ones(n)), "the same score"),
    ],
)
def test_whatever_the_proxy_does_the_check_finds_the_sentence(scores: Any, warning: str) -> None:
    found = FocusLime(linear_function({"clause-61 ": 3.0}), Failing(scores)).explain(PROMPT, seed=2)
    best, *_ = found.top(1)
    assert "clause-61" in found.text(best)
    assert best.effect == pytest.approx(3.0)
    assert any(warning in said for said in found.warnings)
    assert found.check is not None
    assert found.check.outcome == "held"
    assert found.sets is not None
    assert found.sets.relation == "single"


def test_what_the_model_answers_without_the_set_that_turns_it() -> None:
    explainer = FocusLime(load_model("bundled:target"), load_proxy("bm25"))
    text = Path("configs/contract.txt").read_text(encoding="utf-8")
    question = "What is the renewal term of the Davida venture?"
    found = explainer.explain(Prompt.from_document(text, question=question))
    assert found.sets is not None
    [[span], *_] = found.sets.counterfactual_sets
    left = Prompt.from_document(text[: span.start] + text[span.end :], question=question)
    answer = explainer.model.generate(left, 64, Ledger()).text
    assert found.sets.counterfactual_answer == answer != found.response
    assert found.sets.answered_without == (span,)
    assert "eight months" in found.text(span)


def test_without_such_a_set_it_is_asked_without_what_takes_along_most(llama: HFCausalLM) -> None:
    prompt = Prompt.from_document(TEXT, question="Which law?")
    found = FocusLime(llama).explain(prompt, objective="thirty days", max_new_tokens=8)
    assert found.sets is not None
    assert found.sets.counterfactual_sets == ()
    most = max(found.coarse, key=lambda unit: unit.effect or 0.0)
    assert found.sets.answered_without == (most.span,)
    left = Prompt.from_document(TEXT[: most.start] + TEXT[most.end :], question="Which law?")
    assert found.sets.counterfactual_answer == llama.generate(left, 8, Ledger()).text


def test_labels_and_given_responses(llama: HFCausalLM) -> None:
    prompt = Prompt.from_document(TEXT, question="Which law?")
    explainer = FocusLime(llama)
    one = explainer.explain(prompt, objective=LabelLogOdds("Nevada", "Ohio"), budget=8)
    two = explainer.explain(prompt, objective=LabelLogOdds("Ohio", "Nevada"), budget=8)
    assert one.base_value == pytest.approx(-two.base_value, abs=1e-5)
    assert one.response == two.response == ("Nevada" if one.base_value > 0 else "Ohio")
    given = explainer.explain(prompt, objective="Nevada", budget=8)
    assert given.response == "Nevada"
    assert given.objective == "log-odds of the response"


def test_a_classifier_explains_its_class() -> None:
    def score(texts: list[str]) -> np.ndarray:
        red = np.array([0.9 if "red" in text else 0.2 for text in texts])
        return np.column_stack([1 - red, red])

    model = FunctionModel(score, labels=["plain", "red"])
    found = FocusLime(model).explain(Prompt.from_document("A red car. A blue car."), budget=4)
    assert found.response == "red"
    assert [found.text(unit) for unit in found.top(1)] == ["A red car. "]
    assert found.top(1)[0].weight == pytest.approx(np.log(9) - np.log(0.25))


@pytest.mark.parametrize("text", ["Yes", "One sentence only.", "!", " x\n"])
@pytest.mark.parametrize("proxy", [None, "bm25"])
def test_tiny_documents_work(text: str, proxy: str | None) -> None:
    explainer = FocusLime(linear_function({text: 2.0}), load_proxy(proxy) if proxy else None)
    prompt = Prompt.from_document(text, question="Why?")
    whole = explainer.explain(prompt)
    assert [found.weight for found in whole.units] == pytest.approx([2.0])
    words = explainer.explain(prompt, granularity="word")
    assert "".join(words.text(unit) for unit in words.units) == text
    assert all((unit.weight or 0) > 0 for unit in words.units)


def test_a_value_that_does_not_move_is_said() -> None:
    found = FocusLime(linear_function({})).explain(PROMPT, budget=20)
    assert all(unit.weight == 0 for unit in found.attributed)
    assert found.fit.r2 is None
    assert any("does not move" in warning for warning in found.warnings)
    assert any("masks for 90 units" in warning for warning in found.warnings)


def test_the_value_function_is_public() -> None:
    explainer = FocusLime(linear_function({"One": 1.0, "Two": 2.0}))
    f = explainer.value_function(Prompt.from_document("One. Two."), level="sentence")
    assert [u.level for u in f.units] == ["sentence"] * 2
    assert dict(zip(map(tuple, enumerate_all(2).tolist()), f(enumerate_all(2)), strict=True)) == {
        (True, True): 3.0,
        (False, True): 2.0,
        (True, False): 1.0,
        (False, False): 0.0,
    }


def test_the_value_function_of_tokens(llama: HFCausalLM) -> None:
    prompt = Prompt.from_document(TEXT, question="Which law?")
    f = FocusLime(llama).value_function(prompt, objective="Nevada", level="token")
    assert f.units == llama.tokens(prompt)
    assert f(np.ones((1, len(f.units)), bool))[0] == f.full()


def test_what_is_no_model_proxy_or_prompt_is_named() -> None:
    model: Any = linear_function(WEIGHTS)
    for build, complaint in [
        (lambda: FocusLime(len), "is no model: give load_model"),
        (lambda: FocusLime("bundled:target"), "is no model"),
        (lambda: FocusLime(model, "bm25"), "'bm25' is no proxy: give load_proxy"),
        (lambda: FocusLime(model).explain("a text"), "is no prompt: give Prompt"),
    ]:
        with pytest.raises(FocusLimeError, match=complaint):
            build()  # type: ignore[no-untyped-call]


def test_stages_are_shown() -> None:
    seen: list[tuple[str, int, int]] = []

    @contextmanager
    def stage(name: str) -> Any:
        yield lambda done, total: seen.append((name, done, total))

    FocusLime(linear_function(WEIGHTS), load_proxy("bm25"), stage=stage).explain(
        PROMPT, granularity="word"
    )
    names = list(dict.fromkeys(name for name, _, _ in seen))
    assert names == ["check", "attribute", "sets", "open"]
    assert all(done <= total for _, done, total in seen)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"budget": 0}, "budget 0 is too small: give 2 or more"),
        ({"granularity": "sentense"}, "no granularity 'sentense': did you mean sentence"),
        ({"n_coarse": 0}, "n_coarse 0 is too small"),
        ({"n_scored": 0}, "n_scored 0 is too small"),
        ({"granularity": "token"}, "has no tokens"),
        ({"ablation": "blur"}, "no ablation 'blur'"),
        ({"estimator": "rough"}, "no estimator 'rough'"),
        ({"estimator": "mixed", "ablation": "attention"}, "mixed corrects the cached context"),
        ({"verify": -1}, "verify -1 is too small"),
        ({"confidence": 1.5}, "confidence 1.5 is too large: give 1 or less"),
        ({"design": "shaply"}, "no design 'shaply': did you mean shapley"),
        ({"budget": 2.5}, "budget must be a whole number, got 2.5"),
        ({"ablation": "placeholder", "placeholder": ""}, "the placeholder is empty"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        FocusLime(linear_function(WEIGHTS), load_proxy("bm25")).explain(PROMPT, **options)


def test_values_over_the_cached_context(llama: HFCausalLM) -> None:
    prompt = Prompt.from_document(TEXT, question="Which law?")
    explainer = FocusLime(llama)
    exact = explainer.value_function(prompt, objective="Nevada")
    cached = explainer.value_function(prompt, objective="Nevada", estimator="cached")
    assert cached.full() == pytest.approx(exact.full(), abs=1e-4)
    single = ~np.eye(len(exact.units), dtype=bool)
    assert np.abs(cached(single) - exact(single)).max() > 1e-3  # another ablation, other values
    with pytest.raises(FocusLimeError, match="no estimator 'rough'"):
        explainer.value_function(prompt, estimator="rough")  # type: ignore[arg-type]
    found = explainer.explain(prompt, objective="Nevada", ablation="attention")
    assert any("cached context" in warning for warning in found.warnings)
