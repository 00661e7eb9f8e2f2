"""The texts of a page: each stands in it once, whatever number of explanations it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from focus_lime.explanation.result import SourceText
from focus_lime.inputs.layout import Layout
from focus_lime.report.html.syntax import Coloured, colour
from focus_lime.report.html.text import Block, Sheet
from focus_lime.report.html.view import View
from focus_lime.report.layout import in_columns, layout_of


class Entry(NamedTuple):
    """Of the outline: `block` is the id of the block, `line` the number of its line in it."""

    text: str
    block: str
    line: int


@dataclass(frozen=True)
class ShownSource:
    """A source as it stands on the page; `message` counts from 1."""

    message: int
    role: str
    title: str
    is_folded: bool
    blocks: list[Block]


@dataclass(frozen=True)
class Document:
    """Sources that some views explain.

    Attributes:
        is_mono: whether it is set in letters of one width.
    """

    number: int
    layout: Layout
    sheet: Sheet
    views: list[View]
    sources: list[ShownSource]
    outline: list[Entry]
    is_mono: bool


def documents(
    views: Sequence[View], layouts: Sequence[Layout | None], redact: bool
) -> list[Document]:
    """The distinct texts, in the order in which they are first explained.

    Args:
        layouts: of the views; explanations of the same sources share the first one's.
    """
    views_of: dict[tuple[SourceText, ...], list[View]] = {}
    layout_by: dict[tuple[SourceText, ...], Layout] = {}
    for index, view in enumerate(views):
        sources = view.explanation.sources
        views_of.setdefault(sources, []).append(view)
        layout = layouts[index] if index < len(layouts) else None
        layout_by.setdefault(sources, layout or layout_of(view.explanation))
    return [
        _document(number, layout_by[sources], sources, theirs, redact)
        for number, (sources, theirs) in enumerate(views_of.items())
    ]


def _document(
    number: int,
    layout: Layout,
    sources: Sequence[SourceText],
    views: list[View],
    redact: bool,
) -> Document:
    if not layout.headings and layout.kind == "document":
        layout = replace(layout, headings=layout_of(views[0].explanation).headings)
    coloured: list[Coloured | None] = []
    if layout.kind == "code":
        coloured = [colour(layout.title(i, s.role), s.text) for i, s in enumerate(sources)]
    sheet = Sheet(
        number,
        sources,
        (run for view in views for run in view.painted()),
        coloured,
        (run for view in views for run in view.cited()) if redact else None,
    )
    classes = views[0].classes(sheet)
    shown = [
        ShownSource(
            source.message + 1,
            source.role,
            layout.title(i, source.role),
            i in layout.folded,
            list(sheet.blocks(i, layout.first_line(i), () if i else layout.pages, classes)),
        )
        for i, source in enumerate(sources)
    ]
    is_mono = layout.kind == "code" or any(in_columns(source.text) for source in sources)
    outline = [] if redact else _outline(layout, sheet, coloured)
    return Document(number, layout, sheet, views, shown, outline, is_mono)


def _outline(layout: Layout, sheet: Sheet, coloured: Sequence[Coloured | None]) -> list[Entry]:
    """Messages of a conversation; headings; functions and classes of code."""
    if layout.kind == "chat":
        return [
            Entry(f"{s.message + 1} {layout.title(i, s.role)}", f"d{sheet.number}s{i}", 0)
            for i, s in enumerate(sheet.sources)
        ]
    headings = list(layout.headings)
    for index, colours in enumerate(coloured):
        headings += [(index, at, name) for at, name in (colours.names if colours else ())]
    entries = []
    for index, at, text in headings:
        line = sheet.rows.line(index, at)
        first = sheet.rows.block(index, line)
        entries.append(Entry(text, f"d{sheet.number}s{index}b{first}", line - first))
    return entries
