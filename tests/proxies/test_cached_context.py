"""pytest tests/proxies/test_cached_context.py"""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.masks import enumerate_all, lime_kernel
from focus_lime.method.objective import Score
from focus_lime.method.objectives.labels import LabelLogOdds
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.proxy import load_proxy
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ledger, Response
from focus_lime.models.hf import HFCausalLM
from focus_lime.proxies.cached_context import CachedContext
from tests.conftest import TEXT, linear_function

PROMPT = Prompt.from_document(TEXT, question="Which law governs?")
UNITS = PROMPT.tree.scored
ANSWER = ResponseLogOdds(Response("The law of Nevada."))


@pytest.mark.parametrize("objective", [ANSWER, LabelLogOdds("Nevada", "Utah")])
def test_scores_are_limes_over_the_cached_context(
    family_model: HFCausalLM, objective: ResponseLogOdds | LabelLogOdds
) -> None:
    """So few sentences are enumerated, so that the design is known: all masks, in any order."""
    assert 2 ** len(UNITS) <= 64
    found = CachedContext().score(
        PROMPT, UNITS, objective, target=family_model, rng=np.random.default_rng(0)
    )
    masks = enumerate_all(len(UNITS))
    f = ValueFunction(family_model, PROMPT, UNITS, objective, ablation="attention")
    ridge = Ridge(alpha=1.0).fit(masks, f(masks), sample_weight=lime_kernel(masks))
    np.testing.assert_allclose(found.scores, np.abs(ridge.coef_), atol=1e-4)
    assert found.scores.min() > 1e-3


def test_the_target_pays_little_more_than_one_reading(llama: HFCausalLM) -> None:
    llama.clear_kv()
    found = CachedContext().score(PROMPT, UNITS, ANSWER, target=llama, rng=np.random.default_rng(0))
    n_masks = 2 ** len(UNITS)
    assert found.cost == Ledger()
    assert found.target_cost.calls == n_masks
    read = llama.count_tokens(PROMPT)
    question = llama.encoder.encode(PROMPT).source[::-1].tolist().index(0)  # what follows the text
    tail = question + len(llama.encode_response(ANSWER.response)) - 1
    assert found.target_cost.tokens_computed == read - question + n_masks * tail


def test_same_seed_same_scores_and_more_units_more_masks(llama: HFCausalLM) -> None:
    words = PROMPT.tree.units("word")
    first, again, other = (
        CachedContext(n_masks=8).score(
            PROMPT, words, ANSWER, target=llama, rng=np.random.default_rng(seed)
        )
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.scores, again.scores)
    assert (first.scores != other.scores).any()
    assert first.target_cost.calls == 3 * len(words) // 2 > 8


def test_a_target_that_cannot_cache_says_so() -> None:
    proxy = load_proxy("cached-context")
    assert proxy.name == "cached-context"
    with pytest.raises(FocusLimeError, match="use the ablation delete"):
        proxy.score(
            PROMPT, UNITS, Score(), target=linear_function({}), rng=np.random.default_rng(0)
        )
