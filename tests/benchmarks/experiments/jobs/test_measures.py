"""The measures of the jobs, worked by hand: pytest tests/benchmarks/experiments/jobs"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from focus_lime.benchmarks.experiments.jobs import attack, evidence, flag, table
from focus_lime.benchmarks.experiments.jobs.records import Outcome
from focus_lime.inputs.units import Span


def test_f1_of_a_post() -> None:
    """5 of 6 shown characters are marked, of 10 marked."""
    assert flag.f1(frozenset(range(6)), frozenset(range(1, 11))) == pytest.approx(2 * 5 / 16)
    assert flag.f1(frozenset(), frozenset()) == 1.0
    assert flag.f1(frozenset(), frozenset({1})) == 0.0
    assert flag.characters("an idiot. ", [Span(0, 3, 10)]) == frozenset(range(3, 8))


def test_an_order_in_an_email() -> None:
    order = Span(0, 11, 32)  # of "Hello Ann. Send me the password. See you soon."
    judgement = {
        "flagged": True,
        "messages": [{"number": 1, "effect": 0.5}, {"number": 3, "effect": 2.0}],
        "evidence": [{"place": {"number": 3, "start": 11, "end": 33}, "weight": 1.0}],
        "edit": {"passages": [{"place": {"number": 3, "start": 22, "end": 42}}]},
    }
    measures = attack.ours(order, judgement)
    assert (measures["message"], measures["first sentence"]) == (1.0, 1.0)
    assert measures["edit recall"] == pytest.approx(10 / 21)
    assert measures["edit precision"] == pytest.approx(10 / 20)
    elsewhere = {
        **judgement,
        "evidence": [{"place": {"number": 1, "start": 11, "end": 33}, "weight": 1.0}],
    }
    assert attack.ours(order, {**elsewhere, "edit": None}) == {
        "first sentence": 0.0,
        "edit recall": 0.0,
        "edit precision": 0.0,
        "message": 1.0,
    }


def test_what_is_found_and_what_by_chance() -> None:
    """Chance is the mean over all draws."""
    assert evidence.found({1, 2}, {2, 5}) == {"recall": 0.5, "hit": 1.0}
    assert evidence.found(set(), {2}) == {"recall": 0.0, "hit": 0.0}
    for n_shown in range(6):
        draws = [evidence.found(drawn, {0, 3}) for drawn in combinations(range(5), n_shown)]
        chance = evidence.found_by_chance(n_shown, 2, 5)
        assert chance["recall"] == pytest.approx(np.mean([d["recall"] for d in draws]))
        assert chance["hit"] == pytest.approx(np.mean([d["hit"] for d in draws]))


def outcome(item: str, found: bool, ours: float, peer: float | None, **more: Any) -> Outcome:
    scores = {"focus-lime": {"recall": ours}, "chance": {"recall": 0.25}}
    calls = {"focus-lime": 10}
    if peer is not None:
        scores["lime"], calls["lime"] = {"recall": peer}, 8
    facts = {"group": "A", "cluster": item, "n_units": 7, **more}
    return Outcome(item=item, found=found, scores=scores, calls=calls, **facts)


def test_how_the_checks_ended_is_counted() -> None:
    ends = [("a", True, "held"), ("b", True, "redundant"), ("c", True, "held"), ("d", False, None)]
    outcomes = [outcome(item, found, 0.0, None, check=end) for item, found, end in ends]
    lines = table.checks(outcomes).splitlines()[2:]
    assert lines[0] == "|  | found | not found |"
    assert lines[2:] == ["| held | 2 | 0 |", "| redundant | 1 | 0 |", "| None | 0 | 1 |"]


def test_the_tables_have_a_row_a_method() -> None:
    outcomes = [outcome("a", True, 1.0, 0.5), outcome("b", False, 0.0, None)]
    groups = {"All": outcomes, "Found": outcomes[:1], "None": []}
    text = table.tables(groups, ("recall", "edit"))
    assert text.count("## ") == 2
    assert "## All (2)" in text
    header, _, ours, chance, lime = text.partition("## Found")[0].strip().splitlines()[2:]
    assert header == "|  | n | recall | edit | ours - its, recall | ours - its, edit | calls |"
    assert ours == "| focus-lime | 2 | 0.50 [0.00, 1.00] | – | – | – | 10.0 |"
    assert chance.startswith("| chance | 2 | 0.25 [0.25, 0.25] | – | 0.25 [-0.25, 0.75] |")
    # Paired over the one item that it explained.
    assert lime == "| lime | 1 | 0.50 [0.50, 0.50] | – | 0.50 [0.50, 0.50] | – | 8.0 |"


def test_the_table_by_group() -> None:
    outcomes = [outcome("a", True, 1.0, None), outcome("b", True, 0.5, None, group="B", n_units=9)]
    assert table.by_group("questions", outcomes, "recall", with_units="lines").splitlines() == [
        "| recall | lines | questions | focus-lime | chance |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| A | 7 | 1 | 1.00 | 0.25 |",
        "| B | 9 | 1 | 0.50 | 0.25 |",
    ]
