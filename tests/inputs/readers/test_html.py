"""pytest tests/inputs/readers/test_html.py"""

from __future__ import annotations

import re
from itertools import count

import pytest

from focus_lime.inputs.document import Document
from focus_lime.inputs.readers.html import read_html

from .html_pages import page


def of(body: str) -> Document:
    return read_html("a.html", body.encode())


def test_what_a_browser_shows_is_read_in_order_and_the_rest_is_noted() -> None:
    document = of(
        "<title>no</title><style>.gone{display:none}</style><h1>Lease</h1>"
        "<p>The rent\n is <b>400</b>.<p hidden>never<p class=gone>never"
        "<ol start=3><li>one<li>two</ol><ul><li>dot</ul>"
        "<table><tr><td>Rate<td>9 percent<tr><td>Due<td>May</table>"
        "<p>It was <del>five</del><ins>six</ins>.<pre>a\n  b</pre><select><option>chosen</select>"
        "<p style='visibility:hidden'>never</p><script>never()</script><!-- never -->"
    )
    words = re.findall(r"[\w.]+", document.text)
    assert "never" not in document.text
    assert "five" not in document.text
    expected = "Lease The rent is 400 . one two dot Rate 9 percent Due May It was six a b".split()
    rest = iter(word.strip(".") for word in words)
    assert all(word.strip(".") in rest for word in expected if word.strip("."))
    assert "Rate\t9 percent\nDue\tMay" in document.text
    assert "3. one" in document.text or "3.\tone" in document.text
    assert "a\n  b" in document.text
    assert [title for _, title in document.headings] == ["Lease"]
    assert document.notes


@pytest.mark.parametrize("seed", range(12))
def test_pages_made_by_chance_are_read_word_by_word_once(seed: int) -> None:
    numbers = count()
    made: list[str] = []

    def word() -> str:
        made.append(f"w{next(numbers)}w")
        return made[-1]

    source = page(seed, word)
    text = of(source).text
    found = re.findall(r"w\d+w", text)
    assert len(found) == len(set(found))
    assert set(found) <= set(made)
    unseen = r"(?is)<(script|template|style|noscript)\b.*?</\1>|<!--.*?-->|<[^>]*>"
    shown = re.sub(unseen, " ", source)
    assert {w for w in found if w not in shown} == set()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<table><p>a<td>b<tr>c", "a"),
        ("<a <b>x</a", "x"),
        ("&notaword; &amp", "&"),
        ("<div>" * 300 + "deep", "deep"),
        ("<input value=given><textarea>written</textarea>", "given"),
    ],
)
def test_broken_pages_have_the_text_that_a_browser_finds(source: str, text: str) -> None:
    assert text in of(source).text
