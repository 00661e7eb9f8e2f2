"""Headings in plain text: the lines that are one, the marked ones, the titles of sections. A number
makes a heading only where it is that of a section: see `sections`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import regex

from focus_lime.inputs.sections import sections
from focus_lime.inputs.words import whole_graphemes

_NUMBER = r"\d{1,2}(?:\.\d{1,3}){0,3}"
# "7.2", "12." or "12)". A bare number is none: a line may be wrapped before "30 Days".
_NUMBERED = r"(?:\d{1,2}(?:\.\d{1,3}){1,3}|\d{1,2}(?=[.)]))"
_ROMAN = "[IVXLC]+"

_LINE = regex.compile(
    r"^(?:#{1,6}[ \t]+(?P<text>\S[^\n]{0,120})"
    r"|[ \t]*(?P<text>(?i:chapter|schedule|exhibit|appendix)[ \t]+"
    rf"(?:{_NUMBER}|{_ROMAN}|[A-Z])\b[^\n]{{0,80}})"
    rf"|[ \t]*(?P<text>(?P<section>(?:(?i:article|section|clause)[ \t]+(?:{_NUMBER}|{_ROMAN})\b"
    rf"|{_NUMBERED}[.)]?[ \t]+\p{{Lu}})[^\n]{{0,80}}))"
    r"|[ \t]*(?P<text>\p{Lu}[\p{Lu} \t&,'’-]{4,60}))[ \t\r]*$",
    regex.MULTILINE,
)
_MARKED = regex.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*\r?$", regex.MULTILINE)
_TITLE = regex.compile(
    r"""^[ \t]*(?:
      \#{1,6}[ \t]+(?P<marked>[^\n]{1,80}?)[ \t]*$
    | (?:article|section)[ \t]+(?P<number>[ivxlc\d.]+)[ \t.:–-]*(?P<article>[^\n.]{0,80})
    | \d+(?:\.\d+)*\.?[ \t]+(?P<numbered>(?-i:[A-Z])[^\n.:]{2,60})(?:[.:](?=\s)|$)  # "2. Term."
    | (?P<capitals>(?-i:[A-Z][A-Z \t,&/'’-]{3,78}))[ \t]*$
    )""",
    regex.VERBOSE | regex.MULTILINE | regex.IGNORECASE,
)
_LONGEST = 60  # characters of a heading line that are given back


class Heading(NamedTuple):
    """What is written at an offset: a heading, or the title of a section."""

    start: int
    text: str


def heading_lines(text: str) -> Iterator[Heading]:
    """Whole lines that look like a heading, cut to 60 characters: Markdown, "ARTICLE IV",
    "7.2 Payment", or short and in capitals.
    """
    numbered = {section.start for section in sections(text)}
    for match in _LINE.finditer(text):
        if match["section"] and match.start("section") not in numbered:
            continue
        line = " ".join(match["text"].split())
        cut = whole_graphemes(line, _LONGEST - 1)
        short = line if len(line) <= _LONGEST else line[:cut] + "…"
        yield Heading(match.start("text"), short)


def markdown_headings(text: str) -> Iterator[Heading]:
    """Markdown's headings, however long, at the offset of their first mark."""
    for match in _MARKED.finditer(text):
        yield Heading(match.start(), match[1])


def section_titles(text: str) -> Iterator[Heading]:
    """Titles of sections without their numbers, in lower case: Markdown's, `Article IV` and
    `Section 2`, numbered titles, also before running text ("2. Term. It runs"), lines of capitals.
    """
    starts = {section.start for section in sections(text)}
    for match in _TITLE.finditer(text):
        begin = match.end() - len(match.group().lstrip())
        if (match["number"] or match["numbered"]) and begin not in starts:
            continue
        # A short numbered sentence is none: a title has few words, or its long ones begin large.
        words = (match["numbered"] or "").split()
        if len(words) > 3 and not all(word[0].isupper() for word in words if len(word) > 3):
            continue
        if match["number"]:
            title = match["article"].strip() or f"article {match['number'].rstrip('.')}"
        else:
            title = match["marked"] or match["numbered"] or match["capitals"]
        title = regex.sub(r"^[\d.]+\s+", "", title)
        yield Heading(match.start(), " ".join(title.casefold().split()))
