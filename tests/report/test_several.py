"""Several explanations in one page. Run with: pytest tests/report"""

from __future__ import annotations

from focus_lime.report.html import Cell, Summary, page
from focus_lime.report.layout import Layout

from .explanations import CONTRACT, Part, explanation, words
from .page import Page, check, shown


def test_explanations_of_one_text_share_it() -> None:
    first = explanation(CONTRACT)
    other: list[Part] = [(text, None if w else 1.0) for text, w in CONTRACT]
    second = words(explanation(other, question="Who signed?"), 4, [1.0, 2.0])
    third = words(first, 1, [1.0, -2.0, 0.5])
    found = Page(page([first, second, third], titles=["Law", "Signed"]))
    assert found.texts == [first.sources[0].text]
    check(found, first, second, third)
    assert [view["title"] for view in found.data["views"]] == [
        "Law",
        "Signed",
        "Which law governs?",
    ]
    assert {"select", "option"} <= found.tags
    assert "optgroup" not in found.tags


def test_other_texts_stand_beside_it() -> None:
    made = [explanation(CONTRACT), explanation([("def f(): pass\n", 1.0)]), explanation(CONTRACT)]
    layouts = [Layout(name="a.txt"), Layout("code", "b.py"), None]
    found = Page(page(made, layouts=layouts))
    assert found.texts == [made[0].sources[0].text, "def f(): pass\n"]
    check(found, *made)
    assert [view["sheet"] for view in found.data["views"]] == [0, 1, 0]
    assert "optgroup" in found.tags
    assert 'label="b.py"' in found.source


def test_a_summary_leads_to_the_findings() -> None:
    summary = Summary("Lead.", ["question"], [[Cell("Law", "#finding-1")]])
    found = Page(page([explanation(CONTRACT)], title="a.txt", summary=summary))
    assert "#finding-1" in found.links
    check(found, explanation(CONTRACT))
    empty = Page(page([], title="All", summary=summary))
    assert empty.texts == []
    assert "Lead. question Law" in shown(empty)
