"""Conversations, code, documents with headings and pages. Run with: pytest tests/report"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from focus_lime.explanation.result import SourceText
from focus_lime.inputs.layout import Layout
from focus_lime.report import page, render_html
from tests.explanation.explanations import AWKWARD, explanation
from tests.report.page import Page, check, shown


def test_conversations_show_each_message_with_its_role() -> None:
    report = Page(render_html(explanation([("Hi. ", 0.1)], [("Hello!", None)], [("Bye. ", -1.0)])))
    assert report.texts == ["Hi. ", "Hello!", "Bye. "]
    text = shown(report)
    assert re.search(r"user message 1 Hi\. assistant message 2 Hello! user message 3 Bye", text)
    assert "message 3, line 1" in text
    assert "holds the full text of the conversation" in text


def test_what_tools_say_is_folded() -> None:
    whole = explanation([("Hi. ", 0.1)], [("It is 5.", 1.0)])
    sources = (whole.sources[0], SourceText(1, "tool", "It is 5."))
    source = render_html(replace(whole, sources=sources))
    assert re.search(r'<section class="source tool"[^>]*>\s*<details><summary>', source)
    assert Page(source).texts == ["Hi. ", "It is 5."]


def test_code_has_colours_lines_and_names() -> None:
    code = 'def late(days):\n    return "late" if days > 30 else None  # why\n'
    whole = explanation([(code[:16], None), (code[16:], 2.0)])
    layout = Layout("code", "late.py", first_lines=(41,))
    source = page([whole], layouts=[layout])
    report = Page(source)
    assert report.texts == [code]
    assert '<i class="k">def</i>' in source
    assert '<i class="t">&quot;late&quot;</i>'.replace("&quot;", '"') in source
    assert '<i class="c"># why</i>' in source
    assert "#d0s0b0>:first-child{counter-reset:n 40}" in report.css
    assert "line 42" in report.shown
    assert "late" in report.named  # the outline
    check(report, whole)


@pytest.mark.parametrize("name", ["a.py", "a.js", "a.rs", "a.c", "a.java", "a.sol", "a.xyz"])
@pytest.mark.parametrize("awkward", AWKWARD)
def test_code_stands_in_the_page_exactly(name: str, awkward: str) -> None:
    whole = explanation(AWKWARD[awkward])
    report = Page(page([whole], layouts=[Layout("code", name)]))
    assert report.texts == [whole.sources[0].text]
    check(report, whole)


def test_headings_make_an_outline_and_pages_are_marked() -> None:
    text = "MASTER AGREEMENT\n\n1. Definitions\n\n1.1 The buyer pays.\n## Annex\nArticle IV Term\n"
    whole = explanation([(text, 1.0)])
    report = Page(page([whole], layouts=[Layout(name="a.txt", pages=(0, 34))]))
    names = "MASTER AGREEMENT|1. Definitions|1.1 The buyer pays.|Annex|Article IV Term"
    assert [n for n in report.named if n in names.split("|")] == names.split("|")
    assert report.source.count("<p data-page=") == 2
    assert re.search(r'<p data-page="2">(<mark[^>]*>)?1\.1 The', report.source)
