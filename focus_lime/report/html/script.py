"""What the page's script reads, as plain data; `report.js` says the same of the rows."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from focus_lime.explanation.result import ExplainedUnit
from focus_lime.inputs.units import Span
from focus_lime.report.html.text import Marked, Sheet
from focus_lime.report.html.view import View

_BUCKETS = 220  # of the small map


def script_data(
    views: Sequence[tuple[View, Sheet]], sheets: Sequence[Sheet], redact: bool
) -> Markup:
    """Of a page. `<` is written so that no text can end the element."""
    data = {
        "views": [_view(view, sheet) for view, sheet in views],
        "sheets": [_sheet(sheet, redact) for sheet in sheets],
    }
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _sheet(sheet: Sheet, redact: bool) -> dict[str, Any]:
    return {
        "rows": sheet.rows.total,
        # Where text is left out, the lengths of its lines are, too.
        "fill": "" if redact else sheet.rows.fill(_BUCKETS),
        "blocks": [round(10_000 * height) for height in sheet.rows.block_heights()],
    }


def _view(view: View, sheet: Sheet) -> dict[str, Any]:
    return {
        "sheet": sheet.number,
        "title": view.title,
        "units": [_unit(view, sheet, unit) for unit in view.units],
        "kept": [_heights(sheet, span) for span in view.kept],
        "decisions": [[decision.kind, decision.units] for decision in view.decisions],
    }


def _unit(view: View, sheet: Sheet, unit: ExplainedUnit) -> list[Any]:
    """[first mark, last mark, step, rank, top, bottom, weight, low, high, effect, selected,
    significant, opened]; heights are in ten-thousandths of the document.
    """
    first, last = sheet.marked(unit.source, unit.start, unit.end) or Marked(-1, -1)
    return [
        first,
        last,
        view.scale.step(unit),
        view.ranks.get(unit, 0),
        *_heights(sheet, unit),
        *map(_short, (unit.weight, unit.low, unit.high, unit.effect, unit.selected)),
        unit.significant,
        unit in view.fine_units,
    ]


def _heights(sheet: Sheet, span: Span) -> list[int]:
    return [round(10_000 * sheet.rows.height(span.source, at)) for at in (span.start, span.end)]


def _short(value: float | None) -> float | None:
    """As many digits as are shown; the largest of floats has no shorter neighbour."""
    if value is None:
        return None
    short = float(f"{value:.4g}")
    return short if math.isfinite(short) else value
