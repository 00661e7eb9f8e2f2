"""The pages in a real browser. Run with: pytest tests/report/test_browser.py"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from focus_lime.explanation.result import Explanation, SourceText
from focus_lime.inputs.layout import Layout
from focus_lime.report import Cell, Summary, compare, page, render_html
from tests.explanation.explanations import (
    AWKWARD,
    CONTRACT,
    Part,
    checked,
    decided,
    explanation,
    texas_leads,
    words,
)
from tests.report.conftest import Opened

FILLER = "Nothing in this clause alters any other; the parties keep their books in good order.\n"


def contract() -> Explanation:
    """Forty screens of text; the governing law stands in the middle, Texas near the end."""
    parts: list[Part] = [
        ("MASTER AGREEMENT\n" + FILLER * 150, None),
        ("The agreement is governed by the laws of Delaware.\n", 3.0),
        ("7.2 Books\n" + FILLER * 100, None),
        ("Except in Texas.\n", -1.0),
        ("Nothing else matters.\n" + FILLER * 9, 0.0),
    ]
    whole = words(explanation(parts), 1, [0.0, -0.5, 4.0])
    return decided(checked(whole, "held", [3]), "and", [[1, 3]], [[1], [3]])


def chat() -> Explanation:
    whole = explanation([("Hi there. ", 0.2)], [("Thirty days. ", 5.0)], [("Thanks.", None)])
    roles = ("user", "tool", "assistant")
    sources = tuple(SourceText(i, roles[i], s.text) for i, s in enumerate(whole.sources))
    return replace(whole, sources=sources, question=None)


def code() -> str:
    late: list[Part] = [("def late(days):\n", None), ("    return days > 30\n", 2.0)]
    copy: list[Part] = [("void f(char *s) {\n", None), ("  strcpy(b, s);\n}\n", 4.0)]
    layouts = [Layout("code", "late.py"), Layout("code", "copy.c")]
    summary = Summary("Lead.", ["question"], [[Cell("Overflow", "#finding-2")]])
    whole = [explanation(late), explanation(copy, question="Does it overflow?")]
    return page(whole, titles=["Late", "Overflow"], layouts=layouts, summary=summary)


def visible(tab: Page, selector: str) -> bool:
    """Whether the first such element stands on the screen, below the head."""
    seen: bool = tab.locator(selector).first.evaluate(
        "e => { const b = e.getBoundingClientRect();"
        " return b.top >= document.querySelector('.top').offsetHeight - 1"
        " && b.bottom <= innerHeight; }"
    )
    return seen


def settled(tab: Page) -> None:
    tab.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")


@pytest.mark.parametrize("name", AWKWARD)
def test_the_browser_shows_the_text_as_it_was(opened: Opened, name: str) -> None:
    whole = explanation(AWKWARD[name])
    tab = opened(render_html(whole))
    text = tab.evaluate("document.querySelector('.text').textContent")
    assert text == whole.sources[0].text
    assert tab.locator("img").count() == 0


def test_a_long_line_and_many_scripts_stay_inside_the_page(opened: Opened) -> None:
    line = "字" * 2500 + "x" * 2500
    whole = explanation([(line, 1.0), ("\n\tعربي 👩‍👩‍👧\r\n", -1.0)])
    tab = opened(render_html(whole))
    assert tab.evaluate("document.querySelector('.text').textContent") == whole.sources[0].text
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_ranked_span_jumps_and_is_told(opened: Opened) -> None:
    tab = opened(render_html(contract()))
    assert not visible(tab, "article mark.s5")
    tab.locator(".spans > li > a").first.click()
    settled(tab)
    assert visible(tab, "article mark.s5")
    expect(tab.locator("mark.here").first).to_be_focused()
    expect(tab.locator(".spans li.here")).to_have_count(1)
    assert tab.url.endswith("#d0m0")
    # The question and the answer stay in sight.
    expect(tab.locator(".exchange .question")).to_be_in_viewport()
    expect(tab.locator(".exchange .answer")).to_be_in_viewport()


def test_line_numbers_are_those_of_the_document(opened: Opened) -> None:
    tab = opened(render_html(contract()))
    assert "line 152" in tab.locator(".spans .about").first.inner_text()
    tab.locator(".spans > li > a").first.click()
    settled(tab)
    # A counter cannot be read, so its parts are: where it begins, and how far into the block.
    begins, within = tab.locator("mark.here").first.evaluate(
        "m => { const p = m.closest('p'), b = p.parentElement;"
        " const begins = getComputedStyle(b.firstElementChild).counterReset;"
        " return [begins, [...b.children].indexOf(p)]; }"
    )
    assert int(begins.split()[1]) + within + 1 == 152


def test_hover_and_focus_tell_the_weight(opened: Opened) -> None:
    tab = opened(render_html(contract()))
    tab.locator(".spans > li > a").nth(1).click()
    settled(tab)
    tip = tab.locator("#tip")
    expect(tip).to_contain_text("-1.00 nats, opposes the answer (rank 2)")
    expect(tip).to_contain_text("interval [-1.50, -0.50], not significant")
    expect(tip).to_contain_text("selected in 90 % of fits")
    tab.locator("article mark.z").last.hover()
    expect(tip).to_contain_text("0 nats, examined, no effect")
    expect(tip).to_contain_text("not deleted alone")


def test_words_of_an_opened_sentence_jump_too(opened: Opened) -> None:
    tab = opened(render_html(contract()))
    tab.locator(".spans summary").first.click()
    tab.locator(".units a").first.click()
    settled(tab)
    assert tab.locator("mark.here").inner_text() == "is governed by the laws of Delaware."
    expect(tab.locator("#tip")).to_contain_text("+4.00 nats")


def test_search_finds_across_lines_and_steps(opened: Opened) -> None:
    tab = opened(render_html(contract()))
    tab.keyboard.press("/")
    tab.keyboard.type("DELAWARE. 7.2  books")
    expect(tab.locator("#matches")).to_have_text("1 found")
    tab.keyboard.press("Enter")
    expect(tab.locator("#matches")).to_have_text("1 of 1")
    settled(tab)
    assert visible(tab, "article mark.s5")
    assert tab.evaluate("[...CSS.highlights.get('current')][0].toString().includes('Delaware')")
    tab.locator("#search").fill("(nothing) [like] this?")
    expect(tab.locator("#matches")).to_have_text("not found")
    tab.locator("#search").fill("any other")
    expect(tab.locator("#matches")).to_have_text("259 found")
    tab.keyboard.press("Shift+Enter")
    expect(tab.locator("#matches")).to_have_text("259 of 259")


def test_sets_can_be_read_in_the_text(opened: Opened) -> None:
    tab = opened(render_html(contract()))
    tab.get_by_role("button", name="Read without 1").click()
    expect(tab.locator("#mode")).to_contain_text("no longer gives this answer")
    gone = tab.locator("mark.gone")
    assert "".join(gone.all_inner_texts()).startswith("The")
    decoration = gone.first.evaluate("m => getComputedStyle(m).textDecorationLine")
    assert decoration == "line-through"
    tab.get_by_role("button", name="Read with only 1 and 2").click()
    expect(tab.locator("mark.gone")).to_have_count(0)
    assert tab.locator("mark.kept").last.text_content() == "Except in Texas."
    tab.keyboard.press("Escape")
    expect(tab.locator("#mode")).to_be_hidden()
    expect(tab.locator("mark.kept")).to_have_count(0)


def test_the_map_shows_where_one_is_and_leads_there(opened: Opened) -> None:
    tab = opened(render_html(contract()))
    see = tab.locator("#map .see")
    top = float(see.get_attribute("y") or "nan")
    assert top < 200
    rects = tab.locator("#map rect.s5")
    assert 5000 < float(rects.first.get_attribute("y") or 0) < 6500
    box = tab.locator("#map").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 800  # it ends where the screen does
    tab.mouse.click(box["x"] + 20, box["y"] + 0.9 * box["height"])
    settled(tab)
    assert 8000 < float(see.get_attribute("y") or 0) < 9500


def test_the_outline_leads_to_headings(opened: Opened) -> None:
    tab = opened(render_html(contract()))
    tab.locator("summary", has_text="Outline").click()
    tab.get_by_role("link", name="7.2 Books").click()
    settled(tab)
    at = tab.get_by_text("7.2 Books", exact=True).last
    expect(at).to_be_in_viewport()


def test_questions_switch_over_one_text(opened: Opened) -> None:
    first = explanation(CONTRACT)
    other: list[Part] = [(t, 2.0 if t == "Signed." else None) for t, _ in CONTRACT]
    second = explanation(other, question="Who signed?", response="nobody")
    tab = opened(page([first, second], titles=["Law", "Signed"]))
    assert tab.locator(".text").count() == 1
    tab.locator("#switch").select_option("Signed")
    expect(tab.locator(".answer:visible")).to_have_text("nobody")
    assert tab.locator("article mark.s5").all_inner_texts() == ["Signed."]
    tab.keyboard.press("Escape")
    tab.locator(".brand").click()
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("[")
    expect(tab.locator(".answer:visible")).to_have_text("the laws of Delaware")
    assert tab.locator("article mark.s5").all_inner_texts()[0].startswith("The agreement")


def test_a_summary_and_an_address_lead_to_a_finding(opened: Opened) -> None:
    tab = opened(code())
    expect(tab.locator("article:visible")).to_have_attribute("aria-label", "late.py")
    tab.get_by_role("link", name="Overflow").click()
    expect(tab.locator("article:visible")).to_have_attribute("aria-label", "copy.c")
    expect(tab.locator(".question:visible")).to_have_text("Does it overflow?")
    tab.reload()  # the address holds it
    expect(tab.locator("article:visible")).to_have_attribute("aria-label", "copy.c")


def test_a_comparison_leads_into_the_text_and_to_each_side(opened: Opened) -> None:
    both = [explanation(CONTRACT), texas_leads()]
    tab = opened(page(both, titles=["one", "other"], comparison=compare(both, ["one", "other"])))
    tab.locator(".compared a", has_text="Except in Texas.").click()
    tab.wait_for_selector("article mark.here")
    assert tab.locator("article mark.here").text_content() == "Except in Texas."
    tab.locator(".compared thead a").last.click()
    tab.wait_for_selector(".answer:visible:has-text('those of Texas')")
    assert tab.locator("article mark.s5").text_content() == "Except in Texas."


def test_compared_words_lead_into_a_redacted_text(opened: Opened) -> None:
    first = words(explanation(CONTRACT), 1, [0.0, 0.5, 0.0, 2.0])
    second = words(words(explanation(CONTRACT), 1, [0.1, 0.0, 0.0, 3.0]), 3, [-2.0, 1.5])
    both = [first, second]
    tab = opened(page(both, comparison=compare(both, "ab"), redact=True))
    tab.locator(".compared a", has_text="is governed by the").last.click()
    assert tab.evaluate("document.activeElement.textContent").strip() == "agreement"


def test_a_folded_message_opens_when_it_is_jumped_to(opened: Opened) -> None:
    tab = opened(render_html(chat()))
    mark = tab.locator("article mark.s5")
    expect(mark).not_to_be_visible()
    expect(tab.locator(".holds")).to_have_text("holds span 1")
    tab.locator(".spans > li > a").first.click()
    expect(mark).to_be_visible()
    expect(mark).to_be_focused()


def test_keyboard_alone(opened: Opened) -> None:
    tab = opened(render_html(contract()))
    tab.keyboard.press("Tab")
    expect(tab.get_by_text("Skip to the text")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("#documents")).to_be_focused()
    tab.keyboard.press("Tab")
    expect(tab.locator("article mark[tabindex]").first).to_be_focused()
    expect(tab.locator("#tip")).to_be_visible()
    tab.keyboard.press("j")
    expect(tab.locator(".spans li.here .rank")).to_have_text("1")
    tab.keyboard.press("j")
    expect(tab.locator(".spans li.here .rank")).to_have_text("2")
    tab.keyboard.press("1")
    expect(tab.locator(".spans li.here .rank")).to_have_text("1")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_be_hidden()
    card = tab.locator(".card").first
    card.locator("summary").focus()
    tab.keyboard.press("Enter")
    expect(card.get_by_text("What it means.")).to_be_visible()


def test_dark_and_light(opened: Opened) -> None:
    paper = "getComputedStyle(document.querySelector('.source')).backgroundColor"
    light = opened(render_html(contract()), color_scheme="light")
    assert light.evaluate(paper) == "rgb(255, 255, 255)"
    light.keyboard.press("d")
    assert light.evaluate(paper) == "rgb(26, 29, 32)"
    dark = opened(render_html(contract()), color_scheme="dark")
    assert dark.evaluate(paper) == "rgb(26, 29, 32)"
    dark.locator("#theme").click()
    assert dark.evaluate(paper) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("width", [340, 800])
def test_a_narrow_screen_holds_it_all(opened: Opened, width: int) -> None:
    tab = opened(code(), viewport={"width": width, "height": 700})
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.keyboard.press("1")
    settled(tab)
    assert visible(tab, "mark.here")


def test_it_prints_whole(opened: Opened, tmp_path: Path) -> None:
    tab = opened(render_html(contract()))
    tab.pdf(path=tmp_path / "page.pdf")
    reader = PdfReader(tmp_path / "page.pdf")
    text = " ".join(" ".join(p.extract_text() for p in reader.pages).split())
    assert len(reader.pages) > 5
    assert text.count("keep their books in good order") == 259
    for words_for_it in ("Which law governs?", "the laws of Delaware", "What it means", "coverage"):
        assert words_for_it in text


def test_every_question_is_printed_and_each_text_once(opened: Opened, tmp_path: Path) -> None:
    turned = [(text, {3.0: -0.5, -1.0: 6.0}.get(w, w)) for text, w in CONTRACT]
    whole = [
        explanation(CONTRACT),
        explanation([("Payment is due in May. ", 1.0)], question="When?", response="in May"),
        decided(explanation(turned, question="Where?", response="Texas"), "single", [[3]], [[3]]),
    ]
    tab = opened(page(whole))
    before = tab.locator("article").first.inner_html()
    tab.pdf(path=tmp_path / "page.pdf")
    pages = PdfReader(tmp_path / "page.pdf").pages
    text = " ".join(" ".join(p.extract_text() for p in pages).split())
    at = 0
    for words_for_it in (
        "Which law governs?", "the laws of Delaware", "+3.00",
        "When?", "in May", "+1.00",
        "Where?", "Texas", "+6.00", "Deleting 1 turns the answer",
        "Article 1.", "Signed.", "Payment is due in May.",
    ):  # fmt: skip
        at = text.index(words_for_it, at)
    assert text.count("Article 1.") == 1
    # The marks on paper are those of all questions, and the screen's come back.
    tab.evaluate("paintAll()")
    classes = tab.locator("#doc-0 mark").evaluate_all("all => all.map(m => m.className)")
    assert classes == ["s5", "z", "s5"]
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.locator("article").first.inner_html() == before
    assert tab.locator(".exchange:visible").count() == 1


def test_without_its_script_the_first_explanation_is_there(opened: Opened) -> None:
    tab = opened(render_html(contract()), java_script_enabled=False)
    expect(tab.locator(".spans > li")).to_have_count(2)
    colour = tab.locator("article mark.s5").first
    expect(colour).to_have_text("is governed by the laws of Delaware.")
    tab.locator(".spans > li > a").first.click()
    expect(tab.locator("#d0m0")).to_be_in_viewport()


def test_no_other_script_runs(opened: Opened) -> None:
    tab = opened(render_html(explanation(CONTRACT)), expected="Content Security Policy")
    # What a text could smuggle in, put there by force: the policy stops it.
    tab.evaluate(
        "() => new Promise(done => {"
        " document.addEventListener('securitypolicyviolation', done, { once: true });"
        " const s = document.createElement('script'); s.textContent = 'window.ran = true';"
        " document.body.append(s); })"
    )
    assert tab.evaluate("window.ran") is None


PAGES: dict[str, Any] = {
    "document": lambda: render_html(contract()),
    "chat": lambda: render_html(chat()),
    "code": code,
    "nothing": lambda: render_html(explanation(AWKWARD["nothing attributed"])),
    "index": lambda: page(
        [], title="All", summary=Summary("Lead.", ["a"], [[Cell("b", "c.html")]])
    ),
    "redacted": lambda: render_html(contract(), redact=True),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(opened: Opened, axe: str, name: str, scheme: str) -> None:
    tab = opened(PAGES[name](), color_scheme=scheme, bypass_csp=True)
    tab.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    tab.evaluate(axe)
    report = tab.evaluate("axe.run({ resultTypes: ['violations'] })")
    serious = [
        (one["id"], one["nodes"][0]["html"][:120], one["nodes"][0].get("failureSummary", "")[:200])
        for one in report["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert not serious
