"""Conversations, code, documents with headings and pages. Run with: pytest tests/report"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from focus_lime.explanation import SourceText
from focus_lime.report.html import page, render_html
from focus_lime.report.layout import Layout

from .explanations import AWKWARD, explanation
from .page import Page, check, shown


def test_conversations_show_each_message_with_its_role() -> None:
    found = Page(render_html(explanation([("Hi. ", 0.1)], [("Hello!", None)], [("Bye. ", -1.0)])))
    assert found.texts == ["Hi. ", "Hello!", "Bye. "]
    text = shown(found)
    assert re.search(r"user message 1 Hi\. assistant message 2 Hello! user message 3 Bye", text)
    assert "message 3, line 1" in text
    assert "holds the full text of the conversation" in text


def test_what_tools_say_is_folded() -> None:
    made = explanation([("Hi. ", 0.1)], [("It is 5.", 1.0)])
    sources = (made.sources[0], SourceText(1, "tool", "It is 5."))
    source = render_html(replace(made, sources=sources))
    assert re.search(r'<section class="source tool"[^>]*>\s*<details><summary>', source)
    assert Page(source).texts == ["Hi. ", "It is 5."]


def test_code_has_colours_lines_and_names() -> None:
    code = 'def late(days):\n    return "late" if days > 30 else None  # why\n'
    made = explanation([(code[:16], None), (code[16:], 2.0)])
    layout = Layout("code", "late.py", first_lines=(41,))
    source = page([made], layouts=[layout])
    found = Page(source)
    assert found.texts == [code]
    assert '<i class="k">def</i>' in source
    assert '<i class="t">&quot;late&quot;</i>'.replace("&quot;", '"') in source
    assert '<i class="c"># why</i>' in source
    assert "#d0s0b0>:first-child{counter-reset:n 40}" in found.css
    assert "line 42" in found.shown
    assert "late" in found.named  # the outline
    check(found, made)


@pytest.mark.parametrize("name", ["a.py", "a.js", "a.rs", "a.c", "a.java", "a.sol", "a.xyz"])
@pytest.mark.parametrize("awkward", AWKWARD)
def test_code_stands_in_the_page_exactly(name: str, awkward: str) -> None:
    made = explanation(AWKWARD[awkward])
    found = Page(page([made], layouts=[Layout("code", name)]))
    assert found.texts == [made.sources[0].text]
    check(found, made)


def test_headings_make_an_outline_and_pages_are_marked() -> None:
    text = "MASTER AGREEMENT\n\n1. Definitions\n\n1.1 The buyer pays.\n## Annex\nArticle IV Term\n"
    made = explanation([(text, 1.0)])
    found = Page(page([made], layouts=[Layout(name="a.txt", pages=(0, 34))]))
    names = "MASTER AGREEMENT|1. Definitions|1.1 The buyer pays.|Annex|Article IV Term"
    assert [n for n in found.named if n in names.split("|")] == names.split("|")
    assert found.source.count("<p data-page=") == 2
    assert re.search(r'<p data-page="2">(<mark[^>]*>)?1\.1 The', found.source)
