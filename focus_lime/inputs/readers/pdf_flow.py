"""The reading order of a document: paragraphs go on over columns and pages; footnotes wait until
the paragraph before them has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from focus_lime.inputs.readers.pdf_columns import Column, parts_of
from focus_lime.inputs.readers.pdf_footnotes import begin_with_mark, footnotes_at
from focus_lime.inputs.readers.pdf_lines import Joints, Line, joints_of, lines_of
from focus_lime.inputs.readers.pdf_paragraphs import (
    Paragraph,
    Style,
    has_marker,
    paragraphs_of,
    style_of,
)
from focus_lime.inputs.readers.pdf_running import Sheet
from focus_lime.inputs.readers.pdf_tables import Table
from focus_lime.inputs.readers.pdf_words import Word

_AHEAD = 4  # parts that may stand between two parts of a paragraph: a table, a figure's caption


@dataclass
class Flow:
    """Paragraphs in reading order, how their lines are joined, and the marks of footnotes."""

    paragraphs: list[Paragraph]
    joints: Joints


@dataclass
class _Part:
    """A column's paragraphs or a table's rows.

    Attributes:
        notes: the footnotes of the sheet that it ends.
        apart: whether it runs in another direction than the rest, and goes on nowhere.
    """

    sheet: int
    paragraphs: list[Paragraph]
    notes: list[Paragraph] = field(default_factory=list)
    apart: bool = False


def flow_of(sheets: Sequence[Sheet]) -> Flow:
    """The paragraphs of a document's sheets."""
    laid_out = [
        (sheet, apart, [(part, _columns(part)) for part in parts_of(words, sheet.rules)])
        for sheet in sheets
        for apart, words in ((False, sheet.words), *((True, group) for group in sheet.aside))
        if words
    ]
    columns = [lines for *_, content in laid_out for _, columns in content for lines in columns]
    style = style_of(columns)
    parts: list[_Part] = []
    for sheet, apart, content in laid_out:
        found = _parts(sheet, content, style)
        for part in found:
            part.apart = apart
        parts += found
    return Flow(_threaded(parts), joints_of(columns))


def _columns(part: Column | Table) -> list[list[Line]]:
    """The lines of a column, or of each cell of a table."""
    if isinstance(part, Column):
        return [lines_of(part.rows, (part.left, part.right))]
    return [lines_of(cell) for row in part.rows for cell in row if cell]


def _parts(
    sheet: Sheet, content: list[tuple[Column | Table, list[list[Line]]]], style: Style
) -> list[_Part]:
    everything = [line for _, columns in content for lines in columns for line in lines]
    parts, notes = [], []
    for part, columns in content:
        if isinstance(part, Table):
            parts.append(_Part(sheet.number, [_row(cells) for cells in part.rows]))
            continue
        lines = columns[0]
        at = footnotes_at(lines, everything, sheet.rules, style, sheet.height)
        if lines[:at]:
            parts.append(_Part(sheet.number, paragraphs_of(lines[:at], style)))
        if lines[at:]:
            notes += paragraphs_of(lines[at:], style, "note")
            for note in notes:
                begin_with_mark(note.lines[0])
    if notes:
        if not parts:
            parts.append(_Part(sheet.number, []))
        parts[-1].notes = notes
    return parts


def _row(cells: list[list[list[Word]]]) -> Paragraph:
    return Paragraph("row", cells=[lines_of(cell) if cell else [] for cell in cells])


def _threaded(parts: Sequence[_Part]) -> list[Paragraph]:
    """Parts one after the other; a paragraph that goes on in a later part is one, and what stands
    between its halves comes after it.
    """
    rest: dict[int, Paragraph] = {}  # by the id of the paragraph that goes on
    taken: set[int] = set()
    for number, part in enumerate(parts):
        if part.apart:
            continue
        # The last one, or the one before it where a foot stands alone at the page's end.
        for end, paragraph in enumerate(part.paragraphs[:-3:-1]):
            if end and not _is_short(part.paragraphs[-1]):
                break
            found = _continuation(paragraph, end, part.sheet, parts[number + 1 :][:_AHEAD], taken)
            if found:
                rest[id(paragraph)] = found
                taken.add(id(found))
                break
    ordered = []
    for part in parts:
        for paragraph in part.paragraphs:
            if id(paragraph) in taken:
                continue
            ordered.append(paragraph)
            following = rest.get(id(paragraph))
            while following:
                n = len(paragraph.lines)
                paragraph.breaks.update(n + at for at in following.breaks)
                paragraph.lines += following.lines
                following = rest.get(id(following))
        ordered += part.notes
    return ordered


def _continuation(
    paragraph: Paragraph, end: int, sheet: int, parts: Sequence[_Part], taken: set[int]
) -> Paragraph | None:
    if paragraph.kind != "text":
        return None
    for ahead, part in enumerate(part for part in parts if not part.apart):
        for index, other in enumerate(part.paragraphs[:2]):
            if index and not _is_short(part.paragraphs[0]):
                break
            # What stands below on the same page is no next column.
            below = part.sheet == sheet and _base(other) > _base(paragraph)
            beside = end == ahead == index == 0 and not below
            if id(other) not in taken and _goes_on(paragraph.lines[-1], other, beside):
                return other
        is_table = all(other.kind == "row" for other in part.paragraphs)
        is_short = len(part.paragraphs) <= _AHEAD and all(map(_is_short, part.paragraphs))
        if not is_table and not is_short:
            break
    return None


def _base(paragraph: Paragraph) -> float:
    return paragraph.lines[-1].base if paragraph.lines else 0.0


def _is_short(paragraph: Paragraph) -> bool:
    """Whether it may stand inside of another, as a caption does or a foot that is not repeated."""
    return paragraph.kind != "row" and len(paragraph.lines) <= 2


def _goes_on(last: Line, other: Paragraph, beside: bool) -> bool:
    """Whether a paragraph is the rest of one that ends with a line.

    Args:
        beside: nothing stands between them.
    """
    if other.kind != "text":
        return False
    first = other.lines[0]
    em = max(first.size, last.size)
    if abs(first.size - last.size) > 0.12 * em:
        return False
    room = last.room(first.words[0])
    if last.is_open and first.begins_lower and not has_marker(first):
        return beside or room < 0.25 * (last.right - last.left)
    if not beside or has_marker(first) or room > 0.5 * em:
        return False
    return first.x0 - first.left < 0.8 * em and not last.introduces
