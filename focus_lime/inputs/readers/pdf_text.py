"""Paragraphs to the text of a document, in which every character keeps where it stands."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

from focus_lime.inputs.readers.pdf_flow import Flow
from focus_lime.inputs.readers.pdf_lines import Line
from focus_lime.inputs.readers.pdf_paragraphs import Paragraph
from focus_lime.inputs.readers.pdf_words import Word

_TAB_GAP = 3.0  # ems between words that are set apart in a line
_GLUED_GAP = 0.12
_CLOSING = regex.compile(r"[\p{Po}\p{Pe}\p{Pf}]")
_UNIT = regex.compile(r"(?:^|[\d\p{P}])(?:[kcmd]?m|ft|in|yd|s|10)$")


@dataclass(frozen=True)
class Order:
    """The characters of a text: each the number of a character of the file, or, where the reader
    put it in, its code point below zero.

    Attributes:
        headings: where each begins and ends.
    """

    characters: NDArray[np.int64]
    headings: list[tuple[int, int]]


def order_of(flow: Flow) -> Order:
    """Paragraphs parted by a blank line; rows of a table, by a line end, and their cells by a tab.

    The mark of a footnote is put in brackets: `2021 [1]`.
    """
    writer = _Writer(flow)
    headings = []
    before: Paragraph | None = None
    for paragraph in flow.paragraphs:
        if before is not None:
            writer.put("\n" if before.kind == paragraph.kind == "row" else "\n\n")
        start = len(writer.characters)
        if paragraph.kind == "row":
            writer.row(paragraph.cells)
        else:
            writer.lines(paragraph.lines, paragraph.breaks)
        if paragraph.kind == "heading":
            headings.append((start, len(writer.characters)))
        before = paragraph
    if before is not None:
        writer.put("\n")
    return Order(np.array(writer.characters, dtype=np.int64), headings)


class _Writer:
    def __init__(self, flow: Flow) -> None:
        self.characters = array("q")
        self._joints = flow.joints
        self._notes = _marks_of_notes(flow.paragraphs)

    def put(self, text: str) -> None:
        self.characters.extend(-ord(character) for character in text)

    def row(self, cells: Iterable[Sequence[Line]]) -> None:
        filled = list(cells)
        while filled and not filled[-1]:
            filled.pop()
        for index, cell in enumerate(filled):
            if index:
                self.put("\t")
            self.lines(cell, set())

    def lines(self, lines: Sequence[Line], breaks: set[int]) -> None:
        for index, line in enumerate(lines):
            if index in breaks:
                self.put("\n")
            elif index:
                dropped, glue = self._joints.between(lines[index - 1].words[-1], line.words[0])
                del self.characters[len(self.characters) - dropped :]
                self.put(glue)
            self._line(line.words)

    def _line(self, words: Sequence[Word]) -> None:
        before: Word | None = None
        for word in words:
            if before is not None:
                self._between(before, word)
            if word.mark:
                self._mark(before, word)
            else:
                self.characters.extend(range(word.start, word.end))
            before = word

    def _between(self, before: Word, word: Word) -> None:
        gap = max(word.x0 - before.x1, before.x0 - word.x1)
        size = max(before.size, word.size)
        if gap > _TAB_GAP * size:
            self.put("\t")
        elif before.space >= 0:
            self.characters.append(before.space)
        elif word.mark or before.mark or gap > _GLUED_GAP * size:
            if before.mark and _CLOSING.match(word.text) and gap < 0.2 * size:
                return  # a mark before a comma
            self.put(" ")

    def _mark(self, before: Word | None, word: Word) -> None:
        bare = word.text.strip("()[].")
        if before is not None and bare not in self._notes and _UNIT.search(before.text):
            del self.characters[-1:]
            self.put("^")
            self.characters.extend(range(word.start, word.end))
        elif word.text.startswith(("[", "(")):
            self.characters.extend(range(word.start, word.end))
        else:
            self.put("[")
            self.characters.extend(range(word.start, word.end))
            self.put("]")


def _marks_of_notes(paragraphs: Iterable[Paragraph]) -> frozenset[str]:
    """The marks with which footnotes begin."""
    return frozenset(
        paragraph.lines[0].words[0].text.strip("()[].")
        for paragraph in paragraphs
        if paragraph.kind == "note"
    )
