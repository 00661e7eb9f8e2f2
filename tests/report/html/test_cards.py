"""pytest tests/report/html/test_cards.py

What the page says before any weight: its cards, and what decides together.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from focus_lime.inputs.units import Span
from focus_lime.method.rescue import Outcome
from focus_lime.report import render_html
from tests.explanation.explanations import (
    CONTRACT,
    FIT,
    checked,
    decided,
    deleted,
    explanation,
    words,
)
from tests.report.page import Page, painted, shown, squeezed


@pytest.mark.parametrize(
    ("outcome", "words_for_it", "figure"),
    [
        ("held", "Neighborhood held: 92% of the effect goes with it", "92%held by"),
        ("redundant", "Neighborhood redundant: other text holds the effect as well", "92%also"),
        ("budget_exhausted", "Neighborhood not held: only 92% of the effect", "92%not held"),
        ("not_in_context", "Neighborhood not in the context: the answer hardly", "nonenot in"),
    ],
)
def test_the_coverage_check_has_its_card(outcome: Outcome, words_for_it: str, figure: str) -> None:
    text = shown(Page(render_html(checked(explanation(CONTRACT), outcome))))
    assert words_for_it in text
    assert f"Effect held{figure}" in text
    assert "value with all text+2.50 with none of it-7.25" in text
    assert ("coverage92% sufficiency87%" in text) == (outcome != "not_in_context")
    assert "before 31%" not in text


def test_rescued_sentences_are_linked_and_change_the_shares() -> None:
    whole = words(checked(explanation(CONTRACT), "held", [2, 3, 1]), 1, [1.0, 0.0])
    report = Page(render_html(whole))
    text = shown(report)
    assert "added that the proxy had missed: “Nothing else matters.”, 2 and 1." in text
    assert "coverage92%, before 31% sufficiency87%, before 40%" in text
    named = dict(zip(report.named, report.units, strict=True))
    assert painted(report, 0, named["“Nothing else matters.”"] or 0) == "Nothing else matters."
    assert painted(report, 0, named["2"] or 0) == "Except in Texas."
    law = painted(report, 0, named["1"] or 0)
    assert squeezed(law) == squeezed(whole.text(whole.units[1]))


def test_sets_are_said_with_links_and_can_be_read() -> None:
    whole = decided(explanation(CONTRACT), "and", [[1, 3]], [[1], [3]], threshold=-2.0)
    report = Page(render_html(whole))
    text = shown(report)
    assert "Half of the effect stays only with: 1 and 2." in text
    assert "Either deletion takes half of the effect or more: 1 or 2." in text
    assert "when the value passes -2.00" in text
    assert "Read without 1 Read without 2 Read with only 1 and 2" in text
    expected = [["without", [0]], ["without", [2]], ["alone", [0, 2]]]
    assert report.data["views"][0]["decisions"] == expected


def test_a_span_that_is_no_unit_is_quoted_without_a_link() -> None:
    whole = decided(explanation(CONTRACT), "single", [[1]], [])
    assert whole.sets is not None
    sets = replace(whole.sets, sufficient_sets=((Span(0, 2, 9),),))
    report = Page(render_html(replace(whole, sets=sets)))
    assert "“Article” is enough by itself" in report.shown
    assert report.data["views"][0]["decisions"] == []


def test_nothing_is_said_of_what_was_not_asked(contract: Page) -> None:
    assert "Effect heldnot asked" in shown(contract)
    for absent in ("Neighborhood", "coverage9", "enough", "turns the", "mixed", " words"):
        assert absent not in contract.shown


def test_the_fit_says_how_it_came_about() -> None:
    fit = replace(FIT, estimator="mixed", agreement=0.9976)
    text = shown(Page(render_html(explanation(CONTRACT, fit=fit))))
    assert "52 fitted, 12 held out" in text
    assert "stopped when the top was settled" in text
    assert "mixed: most masks over the cached context, R² 0.998 with exact ones" in text


@pytest.mark.parametrize(
    ("r2", "words_for_it"),
    [(0.97, "weights add up"), (0.6, "read as rough"), (0.2, "read as a ranking")],
)
def test_a_poor_fit_is_said_in_words(r2: float, words_for_it: str) -> None:
    fit = replace(FIT, r2=r2)
    assert f"R² {r2:.2f}{words_for_it}" in shown(Page(render_html(explanation(CONTRACT, fit=fit))))


def test_panel_says_what_was_found_and_what_it_cost(contract: Page) -> None:
    text = shown(contract)
    for fact in ("Which law governs?", "the laws of Delaware", "log-odds of the response; +2.50"):
        assert fact in text
    for fact in ("0.97", "0.88", "chosen by bm25", "534,708; proxy 70", "14.7 prompts", "a304ce8d"):
        assert fact.replace("by bm25", "bybm25") in text
    assert "holds the full text of the document" in text
    assert "Read with care" not in text


def test_what_was_not_measured_is_said_to_be_so() -> None:
    fit = replace(FIT, masks=4, held_out_masks=0, r2=None, spearman=None)
    text = shown(
        Page(render_html(explanation(CONTRACT, fit=fit, question=None, warnings=("too few",))))
    )
    assert "Fitnot measured" in text
    assert "held-out R²not measured, Spearman not measured" in text
    assert "Read with care too few" in text
    assert "Question" not in text


def test_what_leading_spans_take_together_is_said_and_survives_redaction() -> None:
    whole = deleted(explanation(CONTRACT), [1, 2], [0.25, 0.5], [2.25, -0.5])
    source = render_html(whole, redact=True)
    line = "1 and “Nothing else matters.” deleted together take +3.00; what they take alone adds up"
    assert line in shown(Page(source))
    assert "Nothing else matters." in Page(source).texts[0]
    assert "Except in Texas." in Page(source).texts[0]  # a ranked span
    assert "Signed" not in source


def test_the_provenance_names_proxy_surrogate_and_settings(contract: Page) -> None:
    text = shown(contract)
    assert "Provenanceorg/targetseed 3" in text
    assert "chosen bybm25 weights bysparse" in text
    assert "budget64" in text
    assert "coverage checkTrue" in text
    assert "placeholder" not in text  # it is not set
