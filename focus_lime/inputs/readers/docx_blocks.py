"""Blocks of a text: paragraphs and rows of tables, and how they are joined.

Paragraphs are set apart by a blank line, rows by a line end, cells by a tab. Inside a cell all is
one line: its paragraphs by spaces, the cells of a table in it by commas and the rows by semicolons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

_ONE_LINE = str.maketrans("\t\n\r", "   ")


@dataclass(frozen=True)
class Block:
    """
    Attributes:
        part: of the package, from which it comes.
        source: how many of its characters are the file's own; the others are numbers and the like.
        heading: what of it is one, with its number.
        table: the number of the table whose row it is; 0 of a paragraph.
        cells: of a row.
        is_note: a footnote or endnote, which stands after what refers to it.
    """

    text: str
    part: str
    source: int = 0
    heading: str = ""
    table: int = 0
    cells: tuple[str, ...] = ()
    is_note: bool = False


@dataclass
class Row:
    """
    Attributes:
        cells: the blocks of each.
    """

    cells: list[list[Block]] = field(default_factory=list)

    def blocks(self, table: int, part: str) -> tuple[list[Block], list[Block]]:
        """What it is in the text, and what comes after its table: notes, and other parts.

        A row of one cell that holds several paragraphs is a frame around them.
        """
        after = [b for cell in self.cells for b in cell if b.is_note or b.part != part]
        cells = [[b for b in cell if not b.is_note and b.part == part] for cell in self.cells]
        if len(cells) == 1 and len(cells[0]) > 1:
            return cells[0], after
        texts = tuple(_line(cell) for cell in cells)
        source = sum(block.source for cell in cells for block in cell)
        if not any(texts):
            return [], after
        return [Block("\t".join(texts).rstrip("\t"), part, source, "", table, texts)], after


def _line(blocks: Sequence[Block]) -> str:
    """The content of a cell."""
    pieces: list[str] = []
    before = 0
    for block in blocks:
        if block.table:
            text = ", ".join(filter(None, block.cells))
            separator = "; " if block.table == before else " "
        else:
            text, separator = block.text.translate(_ONE_LINE).strip(), " "
        if text:
            pieces += [separator, text] if pieces else [text]
        before = block.table
    return "".join(pieces)


def joined(blocks: Iterable[Block]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The text, and its headings at their offsets."""
    pieces: list[str] = []
    headings: list[tuple[int, str]] = []
    length, table = 0, 0
    for block in blocks:
        if pieces:
            pieces.append("\n" if block.table and block.table == table else "\n\n")
            length += len(pieces[-1])
        if block.heading:
            headings.append((length, " ".join(block.heading.split())))
        pieces.append(block.text)
        length += len(block.text)
        table = block.table
    return "".join(pieces), tuple(headings)


def numbered_note(mark: str, blocks: Sequence[Block]) -> list[Block]:
    """The paragraphs of a note, the first with its mark."""
    notes = [replace(block, is_note=True, heading="") for block in blocks]
    if notes and mark:
        notes[0] = replace(notes[0], text=f"[{mark}] {notes[0].text}")
    return notes
