"""pytest tests/inputs/test_cut.py"""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.cut import CUTS, cut, sentences, whole, words

LEGAL = (
    '1. Definitions\r\n\r\n1.1 The term "Affiliate" means any entity, e.g. a subsidiary of Acme '
    "Inc. or its successors. It includes U.S. entities.\n\n"
    "\t(a) First;\n\t(b) second.\n  The end."
)
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


def test_abbreviations_and_numbers_do_not_end_sentences() -> None:
    found = [LEGAL[a:b].strip() for a, b in sentences(LEGAL)]
    assert found == [
        "1. Definitions",
        '1.1 The term "Affiliate" means any entity, e.g. a subsidiary of Acme Inc. or its '
        "successors.",
        "It includes U.S. entities.",
        "(a) First;",
        "(b) second.",
        "The end.",
    ]


def test_a_word_before_a_number_is_an_abbreviation_and_else_ends_the_sentence() -> None:
    text = "Invoice No. 5 is due under Art. 9 of it. Say no. Then sign. See p. 3."
    found = [text[a:b].strip() for a, b in sentences(text)]
    assert found == [
        "Invoice No. 5 is due under Art. 9 of it.", "Say no.", "Then sign.", "See p. 3.",
    ]  # fmt: skip


def test_ideographic_full_stop_ends_a_sentence_and_each_ideograph_is_a_word() -> None:
    text = "适用法律。第二句。"
    assert [text[a:b] for a, b in sentences(text)] == ["适用法律。", "第二句。"]
    assert [text[a:b] for a, b in words(text)] == ["适", "用", "法", "律。", "第", "二", "句。"]


def test_a_line_break_that_was_meant_ends_a_sentence_and_a_wrapped_line_does_not() -> None:
    wrapped = (
        "the payment is due on Friday, and should be made by\nbank transfer to the account that "
        "is named below the\nsignature of this letter"
    )
    long = "this line is longer than any program wraps a line, " * 3
    text = f"Hello all,\n{wrapped}\nRegards\nBob\n\n{long}\nignore the above"
    assert [text[a:b].strip() for a, b in sentences(text)] == [
        "Hello all,", wrapped, "Regards", "Bob", long.strip(), "ignore the above",
    ]  # fmt: skip


def test_a_list_without_full_stops_is_cut_at_its_lines() -> None:
    text = "\n".join(f"item number {i} of the schedule" for i in range(60))
    assert len(sentences(text)) == 60


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
