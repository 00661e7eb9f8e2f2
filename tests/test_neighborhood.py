"""pytest tests/test_neighborhood.py"""

from __future__ import annotations

import numpy as np
import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Ledger
from focus_lime.neighborhood import Proxy, ProxyScores, everything, load_proxy, scout, select
from focus_lime.objective import Score
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
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


def run(proxy: Proxy, n_chunks: int = 3, n_sentences: int = 4, seed: int = 0):  # type: ignore[no-untyped-def]
    return scout(
        PROMPT, proxy, Score(), TARGET, n_chunks=n_chunks, n_sentences=n_sentences, seed=seed
    )


def test_coarse_to_fine_keeps_the_best_sentences_of_the_best_chunks() -> None:
    proxy = Finder()
    focus = run(proxy)
    texts = focus.units.texts(PROMPT.sources)
    assert len(texts) == 2  # at most 4, and two hold all that the scores say
    assert sum("zebra" in text for text in texts) == 2
    assert proxy.asked[0] == len(split(PROMPT.sources, "chunk"))
    assert proxy.asked[1] < proxy.asked[0] * 3
    assert focus.cost.calls == sum(proxy.asked)
    assert focus.proxy == "finder"
    kept = [s for s in focus.scored if s.unit.level == "sentence" and s.kept]
    assert {s.unit for s in kept} == set(focus.units)
    assert sum(s.kept for s in focus.scored if s.unit.level == "chunk") == 2


def test_where_all_fits_the_proxy_is_not_asked() -> None:
    proxy = Finder()
    focus = run(proxy, n_chunks=1000, n_sentences=1000)
    assert focus.units == split(PROMPT.sources, "sentence") == everything(PROMPT).units
    assert proxy.asked == []


def test_equal_scores_keep_the_first_in_reading_order() -> None:
    class Flat(Finder):
        def score(self, prompt, units, objective, *, target, rng, progress=None):  # type: ignore[no-untyped-def]
            return ProxyScores(np.zeros(len(units)))

    assert run(Flat()).units == split(PROMPT.sources, "sentence")[:4]


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
def test_where_an_audit_follows_a_proxy_may_fail(scores: object, note: str) -> None:
    options = {"n_chunks": 3, "n_sentences": 4, "seed": 1}
    focus = scout(PROMPT, Broken(scores), Score(), TARGET, guarded=True, **options)
    assert note in focus.notes[0]
    assert 0 < len(focus.units) <= 4
    with pytest.raises((FocusLimeError, ValueError, KeyError)):
        scout(PROMPT, Broken(scores), Score(), TARGET, **options)


def test_the_notes_of_a_proxy_and_constant_scores_are_handed_on() -> None:
    flat = run(Broken(np.full(len(split(PROMPT.sources, "chunk")), 2.0)), n_sentences=1000)
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


def test_proxies_are_found_by_name() -> None:
    assert load_proxy("bm25").name == "bm25"
    assert isinstance(load_proxy("bm25"), Proxy)
    for spec, complaint in [
        ("nothing-here", "proxy 'nothing-here': model 'nothing-here' cannot be loaded"),
        ("small-lm", "give small-lm:MODEL"),
        ("bm25:x", "bm25 takes no 'x'"),
    ]:
        with pytest.raises(FocusLimeError, match=complaint):
            load_proxy(spec)
