"""Text as it flows: white space collapses, blocks stand apart, rows and cells side by side."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[ \t\r\n\f]+")
_UNEVEN = re.compile(r"[\t\r\n\f]|  ")
_SPACES_OF_LINE = re.compile(r"[ \t\f]+")
_PRE_END = re.compile(r"\r\n?")


class Flow:
    """Takes pieces in order, and gives one text. Breaks are kept until text follows, so that none
    stands at an end; a table's tabs take the place of breaks between its cells.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._last = "\n"  # the last character
        self._line_ends = 0  # how many line ends the text ends with
        self._space = False  # a space that shows only if text follows
        self._lines = 0  # line ends that are due before text
        self._tabs = 0
        self._marker = ""

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def length(self) -> int:
        return self._length

    def add(self, text: str, white_space: str = "normal") -> int | None:
        """Text of one element; where it begins, if anything is shown."""
        if white_space == "pre":
            return self._preserved(_PRE_END.sub("\n", text))
        if white_space == "pre-line":
            start = None
            for number, line in enumerate(_PRE_END.sub("\n", text).split("\n")):
                if number:
                    self.line_break()
                begun = self._collapsed(_SPACES_OF_LINE.sub(" ", line))
                start = begun if start is None else start
            return start
        return self._collapsed(_SPACES.sub(" ", text) if _UNEVEN.search(text) else text)

    def _collapsed(self, text: str) -> int | None:
        words = text.strip(" ")
        if text.startswith(" ") or (text and not words):
            self._space = True
        if not words:
            return None
        start = self._begin()
        self._put(words)
        self._space = text.endswith(" ")
        return start

    def _preserved(self, text: str) -> int | None:
        if not text:
            return None
        if not text.strip() and self._lines:  # an indented tag between blocks
            return None
        start = self._begin()
        self._put(text)
        return start

    def _begin(self) -> int:
        """What is due before text: line ends, or tabs, or a space; then the list's marker."""
        if self._parts:
            self._put("\n" * (self._lines - self._line_ends))
        self._put("\t" * self._tabs)
        if self._space and self._last not in "\n\t ":
            self._put(" ")
        self._lines, self._tabs, self._space = 0, 0, False
        if self._marker:
            self._put(self._marker + " ")
            self._marker = ""
        return self._length

    def _put(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._length += len(text)
            self._last = text[-1]
            if self._last != "\n":
                self._line_ends = 0
            else:
                n_ends = len(text) - len(text.rstrip("\n"))
                self._line_ends = n_ends + (self._line_ends if n_ends == len(text) else 0)

    def line_break(self) -> None:
        """A line end that is written as such."""
        if self._marker or self._tabs or self._lines:
            self._begin()
        self._space = False
        if self._parts:
            self._put("\n")

    def block(self, lines: int) -> None:
        """The text that follows stands at least `lines` line ends below."""
        if not self._tabs:
            self._lines = max(self._lines, lines)
        self._space = False

    def cell(self, *, is_first: bool) -> None:
        """A cell begins."""
        if not is_first:
            self._tabs += 1
            self._lines = 0
        self._space = False

    def row_ends(self) -> None:
        """Empty cells at its end leave nothing."""
        self._tabs = 0
        self.block(1)

    def box(self, text: str, white_space: str = "normal") -> None:
        """What a field of a form shows, apart from the words around it."""
        self._space = True
        if self.add(text, white_space) is not None:
            self._space = True

    def mark(self, marker: str) -> None:
        """The marker of a list's item stands before the text that follows."""
        self._marker += (" " if self._marker else "") + marker

    def item_ends(self) -> None:
        """An item without text shows its marker."""
        if self._marker:
            marker, self._marker = self._marker, ""
            self._begin()
            self._put(marker)
