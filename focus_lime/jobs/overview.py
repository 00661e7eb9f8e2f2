"""The page over many explanations: a table of verdicts, what failed, and each explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from focus_lime.explanation import Explanation
from focus_lime.report.html import render_html


class Cell(NamedTuple):
    """What stands in a table, and where it leads."""

    text: str
    to: str | None = None


def overview(
    title: str,
    lead: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    explanations: Sequence[tuple[str, Explanation]] = (),
    failures: Sequence[Any] = (),
) -> str:
    """One self-contained page. The n-th explanation can be linked to as `#finding-n`."""
    return _template().render(
        title=title,
        lead=lead,
        columns=columns,
        rows=rows,
        failures=failures,
        pages=explanation_pages(explanations),
    )


def explanation_pages(explanations: Sequence[tuple[str, Explanation]]) -> list[tuple[str, str]]:
    """(title, HTML) of each explanation: the one place that renders them."""
    return [(title, render_html(explanation)) for title, explanation in explanations]


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("focus_lime.jobs", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("overview.html.j2")


def quoted(text: str, length: int) -> str:
    """One line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def where(place: Mapping[str, Any]) -> str:
    """A place in words: page and section, or line and column, or characters."""
    if "number" in place:
        return f"{place['number']} {place['role']}"
    if "line" in place:
        return f"{place['file']}:{place['line']}:{place['column']}"
    parts = []
    if place.get("page"):
        parts.append(f"p. {place['page']}")
    if place.get("section"):
        section = str(place["section"])
        parts.append(f"§ {section}" if section[:1].isdigit() else quoted(section, 30))
    return ", ".join(parts) or f"characters {place['start']:,}-{place['end']:,}"
