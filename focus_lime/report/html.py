"""An explanation as one self-contained HTML page.

The page needs no network, runs no script and holds the text of every source exactly once.
`report.html.j2` says what stands where, `report.css` how it looks; this file prepares the data.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.report.findings import Line, Span, audit_line, fidelity, sets_lines, share, stopped
from focus_lime.report.highlight import (
    FAINT,
    STEPS,
    Piece,
    Scale,
    count,
    interval,
    number,
    opened,
    pieces,
    quote,
)

_TOP = 10  # spans in the list, and words of one of them
_CITED = 200  # characters of a span in the list
_QUOTED = 60  # of one that the list does not hold


def render_html(explanation: Explanation) -> str:
    """The page. Text is escaped; a browser's `textContent` of a `.text` element is the source.

    One exception: HTML cannot hold U+0000, which becomes U+FFFD.
    """
    css = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    scale = Scale(explanation.tiles)
    words = opened(explanation)
    places = _Places(explanation)
    spans = list(_spans(explanation, scale, words, places))
    lines = {
        "audit": [audit_line(explanation.audit)] if explanation.audit else [],
        "sets": sets_lines(explanation.sets) if explanation.sets else [],
    }
    said = {name: [places.linked(line) for line in found] for name, found in lines.items()}
    level = explanation.fit.get("interval_level")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            e=explanation,
            css=Markup(css),
            css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
            interval_name=f"{level:.0%} interval" if level else "interval",
            spans=spans,
            verified=any(unit.effect is not None for unit in explanation.tiles + explanation.units),
            opened=len(words),
            audit=said["audit"],
            sets=said["sets"],
            fits=[(name, fit, fidelity(fit), stopped(fit)) for name, fit in explanation.fits],
            sources=_sources(explanation, scale, words, places),
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
    environment.filters.update(exact=_exact, number=number, count=count, share=share)
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


class _Places:
    """Where in the page a unit's text stands: names to link to, given out as links are made."""

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        self.names: dict[ExplainedUnit, str] = {}
        self.ranks: dict[ExplainedUnit, int] = {}
        self._sentences = {Span.of(unit): unit for unit in explanation.sentences}

    def linked(self, line: Line) -> list[dict[str, Any]]:
        """The line's parts; a span is its rank in the list, or a quote, and a link to its text."""
        return [
            {"text": part, "to": None} if isinstance(part, str) else self._link(part)
            for part in line
        ]

    def _link(self, span: Span) -> dict[str, Any]:
        unit = self._sentences.get(span)
        if unit is not None:
            self.names.setdefault(unit, f"place-{len(self.names) + 1}")
            if unit in self.ranks:
                return {"text": f"[{self.ranks[unit]}]", "to": self.names[unit]}
        text = self.explanation.sources[span.source].text[span.start : span.end]
        return {"text": f"“{quote(text, _QUOTED)}”", "to": self.names[unit] if unit else None}


def _sources(
    explanation: Explanation,
    scale: Scale,
    words: Mapping[ExplainedUnit, list[ExplainedUnit]],
    places: _Places,
) -> Iterator[dict[str, Any]]:
    """Every source as runs of pieces: the words of an opened sentence make one run."""
    tiles = defaultdict(list)
    for unit in explanation.tiles:
        tiles[unit.source].append(unit)
    sentence_of = {word: sentence for sentence, inside in words.items() for word in inside}

    def shown(piece: Piece) -> dict[str, Any]:
        unit = piece.unit
        if unit is None:
            return {"text": piece.text, "class": None}
        return {
            "text": piece.text,
            "class": _class(scale.step(unit)),
            "id": places.names.get(unit),
            "tip": f"{number(unit.weight)} {interval(unit)}".rstrip()
            + (f"; deleted alone {number(unit.effect)}" if unit.effect is not None else ""),
        }

    for index, source in enumerate(explanation.sources):
        found = list(pieces(source.text, tiles[index]))
        within = [sentence_of.get(piece.unit) if piece.unit else None for piece in found]
        for i in range(1, len(found) - 1):
            # Text between two words of one sentence belongs to it.
            if found[i].unit is None and within[i - 1] == within[i + 1]:
                within[i] = within[i - 1]
        runs = groupby(zip(within, found, strict=True), key=lambda pair: pair[0])
        yield {
            "message": source.message + 1,
            "role": source.role,
            "runs": [
                {
                    "opened": sentence is not None,
                    "id": places.names.get(sentence) if sentence else None,
                    "pieces": [
                        shown(piece) for _, piece in run if piece.text or piece.unit in places.names
                    ],
                }
                for sentence, run in runs
            ],
        }


def _spans(
    explanation: Explanation,
    scale: Scale,
    words: Mapping[ExplainedUnit, list[ExplainedUnit]],
    places: _Places,
) -> Iterator[dict[str, Any]]:
    """The rows of the list: sentences, with their words if they were opened. `bar`, `low` and
    `high` are places on an axis from 0 to 100.
    """
    top = [u for u in _by_size(explanation.sentences) if scale.step(u) or u in words][:_TOP]
    reach = max((abs(x) for u in top for x in (u.weight, u.low, u.high) if x), default=1.0)

    def place(value: float | None) -> float | None:
        return None if value is None else round(50 + 48 * (value / reach), 1)

    for rank, unit in enumerate(top, start=1):
        places.names[unit], places.ranks[unit] = f"span-{rank}", rank
        text = explanation.sources[unit.source].text
        inside = text[unit.start : unit.end]
        start = unit.start + (len(inside) - len(inside.lstrip()) if inside.strip() else 0)
        leading = [word for word in _by_size(words.get(unit, [])) if scale.step(word)][:_TOP]
        for number_of_word, word in enumerate(leading, start=1):
            places.names[word] = f"span-{rank}-{number_of_word}"
        yield {
            "class": _class(scale.step(unit)),
            "unit": unit,
            "to": places.names[unit],
            "interval": interval(unit),
            "unsure": unit.low is not None and unit.high is not None and unit.low <= 0 <= unit.high,
            "line": text.count("\n", 0, start) + 1,
            "text": quote(inside, _CITED),
            "bar": place(unit.weight),
            "low": place(unit.low),
            "high": place(unit.high),
            "words": [
                {
                    "class": _class(scale.step(word)),
                    "unit": word,
                    "to": places.names[word],
                    "interval": interval(word),
                    "text": quote(explanation.text(word), _QUOTED),
                }
                for word in leading
            ],
            "others": len(words.get(unit, [])) - len(leading),
            "cut": len(leading) == _TOP,
        }


def _by_size(units: Iterable[ExplainedUnit]) -> list[ExplainedUnit]:
    return sorted(units, key=lambda unit: -abs(unit.weight or 0.0))
