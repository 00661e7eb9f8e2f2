"""Run with: pytest tests/report"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.report.html import Cell, Summary, page, render_html
from focus_lime.report.layout import Layout

from .explanations import (
    AWKWARD,
    CONTRACT,
    Part,
    audited,
    cut,
    decided,
    deleted,
    explanation,
    span,
    words,
)
from .page import PAGE_TAGS, Page, check, painted, shown, squeezed


def read(*made: Explanation, **how: Any) -> Page:
    return Page(page(made, **how))


@pytest.fixture(scope="module")
def contract() -> Page:
    return Page(render_html(explanation(CONTRACT)))


def in_pieces(made: Explanation, size: int) -> Explanation:
    """Every second attributed unit opened to tokens of `size` characters, and all of them named by
    the audit and by the sets.
    """
    indices = [i for i, unit in enumerate(made.units) if unit.status == "attributed"]
    for index in indices[::2]:
        cuts = range(size, made.units[index].end - made.units[index].start, size)
        made = cut(made, index, cuts, [(-2.0) ** -i for i in range(len(cuts) + 1)], "token")
    each = [[index] for index in indices[:4]]
    return decided(audited(made, "redundant", indices), "or" if each else "none", each, each)


@pytest.mark.parametrize("size", [None, 1, 3])
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_documents_stand_in_the_page_exactly(name: str, size: int | None) -> None:
    made = explanation(AWKWARD[name])
    made = in_pieces(made, size) if size else made
    found = Page(render_html(made))
    assert found.texts == [made.sources[0].text]
    check(found, made)


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
    made = explanation(*sources, level="token")
    made = in_pieces(made, size) if size else made
    found = Page(render_html(made))
    assert found.texts == [source.text for source in made.sources]
    check(found, made)


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
    made = explanation([("One\n  two \r\n\nthree. ", 1.0), ("Four.", None)])
    found = Page(render_html(made))
    assert [mark.text for mark in found.marks] == ["One", "two", "three."]
    check(found, made)


def test_ranked_spans_lead_to_their_marks(contract: Page) -> None:
    spans = [(link, unit) for link, unit in zip(contract.links, contract.units, strict=True)]
    assert spans[1:3] == [("#d0m0", 0), ("#d0m2", 2)]
    assert [mark.id for mark in contract.marks] == ["d0m0", "d0m1", "d0m2"]


def test_the_exact_effect_stands_beside_the_weight_where_it_was_measured() -> None:
    made = explanation(CONTRACT)
    assert "deleted alone +" not in Page(render_html(made)).shown
    units = (*made.units[:1], replace(made.units[1], effect=2.75), *made.units[2:])
    found = Page(render_html(replace(made, units=units)))
    assert "[+2.50, +3.50] · deleted alone +2.75" in shown(found)
    assert found.data["views"][0]["units"][0][9] == 2.75


def test_an_opened_sentence_unfolds_to_its_words() -> None:
    made = words(words(explanation(CONTRACT), 1, [0.0, -0.5, 4.0]), 3, [1.0, 0.0])
    found = Page(render_html(made))
    check(found, made)
    leading = ["agreement is governed by the laws of Delaware.", "agreement"]
    assert [" ".join(name.split()) for name in found.named[2:4]] == [leading[0][10:], leading[1]]
    assert "3 words" in shown(found)
    assert "1 more of about 0." in shown(found)
    first = found.data["views"][0]["units"][0]
    assert first[12] is True  # the sentence itself: opened, not painted, ranked
    assert first[3] == 1
    assert squeezed(painted(found, 0, 0)) == squeezed(made.text(made.units[1]))


def test_chunks_open_to_the_sentences_that_were_examined() -> None:
    made = explanation(CONTRACT)
    chunks: list[dict[str, Any]] = [
        {"source": 0, "start": 0, "end": 70, "level": "chunk", "score": 1.5, "kept": True},
        {"source": 0, "start": 70, "end": 120, "level": "chunk", "score": 0.1, "kept": False},
    ]
    found = read(replace(made, neighborhood={**made.neighborhood, "scored": chunks}))
    text = shown(found)
    assert "lines 1 to 2 proxy +1.50 · 2 The agreement is governed by the laws of Delaware." in text
    assert "not in these chunks · 1 Except in Texas." in text
    plain = read(replace(made, neighborhood={**made.neighborhood, "scored": []}))
    assert "By chunk" not in plain.shown


def test_words_without_effect_are_said_to_be_so() -> None:
    found = Page(render_html(words(explanation([("It is. ", 1.0), ("No.", 1.0)]), 0, [0.0, 0.0])))
    assert "2 words All are about 0." in shown(found)


def test_more_words_than_the_list_holds_are_counted() -> None:
    made = explanation([("a " * 15, 1.0)])
    found = Page(render_html(words(made, 0, [1.0 + i for i in range(15)])))
    assert sum(unit is not None for unit in found.units) == 1 + 10 + 1  # the last in its chunk
    assert "5 more with smaller weights." in found.shown


@pytest.mark.parametrize(
    ("outcome", "words_for_it", "figure"),
    [
        ("held", "Neighborhood held: 92% of the effect goes with it", "92%held by"),
        ("redundant", "Neighborhood redundant: the answer stands more than once", "92%stated"),
        ("budget_exhausted", "Neighborhood not held: only 92% of the effect", "92%not held"),
        ("not_in_context", "Neighborhood not in the context: the answer hardly", "nonenot in"),
    ],
)
def test_the_audit_has_its_card(outcome: str, words_for_it: str, figure: str) -> None:
    text = shown(Page(render_html(audited(explanation(CONTRACT), outcome))))
    assert words_for_it in text
    assert f"Effect held{figure}" in text
    assert "value with all text+2.50 with none of it-7.25" in text
    assert ("coverage92% sufficiency87%" in text) == (outcome != "not_in_context")
    assert "before 31%" not in text


def test_rescued_sentences_are_linked_and_change_the_shares() -> None:
    made = words(audited(explanation(CONTRACT), "held", [2, 3, 1]), 1, [1.0, 0.0])
    found = Page(render_html(made))
    text = shown(found)
    assert "added that the proxy had missed: “Nothing else matters.”, 2 and 1." in text
    assert "coverage92%, before 31% sufficiency87%, before 40%" in text
    named = dict(zip(found.named, found.units, strict=True))
    assert painted(found, 0, named["“Nothing else matters.”"] or 0) == "Nothing else matters."
    assert painted(found, 0, named["2"] or 0) == "Except in Texas."
    law = painted(found, 0, named["1"] or 0)
    assert squeezed(law) == squeezed(made.text(made.units[1]))


def test_sets_are_said_with_links_and_can_be_read() -> None:
    made = decided(explanation(CONTRACT), "and", [[1, 3]], [[1], [3]], threshold=-2.0)
    found = Page(render_html(made))
    text = shown(found)
    assert "Enough only together: 1 and 2." in text
    assert "Either deletion turns the answer: 1 or 2." in text
    assert "turned when half of the effect is gone" in text
    assert "when the value passes -2.00" in text
    assert "Read without 1 Read without 2 Read with only 1 and 2" in text
    expected = [["without", [0]], ["without", [2]], ["alone", [0, 2]]]
    assert found.data["views"][0]["decisions"] == expected


def test_a_span_that_is_no_unit_is_quoted_without_a_link() -> None:
    made = decided(explanation(CONTRACT), "single", [[1]], [])
    sets = {**(made.sets or {}), "enough": [[[0, 2, 9]]]}
    found = Page(render_html(replace(made, sets=sets)))
    assert "“Article” is enough by itself" in found.shown
    assert found.data["views"][0]["decisions"] == []
    assert span(made, 1) == [0, 13, 65]


def test_nothing_is_said_of_what_was_not_asked(contract: Page) -> None:
    assert "Effect heldnot asked" in shown(contract)
    for absent in ("Neighborhood", "coverage9", "enough", "turns the", "fidelity", " words"):
        assert absent not in contract.shown


def test_the_fit_says_how_it_came_about() -> None:
    fit = {**explanation(CONTRACT).fit, "fidelity": "mixed", "agreement": 0.9976}
    text = shown(Page(render_html(explanation(CONTRACT, fit=fit))))
    assert "52 fitted, 12 held out" in text
    assert "stopped when the top was settled" in text
    assert "mixed: most masks over the cached context, R² 0.998 with exact ones" in text


@pytest.mark.parametrize(
    ("r2", "said"),
    [(0.97, "weights add up"), (0.6, "read as rough"), (0.2, "read as a ranking")],
)
def test_a_poor_fit_is_said_in_words(r2: float, said: str) -> None:
    fit = {**explanation(CONTRACT).fit, "r2": r2}
    assert f"R² {r2:.2f}{said}" in shown(Page(render_html(explanation(CONTRACT, fit=fit))))


def test_a_top_span_of_white_space_has_its_place() -> None:
    found = Page(render_html(explanation(AWKWARD["white space"], level="token")))
    assert found.links[1:4] == ["#d0m0", "#d0m1", "#d0m2"]
    assert r"white space: '\n\n'" in found.shown


def test_long_spans_are_cited_in_short() -> None:
    found = Page(render_html(explanation([("word " * 100, 1.0), ("x" * 300, 0.5)])))
    assert " ".join(["word"] * 43) + "…" in found.shown
    assert "\n" + "x" * 219 + "…" in found.shown


def test_text_cannot_leave_its_place() -> None:
    attack = "</script><img src=x onerror=alert(1)>'\"{{ 7 * 7 }}"
    made = explanation(
        [(attack, 1.0)],
        question=attack,
        response=attack,
        objective=attack,
        model={"target": attack, "fingerprint": attack, "proxy": attack},
        warnings=(attack,),
    )
    made = decided(audited(made, "held", [0]), "single", [[0]], [[0]])
    made = words(replace(made, sets={**(made.sets or {}), "enough": [[[0, 0, 40]]]}), 0, [1.0, 0.5])
    found = read(
        made,
        titles=[attack],
        layouts=[Layout("code", f"{attack}.py", headings=((0, 0, attack),))],
        title=attack,
        summary=Summary(attack, [attack], [[Cell(attack, "#finding-1")]]),
    )
    assert found.tags <= PAGE_TAGS
    assert found.texts == [attack]
    assert found.shown.count(attack) >= 10
    assert found.data["views"][0]["title"] == attack
    assert "alert" not in found.script


def test_page_needs_nothing_else_and_lets_only_its_own_script_run(contract: Page) -> None:
    for directive, text in (("style-src", contract.css), ("script-src", contract.script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in contract.csp
    assert contract.csp.startswith("default-src 'none'; ")
    assert "style" not in contract.attributes
    assert not [name for name in contract.attributes if name.startswith("on")]
    outside = contract.source.replace("http://www.w3.org/2000/svg", "")  # a name, never fetched
    assert not re.search(r"https?:|url\(|@import|innerHTML|\beval\(", outside)


def test_panel_says_what_was_found_and_what_it_cost(contract: Page) -> None:
    text = shown(contract)
    for fact in ("Which law governs?", "the laws of Delaware", "log-odds of the response; +2.50"):
        assert fact in text
    for fact in ("0.97", "0.88", "chosen by bm25", "534,708; proxy 70", "14.7 prompts", "a304ce8d"):
        assert fact.replace("by bm25", "bybm25") in text
    assert "holds the full text of the document" in text
    assert "Read with care" not in text


def test_what_was_not_measured_is_said_to_be_so() -> None:
    fit = {"masks": 4, "held_out_masks": 0, "r2": None, "spearman": None}
    text = shown(
        Page(render_html(explanation(CONTRACT, fit=fit, question=None, warnings=("too few",))))
    )
    assert "Fitnot measured" in text
    assert "held-out R²not measured, Spearman not measured" in text
    assert "Read with care too few" in text
    assert "Question" not in text


def test_no_effect_and_not_examined_are_told_apart() -> None:
    still = Page(render_html(explanation(AWKWARD["all zero"])))
    assert [mark.classes for mark in still.marks] == ["z", "z"]
    assert "No examined span has a weight that differs from 0" in still.shown
    unseen = Page(render_html(explanation(AWKWARD["nothing attributed"])))
    assert not unseen.marks
    assert "Nothing was examined" in unseen.shown


def test_units_that_overlap_or_pass_the_end_lose_no_text() -> None:
    made = explanation([("One two ", 1.0), ("three", -1.0)], level="token")
    units = [made.units[0], *made.units]
    found = Page(render_html(explanation([("One two ", 1.0)], units=tuple(units))))
    assert found.texts == ["One two "]


# -- size ---------------------------------------------------------------------------------------


def test_page_is_little_larger_than_its_document() -> None:
    text = 'The party of the first part shall not, "in any case", assign it\'s rights.\n' * 5000
    made = render_html(explanation([(text, None), *CONTRACT]))
    assert len(made.encode()) < 1.5 * len(text) + 60_000
    assert made.count("The party of the first part") == 5000
    assert render_html(explanation([(text, None), *CONTRACT])) == made


def test_nothing_but_the_named_spans_is_in_a_redacted_page() -> None:
    made = words(audited(explanation(CONTRACT), "held", [3]), 1, [1.0, 0.0])
    assert "Nothing else matters" in render_html(made)
    source = render_html(made, redact=True)
    found = Page(source)
    for absent in ("Article 1", "Nothing else matters", "Signed"):
        assert absent not in source
    assert "The agreement is governed by the laws of Delaware." in found.texts[0]
    assert "Except in Texas." in found.texts[0]
    assert "characters left out" in found.texts[0]
    assert shown(found).startswith("Skip to the text Redacted") or "Redacted: only" in found.shown
    assert 'data-line="2"' in source


def test_what_leading_spans_take_together_is_said_and_survives_redaction() -> None:
    made = deleted(explanation(CONTRACT), [1, 2], [0.25, 0.5], [2.25, -0.5])
    source = render_html(made, redact=True)
    said = "1 and “Nothing else matters.” deleted together take +3.00; what they take alone adds up"
    assert said in shown(Page(source))
    assert "Nothing else matters." in Page(source).texts[0]
    assert "Except in Texas." in Page(source).texts[0]  # a ranked span
    assert "Signed" not in source


def test_a_unit_at_the_end_of_a_long_line_keeps_the_line_together() -> None:
    line = "字" * 5000
    made = explanation([(line, None), ("。", 1.0)])
    found = Page(render_html(made))
    assert found.texts == [line + "。"]
    assert found.marks[0].text == "。"
    unit = ExplainedUnit(0, 5000, 5001, "sentence", "attributed", 1.0, 0.5, 1.5, 0.9)
    assert made.units[1] == unit
