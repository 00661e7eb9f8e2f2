"""A document to audit: its text, and which page and section each character stands in."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

import regex

from focus_lime.prompt.prompt import Prompt
from focus_lime.report.layout import Layout

# "12.", "7.2", "Section 7.2", "ARTICLE IV" at the start of a line, before a capital. A bare number
# is none: it may be a line that was wrapped before "30 Days".
_NUMBER = r"\d{1,2}(?:\.\d{1,3}){0,3}"
_SECTION = regex.compile(
    rf"^[ \t]*(?:(?i:article|section|clause|§)[ \t]*(?P<named>{_NUMBER}|[IVXLC]+)\b"
    r"|(?P<number>\d{1,2}(?:\.\d{1,3}){1,3}|\d{1,2}(?=[.)]))[.)]?[ \t]+(?=[\"“(]?\p{Lu}))",
    regex.MULTILINE,
)


@dataclass(frozen=True)
class Document:
    """The text of one file.

    Attributes:
        name: the path, as the user gave it.
        pages: the offset at which each page begins; none where the format has no pages.
        headings: (offset, heading), in reading order, where the format marks them.
        notes: what a reader of the result should know about how the text was made.
    """

    name: str
    text: str = field(repr=False)
    pages: tuple[int, ...] = ()
    headings: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        numbers = [
            (m.start(), m.group("named") or m.group("number")) for m in _SECTION.finditer(self.text)
        ]
        object.__setattr__(self, "_numbers", numbers)

    def page(self, offset: int) -> int | None:
        """The page of a character, counted from 1."""
        return bisect_right(self.pages, offset) or None

    def section(self, offset: int) -> str | None:
        """The number of the section that the character stands in; its heading where the nearest
        mark before it is a heading without a number.
        """
        number, heading = _last(self._numbers, offset), _last(self.headings, offset)  # type: ignore[attr-defined]
        if heading is None or (number is not None and number[0] >= heading[0]):
            return number[1] if number else None
        return heading[1]

    def place(self, source: int, start: int, end: int) -> dict[str, Any]:
        """Where characters `[start, end)` stand: the page on which they begin, the section that
        holds their middle, since a heading belongs to the sentence after it.
        """
        inside = self.text[start:end]
        first = start + len(inside) - len(inside.lstrip()) if inside.strip() else start
        return {
            "page": self.page(first),
            "section": self.section((start + end) // 2),
            "start": start,
            "end": end,
        }

    @property
    def layout(self) -> Layout:
        marked = tuple((0, offset, text) for offset, text in self.headings)
        return Layout("document", self.name, pages=self.pages, headings=marked)

    def prompt(self, question: str) -> Prompt:
        return Prompt.from_document(self.text, question)


def _last(marks: Any, offset: int) -> tuple[int, str] | None:
    """The last mark at or before `offset`."""
    index = bisect_right([start for start, _ in marks], offset)
    return marks[index - 1] if index else None
