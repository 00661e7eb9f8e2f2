"""Footnotes and endnotes: their marks, as they are counted, and their paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from focus_lime.inputs.readers.docx_blocks import Block, numbered_note
from focus_lime.inputs.readers.docx_numerals import numeral
from focus_lime.inputs.readers.docx_xml import Element, children, value, whole_number


@dataclass
class Notes:
    """Those of one kind.

    Args:
        format: of their numbers.
        blocks: their paragraphs, by their ids.
        settings: of the document's sections, where they say something: w:footnotePr.
    """

    format: str
    blocks: dict[str, list[Block]] = field(default_factory=dict)
    settings: dict[int, Element] = field(default_factory=dict)
    _marks: dict[str, str] = field(default_factory=dict)
    _count: int = 0
    _section: int = -1

    def refer(self, name: str, section: int, has_own_mark: bool) -> tuple[str, list[Block]]:
        """The mark, and the note's paragraphs where it is the first mark of that note."""
        if name in self._marks or name not in self.blocks:
            return self._marks.get(name, ""), []
        self._marks[name] = "" if has_own_mark else self._next(section)
        return self._marks[name], numbered_note(self._marks[name], self.blocks[name])

    def unmarked(self) -> Iterator[Block]:
        """What nothing refers to."""
        for name, blocks in self.blocks.items():
            if name not in self._marks:
                yield from blocks

    def _next(self, section: int) -> str:
        element = self.settings.get(section)
        own = {} if element is None else children(element)
        start = whole_number(value(own.get("numStart")), 1)
        restarts = value(own.get("numRestart")) == "eachSect" and section != self._section
        if self._count == 0 or restarts:
            self._count = 1 if start is None else start
        else:
            self._count += 1
        self._section = section
        return numeral(self._count, value(own.get("numFmt")) or self.format) or str(self._count)
