"""How findings and judgements are said in a line: their places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from focus_lime.report.highlight import quote


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
        parts.append(f"§ {section}" if section[:1].isdigit() else quote(section, 30))
    return ", ".join(parts) or f"characters {place['start']:,}-{place['end']:,}"
