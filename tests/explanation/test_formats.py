"""Run with: pytest tests/explanation/test_formats.py"""

from __future__ import annotations

from dataclasses import replace

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from focus_lime.explanation.formats import (
    count,
    interval,
    interval_name,
    number,
    plural,
    quote,
    share,
)
from tests.explanation.explanations import CONTRACT, FIT, explanation


@pytest.mark.parametrize(
    ("level", "many"),
    [
        ("sentence", "sentences"),
        ("entry", "entries"),
        ("essay", "essays"),
        ("switch", "switches"),
        ("class", "classes"),
        ("box", "boxes"),
    ],
)
def test_many_of_a_level(level: str, many: str) -> None:
    assert plural(level) == many


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "not measured"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.516, "+0.52"),
        (-12.3, "-12.30"),
        (0.001, "+1.0e-03"),
        (1e300, "+1.0e+300"),
    ],
)
def test_signed_numbers_stay_short(value: float | None, text: str) -> None:
    assert number(value) == text


def test_amounts_and_shares() -> None:
    assert (count(534708), count(0.0625), count(None)) == ("534,708", "0.06", "not measured")
    assert (share(0.915), share(None)) == ("92%", "not measured")


def test_intervals() -> None:
    unit = explanation(CONTRACT).coarse[0]
    assert interval(unit) == "[+2.50, +3.50]"
    assert interval(replace(unit, low=None)) == ""
    assert interval_name(FIT) == "90% interval"


@given(st.text(), st.integers(2, 40))
def test_a_quote_is_the_text_or_its_beginning_on_one_line(text: str, length: int) -> None:
    short, line = quote(text, length), " ".join(text.split())
    assert len(short) <= length
    assert "\n" not in short
    if line and len(line) <= length:
        assert short == line
    elif line:
        assert short.endswith("…")
        assert line.startswith(short[:-1])


def test_a_quote_ends_with_a_word_where_there_is_one_near() -> None:
    assert quote("The agreement is governed", 18) == "The agreement is…"
    assert quote("Theagreementisgoverned", 18) == "Theagreementisgov…"
    assert quote(" \n", 18) == "white space: ' \\n'"


@pytest.mark.parametrize("unit", ["👩‍👩‍👧", "葛\U000e0100", "क्षि", "กำ", "é", "🇩🇪", "각", "ab "])
def test_a_quote_is_cut_at_whole_characters(unit: str) -> None:
    text = unit * 40
    for length in range(4, 60):
        shown = quote(text, length).removesuffix("…").rstrip()
        assert len(quote(text, length)) <= length
        graphemes = regex.findall(r"\X", shown)
        assert graphemes == regex.findall(r"\X", text)[: len(graphemes)]
