"""Paragraphs of a column: where its lines go on, and where they end on purpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import regex

from focus_lime.inputs.readers.pdf_columns import MARKER
from focus_lime.inputs.readers.pdf_lines import Line

Kind = Literal["text", "heading", "note", "row"]

_NUMBERED = regex.compile(r"\d{1,3}(?:\.\d{1,3})*[.)]?|§+\d*|(?i:article|section|clause)")
_HEADING_LINES = 3
_HEADING_LENGTH = 200


@dataclass
class Paragraph:
    """Lines that are read as one text; a row of a table has cells of lines instead.

    Attributes:
        breaks: lines that begin anew, since the line before them ended on purpose.
    """

    kind: Kind
    lines: list[Line] = field(default_factory=list)
    breaks: set[int] = field(default_factory=set)
    cells: list[list[Line]] = field(default_factory=list)


@dataclass(frozen=True)
class Style:
    """How most of the document is set.

    Attributes:
        size: of the font, in points.
        bold: whether most of it is.
        pitch: from one baseline to the next, in sizes.
    """

    size: float
    bold: bool
    pitch: float


def style_of(columns: Iterable[Sequence[Line]]) -> Style:
    sizes: Counter[float] = Counter()
    bold: Counter[bool] = Counter()
    pitches: Counter[float] = Counter()
    for lines in columns:
        for line in lines:
            length = len(line.text)
            sizes[line.size] += length
            bold[line.bold] += length
        for line, following in pairwise(lines):
            if line.size == following.size > 0:
                pitches[round((following.base - line.base) / line.size, 1)] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    near = {pitch: count for pitch, count in pitches.items() if 0.8 <= pitch <= 3.5}
    pitch = max(near, key=lambda p: (near[p] + near.get(round(p + 0.1, 1), 0), -p), default=1.2)
    return Style(size, bold[True] > bold[False], pitch + 0.05)


def paragraphs_of(lines: Sequence[Line], style: Style, kind: Kind = "text") -> list[Paragraph]:
    """The lines of a column, or the footnotes below it, as paragraphs."""
    paragraphs: list[Paragraph] = []
    for index, line in enumerate(lines):
        verdict = "paragraph" if index == 0 else _break(lines, index, paragraphs[-1], style, kind)
        if verdict == "paragraph":
            paragraphs.append(Paragraph(kind))
        elif verdict == "line":
            paragraphs[-1].breaks.add(len(paragraphs[-1].lines))
        paragraphs[-1].lines.append(line)
    if kind == "text":
        for paragraph in paragraphs:
            if _is_heading(paragraph, style):
                paragraph.kind = "heading"
    return paragraphs


def has_marker(line: Line) -> bool:
    """Whether it begins as an item of a list or a numbered clause does."""
    first = line.words[0].text
    return MARKER.fullmatch(first) is not None or (
        len(line.words) > 1
        and first.lower() in ("article", "section", "clause")
        and regex.match(r"[\dIVXLC]+\b", line.words[1].text) is not None
    )


def _break(
    lines: Sequence[Line], index: int, paragraph: Paragraph, style: Style, kind: Kind
) -> Literal["paragraph", "line", ""]:
    """What parts a line from the one before it."""
    before, line = lines[index - 1], lines[index]
    em = max(before.size, line.size, 1.0)
    first = len(paragraph.lines) == 1
    room = before.room(line.words[0])
    full = room < 0.3 * em
    if kind == "note" and (line.words[0].mark or (not before.is_open and has_marker(line))):
        return "paragraph"
    if _gap(lines, index, style, full):
        return "paragraph"
    if before.is_tabbed or line.is_tabbed:
        return "line"
    flows = full and before.is_open and line.begins_lower
    if abs(before.size - line.size) > 0.12 * em and not flows:
        return "paragraph"
    turns = before.bold != line.bold and (before.bold or not full)
    if turns and not flows and not (line.words[0].bold and first and full):
        return "paragraph"
    if has_marker(line) and (
        not full or (not before.is_open and _NUMBERED.fullmatch(line.words[0].text))
    ):
        return "paragraph"
    step = line.x0 - before.x0
    centered = abs((line.x0 + line.x1) - (before.x0 + before.x1)) < 0.6 * em
    if centered and abs(step) > 0.8 * em and before.x0 - before.left > 0.8 * em:
        return "" if before.is_open else "paragraph"
    if step > 0.8 * em and not (first and (has_marker(before) or (full and before.is_open))):
        return "paragraph" if not (before.is_open and line.begins_lower) else ""
    if step < -0.8 * em and not first and not flows:
        return "paragraph"
    if room > 0.5 * em and not before.is_open:
        return "paragraph"
    if room > em and line.base - before.base > 1.7 * em and not line.begins_lower:
        return "paragraph"
    if room > 0.35 * (before.right - before.left) and not line.begins_lower:
        return "line"
    return ""


def _gap(lines: Sequence[Line], index: int, style: Style, full: bool) -> bool:
    """Whether more white space stands above a line than lines have between them."""
    before, line = lines[index - 1], lines[index]
    size = max(before.size, line.size)
    step = line.base - before.base
    near = (
        [
            b.base - a.base
            for a, b in (lines[index - 2 : index], lines[index : index + 2])
            if index >= 2 and abs(a.size - b.size) < 0.12 * size
        ]
        if 2 <= index < len(lines) - 1
        else [
            b.base - a.base
            for a, b in pairwise(lines[max(0, index - 2) : index + 2])
            if b is not line and abs(a.size - b.size) < 0.12 * size
        ]
    )
    near = [other for other in near if other > 0.8 * size]
    if near and step > 1.3 * min(near):
        return True
    if step <= 1.25 * style.pitch * size:
        return False
    # Text that is spaced more widely than most of the document.
    return not (full and near and step < 1.1 * min(near) and step < 2.6 * size)


def _is_heading(paragraph: Paragraph, style: Style) -> bool:
    lines = paragraph.lines
    text = " ".join(line.text for line in lines)
    if (
        len(lines) > _HEADING_LINES
        or len(text) > _HEADING_LENGTH
        or not regex.search(r"\p{L}", text)
    ):
        return False
    larger = min(line.size for line in lines) >= 1.08 * style.size
    return larger or (not style.bold and all(line.bold for line in lines))
