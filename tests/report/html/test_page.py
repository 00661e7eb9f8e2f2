"""Run with: pytest tests/report"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.explanation.result import Explanation, ModelNames, ScoredSpan
from focus_lime.inputs.layout import Layout
from focus_lime.inputs.units import Span
from focus_lime.report import Cell, Summary, render_html
from tests.explanation.explanations import (
    AWKWARD,
    CONTRACT,
    FIT,
    Part,
    attributed,
    checked,
    cut,
    decided,
    explanation,
    named,
    words,
)
from tests.report.page import PAGE_TAGS, Page, check, painted, read, shown, squeezed


def in_pieces(whole: Explanation, size: int) -> Explanation:
    """Every second attributed unit opened to tokens of `size` characters, and all of them named by
    the coverage check and by the sets.
    """
    indices = [i for i, unit in enumerate(whole.units) if unit.status == "attributed"]
    for index in indices[::2]:
        cuts = range(size, whole.units[index].end - whole.units[index].start, size)
        whole = cut(whole, index, cuts, [(-2.0) ** -i for i in range(len(cuts) + 1)], "token")
    each = [[index] for index in indices[:4]]
    return decided(checked(whole, "redundant", indices), "or" if each else "none", each, each)


@pytest.mark.parametrize("size", [None, 1, 3])
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_documents_stand_in_the_page_exactly(name: str, size: int | None) -> None:
    whole = explanation(AWKWARD[name])
    whole = in_pieces(whole, size) if size else whole
    report = Page(render_html(whole))
    assert report.texts == [whole.sources[0].text]
    check(report, whole)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).filter(
                    bool
                ),
                st.none() | st.floats(allow_nan=False, allow_infinity=False),
            ),
            max_size=8,
        ),
        min_size=1,
        max_size=3,
    ),
    st.integers(0, 4),
)
def test_any_text_in_any_units_stands_in_the_page_exactly(
    sources: list[list[Part]], size: int
) -> None:
    whole = explanation(*sources, level="token")
    whole = in_pieces(whole, size) if size else whole
    report = Page(render_html(whole))
    assert report.texts == [source.text for source in whole.sources]
    check(report, whole)


def test_marks_say_sign_and_strength(contract: Page) -> None:
    law, nothing, texas = contract.marks
    assert (law.classes, nothing.classes, texas.classes) == ("s5", "z", "o2")
    assert law.text == "The agreement is governed by the laws of Delaware."


def test_the_script_knows_what_was_measured(contract: Page) -> None:
    law, nothing, texas = contract.data["views"][0]["units"]
    assert law[:4] == [0, 0, 5, 1]
    assert law[6:] == [3.0, 2.5, 3.5, None, 0.9, None, False]
    assert (nothing[3], texas[3]) == (0, 2)
    assert 0 <= law[4] < law[5] < texas[4] < texas[5] <= 10_000


def test_a_sentence_over_several_lines_is_marked_line_by_line() -> None:
    whole = explanation([("One\n  two \r\n\nthree. ", 1.0), ("Four.", None)])
    report = Page(render_html(whole))
    assert [mark.text for mark in report.marks] == ["One", "two", "three."]
    check(report, whole)


def test_ranked_spans_lead_to_their_marks(contract: Page) -> None:
    spans = [(link, unit) for link, unit in zip(contract.links, contract.units, strict=True)]
    assert spans[1:3] == [("#d0m0", 0), ("#d0m2", 2)]
    assert [mark.id for mark in contract.marks] == ["d0m0", "d0m1", "d0m2"]


def test_the_exact_effect_stands_beside_the_weight_where_it_was_measured() -> None:
    whole = explanation(CONTRACT)
    assert "deleted alone +" not in Page(render_html(whole)).shown
    units = (*whole.units[:1], replace(whole.units[1], effect=2.75), *whole.units[2:])
    report = Page(render_html(replace(whole, units=units)))
    assert "[+2.50, +3.50] · deleted alone +2.75" in shown(report)
    assert report.data["views"][0]["units"][0][9] == 2.75


def test_an_opened_sentence_unfolds_to_its_words() -> None:
    whole = words(words(explanation(CONTRACT), 1, [0.0, -0.5, 4.0]), 3, [1.0, 0.0])
    report = Page(render_html(whole))
    check(report, whole)
    leading = ["agreement is governed by the laws of Delaware.", "agreement"]
    assert [" ".join(name.split()) for name in report.named[2:4]] == [leading[0][10:], leading[1]]
    assert "3 words" in shown(report)
    assert "1 more of about 0." in shown(report)
    first = report.data["views"][0]["units"][0]
    assert first[12] is True  # the sentence itself: opened, not painted, ranked
    assert first[3] == 1
    assert squeezed(painted(report, 0, 0)) == squeezed(whole.text(whole.units[1]))


def test_chunks_open_to_the_sentences_that_were_examined() -> None:
    whole = explanation(CONTRACT)
    chunks = (
        ScoredSpan(0, 0, 70, "chunk", score=1.5, kept=True),
        ScoredSpan(0, 70, 120, "chunk", score=0.1),
    )
    report = read(replace(whole, neighborhood=replace(whole.neighborhood, scored=chunks)))
    text = shown(report)
    assert "lines 1 to 2 proxy +1.50 · 2 The agreement is governed by the laws of Delaware." in text
    assert "not in these chunks · 1 Except in Texas." in text
    plain = read(replace(whole, neighborhood=replace(whole.neighborhood, scored=())))
    assert "By chunk" not in plain.shown


def test_words_without_effect_are_said_to_be_so() -> None:
    report = Page(render_html(words(explanation([("It is. ", 1.0), ("No.", 1.0)]), 0, [0.0, 0.0])))
    assert "2 words All are about 0." in shown(report)


def test_more_words_than_the_list_holds_are_counted() -> None:
    whole = explanation([("a " * 15, 1.0)])
    report = Page(render_html(words(whole, 0, [1.0 + i for i in range(15)])))
    assert sum(unit is not None for unit in report.units) == 1 + 10 + 1  # the last in its chunk
    assert "5 more with smaller weights." in report.shown


def test_a_top_span_of_white_space_has_its_place() -> None:
    report = Page(render_html(explanation(AWKWARD["white space"], level="token")))
    assert report.links[1:4] == ["#d0m0", "#d0m1", "#d0m2"]
    assert r"white space: '\n\n'" in report.shown


def test_long_spans_are_cited_in_short() -> None:
    report = Page(render_html(explanation([("word " * 100, 1.0), ("x" * 300, 0.5)])))
    assert " ".join(["word"] * 43) + "…" in report.shown
    assert "\n" + "x" * 219 + "…" in report.shown


def test_text_cannot_leave_its_place() -> None:
    attack = "</script><img src=x onerror=alert(1)>'\"{{ 7 * 7 }}"
    whole = explanation(
        [(attack, 1.0)],
        question=attack,
        response=attack,
        objective=attack,
        model=ModelNames(attack, attack, attack, attack),
        warnings=(attack,),
    )
    whole = decided(checked(whole, "held", [0]), "single", [[0]], [[0]])
    assert whole.sets is not None
    sets = replace(whole.sets, sufficient_sets=((Span(0, 0, 40),),))
    whole = words(named(replace(whole, sets=sets), [attack]), 0, [1.0, 0.5])
    report = read(
        whole,
        titles=[attack],
        layouts=[Layout("code", f"{attack}.py", headings=((0, 0, attack),))],
        title=attack,
        summary=Summary(attack, [attack], [[Cell(attack, "#finding-1")]]),
    )
    assert report.tags <= PAGE_TAGS
    assert report.texts == [attack]
    assert report.shown.count(attack) >= 10
    assert report.data["views"][0]["title"] == attack
    assert "alert" not in report.script


def test_page_needs_nothing_else_and_lets_only_its_own_script_run(contract: Page) -> None:
    for directive, text in (("style-src", contract.css), ("script-src", contract.script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in contract.csp
    assert contract.csp.startswith("default-src 'none'; ")
    assert "style" not in contract.attributes
    assert not [name for name in contract.attributes if name.startswith("on")]
    outside = contract.source.replace("http://www.w3.org/2000/svg", "")  # a name, never fetched
    assert not re.search(r"https?:|url\(|@import|innerHTML|\beval\(", outside)


def test_no_effect_and_not_examined_are_told_apart() -> None:
    still = Page(render_html(explanation(AWKWARD["all zero"])))
    assert [mark.classes for mark in still.marks] == ["z", "z"]
    assert "No examined span has a weight that differs from 0" in still.shown
    unseen = Page(render_html(explanation(AWKWARD["nothing attributed"])))
    assert not unseen.marks
    assert "Nothing was examined" in unseen.shown


def test_units_that_overlap_or_pass_the_end_lose_no_text() -> None:
    whole = explanation([("One two ", 1.0), ("three", -1.0)], level="token")
    units = [whole.units[0], *whole.units]
    report = Page(render_html(explanation([("One two ", 1.0)], units=tuple(units))))
    assert report.texts == ["One two "]


# -- size ---------------------------------------------------------------------------------------


def test_page_is_little_larger_than_its_document() -> None:
    text = 'The party of the first part shall not, "in any case", assign it\'s rights.\n' * 5000
    whole = render_html(explanation([(text, None), *CONTRACT]))
    assert len(whole.encode()) < 1.5 * len(text) + 60_000
    assert whole.count("The party of the first part") == 5000
    assert render_html(explanation([(text, None), *CONTRACT])) == whole


def test_nothing_but_the_named_spans_is_in_a_redacted_page() -> None:
    whole = words(checked(explanation(CONTRACT), "held", [3]), 1, [1.0, 0.0])
    assert "Nothing else matters" in render_html(whole)
    source = render_html(whole, redact=True)
    report = Page(source)
    for absent in ("Article 1", "Nothing else matters", "Signed"):
        assert absent not in source
    assert "The agreement is governed by the laws of Delaware." in report.texts[0]
    assert "Except in Texas." in report.texts[0]
    assert "characters left out" in report.texts[0]
    assert shown(report).startswith("Skip to the text Redacted") or "Redacted: only" in report.shown
    assert 'data-line="2"' in source


def test_a_unit_at_the_end_of_a_long_line_keeps_the_line_together() -> None:
    line = "字" * 5000
    whole = explanation([(line, None), ("。", 1.0)])
    report = Page(render_html(whole))
    assert report.texts == [line + "。"]
    assert report.marks[0].text == "。"


def test_names_of_units_stand_where_they_are_listed() -> None:
    names = [None, "§ 1", "passage <2>", "passage 3", None]
    whole = named(words(explanation(CONTRACT), 1, [1.0, -2.0]), names)
    whole = decided(whole, "single", [[2]], [])
    scored = (ScoredSpan(0, 0, 70, "passage", "§ 1", score=1.5, kept=True),)
    report = read(replace(whole, neighborhood=replace(whole.neighborhood, scored=scored)))
    text = shown(report)
    assert "§ 1, line 2 · 90% interval" in text
    assert "passage 3, line 3 · 90% interval" in text
    assert "“Nothing else matters.” (passage <2>) is enough by itself" in text
    assert "By passage § 1 · lines 1 to 2 proxy +1.50 · 2 The agreement" in text
    assert "passage <2> Nothing else matters." in text
    assert "not in these passages · 1 passage 3 Except in Texas." in text
    assert "The passages that the proxy kept, and the sentences of them" in text


def test_units_are_called_by_their_level() -> None:
    whole = explanation([("a = 1\n", 1.0), ("b = 2\n", -0.5)], level="line")
    whole = cut(decided(checked(whole, "held"), "none", [], []), 0, [2], [1.0, 0.5], "entry")
    text = shown(Page(render_html(whole)))
    assert "sentence" not in text
    assert "examined2 entries in 1 of 2 lines" in text
    assert "No set of a few leading lines was found that is enough." in text
    assert "when every examined line is deleted" in text
    assert "2 entries" in text
    flat = replace(explanation([("a b ", 1.0)], level="word"), fit=replace(FIT, level="word"))
    units = (attributed(Span(0, 0, 2), "word", 1.0), attributed(Span(0, 2, 4), "word", 0.5))
    assert "2 words in 1 larger units" in shown(Page(render_html(replace(flat, units=units))))
