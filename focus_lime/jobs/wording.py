"""How findings and judgements are said in a line: places, short quotes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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
