"""What the fields of a form show."""

from __future__ import annotations

from typing import Any

Attributes = dict[str, str | None]

_NO_TEXT = frozenset("hidden image color range file".split())
_TICKS = {"checkbox": ("☐", "☑"), "radio": ("○", "◉")}


def field_text(kind: str, attributes: Attributes) -> tuple[str, str]:
    """What an `<input>` of a kind shows, and the kind of what it hides; each may be empty."""
    if kind in _NO_TEXT:
        return "", ""
    if kind in _TICKS:
        return _TICKS[kind]["checked" in attributes], ""
    value = attributes.get("value") or ""
    if kind == "password":
        return "", "password" if value else ""
    return value, ""


def chosen_options(select: Any, attributes: Attributes) -> frozenset[int]:
    """The options that a menu shows, by their identity in the tree: of a list all of them, of a
    menu that opens the last that is selected, or else the first that can be.
    """
    options = select.css("option")
    size = attributes.get("size") or ""
    if "multiple" in attributes or (size.isdecimal() and size.strip("0") not in ("", "1")):
        return frozenset(option.mem_id for option in options)
    selected = [option for option in options if "selected" in option.attributes]
    usable = [option for option in options if "disabled" not in option.attributes]
    return frozenset(option.mem_id for option in selected[-1:] or usable[:1])
