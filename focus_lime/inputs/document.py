"""A document to audit: its text, and which page and section each character stands in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from focus_lime.inputs.headings import section_numbers
from focus_lime.inputs.layout import Layout
from focus_lime.inputs.places import DocumentPlace
from focus_lime.inputs.units import Span


class Rectangle(NamedTuple):
    """In points from the top left corner of a page as it is shown; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class CharacterBoxes:
    """Where each character of a text stands on the pages of its file.

    Attributes:
        page: int32[characters], from 1.
        box: float32[characters, 4], a `Rectangle` each; NaN where the reader put a character in.
    """

    page: NDArray[np.int32]
    box: NDArray[np.float32]

    def rectangles(self, span: Span) -> list[tuple[int, list[Rectangle]]]:
        """The pages on which a span stands, each with the span's rectangles on it, one a line."""
        pages: list[tuple[int, list[Rectangle]]] = []
        before: Rectangle | None = None
        for at in range(span.start, min(span.end, len(self.page))):
            if np.isnan(self.box[at, 0]):
                continue
            page, box = int(self.page[at]), Rectangle(*self.box[at].tolist())
            if before is None or pages[-1][0] != page:
                pages.append((page, [box]))
            elif _on_one_line(before, box):
                pages[-1][1][-1] = _around(pages[-1][1][-1], box)
            else:
                pages[-1][1].append(box)
            before = box
        return pages


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
    def numbers(self) -> list[tuple[int, str]]:
        """(offset, number) of the sections, in reading order."""
        return list(section_numbers(self.text))

    def page(self, offset: int) -> int | None:
        """The page of a character, counted from 1."""
        if self.boxes is not None and 0 <= offset < len(self.boxes.page):
            return int(self.boxes.page[offset])
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


def _on_one_line(before: Rectangle, box: Rectangle) -> bool:
    """Whether a character stands beside the one before it, or in its direction where text is
    turned.
    """
    em = max(box.bottom - box.top, box.right - box.left)
    beside = min(before.bottom, box.bottom) - max(before.top, box.top)
    above = min(before.right, box.right) - max(before.left, box.left)
    if beside > 0.4 * min(before.bottom - before.top, box.bottom - box.top):
        return above > -3 * em
    return above > 0.6 * min(before.right - before.left, box.right - box.left) and beside > -em


def _around(one: Rectangle, two: Rectangle) -> Rectangle:
    return Rectangle(
        min(one.left, two.left),
        min(one.top, two.top),
        max(one.right, two.right),
        max(one.bottom, two.bottom),
    )
