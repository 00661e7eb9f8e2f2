"""pytest tests/proxies/test_chance.py"""

from __future__ import annotations

import numpy as np

from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Score
from focus_lime.method.proxy import Proxy, load_proxy
from tests.conftest import linear_function

PROMPT = Prompt.from_document(" ".join(f"word{i}" for i in range(2000)))
UNITS = PROMPT.tree.units("word")


def draw(seed: int) -> np.ndarray:
    proxy = load_proxy("random")
    assert isinstance(proxy, Proxy)
    rng = np.random.default_rng(seed)
    return proxy.score(PROMPT, UNITS, Score(), target=linear_function({}), rng=rng).scores


def test_scores_are_uniform_and_follow_from_the_seed() -> None:
    scores = draw(3)
    np.testing.assert_array_equal(scores, draw(3))
    assert (scores != draw(4)).all()
    # The largest distance from the uniform distribution, at the level of one in a thousand.
    gap = np.abs(np.sort(scores) - np.arange(1, len(scores) + 1) / len(scores)).max()
    assert gap < 1.95 / np.sqrt(len(scores))
    assert abs(np.corrcoef(scores, np.arange(len(scores)))[0, 1]) < 0.1
