"""Explanations as one self-contained HTML page.

The page needs no network, and a policy in it lets its own script and style run and nothing else.
Each document stands in it once, whatever number of explanations it has. `report.html.j2` says what
stands where, `report.css` how it looks, `report.js` what moves; this file brings the data together.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from focus_lime.explanation import Explanation, SourceText
from focus_lime.report.compare import Comparison
from focus_lime.report.findings import together_line
from focus_lime.report.highlight import FAINT, STEPS, count, interval_name, number, quote
from focus_lime.report.layout import Layout, in_columns, layout_of
from focus_lime.report.syntax import Coloured, colour
from focus_lime.report.text import Sheet, exact
from focus_lime.report.view import View, class_of, settings_of

_BUCKETS = 220  # of the small map


class Cell(NamedTuple):
    """What stands in a table, and where it leads."""

    text: str
    to: str | None = None


@dataclass(frozen=True)
class Summary:
    """A table above the explanations. `#finding-n` in a cell leads to the n-th of them.

    `failures` have `file`, `item` and `reason`.
    """

    lead: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    failures: Sequence[Any] = ()


def page(
    explanations: Sequence[Explanation],
    *,
    titles: Sequence[str] = (),
    layouts: Sequence[Layout | None] = (),
    title: str | None = None,
    summary: Summary | None = None,
    redact: bool = False,
    comparison: Comparison | None = None,
) -> str:
    """The page. A browser's `textContent` of a source's `.text` is the source, character for
    character (only U+0000, which HTML cannot hold, becomes U+FFFD).

    Args:
        titles: of the explanations in the switch; without them, their questions.
        layouts: of the explanations; without one, what the sources themselves say. Explanations
            of the same sources share the first one's.
        redact: leave out all text but that of the spans that the page names.
        comparison: of the first two, to stand above them.
    """
    views = [
        View(e, titles[i] if i < len(titles) else e.question or f"Explanation {i + 1}")
        for i, e in enumerate(explanations)
    ]
    documents = _documents(views, layouts, redact)
    shown = [_shown(view, next(d for d in documents if view in d.views), redact) for view in views]
    css, js = _asset("report.css"), _asset("report.js")
    blocks = [b for d in documents for s in d.sources for b in s["blocks"]]
    # On the first line, as a block that is laid out by itself has counters of its own.
    css += "".join(
        f"#{b.id}{{contain-intrinsic-height:auto {b.rows}lh}}"
        f"#{b.id}>:first-child{{counter-reset:n {b.line - 1}}}\n"
        for b in blocks
    )
    # On paper the questions stand one after another, each with all that is said of it.
    css += "".join(
        f'@media print{{[data-view="{i}"]{{order:{i + 1}}}}}\n' for i in range(len(views))
    )
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=title or _title(views),
            css=Markup(css),
            css_digest=_digest(css),
            js=Markup(js),
            js_digest=_digest(js),
            data=_json([view["data"] for view in shown], documents, redact),
            documents=documents,
            views=shown,
            summary=summary,
            comparison=comparison,
            compared=list(_compared(comparison, documents)),
            redact=redact,
            steps=range(1, STEPS + 1),
            faint=f"{FAINT:.0%}",
        )
    )


def render_html(explanation: Explanation, *, redact: bool = False) -> str:
    """The page of one explanation."""
    return page([explanation], redact=redact)


@dataclass
class _Document:
    number: int
    layout: Layout
    sheet: Sheet
    views: list[View]
    sources: list[dict[str, Any]]
    outline: list[tuple[str, str, int]]
    mono: bool

    @property
    def name(self) -> str:
        return self.layout.name


def _documents(
    views: Sequence[View], layouts: Sequence[Layout | None], redact: bool
) -> list[_Document]:
    """The distinct texts, in the order in which they are first explained."""
    of_text: dict[tuple[SourceText, ...], list[View]] = {}
    given: dict[tuple[SourceText, ...], Layout] = {}
    for index, view in enumerate(views):
        key = view.explanation.sources
        of_text.setdefault(key, []).append(view)
        layout = layouts[index] if index < len(layouts) else None
        given.setdefault(key, layout or layout_of(view.explanation))
    return [
        _document(number, given[sources], sources, found, redact)
        for number, (sources, found) in enumerate(of_text.items())
    ]


def _document(
    number: int,
    layout: Layout,
    sources: Sequence[SourceText],
    views: list[View],
    redact: bool,
) -> _Document:
    if not layout.headings and layout.kind == "document":
        layout = replace(layout, headings=layout_of(views[0].explanation).headings)
    coloured: list[Coloured | None] = []
    if layout.kind == "code":
        coloured = [colour(layout.title(i, s), s.text) for i, s in enumerate(sources)]
    sheet = Sheet(
        number,
        sources,
        (run for view in views for run in view.painted()),
        coloured,
        (run for view in views for run in view.cited()) if redact else None,
    )
    classes = views[0].classes(sheet)
    shown = [
        {
            "message": source.message + 1,
            "role": source.role,
            "title": layout.title(index, source),
            "folded": index in layout.folded,
            "blocks": list(
                sheet.blocks(
                    index, layout.first_line(index), () if index else layout.pages, classes
                )
            ),
        }
        for index, source in enumerate(sources)
    ]
    mono = layout.kind == "code" or any(in_columns(source.text) for source in sources)
    outline = [] if redact else _outline(layout, sheet, sources, coloured)
    return _Document(number, layout, sheet, views, shown, outline, mono)


def _outline(
    layout: Layout,
    sheet: Sheet,
    sources: Sequence[SourceText],
    coloured: Sequence[Coloured | None],
) -> list[tuple[str, str, int]]:
    """(text, id of its block, number of its line in the block)."""
    if layout.kind == "chat":
        return [
            (f"{source.message + 1} {layout.title(index, source)}", f"d{sheet.number}s{index}", 0)
            for index, source in enumerate(sources)
        ]
    found = list(layout.headings)
    for index, colours in enumerate(coloured):
        found += [(index, at, name) for at, name in (colours.names if colours else ())]
    entries = []
    for index, at, text in found:
        line = sheet.rows.line(index, at)
        first = sheet.rows.block(index, line)
        entries.append((text, f"d{sheet.number}s{index}b{first}", line - first))
    return entries


def _shown(view: View, document: _Document, redact: bool) -> dict[str, Any]:
    """What the template says of an explanation."""
    e, sheet = view.explanation, document.sheet
    return {
        "e": e,
        "title": view.title,
        "document": document.number,
        "several": len(e.sources) > 1,
        "interval_name": interval_name(e),
        "verified": any(unit.effect is not None for unit in (*e.units, *e.parts)),
        "spans": list(view.spans(sheet, document.layout.first_line)),
        "chunks": [] if redact else view.chunks(sheet, document.layout.first_line),
        "together": view.said(together_line(e)),
        "cards": [(card, view.said(card.line)) for card in view.cards],
        "sets": view.set_lines() if e.sets else [],
        "decisions": view.decisions,
        "examined": view.examined,
        "settings": settings_of(e),
        "data": view.data(sheet),
    }


def _compared(
    comparison: Comparison | None, documents: Sequence[_Document]
) -> Iterator[dict[str, Any]]:
    """The levels of a comparison with their rows; the two explain the first document."""
    for level in comparison.levels if comparison else ():
        sheet, rows = documents[0].sheet, []
        for row in level.rows:
            marked = sheet.marked(*row.span)
            rows.append(
                {
                    "text": quote(row.text, 160),
                    "before": row.before,
                    "after": row.after,
                    "to": f"d{sheet.number}m{marked.first}" if marked else f"doc-{sheet.number}",
                    "line": documents[0].layout.first_line(row.span.source)
                    + sheet.rows.line(row.span.source, row.span.start),
                    "sides": [(side.unit, class_of(side.step)) for side in row.sides],
                }
            )
        yield {"name": level.name, "agreement": level.agreement, "rows": rows}


def _title(views: Sequence[View]) -> str:
    questions = {view.explanation.question for view in views}
    if len(questions) > 1:
        return f"{len(questions)} questions"
    return next(iter(questions), None) or "What made the model answer so"


def _json(views: list[dict[str, Any]], documents: Sequence[_Document], redact: bool) -> Markup:
    """Plain data for the script. `<` is written so that no text can end the element."""
    sheets = [
        {
            "rows": document.sheet.rows.total,
            # Where text is left out, the lengths of its lines are, too.
            "fill": "" if redact else document.sheet.rows.fill(_BUCKETS),
            "blocks": [round(10_000 * h) for h in document.sheet.rows.block_heights()],
        }
        for document in documents
    ]
    text = json.dumps(
        {"views": views, "sheets": sheets},
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    )
    return Markup(text.replace("<", "\\u003c"))


@cache
def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("focus_lime.report", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(exact=lambda text: Markup(exact(text)), number=number, count=count)
    return environment
