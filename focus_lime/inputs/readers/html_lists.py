"""The markers of lists, as a browser shows them: numbers, letters, bullets."""

from __future__ import annotations

from dataclasses import dataclass, field

import regex

_TYPES = {
    "1": "decimal",
    "a": "lower-alpha",
    "A": "upper-alpha",
    "i": "lower-roman",
    "I": "upper-roman",
}
_BULLETS = {"disc": "•", "circle": "◦", "square": "▪"}
_BY_DEPTH = ("disc", "circle", "square")
_ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        "m cm d cd c xc l xl x ix v iv i".split(),
        strict=True,
    )
)
_KNOWN = regex.compile(
    r"\b(none|disc|circle|square|decimal-leading-zero|decimal|(?:lower|upper)-(?:alpha|latin|roman|greek))\b"
)
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"


@dataclass
class List:
    """A list while it is read."""

    is_ordered: bool
    style: str
    step: int = 1
    next: int = field(default=1)

    def marker(self, attributes: dict[str, str | None], style: str | None) -> str:
        """Of its next item; empty where none is shown."""
        value = _integer(attributes.get("value")) if self.is_ordered else None
        number = self.next if value is None else value
        self.next = number + self.step
        own = style_of(attributes.get("type"))
        return _written(number, _known(style) or own or self.style)


def opened(
    tag: str, attributes: dict[str, str | None], depth: int, n_items: int, style: str | None
) -> List:
    """
    Args:
        depth: how many lists it is in.
        n_items: the items of the list, from which a reversed one counts down.
        style: what style sheets say.
    """
    own = _known(style) or style_of(attributes.get("type"))
    if tag != "ol":
        return List(False, own or _BY_DEPTH[min(depth, 2)])
    start = _integer(attributes.get("start"))
    if "reversed" in attributes:
        return List(True, own or "decimal", -1, n_items if start is None else start)
    return List(True, own or "decimal", 1, 1 if start is None else start)


def style_of(kind: str | None) -> str | None:
    """What a `type` attribute means."""
    if kind is None:
        return None
    return _TYPES.get(kind) or (kind.lower() if kind.lower() in (*_BULLETS, "none") else None)


def _known(style: str | None) -> str | None:
    match = _KNOWN.search(style or "")
    return match[1] if match else None


def _written(number: int, style: str) -> str:
    if style == "none":
        return ""
    if style in _BULLETS:
        return _BULLETS[style]
    kind, _, alphabet = style.partition("-")
    text = str(number)
    if alphabet == "leading-zero":
        text = f"{number:03d}" if number < 0 else f"{number:02d}"
    elif alphabet == "roman" and 0 < number < 4000:
        text = _roman(number)
    elif alphabet in ("alpha", "latin", "greek") and number > 0:
        text = _letters(number, _GREEK if alphabet == "greek" else "abcdefghijklmnopqrstuvwxyz")
    return (text.upper() if kind == "upper" else text) + "."


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def _letters(number: int, alphabet: str) -> str:
    text = ""
    while number:
        number, index = divmod(number - 1, len(alphabet))
        text = alphabet[index] + text
    return text


def _integer(text: str | None) -> int | None:
    match = regex.match(r"[\t\n\f\r ]*([+-]?\d{1,9})", text or "")
    return int(match[1]) if match else None
