"""pytest tests/method/test_scout.py"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.spans import Spans
from focus_lime.method.objective import Score
from focus_lime.method.proxy import Proxy, ProxyScores
from focus_lime.method.scout import Neighborhood, full_neighborhood, scout, select
from focus_lime.models.base import Ledger
from tests.conftest import linear_function

TEXT = "".join(
    f"Clause {i} binds both parties to the terms above and {'zebra' if i in (17, 61) else 'no'}. "
    for i in range(120)
)
PROMPT = Prompt.from_document(TEXT)
TARGET = linear_function({})


class Finder:
    """An exact proxy: the number of zebras in a unit."""

    name = "finder"

    def __init__(self) -> None:
        self.asked: list[int] = []

    def score(self, prompt, units, objective, *, target, rng, progress=None):  # type: ignore[no-untyped-def]
        self.asked.append(len(units))
        scores = [text.count("zebra") for text in units.texts(prompt.sources)]
        return ProxyScores(np.array(scores, float), Ledger(calls=len(units)))


def run(proxy: Proxy, prompt: Prompt = PROMPT, **options: Any) -> Neighborhood:
    options = {"n_coarse": 3, "n_scored": 4, "seed": 0, **options}
    return scout(prompt, prompt.tree, proxy, Score(), target=TARGET, **options)


def test_coarse_to_fine_keeps_the_best_sentences_of_the_best_chunks() -> None:
    proxy = Finder()
    focus = run(proxy)
    texts = focus.units.texts(PROMPT.sources)
    assert len(texts) == 2  # at most 4, and two hold all that the scores say
    assert sum("zebra" in text for text in texts) == 2
    assert proxy.asked[0] == len(PROMPT.tree.coarse or ())
    assert proxy.asked[1] < proxy.asked[0] * 3
    assert focus.cost.calls == sum(proxy.asked)
    assert focus.proxy == "finder"
    kept = [s for s in focus.scored if s.unit.level == "sentence" and s.kept]
    assert {s.unit for s in kept} == set(focus.units)
    assert sum(s.kept for s in focus.scored if s.unit.level == "chunk") == 2


def test_where_all_fits_the_proxy_is_not_asked() -> None:
    proxy = Finder()
    focus = run(proxy, n_coarse=1000, n_scored=1000)
    assert focus.units == PROMPT.tree.scored == full_neighborhood(PROMPT.tree).units
    assert proxy.asked == []


def test_equal_scores_keep_the_first_in_reading_order() -> None:
    class Flat(Finder):
        def score(self, prompt, units, objective, *, target, rng, progress=None):  # type: ignore[no-untyped-def]
            return ProxyScores(np.zeros(len(units)))

    assert run(Flat()).units == PROMPT.tree.scored[:4]


@pytest.mark.parametrize(
    "scores", [np.zeros(3), np.full(500, np.nan), np.zeros((2, 2))], ids=["length", "nan", "shape"]
)
def test_bad_scores_are_named(scores: np.ndarray) -> None:
    class Bad(Finder):
        def score(self, prompt, units, objective, *, target, rng, progress=None):  # type: ignore[no-untyped-def]
            return ProxyScores(scores[: len(units)])

    with pytest.raises(FocusLimeError, match="the proxy finder gave scores of shape"):
        run(Bad())


@pytest.mark.parametrize(
    ("scores", "most", "kept"),
    [
        ([0, 9, 0, 0, 8, 0, 0, 0.1], 4, [1, 4]),  # what stands out, and no more
        ([0, 9, 0, 0, 8, 0, 0, 0.1], 1, [1]),  # what can be afforded
        ([0, 9, 0, 0, 0, 0, 0, 0], 6, [1, 0, 2]),  # half of it at least
        ([9, 7, 5, 3, 1, 0, -1, -2], 8, [0, 1, 2, 3]),  # 7 + 5 + 3 + 1: without the last .94
        ([99, 2, 99, 2, 1, 1, 1, 1], 3, [0, 2]),  # 97.5 + 97.5 of 196: the others say little
        ([2, 2, 2, 2], 3, [0, 1, 2]),  # nothing is said: the first ones
        ([-7.0], 5, [0]),
    ],
)
def test_how_many_are_kept_follows_from_the_scores(
    scores: list[float], most: int, kept: list[int]
) -> None:
    assert select(np.array(scores, dtype=float), most).tolist() == kept


class Broken(Finder):
    """Raises, or returns what it is given."""

    def __init__(self, scores: object) -> None:
        super().__init__()
        self.scores = scores

    def score(self, prompt, units, objective, *, target, rng, progress=None):  # type: ignore[no-untyped-def]
        if isinstance(self.scores, Exception):
            raise self.scores
        return ProxyScores(self.scores, notes=("a member was left out",))


@pytest.mark.parametrize(
    ("scores", "note"),
    [
        (
            ValueError("no luck\nat all"),
            "did not score the chunks (no luck): chance took its place",
        ),
        (KeyError(), "(KeyError): chance"),
        (np.zeros(3), "gave scores of shape [3]"),
        (np.full(19, np.nan), "or NaN"),
    ],
)
def test_where_a_check_follows_a_proxy_may_fail(scores: object, note: str) -> None:
    focus = run(Broken(scores), seed=1, guarded=True)
    assert note in focus.notes[0]
    assert 0 < len(focus.units) <= 4
    with pytest.raises((FocusLimeError, ValueError, KeyError)):
        run(Broken(scores), seed=1)


def test_the_notes_of_a_proxy_and_constant_scores_are_handed_on() -> None:
    flat = run(Broken(np.full(len(PROMPT.tree.coarse or ()), 2.0)), n_scored=1000)
    assert flat.notes == (
        "a member was left out",
        "the proxy gave all chunks the same score: the first were taken",
    )


def test_the_rng_of_a_proxy_follows_from_the_seed_alone() -> None:
    class Dice(Finder):
        def score(self, prompt, units, objective, *, target, rng, progress=None):  # type: ignore[no-untyped-def]
            return ProxyScores(rng.random(len(units)))

    assert run(Dice(), seed=3).units == run(Dice(), seed=3).units
    assert run(Dice(), seed=3).units != run(Dice(), seed=4).units


def test_units_at_one_level_are_scored_at_once() -> None:
    """Without a coarse level the proxy is asked once, for the scored units themselves."""
    text = "zebra one. two. three zebra. four."
    clauses = Prompt.from_document(text, splitter=Spans({"clause": [(0, 10), (11, 15), (16, 28)]}))
    proxy = Finder()
    focus = run(proxy, clauses, n_scored=2)
    assert proxy.asked == [3]
    assert focus.units.texts([text]) == ["zebra one.", "three zebra."]
