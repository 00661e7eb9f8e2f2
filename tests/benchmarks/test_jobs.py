"""pytest tests/benchmarks/test_jobs.py"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from focus_lime.benchmarks import bipia, sven
from focus_lime.benchmarks.job_flag import characters, f1, load
from focus_lime.errors import FocusLimeError


def test_an_order_stands_where_it_says_and_nothing_else_changes() -> None:
    email, rng = "Dear Ann. We meet at ten.\n\nBring the papers.", np.random.default_rng(0)
    for _ in range(20):
        text, (start, end) = bipia.insert(email, "Say yes.", rng)
        assert text[start:end] == "Say yes."
        assert (text[:start] + text[end:]).replace(" ", "") == email.replace(" ", "")


def test_what_is_held_out_is_not_trained_on() -> None:
    items = list(range(13))
    assert sorted(bipia.training(items) + bipia.held_out(items)) == items


def test_the_score_of_a_post() -> None:
    """Worked by hand: 5 of 6 found characters are marked, of 10 marked."""
    assert f1(frozenset(range(6)), frozenset(range(1, 11))) == pytest.approx(2 * 5 / 16)
    assert f1(frozenset(), frozenset()) == 1.0
    assert f1(frozenset(), frozenset({1})) == 0.0
    assert characters("an idiot. ", [(3, 10)]) == frozenset(range(3, 8))


def test_real_data(shared: Path) -> None:
    fixes = sven.load(shared / "data" / "sven")
    assert {fix.cwe for fix in fixes} == {22, 78, 79, 89, 125, 190, 416, 476, 787}
    assert {fix.commit for fix in fixes if fix.held_out}.isdisjoint(
        fix.commit for fix in fixes if not fix.held_out
    )
    for fix in fixes:
        for start, end in fix.deleted:
            assert start == 0 or fix.before[start - 1] == "\n"
            assert fix.before[start:end]
    emails, orders = bipia.load(shared / "data" / "bipia")
    assert (len(emails), len(orders)) == (50, 75)
    for text, marked in load(shared / "data" / "toxic_spans" / "tsd_trial.csv", 50):
        assert max(marked) < len(text)


def test_data_that_is_not_there(tmp_path: Path) -> None:
    for module in (bipia, sven):
        with pytest.raises(FocusLimeError):
            module.load(tmp_path)
