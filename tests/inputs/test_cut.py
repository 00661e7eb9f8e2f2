"""pytest tests/inputs/test_cut.py"""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.cut import CUTS, cut, whole, words

texts = st.one_of(
    st.text(min_size=1, max_size=300),
    st.lists(
        st.sampled_from(
            ["The cap is $5.", " ", "\n\n", "\r\n", "\t", "Inc. pays.", "。", "法律适用。",
             "नमस्ते", "👩‍👩‍👧 ok",
             "e\u0301", "x" * 50, "1.", "(a)", "don't", "a-b", "—", "\u200b", "\x85"]
        ),
        min_size=1,
        max_size=40,
    ).map("".join),
)  # fmt: skip


@pytest.mark.parametrize("level", CUTS)
@given(texts=st.lists(texts, min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_units_tile_any_text(level: str, texts: list[str]) -> None:
    units = cut(texts, level, whole(texts, "text"))
    for index, text in enumerate(texts):
        mine = [unit for unit in units if unit.source == index]
        assert "".join(text[u.start : u.end] for u in mine) == text
        assert all(u.end == v.start for u, v in pairwise(mine))


def test_each_ideograph_is_a_word() -> None:
    text = "适用法律。第二句。"
    assert [text[a:b] for a, b in words(text)] == ["适", "用", "法", "律。", "第", "二", "句。"]


def test_lines_and_cells_take_the_white_space_that_ends_them() -> None:
    text = "a | b\tc\n\nd\r\n  e"
    assert [text[a:b] for a, b in CUTS["line"](text, 0, len(text))] == [
        "a | b\tc\n\n",
        "d\r\n  ",
        "e",
    ]
    cells = [text[a:b] for a, b in CUTS["cell"](text, 0, len(text))]
    assert cells == ["a | ", "b\t", "c\n\n", "d\r\n  ", "e"]


def test_a_level_without_a_rule_is_named() -> None:
    with pytest.raises(FocusLimeError, match="no rule cuts a 'sentense': did you mean sentence"):
        cut(["x"], "sentense", whole(["x"], "text"))
