"""Several explanations in one page. Run with: pytest tests/report"""

from __future__ import annotations

from focus_lime.inputs.layout import Layout
from focus_lime.report import Cell, Summary, page
from tests.explanation.explanations import CONTRACT, Part, explanation, words
from tests.report.page import Page, check, shown


def test_explanations_of_one_text_share_it() -> None:
    first = explanation(CONTRACT)
    other: list[Part] = [(text, None if w else 1.0) for text, w in CONTRACT]
    second = words(explanation(other, question="Who signed?"), 4, [1.0])
    third = words(first, 1, [1.0, -2.0, 0.5])
    report = Page(page([first, second, third], titles=["Law", "Signed"]))
    assert report.texts == [first.sources[0].text]
    check(report, first, second, third)
    assert [view["title"] for view in report.data["views"]] == [
        "Law",
        "Signed",
        "Which law governs?",
    ]
    assert {"select", "option"} <= report.tags
    assert "optgroup" not in report.tags


def test_other_texts_stand_beside_it() -> None:
    whole = [explanation(CONTRACT), explanation([("def f(): pass\n", 1.0)]), explanation(CONTRACT)]
    layouts = [Layout(name="a.txt"), Layout("code", "b.py"), None]
    report = Page(page(whole, layouts=layouts))
    assert report.texts == [whole[0].sources[0].text, "def f(): pass\n"]
    check(report, *whole)
    assert [view["sheet"] for view in report.data["views"]] == [0, 1, 0]
    assert "optgroup" in report.tags
    assert 'label="b.py"' in report.source


def test_a_summary_leads_to_the_findings() -> None:
    summary = Summary("Lead.", ["question"], [[Cell("Law", "#finding-1")]])
    report = Page(page([explanation(CONTRACT)], title="a.txt", summary=summary))
    assert "#finding-1" in report.links
    check(report, explanation(CONTRACT))
    empty = Page(page([], title="All", summary=summary))
    assert empty.texts == []
    assert "Lead. question Law" in shown(empty)
