"""An explanation as one self-contained HTML page.

The page needs no network, runs no script and holds the text of every source exactly once.
`report.html.j2` says what stands where, `report.css` how it looks; this file prepares the data.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.report.highlight import (
    FAINT,
    STEPS,
    Piece,
    Scale,
    count,
    interval,
    number,
    pieces,
    quote,
    top_spans,
)

_TOP = 10
_CITED = 200  # characters of a span in the list


def render_html(explanation: Explanation) -> str:
    """The page. Text is escaped; a browser's `textContent` of a `.text` element is the source.

    One exception: HTML cannot hold U+0000, which becomes U+FFFD.
    """
    css = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    scale = Scale(explanation.attributed)
    top = top_spans(explanation, scale, _TOP)
    anchors = {unit: f"span-{rank}" for rank, unit in enumerate(top, start=1)}
    level = explanation.fit.get("interval_level")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            e=explanation,
            css=Markup(css),
            css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
            interval_name=f"{level:.0%} interval" if level else "interval",
            spans=_spans(explanation, scale, top),
            sources=_sources(explanation, scale, anchors),
            steps=range(1, STEPS + 1),
            faint=f"{FAINT:.0%}",
            chunks=[s for s in explanation.neighborhood.get("scored", ()) if s["level"] == "chunk"],
            costs=[(name, explanation.cost.get(name, {})) for name in ("target", "proxy")],
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("focus_lime.report", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(exact=_exact, number=number, count=count)
    return environment


def _exact(text: str) -> Markup:
    """Text for an element's content, such that an HTML parser gives back every character.

    A parser reads a bare CR as LF, so it goes in as a reference. Quotes need no escape here.
    """
    escaped = html.escape(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), quote=False)
    return Markup(escaped.replace("\r", "&#13;"))


def _class(step: int) -> str:
    """`s3` supports at step 3, `o3` opposes, `z` is about 0."""
    return f"s{step}" if step > 0 else f"o{-step}" if step < 0 else "z"


def _sources(
    explanation: Explanation, scale: Scale, anchors: dict[ExplainedUnit, str]
) -> Iterator[dict[str, Any]]:
    units = defaultdict(list)
    for unit in explanation.units:
        units[unit.source].append(unit)

    def shown(piece: Piece) -> dict[str, Any]:
        unit = piece.unit
        if unit is None:
            return {"text": piece.text, "class": None}
        return {
            "text": piece.text,
            "class": _class(scale.step(unit)),
            "id": anchors.get(unit),
            "tip": f"{number(unit.weight)} {interval(unit)}".rstrip(),
        }

    for index, source in enumerate(explanation.sources):
        yield {
            "message": source.message + 1,
            "role": source.role,
            "pieces": (
                shown(piece)
                for piece in pieces(source.text, units[index])
                if piece.text or piece.unit in anchors
            ),
        }


def _spans(
    explanation: Explanation, scale: Scale, top: list[ExplainedUnit]
) -> Iterator[dict[str, Any]]:
    """The rows of the list; `bar`, `low` and `high` are places on an axis from 0 to 100."""
    reach = max((abs(x) for u in top for x in (u.weight, u.low, u.high) if x), default=1.0)

    def place(value: float | None) -> float | None:
        return None if value is None else round(50 + 48 * (value / reach), 1)

    for unit in top:
        text = explanation.sources[unit.source].text
        inside = text[unit.start : unit.end]
        start = unit.start + (len(inside) - len(inside.lstrip()) if inside.strip() else 0)
        yield {
            "class": _class(scale.step(unit)),
            "unit": unit,
            "interval": interval(unit),
            "unsure": unit.low is not None and unit.high is not None and unit.low <= 0 <= unit.high,
            "line": text.count("\n", 0, start) + 1,
            "text": quote(inside, _CITED),
            "bar": place(unit.weight),
            "low": place(unit.low),
            "high": place(unit.high),
        }
