"""pytest tests/method/test_sets.py

Against brute force over all subsets, on functions that are "or" of "and".
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Score
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.sets import DecidingSets, find_sets, threshold
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ledger, Response
from focus_lime.models.function import FunctionModel
from focus_lime.models.hf import HFCausalLM
from tests.conftest import TEXT

N = 6
MARKS = [f"mark{i}" for i in range(N)]
PROMPT = Prompt.from_document("".join(f"This clause has {mark} in it. " for mark in MARKS))
Family = list[frozenset[int]]


def over(wanted: Family, sign: float = 1.0) -> ValueFunction:
    """5 if all members of one of the sets are there, else -5."""

    def function(texts: list[str]) -> list[float]:
        there = [{i for i, mark in enumerate(MARKS) if mark in text} for text in texts]
        return [sign * (5.0 if any(w <= t for w in wanted) else -5.0) for t in there]

    return ValueFunction(FunctionModel(function), PROMPT, PROMPT.tree.scored, Score())


def minimal(found: Family) -> set[frozenset[int]]:
    return {one for one in found if not any(less < one for less in found)}


def subsets(most: int) -> Family:
    return [frozenset(c) for size in range(1, most + 1) for c in combinations(range(N), size)]


@given(
    wanted=st.lists(
        st.frozensets(st.integers(0, N - 1), min_size=1, max_size=2), min_size=1, max_size=3
    ),
    sign=st.sampled_from([1.0, -1.0]),
)
@settings(max_examples=80, deadline=None)
def test_what_is_found_is_what_brute_force_finds(wanted: Family, sign: float) -> None:
    def stands(there: frozenset[int]) -> bool:
        return any(members <= there for members in wanted)

    everything = frozenset(range(N))
    found = find_sets(over(wanted, sign), range(N), nothing=-5.0 * sign)
    assert found.threshold == 0.0
    enough = minimal([one for one in subsets(2) if stands(one)])
    if enough:
        assert set(map(frozenset, found.sufficient_sets)) == enough
    for one in map(frozenset, found.sufficient_sets):
        assert stands(one)
        assert not any(stands(one - {unit}) for unit in one)
    flips = [one for one in subsets(2) if not stands(everything - one)]
    least = min(map(len, flips), default=0)
    if flips:
        assert set(map(frozenset, found.counterfactual_sets)) == {
            one for one in flips if len(one) == least
        }
    for one in map(frozenset, found.counterfactual_sets):
        assert not stands(everything - one)
        assert all(stands(everything - (one - {unit})) for unit in one)


@pytest.mark.parametrize(
    ("enough", "relation"),
    [
        ((), "none"),
        (((1,),), "single"),
        (((1, 2),), "and"),
        (((1,), (2,)), "or"),
        (((1,), (2, 3)), "mixed"),
    ],
)
def test_how_the_evidence_hangs_together(
    enough: tuple[tuple[int, ...], ...], relation: str
) -> None:
    assert DecidingSets(0.0, (), enough).relation == relation


def test_no_set_of_the_units_is_named_where_the_answer_stands_without_them() -> None:
    found = find_sets(over([frozenset()]), range(N), nothing=-5.0)
    assert (found.counterfactual_sets, found.sufficient_sets, found.relation) == ((), (), "none")


@pytest.mark.parametrize(("wanted", "calls"), [([frozenset()], 4), ([frozenset(range(N))], 8)])
def test_what_all_units_together_do_not_do_no_few_of_them_are_asked(
    wanted: Family, calls: int
) -> None:
    """Nothing turns where the answer needs none; where it needs all, each one turns it, and no
    three are enough.
    """
    f = over(wanted)
    spread = find_sets(f, range(N), nothing=-5.0, most=4)
    assert spread.sufficient_sets == ()
    assert f.ledger.calls <= calls


def test_only_leading_units_are_looked_at() -> None:
    f = over([frozenset({0}), frozenset({5})])
    found = find_sets(f, [5, 1, 2], nothing=-5.0)
    assert found.counterfactual_sets == ()  # unit 0 would have to go, too
    assert found.sufficient_sets == ()  # and stays, so that nothing is needed of the others
    assert find_sets(f, [5, 1, 0], nothing=-5.0).sufficient_sets == ((0,), (5,))


def test_the_last_units_of_a_large_neighborhood_stay() -> None:
    """A text of which next to nothing is left is unlike any: here the answer needs half of it."""

    def function(texts: list[str]) -> list[float]:
        there = [[mark in text for mark in MARKS] for text in texts]
        return [5.0 if (t[0] or t[1]) and sum(t) >= 3 else -5.0 for t in there]

    units = PROMPT.tree.scored
    f = ValueFunction(FunctionModel(function), PROMPT, units, Score())
    found = find_sets(f, [0, 1, 2, 3, 4, 5], nothing=-5.0, most_dropped=3)
    assert found.counterfactual_sets == ((0, 1),)
    assert (0,) in found.sufficient_sets
    assert (1,) in found.sufficient_sets
    more = find_sets(f, range(6), nothing=-5.0, most_dropped=6)
    assert not {(0,), (1,)} & set(more.sufficient_sets)


@pytest.mark.parametrize(
    ("full", "nothing", "edge"),
    [(6.0, -10.0, 0.0), (-3.0, 4.0, 0.0), (6.0, 2.0, 4.0), (-8.0, -20.0, -14.0), (2.0, 0.0, 1.0)],
)
def test_where_the_answer_turns(full: float, nothing: float, edge: float) -> None:
    assert threshold(full, nothing) == edge


def test_what_the_cached_context_finds_is_true_of_the_exact_values(llama: HFCausalLM) -> None:
    prompt = Prompt.from_document(TEXT, question="Which law?")
    ledger = Ledger()
    units = prompt.tree.scored
    f = ValueFunction(llama, prompt, units, ResponseLogOdds(Response("Nevada law")), ledger=ledger)
    ends = f(np.array([[True] * len(units), [False] * len(units)]))
    found = find_sets(f, range(len(units)), nothing=float(ends[1]))
    edge, rising = found.threshold, ends[0] > found.threshold
    assert found.counterfactual_sets or found.sufficient_sets
    for members in found.counterfactual_sets:
        kept = np.array([[i not in members for i in range(len(units))]])
        assert (f(kept)[0] > edge) != rising
    for members in found.sufficient_sets:
        kept = np.array([[i in members for i in range(len(units))]])
        assert (f(kept)[0] > edge) == rising


def test_what_the_cached_context_misses_by_little_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its values are too high by 6: no pair turns the answer there, and the nearest one does."""

    def function(more: float) -> ValueFunction:
        def score(texts: list[str]) -> list[float]:
            weights = (4.0, 3.0, 1.0, 1.0, 1.0, 1.0)
            there = (
                (w, mark in text) for text in texts for w, mark in zip(weights, MARKS, strict=True)
            )
            rows = np.array([w * kept for w, kept in there]).reshape(len(texts), N)
            return [float(row.sum()) - 5.0 + more * (row.sum() < 11) for row in rows]

        return ValueFunction(FunctionModel(score), PROMPT, PROMPT.tree.scored, Score())

    cheap = function(6.0)
    monkeypatch.setattr("focus_lime.method.sets.cached_view", lambda f: cheap)
    found = find_sets(function(0.0), range(N), nothing=-5.0)
    assert found.threshold == 0.0
    assert found.counterfactual_sets == ((0, 1),)
