"""Run with: pytest tests/report"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.explanation import Explanation
from focus_lime.report.html import render_html

from .explanations import (
    AWKWARD,
    CONTRACT,
    Part,
    audited,
    cut,
    decided,
    explanation,
    span,
    words,
)
from .page import Page

PAGE_TAGS = set(
    "html head meta title style body p h1 header b dl dt dd div h2 ul li main aside section ol a "
    "span svg path bdi small table thead tbody tr td th code article mark details summary".split()
)


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
    page = Page(render_html(made))
    assert page.texts == [made.sources[0].text]
    assert page.tags <= PAGE_TAGS
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert len(page.opened) == len(
        {u.start for u in made.sentences} & {u.start for u in made.parts}
    )
    for mark in page.marks:
        assert mark.text == mark.text.strip()


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
        max_size=3,
    ),
    st.integers(0, 4),
)
def test_any_text_in_any_units_stands_in_the_page_exactly(
    sources: list[list[Part]], size: int
) -> None:
    made = explanation(*sources, level="token")
    made = in_pieces(made, size) if size else made
    page = Page(render_html(made))
    assert page.texts == [source.text for source in made.sources]
    shown = [mark.text for mark in page.marks if mark.text]
    tiles = [u for u in made.tiles if u.status == "attributed"]
    assert shown == [made.text(u).strip() for u in tiles if made.text(u).strip()]
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_marks_say_sign_strength_and_interval(contract: Page) -> None:
    law, nothing, texas = contract.marks
    assert (law.classes, law.title) == ("s5", "+3.00 [+2.50, +3.50]")
    assert law.text == "The agreement is governed by the laws of Delaware."
    assert (nothing.classes, texas.classes) == ("z", "o2")
    assert texas.title == "-1.00 [-1.50, -0.50]"


def test_top_spans_link_to_their_marks(contract: Page) -> None:
    law, nothing, texas = contract.marks
    assert contract.links == ["#span-1", "#span-2"]
    assert (law.id, nothing.id, texas.id) == ("span-1", None, "span-2")


def test_the_exact_effect_stands_beside_the_weight_where_it_was_measured() -> None:
    made = explanation(CONTRACT)
    assert "alone" not in Page(render_html(made)).shown.lower()
    units = (*made.units[:1], replace(made.units[1], effect=2.75), *made.units[2:])
    page = Page(render_html(replace(made, units=units)))
    assert re.search(r"\+3\.00\s+alone \+2\.75\s+The agreement is governed", page.shown)
    assert len(re.findall(r"alone [+-]", page.shown)) == 1
    assert [mark.title for mark in page.marks] == [
        "+3.00 [+2.50, +3.50]; deleted alone +2.75",
        "0 [-0.50, +0.50]",
        "-1.00 [-1.50, -0.50]",
    ]


def test_an_opened_sentence_unfolds_to_its_words() -> None:
    made = words(words(explanation(CONTRACT), 1, [0.0, -0.5, 4.0]), 3, [1.0, 0.0])
    page = Page(render_html(made))
    assert {"details", "summary"} <= page.tags
    # Sentences first, by their own weights; within them the words by theirs.
    assert page.links == ["#span-1", "#span-1-1", "#span-1-2", "#span-2", "#span-2-1"]
    assert [" ".join(name.split()) for name in page.named] == [
        "1+3.00 The agreement is governed by the laws of Delaware.",
        "is governed by the laws of Delaware.",
        "agreement",
        "2-1.00 Except in Texas.",
        "Except",
    ]
    assert re.search(
        r"\b3 words.*1 more of about 0\..*\b2 words.*1 more of about 0\.", page.shown, re.DOTALL
    )
    assert "5 words in 2 of 3 sentences" in page.shown
    assert re.search(r"Except\s*\+1\.00\s*alone \+1\.25", page.shown)


def test_the_text_is_painted_by_words_where_there_are_some() -> None:
    page = Page(render_html(words(explanation(CONTRACT), 1, [0.0, -1.0, 4.0])))
    assert [(mark.text, mark.classes, mark.id) for mark in page.marks] == [
        ("The", "z", None),
        ("agreement", "o2", "span-1-2"),
        ("is governed by the laws of Delaware.", "s5", "span-1-1"),
        ("Nothing else matters.", "z", None),
        ("Except in Texas.", "o2", "span-2"),
    ]
    [law] = page.opened
    assert (law.id, law.text) == ("span-1", "The agreement is governed by the laws of Delaware.")


def test_an_opened_sentence_is_listed_though_its_own_weight_is_about_0() -> None:
    page = Page(render_html(words(explanation([("It is. ", 0.0), ("No.", 0.0)]), 0, [1.0, 0.0])))
    assert page.links == ["#span-1", "#span-1-1"]


def test_words_without_effect_are_said_to_be_so() -> None:
    page = Page(render_html(words(explanation([("It is. ", 1.0), ("No.", 1.0)]), 0, [0.0, 0.0])))
    assert re.search(r"2 words\s*All are about 0\.", page.shown)


def test_more_words_than_the_list_holds_are_counted() -> None:
    made = explanation([("a " * 15, 1.0)])
    page = Page(render_html(words(made, 0, [1.0 + i for i in range(15)])))
    assert len(page.links) == 11
    assert "5 more with smaller weights." in page.shown


@pytest.mark.parametrize(
    ("outcome", "words_for_it", "coverage"),
    [
        ("held", "Neighborhood held: 92% of the effect goes with it", "92%"),
        ("redundant", "Neighborhood redundant: the answer stands more than once", "92%"),
        ("budget_exhausted", "Neighborhood not held: only 92% of the effect", "92%"),
        ("not_in_context", "Neighborhood not in the context: the answer hardly needs", None),
    ],
)
def test_the_audit_has_its_panel(outcome: str, words_for_it: str, coverage: str | None) -> None:
    page = Page(render_html(audited(explanation(CONTRACT), outcome)))
    shown = " ".join(page.shown.split())
    assert words_for_it in shown
    assert "Value with all text+2.50 With none of it-7.25" in shown
    assert ("Coverage92% Sufficiency87%" in shown) == (coverage is not None)
    assert "before 31%" not in shown


def test_rescued_sentences_are_linked_and_change_the_shares() -> None:
    made = words(audited(explanation(CONTRACT), "held", [2, 3, 1]), 1, [1.0, 0.0])
    page = Page(render_html(made))
    shown = " ".join(page.shown.split())
    assert "added that the proxy had missed: “Nothing else matters.”, [2] and [1]." in shown
    assert "Coverage92%, before 31% Sufficiency87%, before 40%" in shown
    # The first is in no list: its mark has an id for this link alone.
    linked = dict(zip(page.named, page.links, strict=True))
    at = {mark.id: mark.text for mark in (*page.marks, *page.opened)}
    assert at[linked["[1]"].removeprefix("#")] == made.text(made.units[1]).strip()
    assert at[linked["[2]"].removeprefix("#")] == "Except in Texas."
    assert at[linked["“Nothing else matters.”"].removeprefix("#")] == "Nothing else matters."


def test_sets_are_said_with_links() -> None:
    made = decided(explanation(CONTRACT), "and", [[1, 3]], [[1], [3]], threshold=-2.0)
    page = Page(render_html(made))
    shown = " ".join(page.shown.split())
    assert "Enough only together: [1] and [2]." in shown
    assert "Either deletion turns the answer: [1] or [2]." in shown
    assert "turned when half of the effect is gone" in shown
    assert "when the value passes -2.00" in shown
    assert page.links == ["#span-1", "#span-2"] + 2 * ["#span-1", "#span-2"]


def test_a_span_that_is_no_unit_is_quoted_without_a_link() -> None:
    made = decided(explanation(CONTRACT), "single", [[1]], [])
    sets = {**(made.sets or {}), "enough": [[[0, 2, 9]]]}
    page = Page(render_html(replace(made, sets=sets)))
    assert "“Article” is enough by itself" in page.shown
    assert len(page.links) == 2
    assert span(made, 1) == [0, 13, 65]


def test_nothing_is_said_of_what_was_not_asked(contract: Page) -> None:
    for absent in ("Neighborhood", "Coverage", "enough", "turns", "alone", "Fidelity", " words"):
        assert absent not in contract.shown
    assert not contract.opened
    assert "details" not in contract.tags


def test_the_fit_says_how_it_came_about() -> None:
    fit = {**explanation(CONTRACT).fit, "fidelity": "mixed", "agreement": 0.9976}
    shown = Page(render_html(explanation(CONTRACT, fit=fit))).shown
    assert "52 fitted, 12 held out; stopped when the top was settled" in shown
    assert "mixed: most masks over the cached context, R² 0.998 with exact ones" in shown


def test_a_top_span_of_white_space_has_its_place() -> None:
    page = Page(render_html(explanation(AWKWARD["white space"], level="token")))
    assert page.links == ["#span-1", "#span-2", "#span-3"]
    assert [mark.id for mark in page.marks] == ["span-1", "span-2", "span-3"]
    assert r"white space: '\n\n'" in page.shown


def test_long_spans_are_cited_in_short() -> None:
    page = Page(render_html(explanation([("word " * 100, 1.0), ("x" * 300, 0.5)])))
    assert " ".join(["word"] * 39) + "…" in page.shown
    assert "\n" + "x" * 199 + "…" in page.shown


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
    page = Page(render_html(made))
    assert page.tags <= PAGE_TAGS
    assert page.texts == [attack]
    assert page.shown.count(attack) >= 7
    assert attack[:40] + "”" in page.shown


def test_page_needs_nothing_else_and_lets_nothing_run(contract: Page) -> None:
    digest = base64.b64encode(hashlib.sha256(contract.css.encode()).digest()).decode()
    assert contract.csp.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in contract.csp
    assert "script" not in contract.tags
    assert "style" not in contract.attributes
    assert not [name for name in contract.attributes if name.startswith("on")]
    assert not re.search(r"https?:|url\(|@import", contract.source)


def test_panel_says_what_was_found_and_what_it_cost(contract: Page) -> None:
    for line in ("Which law governs?", "the laws of Delaware", "log-odds of the response", "+2.50"):
        assert line in contract.shown
    for fact in ("0.97", "0.88", "bm25, 1 of 2 chunks kept", "534,708", "14.70", "a304ce8d"):
        assert fact in contract.shown
    assert "holds the full text of the document" in contract.shown
    assert "Read with care" not in contract.shown


def test_what_was_not_measured_is_said_to_be_so() -> None:
    fit = {"masks": 4, "held_out_masks": 0, "r2": None, "spearman": None}
    page = Page(render_html(explanation(CONTRACT, fit=fit, question=None, warnings=("too few",))))
    assert page.shown.count("not measured") == 2
    assert "Read with care" in page.shown
    assert "too few" in page.shown
    assert "Question" not in page.shown


def test_no_effect_and_not_examined_are_told_apart() -> None:
    still = Page(render_html(explanation(AWKWARD["all zero"])))
    assert [mark.classes for mark in still.marks] == ["z", "z"]
    assert "No examined span has a weight that differs from 0" in still.shown
    unseen = Page(render_html(explanation(AWKWARD["nothing attributed"])))
    assert not unseen.marks
    assert "Nothing was examined" in unseen.shown


def test_conversations_show_each_message_with_its_role() -> None:
    page = Page(render_html(explanation([("Hi. ", 0.1)], [("Hello!", None)], [("Bye. ", -1.0)])))
    assert page.texts == ["Hi. ", "Hello!", "Bye. "]
    assert re.search(r"user message 1.*assistant message 2.*user message 3", page.shown, re.DOTALL)
    assert "message 3, line 1" in page.shown
    assert "holds the full text of the conversation" in page.shown


def test_units_that_overlap_or_pass_the_end_lose_no_text() -> None:
    made = explanation([("One two ", 1.0), ("three", -1.0)], level="token")
    units = [made.units[0], *made.units]
    page = Page(render_html(explanation([("One two ", 1.0)], units=tuple(units))))
    assert page.texts == ["One two "]


def test_page_is_little_larger_than_its_document() -> None:
    text = 'The party of the first part shall not, "in any case", assign it\'s rights. ' * 2000
    page = render_html(explanation([(text, None), *CONTRACT]))
    assert len(page.encode()) < 1.05 * len(text) + 25_000
    assert page.count("The party of the first part") == 2000
    assert render_html(explanation([(text, None), *CONTRACT])) == page
