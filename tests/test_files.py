"""Run: pytest tests/test_files.py"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from focus_lime.files import slug


def test_slugs_by_hand() -> None:
    assert slug("../a b/c.txt") == "a-b-c.txt"
    assert slug("  ") == slug("...") == "unnamed"
    assert slug("Vertrag Nº 7, Straße") == "Vertrag-Nº-7-Straße"


@given(st.text(max_size=200))
def test_any_name_becomes_a_file_name_that_stays(name: str) -> None:
    short = slug(name)
    assert 0 < len(short) <= 80
    assert "/" not in short
    assert not short.startswith((".", "-"))
    assert slug(short) == short


def test_long_names_that_differ_anywhere_stay_different() -> None:
    names = ["a" + "x" * 300, "b" + "x" * 300, "x" * 300 + "a"]
    assert len({slug(name) for name in names}) == 3
    assert slug("x" * 300 + "-end.txt").endswith("-end.txt")
