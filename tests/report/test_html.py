"""Run with: pytest tests/report"""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.report.html import render_html

from .explanations import AWKWARD, CONTRACT, Part, explanation
from .page import Page

PAGE_TAGS = set(
    "html head meta title style body p h1 header b dl dt dd div h2 ul li main aside section ol a "
    "span svg path bdi small table thead tbody tr td th code article mark".split()
)


@pytest.fixture(scope="module")
def contract() -> Page:
    return Page(render_html(explanation(CONTRACT)))


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_documents_stand_in_the_page_exactly(name: str) -> None:
    made = explanation(AWKWARD[name])
    page = Page(render_html(made))
    assert page.texts == [made.sources[0].text]
    assert page.tags <= PAGE_TAGS
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
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
    )
)
def test_any_text_in_any_units_stands_in_the_page_exactly(sources: list[list[Part]]) -> None:
    made = explanation(*sources, level="token")
    page = Page(render_html(made))
    assert page.texts == [source.text for source in made.sources]
    shown = [mark.text for mark in page.marks if mark.text]
    assert shown == [made.text(u).strip() for u in made.attributed if made.text(u).strip()]
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


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
    page = Page(render_html(made))
    assert page.tags <= PAGE_TAGS
    assert page.texts == [attack]
    assert page.shown.count(attack) >= 7


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
