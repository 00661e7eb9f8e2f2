"""pytest tests/inputs/test_tree.py"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime import FocusLimeError, Prompt, Prose, Spans, UnitTree
from focus_lime.inputs.code import Code
from focus_lime.inputs.messages import Messages
from focus_lime.inputs.units import Unit, Units
from tests.inputs.test_cut import texts

SPLITTERS = {
    "prose": lambda sources: Prose(),
    "code": lambda sources: Code(".txt"),
    "messages": lambda sources: Messages(tuple(f"{i} user" for i in range(len(sources)))),
    "spans": lambda sources: Spans(
        {"passage": [(i, 0, len(text)) for i, text in enumerate(sources)]}, ("sentence", "word")
    ),
}


@pytest.mark.parametrize("name", SPLITTERS)
@given(sources=st.lists(texts, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_every_level_tiles_any_text_and_nests_in_the_level_above(
    name: str, sources: list[str]
) -> None:
    tree = SPLITTERS[name](sources).split(sources)
    above: set[tuple[int, int]] = set()
    for level in tree.levels:
        units = tree.units(level)
        assert {unit.level for unit in units} == {level}
        for index, text in enumerate(sources):
            own = [unit for unit in units if unit.source == index]
            assert "".join(unit.text(sources) for unit in own) == text
            assert all(u.end == v.start for u, v in pairwise(own))
        edges = {(unit.source, unit.start) for unit in units}
        assert above <= edges
        above = edges
    assert tree.coarse is not None
    scored = {(unit.source, unit.start) for unit in tree.scored}
    assert {(unit.source, unit.start) for unit in tree.coarse} <= scored


def test_the_levels_of_each_kind_of_text() -> None:
    assert Prose().split(["One."]).levels == ("paragraph", "sentence", "word")
    assert Code(".py").split(["x = 1\n"]).levels == ("block", "line", "token")
    assert Messages(("1 user",)).split(["Hi."]).levels == ("message", "sentence", "word")


def test_paragraphs_end_at_blank_lines_and_chunks_are_bounded() -> None:
    text = "One. Two.\n\nThree.\n \nFour. Five."
    tree = Prose().split([text])
    assert tree.units("paragraph").texts([text]) == ["One. Two.\n\n", "Three.\n \n", "Four. Five."]
    assert tree.coarse is not None
    assert len(tree.coarse) == 1
    long = "".join(f"Clause {i} binds both parties to the terms above. " for i in range(3000))
    coarse = Prose().split([long]).coarse
    assert coarse is not None
    assert 40 <= len(coarse) <= 96
    assert {unit.level for unit in coarse} == {"chunk"}


def test_ideographic_full_stops_make_no_paragraphs() -> None:
    assert len(Prose().split(["适用法律。第二句。"]).units("paragraph")) == 1


def test_one_word_is_one_unit_at_every_level() -> None:
    tree = Prose().split(["Yes"])
    for level in tree.levels:
        assert tree.units(level).texts(["Yes"]) == ["Yes"]


def test_within_keeps_only_what_lies_in_the_given_units() -> None:
    text = "One two. Three four. Five six."
    tree = Prose().split([text])
    second = tree.scored[1:2]
    assert tree.units("word", within=second).texts([text]) == ["Three ", "four. "]
    assert tree.units("sentence", within=tree.units("paragraph")) == tree.scored


def test_another_level_can_be_scored() -> None:
    text = "One.\n\nTwo. Three."
    tree = Prose().split([text]).at("paragraph")
    assert tree.scored.texts([text]) == ["One.\n\n", "Two. Three."]
    assert tree.coarse is None
    assert tree.is_finer("sentence")
    assert tree.is_finer("token")  # the model's own, which no tree has
    assert not tree.is_finer("paragraph")
    with pytest.raises(FocusLimeError, match="no level 'sentense': did you mean sentence"):
        tree.at("sentense")


def test_levels_that_cross_are_an_error() -> None:
    passages = Units([Unit(0, 0, 5, "passage"), Unit(0, 5, 9, "passage")])
    with pytest.raises(FocusLimeError, match=r"sentence \[3, 7\) of source 0 crosses an edge"):
        UnitTree(
            {"passage": passages, "sentence": Units([Unit(0, 3, 7, "sentence")])}, scored="sentence"
        )


@pytest.mark.parametrize("splitter", ["prose", type("Lists", (), {"split": lambda self, s: [1]})()])
def test_what_gives_no_tree_is_named(splitter: Any) -> None:
    with pytest.raises(FocusLimeError, match="is no splitter"):
        _ = Prompt.from_document("One. Two.", splitter=splitter).tree


def test_the_digest_is_of_where_units_begin() -> None:
    text = "One. Two."
    whole, halves = Spans({"part": [(0, 9)]}), Spans({"part": [(0, 5), (5, 9)]})
    assert whole.split([text]).digest == Spans({"part": [(0, 9, "named")]}).split([text]).digest
    assert whole.split([text]).digest != halves.split([text]).digest
    assert Prose().split([text]).digest != whole.split([text]).digest
