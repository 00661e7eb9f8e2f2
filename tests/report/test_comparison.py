"""Two explanations side by side. Run with: pytest tests/report/test_comparison.py"""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from focus_lime.errors import FocusLimeError
from focus_lime.report import compare, page, print_comparison
from focus_lime.report.comparison import Compared
from tests.explanation.explanations import CONTRACT, explanation, named, texas_leads, words
from tests.report.page import Page, shown


def test_the_comparison_has_each_side_as_it_is() -> None:
    comparison = compare([explanation(CONTRACT), texas_leads()], ["one", "other"])
    facts = {name: both for name, *both in comparison.facts}
    assert facts["answer"] == ["the laws of Delaware", "those of Texas"]
    assert facts["seed"] == ["3", "7"]
    assert facts["effect held"] == ["not measured", "92%"]
    (sentences,) = comparison.levels
    assert weights(sentences) == {
        "The agreement is governed by the laws of Delaware.": [3.0, None],
        "Except in Texas.": [-1.0, 5.0],
    }


def weights(level: Compared) -> dict[str, list[float | None]]:
    return {row.text.strip(): [s.unit and s.unit.weight for s in row.sides] for row in level.rows}


def test_words_are_compared_where_both_opened_some() -> None:
    one = words(explanation(CONTRACT), 1, [0.0, 0.5, 0.0, 2.0])
    second = words(words(explanation(CONTRACT), 1, [0.1, 0.0, 0.0, 3.0]), 3, [-2.0, 1.5])
    sentences, level = compare([one, second], "ab").levels
    assert (sentences.name, level.name) == ("sentences", "words")
    assert list(weights(level).items()) == [
        ("governed by the laws of Delaware.", [2.0, 3.0]),
        ("Except", [None, -2.0]),
        ("in Texas.", [None, 1.5]),
        ("agreement", [0.5, 0.0]),
        ("The", [0.0, 0.1]),
    ]
    assert [(row.before, row.after) for row in level.rows][2:4] == [
        ("Except", ""),
        ("The", "is governed by the"),
    ]
    assert level.agreement.startswith("4 words were examined by both; their weights agree")
    assert level.agreement.endswith("; 1 of the 2 leading words are shared.")
    assert len(compare([one, explanation(CONTRACT)], "ab").levels) == 1


def test_agreement_is_by_rank() -> None:
    one = explanation([("a. ", 3.0), ("b. ", 2.0), ("c. ", 1.0)])
    same = explanation([("a. ", 30.0), ("b. ", 20.0), ("c. ", 10.0)])
    turned = explanation([("a. ", 1.0), ("b. ", 2.0), ("c. ", 3.0)])
    assert "Spearman 1.00; 3 of the 3 leading" in compare([one, same], "ab").levels[0].agreement
    assert "Spearman -1.00" in compare([one, turned], "ab").levels[0].agreement


def test_different_texts_cannot_be_compared() -> None:
    with pytest.raises(FocusLimeError, match="a and b explain different texts"):
        compare([explanation(CONTRACT), explanation([("Another. ", 1.0)])], "ab")
    with pytest.raises(FocusLimeError, match="takes two explanations, got 1"):
        compare([explanation(CONTRACT)], "a")


def test_units_that_lead_are_ranked_as_everywhere() -> None:
    """Of equal weights, as of those that a sparse fit left out, the larger estimate leads."""
    whole = explanation([(f"{i}. ", 1.0) for i in range(12)])
    units = tuple(replace(u, estimate=float(i)) for i, u in enumerate(whole.units))
    (level,) = compare([replace(whole, units=units)] * 2, "ab").levels
    assert sorted(row.text for row in level.rows) == sorted(f"{i}. " for i in range(2, 12))


def test_names_and_levels_are_told() -> None:
    both = [explanation([("a\n", 1.0), ("b\n", 2.0)], level="line") for _ in range(2)]
    both = [named(each, ["§ 1", None]) for each in both]
    comparison = compare(both, "ab")
    assert comparison.levels[0].name == "lines"
    assert "2 of the 2 leading lines are shared" in comparison.levels[0].agreement
    out = io.StringIO()
    print_comparison(comparison, Console(file=out, width=100))
    assert "§ 1: a" in out.getvalue()
    text = shown(Page(page(both, comparison=comparison)))
    assert "a § 1, line 1+1.00" in text
    assert "b line 2+2.00" in text
    mixed = compare([both[0], replace(both[1], fit=explanation(CONTRACT).fit)], "ab")
    assert mixed.levels[0].name == "units"
