"""Explanations as one self-contained HTML page.

The page needs no network, and a policy in it lets its own script and style run and nothing else.
`report.html.j2` says what stands where, `report.css` how it looks, `report.js` what moves; this
file brings the data together.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from focus_lime.explanation.formats import count, interval_name, number, plural, quote
from focus_lime.explanation.result import ExplainedUnit, Explanation
from focus_lime.explanation.wording import apart_lines, together_line
from focus_lime.inputs.layout import Layout
from focus_lime.report.cards import Card, cards
from focus_lime.report.comparison import Comparison
from focus_lime.report.highlight import FAINT, STEPS
from focus_lime.report.html.document import Document, documents
from focus_lime.report.html.lists import Kept, RankedSpan, kept_by_proxy, ranked_spans
from focus_lime.report.html.script import script_data
from focus_lime.report.html.text import exact
from focus_lime.report.html.view import Part, View, class_of
from focus_lime.report.summary import Summary


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
    texts = documents(views, layouts, redact)
    document_of = {view: document for document in texts for view in document.views}
    css, js = _css(texts, len(views)), _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=title or _title(explanations),
            css=Markup(css),
            css_digest=_digest(css),
            js=Markup(js),
            js_digest=_digest(js),
            data=script_data(
                [(view, document_of[view].sheet) for view in views],
                [document.sheet for document in texts],
                redact,
            ),
            documents=texts,
            views=[_shown(view, document_of[view], redact) for view in views],
            summary=summary,
            comparison=comparison,
            compared=list(_compared(comparison, texts)),
            redact=redact,
            steps=range(1, STEPS + 1),
            faint=f"{FAINT:.0%}",
        )
    )


def render_html(explanation: Explanation, *, redact: bool = False) -> str:
    """The page of one explanation."""
    return page([explanation], redact=redact)


@dataclass(frozen=True)
class ShownView:
    """What the template says of an explanation `e`.

    Attributes:
        document: the number of its text.
        verified: whether any unit was deleted alone.
    """

    e: Explanation
    view: View
    document: int
    interval_name: str
    verified: bool
    spans: list[RankedSpan]
    kept: list[Kept]
    apart: list[list[Part]]
    together: list[Part]
    cards: list[tuple[Card, list[Part]]]


def _shown(view: View, document: Document, redact: bool) -> ShownView:
    e, sheet, layout = view.explanation, document.sheet, document.layout
    return ShownView(
        e,
        view,
        document.number,
        interval_name(e.fit),
        any(unit.effect is not None for unit in (*e.units, *e.fine_units)),
        list(ranked_spans(view, sheet, layout)),
        [] if redact else kept_by_proxy(view, sheet, layout),
        [view.parts(line) for line in apart_lines(e)],
        view.parts(together_line(e)),
        [(card, view.parts(card.line)) for card in cards(e)],
    )


@dataclass(frozen=True)
class ComparedRow:
    """A span of two explanations: its text, where a link to it leads, and how each paints it."""

    text: str
    before: str
    after: str
    to: str
    place: str
    sides: list[tuple[ExplainedUnit | None, str]]


@dataclass(frozen=True)
class ComparedLevel:
    """The rows of one level of a comparison."""

    name: str
    agreement: str
    rows: list[ComparedRow]


def _compared(comparison: Comparison | None, texts: Sequence[Document]) -> Iterator[ComparedLevel]:
    """The levels of a comparison with their rows; the two explain the first document."""
    for level in comparison.levels if comparison else ():
        sheet, layout, rows = texts[0].sheet, texts[0].layout, []
        for row in level.rows:
            source, start, end = row.span.source, row.span.start, row.span.end
            marks = sheet.marked(source, start, end)
            line = layout.first_line(source) + sheet.rows.line(source, start)
            rows.append(
                ComparedRow(
                    quote(row.text, 160),
                    row.before,
                    row.after,
                    f"d{sheet.number}m{marks.first}" if marks else f"doc-{sheet.number}",
                    f"{row.name}, line {line:,}" if row.name else f"line {line:,}",
                    [(side.unit, class_of(side.step)) for side in row.sides],
                )
            )
        yield ComparedLevel(level.name, level.agreement, rows)


def _title(explanations: Sequence[Explanation]) -> str:
    questions = {explanation.question for explanation in explanations}
    if len(questions) > 1:
        return f"{len(questions)} questions"
    return next(iter(questions), None) or "What made the model answer so"


def _css(texts: Sequence[Document], n_views: int) -> str:
    """The style sheet, with what is of this page alone."""
    css = _asset("report.css")
    # On the first line, as a block that is laid out by itself has counters of its own.
    css += "".join(
        f"#{block.id}{{contain-intrinsic-height:auto {block.rows}lh}}"
        f"#{block.id}>:first-child{{counter-reset:n {block.line - 1}}}\n"
        for document in texts
        for source in document.sources
        for block in source.blocks
    )
    # On paper the questions stand one after another, each with all that is said of it.
    return css + "".join(
        f'@media print{{[data-view="{i}"]{{order:{i + 1}}}}}\n' for i in range(n_views)
    )


@cache
def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("focus_lime.report.html", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        exact=lambda text: Markup(exact(text)), number=number, count=count, plural=plural
    )
    return environment
