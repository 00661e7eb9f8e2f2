"""pytest tests/proxies/test_ensemble.py"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Score
from focus_lime.method.proxy import Proxy, ProxyScores, load_proxy
from focus_lime.models.base import Ledger
from focus_lime.proxies.chance import Chance
from focus_lime.proxies.ensemble import Ensemble
from tests.conftest import linear_function

PROMPT = Prompt.from_document("One is here. Two is here. Three is here. Four is here.")
UNITS = PROMPT.tree.scored


class Fixed:
    """Gives what it was made with; an error is raised."""

    def __init__(self, name: str, scores: Any, notes: tuple[str, ...] = ()) -> None:
        self.name, self.scores, self.notes = name, scores, notes

    def score(self, prompt, units, objective, *, target, rng, progress=None):  # type: ignore[no-untyped-def]
        if isinstance(self.scores, Exception):
            raise self.scores
        return ProxyScores(
            np.array(self.scores, dtype=float),
            Ledger(1, 10, 5, 0, 0.5),
            Ledger(2, 20, 8, 0, 0.25),
            self.notes,
        )


def fuse(members: Sequence[Proxy], seed: int = 0) -> ProxyScores:
    rng = np.random.default_rng(seed)
    return Ensemble(members).score(PROMPT, UNITS, Score(), target=linear_function({}), rng=rng)


def test_ranks_are_fused_as_in_the_paper() -> None:
    found = fuse([Fixed("a", [0.9, 0.1, 0.5, 0.7]), Fixed("b", [-3, 100, 4, -9])])
    ranks = [(1, 3), (4, 1), (3, 2), (2, 4)]
    expected = [1 / (60 + a) + 1 / (60 + b) for a, b in ranks]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-15)
    assert found.notes == ()


def test_equal_scores_share_the_mean_of_their_ranks() -> None:
    found = fuse([Fixed("a", [0, 7, 0, 0])])
    np.testing.assert_allclose(found.scores, [1 / 63, 1 / 61, 1 / 63, 1 / 63])


def test_only_ranks_matter() -> None:
    scores, other = np.array([0.2, -1.0, 3.0, 0.1]), Fixed("b", [1, 2, 3, 4])
    plain = fuse([Fixed("a", scores), other]).scores
    bent = fuse([Fixed("a", np.exp(5 * scores) - 1e4), other]).scores
    np.testing.assert_array_equal(plain, bent)


def test_costs_are_summed_and_notes_kept() -> None:
    members = [Fixed("a", [1, 2, 3, 4], ("a note",)), Fixed("b", [1, 2, 3, 4], ("another",))]
    found = fuse(members)
    assert found.cost == Ledger(2, 20, 10, 0, 1.0)
    assert found.target_cost == Ledger(4, 40, 16, 0, 0.5)
    assert found.notes == ("a note", "another")


def test_who_cannot_score_is_left_out_and_named() -> None:
    good = Fixed("good", [4, 1, 3, 2])
    bad = [
        Fixed("mute", FocusLimeError("nothing to look for")),
        Fixed("short", [1, 2]),
        Fixed("wild", [1, 2, np.nan, 4]),
    ]
    found = fuse([bad[0], good, *bad[1:]])
    np.testing.assert_array_equal(found.scores, fuse([good]).scores)
    assert found.notes == (
        "mute was left out: nothing to look for",
        "short was left out: it gave scores of shape [2] for 4 units, or NaN",
        "wild was left out: it gave scores of shape [4] for 4 units, or NaN",
    )
    assert found.cost.calls == 3  # what was spent for nothing was spent
    with pytest.raises(FocusLimeError, match=r"no proxy .* mute was left out: .*; wild was left"):
        fuse(bad)


def test_a_bug_in_a_member_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        fuse([Fixed("good", [1, 2, 3, 4]), Fixed("broken", ZeroDivisionError())])


def test_members_draw_from_generators_of_their_own() -> None:
    class Greedy(Fixed):
        def score(self, prompt, units, objective, *, target, rng, progress=None):  # type: ignore[no-untyped-def]
            rng.random(1000)
            return ProxyScores(np.zeros(len(units)))

    idle = Fixed("idle", [0, 0, 0, 0])
    scores = fuse([idle, Chance()]).scores
    np.testing.assert_array_equal(fuse([Greedy("greedy", None), Chance()]).scores, scores)
    np.testing.assert_array_equal(fuse([idle, Chance()]).scores, scores)
    assert (fuse([Chance(), Chance()]).scores != 2 * fuse([Chance()]).scores).any()
    seeds = {tuple(fuse([Chance()], seed).scores) for seed in range(8)}
    assert len(seeds) > 3


def test_members_are_named_by_spec() -> None:
    assert load_proxy("ensemble:bm25+random").name == "ensemble:bm25+random"
    spec = "ensemble:attention:bundled:proxy+small-lm-drops:bundled:proxy+cached-context"
    assert load_proxy(spec).name == spec
    for wrong, complaint in [
        ("ensemble", "give ensemble:SPEC"),
        ("ensemble:", "a member has no name"),
        ("ensemble:bm25+", "a member has no name"),
        ("ensemble:bm25+nothing-here", "proxy 'nothing-here': model 'nothing-here' is"),
    ]:
        with pytest.raises(FocusLimeError, match=complaint):
            load_proxy(wrong)
