"""The pages in a real browser. Run with: pytest tests/report/test_browser.py"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from focus_lime.explanation import Explanation, SourceText
from focus_lime.report.html import Cell, Summary, page, render_html
from focus_lime.report.layout import Layout

from .conftest import Opened
from .explanations import AWKWARD, CONTRACT, Part, audited, decided, explanation, words

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
    made = words(explanation(parts), 1, [0.0, -0.5, 4.0])
    return decided(audited(made, "held", [3]), "and", [[1, 3]], [[1], [3]])


def chat() -> Explanation:
    made = explanation([("Hi there. ", 0.2)], [("Thirty days. ", 5.0)], [("Thanks.", None)])
    roles = ("user", "tool", "assistant")
    sources = tuple(SourceText(i, roles[i], s.text) for i, s in enumerate(made.sources))
    return replace(made, sources=sources, question=None)


def code() -> str:
    late: list[Part] = [("def late(days):\n", None), ("    return days > 30\n", 2.0)]
    copy: list[Part] = [("void f(char *s) {\n", None), ("  strcpy(b, s);\n}\n", 4.0)]
    layouts = [Layout("code", "late.py"), Layout("code", "copy.c")]
    summary = Summary("Lead.", ["question"], [[Cell("Overflow", "#finding-2")]])
    made = [explanation(late), explanation(copy, question="Does it overflow?")]
    return page(made, titles=["Late", "Overflow"], layouts=layouts, summary=summary)


def visible(found: Page, selector: str) -> bool:
    """Whether the first such element stands on the screen, below the head."""
    seen: bool = found.locator(selector).first.evaluate(
        "e => { const b = e.getBoundingClientRect();"
        " return b.top >= document.querySelector('.top').offsetHeight - 1"
        " && b.bottom <= innerHeight; }"
    )
    return seen


def settled(found: Page) -> None:
    found.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")


@pytest.mark.parametrize("name", AWKWARD)
def test_the_browser_shows_the_text_as_it_was(opened: Opened, name: str) -> None:
    made = explanation(AWKWARD[name])
    found = opened(render_html(made))
    text = found.evaluate("document.querySelector('.text').textContent")
    assert text == made.sources[0].text
    assert found.locator("img").count() == 0


def test_a_long_line_and_many_scripts_stay_inside_the_page(opened: Opened) -> None:
    line = "字" * 2500 + "x" * 2500
    made = explanation([(line, 1.0), ("\n\tعربي 👩‍👩‍👧\r\n", -1.0)])
    found = opened(render_html(made))
    assert found.evaluate("document.querySelector('.text').textContent") == made.sources[0].text
    assert found.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_ranked_span_jumps_and_is_told(opened: Opened) -> None:
    found = opened(render_html(contract()))
    assert not visible(found, "article mark.s5")
    found.locator(".spans > li > a").first.click()
    settled(found)
    assert visible(found, "article mark.s5")
    expect(found.locator("mark.here").first).to_be_focused()
    expect(found.locator(".spans li.here")).to_have_count(1)
    assert found.url.endswith("#d0m0")
    # The question and the answer stay in sight.
    expect(found.locator(".exchange .question")).to_be_in_viewport()
    expect(found.locator(".exchange .answer")).to_be_in_viewport()


def test_line_numbers_are_those_of_the_document(opened: Opened) -> None:
    found = opened(render_html(contract()))
    assert "line 152" in found.locator(".spans .about").first.inner_text()
    found.locator(".spans > li > a").first.click()
    settled(found)
    # A counter cannot be read, so its parts are: where it begins, and how far into the block.
    begins, within = found.locator("mark.here").first.evaluate(
        "m => { const p = m.closest('p'), b = p.parentElement;"
        " const begins = getComputedStyle(b.firstElementChild).counterReset;"
        " return [begins, [...b.children].indexOf(p)]; }"
    )
    assert int(begins.split()[1]) + within + 1 == 152


def test_hover_and_focus_tell_the_weight(opened: Opened) -> None:
    found = opened(render_html(contract()))
    found.locator(".spans > li > a").nth(1).click()
    settled(found)
    tip = found.locator("#tip")
    expect(tip).to_contain_text("-1.00 nats, opposes the answer (rank 2)")
    expect(tip).to_contain_text("interval [-1.50, -0.50], not sure")
    expect(tip).to_contain_text("selected in 90 % of fits")
    found.locator("article mark.z").last.hover()
    expect(tip).to_contain_text("0 nats, examined, no effect")
    expect(tip).to_contain_text("not deleted alone")


def test_words_of_an_opened_sentence_jump_too(opened: Opened) -> None:
    found = opened(render_html(contract()))
    found.locator(".spans summary").first.click()
    found.locator(".words a").first.click()
    settled(found)
    assert found.locator("mark.here").inner_text() == "is governed by the laws of Delaware."
    expect(found.locator("#tip")).to_contain_text("+4.00 nats")


def test_search_finds_across_lines_and_steps(opened: Opened) -> None:
    found = opened(render_html(contract()))
    found.keyboard.press("/")
    found.keyboard.type("DELAWARE. 7.2  books")
    expect(found.locator("#matches")).to_have_text("1 found")
    found.keyboard.press("Enter")
    expect(found.locator("#matches")).to_have_text("1 of 1")
    settled(found)
    assert visible(found, "article mark.s5")
    assert found.evaluate("[...CSS.highlights.get('current')][0].toString().includes('Delaware')")
    found.locator("#search").fill("(nothing) [like] this?")
    expect(found.locator("#matches")).to_have_text("not found")
    found.locator("#search").fill("any other")
    expect(found.locator("#matches")).to_have_text("259 found")
    found.keyboard.press("Shift+Enter")
    expect(found.locator("#matches")).to_have_text("259 of 259")


def test_sets_can_be_read_in_the_text(opened: Opened) -> None:
    found = opened(render_html(contract()))
    found.get_by_role("button", name="Read without 1").click()
    expect(found.locator("#mode")).to_contain_text("no longer gives this answer")
    gone = found.locator("mark.gone")
    assert "".join(gone.all_inner_texts()).startswith("The")
    decoration = gone.first.evaluate("m => getComputedStyle(m).textDecorationLine")
    assert decoration == "line-through"
    found.get_by_role("button", name="Read with only 1 and 2").click()
    expect(found.locator("mark.gone")).to_have_count(0)
    assert found.locator("mark.kept").last.text_content() == "Except in Texas."
    found.keyboard.press("Escape")
    expect(found.locator("#mode")).to_be_hidden()
    expect(found.locator("mark.kept")).to_have_count(0)


def test_the_map_shows_where_one_is_and_leads_there(opened: Opened) -> None:
    found = opened(render_html(contract()))
    see = found.locator("#map .see")
    top = float(see.get_attribute("y") or "nan")
    assert top < 200
    rects = found.locator("#map rect.s5")
    assert 5000 < float(rects.first.get_attribute("y") or 0) < 6500
    box = found.locator("#map").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 800  # it ends where the screen does
    found.mouse.click(box["x"] + 20, box["y"] + 0.9 * box["height"])
    settled(found)
    assert 8000 < float(see.get_attribute("y") or 0) < 9500


def test_the_outline_leads_to_headings(opened: Opened) -> None:
    found = opened(render_html(contract()))
    found.locator("summary", has_text="Outline").click()
    found.get_by_role("link", name="7.2 Books").click()
    settled(found)
    at = found.get_by_text("7.2 Books", exact=True).last
    expect(at).to_be_in_viewport()


def test_questions_switch_over_one_text(opened: Opened) -> None:
    first = explanation(CONTRACT)
    other: list[Part] = [(t, 2.0 if t == "Signed." else None) for t, _ in CONTRACT]
    second = explanation(other, question="Who signed?", response="nobody")
    found = opened(page([first, second], titles=["Law", "Signed"]))
    assert found.locator(".text").count() == 1
    found.locator("#switch").select_option("Signed")
    expect(found.locator(".answer:visible")).to_have_text("nobody")
    assert found.locator("article mark.s5").all_inner_texts() == ["Signed."]
    found.keyboard.press("Escape")
    found.locator(".brand").click()
    found.evaluate("document.activeElement.blur()")
    found.keyboard.press("[")
    expect(found.locator(".answer:visible")).to_have_text("the laws of Delaware")
    assert found.locator("article mark.s5").all_inner_texts()[0].startswith("The agreement")


def test_a_summary_and_an_address_lead_to_a_finding(opened: Opened) -> None:
    found = opened(code())
    expect(found.locator("article:visible")).to_have_attribute("aria-label", "late.py")
    found.get_by_role("link", name="Overflow").click()
    expect(found.locator("article:visible")).to_have_attribute("aria-label", "copy.c")
    expect(found.locator(".question:visible")).to_have_text("Does it overflow?")
    found.reload()  # the address holds it
    expect(found.locator("article:visible")).to_have_attribute("aria-label", "copy.c")


def test_a_folded_message_opens_when_it_is_jumped_to(opened: Opened) -> None:
    found = opened(render_html(chat()))
    mark = found.locator("article mark.s5")
    expect(mark).not_to_be_visible()
    expect(found.locator(".holds")).to_have_text("holds span 1")
    found.locator(".spans > li > a").first.click()
    expect(mark).to_be_visible()
    expect(mark).to_be_focused()


def test_keyboard_alone(opened: Opened) -> None:
    found = opened(render_html(contract()))
    found.keyboard.press("Tab")
    expect(found.get_by_text("Skip to the text")).to_be_focused()
    found.keyboard.press("Enter")
    expect(found.locator("#documents")).to_be_focused()
    found.keyboard.press("Tab")
    expect(found.locator("article mark[tabindex]").first).to_be_focused()
    expect(found.locator("#tip")).to_be_visible()
    found.keyboard.press("j")
    expect(found.locator(".spans li.here .rank")).to_have_text("1")
    found.keyboard.press("j")
    expect(found.locator(".spans li.here .rank")).to_have_text("2")
    found.keyboard.press("1")
    expect(found.locator(".spans li.here .rank")).to_have_text("1")
    found.keyboard.press("?")
    expect(found.get_by_role("dialog")).to_be_visible()
    found.keyboard.press("Escape")
    expect(found.get_by_role("dialog")).to_be_hidden()
    card = found.locator(".card").first
    card.locator("summary").focus()
    found.keyboard.press("Enter")
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
    found = opened(code(), viewport={"width": width, "height": 700})
    assert found.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found.keyboard.press("1")
    settled(found)
    assert visible(found, "mark.here")


def test_it_prints_whole(opened: Opened, tmp_path: Path) -> None:
    found = opened(render_html(contract()))
    found.pdf(path=tmp_path / "page.pdf")
    reader = PdfReader(tmp_path / "page.pdf")
    text = " ".join(" ".join(p.extract_text() for p in reader.pages).split())
    assert len(reader.pages) > 5
    assert text.count("keep their books in good order") == 259
    for said in ("Which law governs?", "the laws of Delaware", "What it means", "coverage"):
        assert said in text


def test_every_question_is_printed_and_each_text_once(opened: Opened, tmp_path: Path) -> None:
    turned = [(text, {3.0: -0.5, -1.0: 6.0}.get(w, w)) for text, w in CONTRACT]
    made = [
        explanation(CONTRACT),
        explanation([("Payment is due in May. ", 1.0)], question="When?", response="in May"),
        decided(explanation(turned, question="Where?", response="Texas"), "single", [[3]], [[3]]),
    ]
    found = opened(page(made))
    before = found.locator("article").first.inner_html()
    found.pdf(path=tmp_path / "page.pdf")
    pages = PdfReader(tmp_path / "page.pdf").pages
    text = " ".join(" ".join(p.extract_text() for p in pages).split())
    at = 0
    for said in (
        "Which law governs?", "the laws of Delaware", "+3.00",
        "When?", "in May", "+1.00",
        "Where?", "Texas", "+6.00", "Deleting 1 turns the answer",
        "Article 1.", "Signed.", "Payment is due in May.",
    ):  # fmt: skip
        at = text.index(said, at)
    assert text.count("Article 1.") == 1
    # The marks on paper are those of all questions, and the screen's come back.
    found.evaluate("paintAll()")
    classes = found.locator("#doc-0 mark").evaluate_all("all => all.map(m => m.className)")
    assert classes == ["s5", "z", "s5"]
    found.evaluate("dispatchEvent(new Event('afterprint'))")
    assert found.locator("article").first.inner_html() == before
    assert found.locator(".exchange:visible").count() == 1


def test_without_its_script_the_first_explanation_is_there(opened: Opened) -> None:
    found = opened(render_html(contract()), java_script_enabled=False)
    expect(found.locator(".spans > li")).to_have_count(2)
    colour = found.locator("article mark.s5").first
    expect(colour).to_have_text("is governed by the laws of Delaware.")
    found.locator(".spans > li > a").first.click()
    expect(found.locator("#d0m0")).to_be_in_viewport()


def test_no_other_script_runs(opened: Opened) -> None:
    found = opened(render_html(explanation(CONTRACT)), expected="Content Security Policy")
    # What a text could smuggle in, put there by force: the policy stops it.
    found.evaluate(
        "() => new Promise(done => {"
        " document.addEventListener('securitypolicyviolation', done, { once: true });"
        " const s = document.createElement('script'); s.textContent = 'window.ran = true';"
        " document.body.append(s); })"
    )
    assert found.evaluate("window.ran") is None


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
    found = opened(PAGES[name](), color_scheme=scheme, bypass_csp=True)
    found.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    found.evaluate(axe)
    report = found.evaluate("axe.run({ resultTypes: ['violations'] })")
    serious = [
        (one["id"], one["nodes"][0]["html"][:120], one["nodes"][0].get("failureSummary", "")[:200])
        for one in report["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert not serious
