"""pytest tests/proxies/test_target_alone.py"""

import numpy as np

from focus_lime.models.base import Ledger
from focus_lime.models.function import FunctionModel
from focus_lime.neighborhood import load_proxy
from focus_lime.objective import Score
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split

WEIGHTS = {"alpha": 3.0, "beta": 2.0, "gamma": -1.0}
TEXT = "It says alpha. It says beta. Nothing here. It says alpha again. It says gamma."


def loudest(texts: list[str]) -> list[float]:
    """A maximum over what stands in the text, as a detector has it; the frame adds 0.5."""
    return [0.5 + max(w * (word in t) for word, w in WEIGHTS.items()) for t in texts]


def test_evidence_that_stands_twice_is_found_each_time() -> None:
    model, proxy = FunctionModel(loudest), load_proxy("target-alone")
    prompt, units = Prompt.from_document(TEXT), split([TEXT], "sentence")
    rng = np.random.default_rng(0)
    found = proxy.score(prompt, units, Score(), target=model, rng=rng)
    np.testing.assert_allclose(found.scores, [3.5, 2.5, 0.5, 3.5, 0.5])
    assert found.target_cost.calls == len(units)
    assert found.cost == Ledger()
    drops = load_proxy("target-drops").score(prompt, units, Score(), target=model, rng=rng)
    np.testing.assert_allclose(drops.scores, 0)  # the other one stands in


def test_some_units_alone_leave_nothing_else_of_the_text() -> None:
    """The sentences of kept chunks: what was not kept is gone, too."""
    prompt, units = Prompt.from_document(TEXT), split([TEXT], "sentence").select([1, 4])
    found = load_proxy("target-alone").score(
        prompt, units, Score(), target=FunctionModel(loudest), rng=np.random.default_rng(0)
    )
    np.testing.assert_allclose(found.scores, [2.5, 0.5])
