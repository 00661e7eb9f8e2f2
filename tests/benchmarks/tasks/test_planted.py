"""pytest tests/benchmarks/tasks/test_planted.py"""

from __future__ import annotations

from focus_lime.benchmarks.tasks.planted import load


def test_evidence_is_where_it_is_said_to_be() -> None:
    task = load(kind=["recall", "twice", "joined", "amended"], tokens=600, per=2)
    items = list(task.items("test", 0))
    assert len(items) == 8
    for item in items:
        (text,) = item.prompt.sources
        pieces = [span.text((text,)) for span in item.gold]
        assert len(pieces) == (2 if item.facts["kind"] in ("twice", "joined") else 1)
        assert all(piece.endswith(".") for piece in pieces)
        (response,) = item.objective.continuations
        value = response.text.rstrip(".").split()[-1]
        assert any(value in piece for piece in pieces)


def test_the_same_items_come_again_and_the_splits_share_none() -> None:
    task = load(tokens=300, per=3)
    once, again, tune = (list(task.items(s, 0)) for s in ("test", "test", "tune"))  # type: ignore[arg-type]
    assert [(i.id, i.prompt) for i in once] == [(i.id, i.prompt) for i in again]
    assert not {i.id for i in once} & {i.id for i in tune}
    assert not {i.prompt.sources for i in once} & {i.prompt.sources for i in tune}
    assert {i.prompt.sources for i in once} != {i.prompt.sources for i in task.items("test", 1)}


def test_more_contracts_extend_fewer() -> None:
    few, more = (load(tokens=300, per=n) for n in (1, 3))
    first = next(iter(more.items("test", 0)))
    assert [i.prompt for i in few.items("test", 0)] == [first.prompt]


def test_depth_is_that_of_the_evidence() -> None:
    for depth in (0.1, 0.5, 0.9):
        for item in load(tokens=2000, depth=depth, per=3).items("test", 0):
            assert abs(float(item.facts["depth"]) - depth) < 0.15


def test_the_fingerprint_is_of_the_options() -> None:
    assert load(tokens=300).fingerprint == load(tokens=300).fingerprint
    assert load(tokens=300).fingerprint != load(tokens=301).fingerprint
