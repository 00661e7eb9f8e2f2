"""pytest tests/proxies/test_target_alone.py"""

import numpy as np
import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Score
from focus_lime.method.proxy import ProxyScores, load_proxy
from focus_lime.models.base import Ledger
from focus_lime.models.function import FunctionModel

WEIGHTS = {"alpha": 3.0, "beta": 2.0, "gamma": -1.0}
TEXT = "It says alpha. It says beta. Nothing here. It says alpha again. It says gamma."
LONG = " ".join(f"It says {'alpha' if i in (5, 44) else 'little'} here." for i in range(64))


def loudest(texts: list[str]) -> list[float]:
    """A maximum over what stands in the text, as a detector has it; the frame adds 0.5."""
    return [0.5 + max(w * (word in t) for word, w in WEIGHTS.items()) for t in texts]


def scored(text: str, spec: str, units: Units | None = None) -> ProxyScores:
    return load_proxy(spec).score(
        Prompt.from_document(text),
        units or Prompt.from_document(text).tree.units("sentence"),
        Score(),
        target=FunctionModel(loudest),
        rng=np.random.default_rng(0),
    )


def test_evidence_that_stands_twice_is_found_each_time() -> None:
    found = scored(TEXT, "target-alone")
    np.testing.assert_allclose(found.scores, [3.5, 2.5, 0.5, 3.5, 0.5])
    assert found.target_cost.calls == 5
    assert found.cost == Ledger()
    drops = scored(TEXT, "target-drops")
    np.testing.assert_allclose(drops.scores, 0)  # the other one stands in


def test_some_units_alone_leave_nothing_else_of_the_text() -> None:
    """The sentences of kept chunks: what was not kept is gone, too."""
    kept = Prompt.from_document(TEXT).tree.units("sentence").select([1, 4])
    np.testing.assert_allclose(scored(TEXT, "target-alone", kept).scores, [2.5, 0.5])


def test_with_few_calls_groups_of_neighbors_are_halved_down_to_the_evidence() -> None:
    found = scored(LONG, "target-alone:24")
    assert found.target_cost.calls == 24
    np.testing.assert_allclose(found.scores[[5, 44]], 3.5)
    assert np.sum(found.scores > 3) == 2  # 12 groups, then halves until both stand alone


def test_a_unit_has_the_value_of_the_smallest_group_that_it_was_in() -> None:
    found = scored(LONG, "target-alone:8")  # four groups of 16; two of them in halves, in order
    assert found.target_cost.calls == 8
    np.testing.assert_allclose(
        found.scores, np.repeat([3.5, 0.5, 0.5, 3.5, 0.5], [8, 8, 24, 8, 16])
    )


@pytest.mark.parametrize("calls", [64, 100])
def test_calls_that_suffice_for_every_unit_are_all_that_is_asked(calls: int) -> None:
    found = scored(LONG, f"target-alone:{calls}")
    alone = [3.5 if i in (5, 44) else 0.5 for i in range(64)]
    np.testing.assert_allclose(found.scores, alone)
    assert found.target_cost.calls == 64


def test_where_nobody_says_how_many_calls_they_are_few() -> None:
    assert scored(LONG, "target-alone").target_cost.calls == 32


@pytest.mark.parametrize("calls", ["3", "-8", "many", "2.5"])
def test_calls_that_search_nothing_are_an_error(calls: str) -> None:
    with pytest.raises(FocusLimeError, match=f"a number from 4 on, got '{calls}'"):
        load_proxy(f"target-alone:{calls}")
