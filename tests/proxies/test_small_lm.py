"""pytest tests/proxies/test_small_lm.py"""

import numpy as np
import pytest
from scipy.stats import spearmanr

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Score
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.proxy import load_proxy
from focus_lime.models.base import Ledger, Response
from focus_lime.models.function import FunctionModel
from focus_lime.models.hf import HFCausalLM
from focus_lime.proxies.small_lm import SmallLM
from tests.conftest import TEXT, linear_function

TARGET = linear_function({})
WORDS = [f"word{i:02d}" for i in range(30)]


def test_scores_rank_units_as_a_linear_model_does() -> None:
    text = " ".join(WORDS)
    weights = {word: float(i % 7) for i, word in enumerate(WORDS)}
    proxy = SmallLM(linear_function(weights), n_masks=128)
    units = Prompt.from_document(text).tree.units("word")
    rng = np.random.default_rng(0)
    found = proxy.score(Prompt.from_document(text), units, Score(), target=TARGET, rng=rng)
    assert spearmanr(found.scores, list(weights.values())).statistic > 0.98  # ties in truth
    assert found.cost.calls == 128


def test_more_units_than_masks_get_more_masks() -> None:
    text = " ".join(f"w{i}" for i in range(200))
    proxy = SmallLM(linear_function({}), n_masks=8)
    rng, prompt = np.random.default_rng(0), Prompt.from_document(text)
    cost = proxy.score(
        prompt,
        prompt.tree.units("word"),
        Score(),
        target=TARGET,
        rng=rng,
    ).cost
    assert cost.calls == 300


def test_another_models_ids_are_not_used(llama: HFCausalLM) -> None:
    prompt = Prompt.from_document(TEXT)
    units = prompt.tree.scored
    foreign = ResponseLogOdds(Response("Nevada", ids=(10**6,)))
    own = ResponseLogOdds(Response("Nevada"))
    scores = [
        SmallLM(llama, n_masks=16)
        .score(prompt, units, o, target=llama, rng=np.random.default_rng(1))
        .scores
        for o in (foreign, own)
    ]
    np.testing.assert_array_equal(*scores)


def test_single_drops_are_exact_on_a_linear_model() -> None:
    text = " ".join(WORDS)
    weights = {word: float(i % 7 - 3) for i, word in enumerate(WORDS)}
    proxy = SmallLM(linear_function(weights), how="drops")
    units = Prompt.from_document(text).tree.units("word")
    found = proxy.score(
        Prompt.from_document(text), units, Score(), target=TARGET, rng=np.random.default_rng(0)
    )
    np.testing.assert_allclose(found.scores, [abs(weight) for weight in weights.values()])
    assert found.cost.calls == len(units) + 1
    assert found.target_cost == Ledger()
    assert proxy.name == "small-lm-drops:linear"


def test_redundant_evidence_is_seen_by_lime_and_not_by_single_drops() -> None:
    """Either of two words is enough: the reason why single drops are not the default."""
    words = ["either", *WORDS[:10], "or"]
    model = FunctionModel(lambda texts: [float("either" in t or "or " in t + " ") for t in texts])
    prompt = Prompt.from_document(" ".join(words))
    units = prompt.tree.units("word")
    scores = {
        how: SmallLM(model, how=how, n_masks=512)
        .score(prompt, units, Score(), target=TARGET, rng=np.random.default_rng(0))
        .scores
        for how in ("lime", "drops")
    }
    assert (scores["drops"] == 0).all()
    assert set(np.argsort(-scores["lime"])[:2]) == {0, len(words) - 1}


def test_both_ways_are_found_by_name() -> None:
    assert load_proxy("small-lm-drops:bundled:proxy").name == "small-lm-drops:bundled:proxy"
    assert load_proxy("small-lm:bundled:proxy").name == "small-lm:bundled:proxy"
    assert load_proxy("bundled:proxy").name == "small-lm:bundled:proxy"
    with pytest.raises(FocusLimeError, match="give small-lm-drops:MODEL"):
        load_proxy("small-lm-drops")
