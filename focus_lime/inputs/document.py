"""A document to audit: its text, and which page and section each character stands in."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from focus_lime.inputs.boxes import CharacterBoxes
from focus_lime.inputs.layout import Layout
from focus_lime.inputs.places import DocumentPlace
from focus_lime.inputs.sections import Section, sections
from focus_lime.inputs.units import Span


@dataclass(frozen=True)
class Document:
    """The text of one file.

    Attributes:
        name: the path, as the user gave it.
        pages: the offset at which each page begins; none where the format has no pages.
        headings: (offset, heading), in reading order, where the format marks them.
        notes: what a reader of the result should know about how the text was made.
        boxes: where each character stands on its page, where the file says it.
    """

    name: str
    text: str = field(repr=False)
    pages: tuple[int, ...] = ()
    headings: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()
    boxes: CharacterBoxes | None = field(default=None, repr=False, compare=False)

    @cached_property
    def sections(self) -> list[Section]:
        """The sections, in reading order."""
        return sections(self.text, self.headings)

    def page(self, offset: int) -> int | None:
        """The page of a character, counted from 1."""
        if self.boxes is not None and 0 <= offset < len(self.boxes.page):
            return int(self.boxes.page[offset])
        return bisect_right(self.pages, offset) or None

    def section(self, offset: int) -> str | None:
        """The section that the character stands in, as it is cited: its number, with the schedule
        that holds it, or its heading where it has no number.
        """
        index = bisect_right(self.sections, offset, key=lambda section: section.start)
        return self.sections[index - 1].label if index else None

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
