"""pytest tests/proxies/test_small_lm.py"""

import numpy as np
from scipy.stats import spearmanr

from focus_lime.models.base import Response
from focus_lime.models.hf import HFCausalLM
from focus_lime.objective import ResponseLogOdds, Score
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.proxies.small_lm import SmallLM
from tests.conftest import TEXT, linear_function

TARGET = linear_function({})
WORDS = [f"word{i:02d}" for i in range(30)]


def test_scores_rank_units_as_a_linear_model_does() -> None:
    text = " ".join(WORDS)
    weights = {word: float(i % 7) for i, word in enumerate(WORDS)}
    proxy = SmallLM(linear_function(weights), n_masks=128)
    units = split([text], "word")
    rng = np.random.default_rng(0)
    found = proxy.score(Prompt.from_document(text), units, Score(), target=TARGET, rng=rng)
    assert spearmanr(found.scores, list(weights.values())).statistic > 0.98  # ties in truth
    assert found.cost.calls == 128


def test_more_units_than_masks_get_more_masks() -> None:
    text = " ".join(f"w{i}" for i in range(200))
    proxy = SmallLM(linear_function({}), n_masks=8)
    rng = np.random.default_rng(0)
    cost = proxy.score(
        Prompt.from_document(text), split([text], "word"), Score(), target=TARGET, rng=rng
    ).cost
    assert cost.calls == 300


def test_another_models_ids_are_not_used(llama: HFCausalLM) -> None:
    prompt = Prompt.from_document(TEXT)
    units = split(prompt.sources, "sentence")
    foreign = ResponseLogOdds(Response("Nevada", ids=(10**6,)))
    own = ResponseLogOdds(Response("Nevada"))
    scores = [
        SmallLM(llama, n_masks=16)
        .score(prompt, units, o, target=llama, rng=np.random.default_rng(1))
        .scores
        for o in (foreign, own)
    ]
    np.testing.assert_array_equal(*scores)
