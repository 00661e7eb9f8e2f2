"""Run with: pytest tests/inputs/test_headings.py"""

from __future__ import annotations

import pytest

from focus_lime.inputs.headings import (
    Heading,
    heading_lines,
    markdown_headings,
    section_titles,
)
from focus_lime.inputs.sections import sections

# A line, and what it is as: a heading line, a Markdown heading, a section's number, a title.
LINES = [
    ("## Payment terms ##", "Payment terms ##", "Payment terms", None, "payment terms ##"),
    ("## 3.1 Payment", "3.1 Payment", "3.1 Payment", "3.1", "payment"),
    ("ARTICLE IV - Term", "ARTICLE IV - Term", None, "IV", "term"),
    ("Section 2.", "Section 2.", None, "2", "article 2"),
    ("Schedule B  Fees", "Schedule B Fees", None, None, None),
    ("§ 4 Notices", None, None, "4", None),
    ("12.3 Governing Law. This", "12.3 Governing Law. This", None, "12.3", "governing law"),
    ("4. Term", "4. Term", None, "4", "term"),
    ("5.5 million dollars", None, None, None, None),
    ("30 Days after the notice", None, None, None, None),
    ("LIMITATION OF LIABILITY", "LIMITATION OF LIABILITY", None, None, "limitation of liability"),
    ("2.4 " + "The tenant must pay the rent. " * 9, None, None, "2.4", None),
    ("We met in Reno.", None, None, None, None),
]


def numbers(text: str) -> list[Heading]:
    return [Heading(section.start, section.label) for section in sections(text)]


@pytest.mark.parametrize(("line", "heading", "marked", "number", "title"), LINES)
def test_what_a_line_is(
    line: str, heading: str | None, marked: str | None, number: str | None, title: str | None
) -> None:
    text = f"x\n{line}\ny\n"
    for find, expected in (
        (heading_lines, heading),
        (markdown_headings, marked),
        (numbers, number),
        (section_titles, title),
    ):
        assert [h.text for h in find(text)] == ([expected] if expected else []), find


def test_a_heading_says_where_it_begins_and_is_cut_where_it_is_long() -> None:
    text = "a\n  7.2 " + "Payment " * 9 + "\n# Title\n"
    first, second = heading_lines(text)
    assert text[first.start :].startswith("7.2 Payment")
    assert (len(first.text), first.text[-1]) == (60, "…")
    assert text[second.start :].startswith("Title")
    assert next(markdown_headings(text)).start == text.index("# Title")
