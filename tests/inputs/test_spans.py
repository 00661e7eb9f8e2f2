"""pytest tests/inputs/test_spans.py"""

from __future__ import annotations

from typing import Any

import pytest

from focus_lime import FocusLimeError, Spans, Unit

TEXT = "Rent is 400.\nNotice is 3 months.\nLaw of Malta."


def test_offsets_at_one_level_are_scored_at_once() -> None:
    tree = Spans({"clause": [(13, 33, "§ 2"), (0, 13, "§ 1")]}).split([TEXT])
    assert tree.coarse is None
    assert tree.scored.texts([TEXT]) == ["Rent is 400.\n", "Notice is 3 months.\n"]
    assert [unit.name for unit in tree.scored] == ["§ 1", "§ 2"]


def test_offsets_at_two_levels_and_rules_below() -> None:
    splitter = Spans({"part": [(0, 33, "A"), (33, len(TEXT), "B")]}, cuts=("line", "word"))
    tree = splitter.split([TEXT])
    assert tree.levels == ("part", "line", "word")
    assert tree.scored.texts([TEXT]) == TEXT.splitlines(keepends=True)
    assert [unit.name for unit in tree.scored] == ["A", "A", "B"]
    words = tree.units("word", within=tree.scored[2:])
    assert [(unit.text([TEXT]), unit.name) for unit in words] == [
        ("Law ", "B"), ("of ", "B"), ("Malta.", "B"),
    ]  # fmt: skip


def test_units_of_the_user_are_taken_as_they_are() -> None:
    units = [Unit(0, 0, 4, "cell", "a"), Unit(1, 0, 2, "cell")]
    assert list(Spans({"cell": units}).split(["abcd", "ef"]).scored) == units


@pytest.mark.parametrize(
    ("levels", "complaint"),
    [
        ({}, "no offsets"),
        ({"clause": []}, "no offsets"),
        ({"clause": [(0, 5), (4, 9)]}, "overlap"),
        ({"clause": [(0, 500)]}, r"clause \[0, 500\) of source 0 lies outside"),
        ({"clause": [(3, 0, 5)]}, "of source 3 lies outside"),
        ({"clause": [(5, 5)]}, "start < end"),
        ({"clause": [(5,)]}, r"give \(start, end\)"),
        ({"clause": [("§ 1", 0, 5)]}, r"give \(start, end\)"),
        ({"part": [(0, 10), (10, 20)], "clause": [(5, 15)]}, "crosses an edge of the part"),
    ],
)
def test_bad_offsets_are_named(levels: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        Spans(levels).split([TEXT])
