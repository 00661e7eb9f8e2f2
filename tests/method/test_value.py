"""pytest tests/method/test_value.py"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span
from focus_lime.method.cache import ScoreCache
from focus_lime.method.masks import bernoulli, enumerate_all
from focus_lime.method.objective import Score
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ledger, Response
from focus_lime.models.function import FunctionModel
from focus_lime.models.hf import HFCausalLM
from tests.conftest import TEXT, linear_function, make_model

WORDS = "alpha beta gamma delta epsilon zeta"
WEIGHTS = {"alpha": 1.0, "gamma": -2.5, "zeta": 4.0}
PROMPT = Prompt.from_document(WORDS)
UNITS = PROMPT.tree.units("word")


def oracle(**options: object) -> ValueFunction:
    return ValueFunction(linear_function(WEIGHTS), PROMPT, UNITS, Score(), **options)  # type: ignore[arg-type]


def test_values_of_the_linear_oracle_over_all_masks() -> None:
    masks = enumerate_all(6)
    weights = np.array([WEIGHTS.get(word, 0.0) for word in WORDS.split()])
    np.testing.assert_array_equal(oracle()(masks), masks @ weights)


@given(arrays(bool, st.tuples(st.integers(1, 20), st.just(6))))
@settings(max_examples=50, deadline=None)
def test_pure_in_any_order_and_asked_once(masks: np.ndarray) -> None:
    ledger = Ledger()
    f = oracle(ledger=ledger)
    values = f(masks)
    np.testing.assert_array_equal(f(masks[::-1])[::-1], values)
    assert ledger.calls == len(np.unique(masks, axis=0))


def test_batched_equals_single_and_cached_equals_uncached(
    family_model: HFCausalLM, tmp_path: Path
) -> None:
    prompt = Prompt.from_document(TEXT, question="Which law?")
    units = prompt.tree.scored
    objective = ResponseLogOdds(Response("Nevada"))
    masks = np.vstack([bernoulli(len(units), 10, seed=1), np.ones((1, len(units)), bool)])
    plain = ValueFunction(family_model, prompt, units, objective)(masks)
    single = [ValueFunction(family_model, prompt, units, objective)(m[None])[0] for m in masks]
    np.testing.assert_allclose(plain, single, atol=1e-4)
    path = tmp_path / "scores.sqlite"
    first = ValueFunction(family_model, prompt, units, objective, cache=ScoreCache(path))(masks)
    ledger = Ledger()
    again = ValueFunction(
        family_model, prompt, units, objective, cache=ScoreCache(path), ledger=ledger
    )(masks)
    np.testing.assert_array_equal(first, plain)
    np.testing.assert_array_equal(again, plain)
    assert (ledger.calls, ledger.cached) == (0, len(np.unique(masks, axis=0)))


def test_a_cache_does_not_serve_other_weights_or_responses(tmp_path: Path) -> None:
    prompt = Prompt.from_document(TEXT)
    units = prompt.tree.scored
    cache = ScoreCache(tmp_path / "scores.sqlite")
    model, other = make_model("llama"), make_model("llama")
    other.model.lm_head.weight.data *= 1.1
    values = []
    for which, response in ((model, "Nevada"), (other, "Nevada"), (model, "Ohio")):
        f = ValueFunction(which, prompt, units, ResponseLogOdds(Response(response)), cache=cache)
        values.append(f.full())
        assert f.ledger.cached == 0
    assert len(set(values)) == 3


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path, masks = tmp_path / "scores.sqlite", enumerate_all(6)
    calls: list[int] = []

    def dies(done: int, total: int) -> None:
        calls.append(done)
        if done >= 32:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        oracle(cache=ScoreCache(path), progress=dies)(masks)
    ledger = Ledger()
    oracle(cache=ScoreCache(path), ledger=ledger)(masks)
    assert (ledger.cached, ledger.calls) == (32, 32)
    assert calls == list(range(1, 33))


def test_neighbouring_dropped_units_are_one_run() -> None:
    f = oracle(ablation="placeholder", placeholder="_ ")
    variant = f.variant(np.array([True, False, False, True, False, True]))
    assert variant.dropped == (Span(0, 6, 17), Span(0, 23, 31))
    assert PROMPT.texts_without(variant.dropped, variant.filler) == ["alpha _ delta _ zeta"]


@pytest.mark.parametrize(
    "masks", [np.ones((2, 5), bool), np.ones((2, 6)), np.ones(6, bool), [[1, 0, 1, 0, 1, 0]]]
)
def test_masks_of_another_shape_or_type_are_errors(masks: np.ndarray) -> None:
    with pytest.raises(FocusLimeError, match=r"masks must be bool\[n, 6\]"):
        oracle()(masks)


def test_no_masks_are_an_error() -> None:
    for ask in (oracle(), oracle().estimate):
        with pytest.raises(FocusLimeError, match="no masks"):
            ask(np.ones((0, 6), bool))


def test_bad_ablations_are_errors() -> None:
    with pytest.raises(FocusLimeError, match="has no attention to ablate"):
        oracle(ablation="attention")(np.ones((1, 6), bool))
    with pytest.raises(FocusLimeError, match="no ablation 'blur'"):
        oracle(ablation="blur")
    with pytest.raises(FocusLimeError, match="placeholder is empty"):
        oracle(ablation="placeholder", placeholder="")


def test_a_cache_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text(
        "this is not a database, but long enough to be a page" * 40
    )
    with pytest.raises(FocusLimeError, match="cannot be used"):
        ScoreCache(tmp_path / "text.sqlite")


def test_what_is_asked_again_is_asked_and_each_time_remembered_for_itself() -> None:
    ledger = Ledger()
    values = iter(range(100))
    model = FunctionModel(lambda texts: [float(next(values)) for _ in texts])
    f = ValueFunction(model, PROMPT, UNITS, Score(), ledger=ledger)
    mask = enumerate_all(6)[5]
    assert f(mask[None])[0] == 0
    assert f.again(mask).tolist() == [1]
    assert f.again(mask, 3).tolist() == [1, 2, 3]
    assert f(mask[None])[0] == 0
    assert ledger.calls == 4
