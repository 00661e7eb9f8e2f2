"""A document to audit: its text, and which page and section each character stands in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from focus_lime.inputs.headings import section_numbers
from focus_lime.inputs.layout import Layout
from focus_lime.inputs.places import DocumentPlace
from focus_lime.inputs.units import Span


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

    @cached_property
    def numbers(self) -> list[tuple[int, str]]:
        """(offset, number) of the sections, in reading order."""
        return list(section_numbers(self.text))

    def page(self, offset: int) -> int | None:
        """The page of a character, counted from 1."""
        return bisect_right(self.pages, offset) or None

    def section(self, offset: int) -> str | None:
        """The number of the section that the character stands in; its heading where the nearest
        mark before it is a heading without a number.
        """
        number, heading = _last(self.numbers, offset), _last(self.headings, offset)
        if heading is None or (number is not None and number[0] >= heading[0]):
            return number[1] if number else None
        return heading[1]

    def place(self, span: Span) -> DocumentPlace:
        """Where the span stands: the page on which it begins, and the section that holds its
        middle, since a heading belongs to the sentence after it.
        """
        inside = span.text((self.text,))
        first = span.start + len(inside) - len(inside.lstrip()) if inside.strip() else span.start
        return DocumentPlace(
            page=self.page(first),
            section=self.section((span.start + span.end) // 2),
            start=span.start,
            end=span.end,
        )

    @property
    def layout(self) -> Layout:
        headings = tuple((0, offset, text) for offset, text in self.headings)
        return Layout("document", self.name, pages=self.pages, headings=headings)


def _last(marks: Sequence[tuple[int, str]], offset: int) -> tuple[int, str] | None:
    """The last mark at or before `offset`."""
    index = bisect_right([start for start, _ in marks], offset)
    return marks[index - 1] if index else None
