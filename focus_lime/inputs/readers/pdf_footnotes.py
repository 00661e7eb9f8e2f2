"""Footnotes of a page: small text below all else, or text below a short rule."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from focus_lime.inputs.readers.pdf_lines import Line
from focus_lime.inputs.readers.pdf_paragraphs import Style
from focus_lime.inputs.readers.pdf_rules import Rule

_SMALL = 0.93  # of the size of most of the text
_MARK = regex.compile(r"[(\[]?(?:\d{1,3}|\p{Ll})[)\].]?|[*†‡§¶]+")
_GLUED = regex.compile(r"[*†‡§¶¹²³⁴-⁹]+\p{L}?")


def footnotes_at(
    lines: Sequence[Line], others: Sequence[Line], rules: Sequence[Rule], style: Style, page: float
) -> int:
    """The first line of a column that belongs to its footnotes; their number where it has none.

    Args:
        others: all lines of the page.
        page: its height, in points.
    """
    n = len(lines)
    if not n or any(
        line.base > lines[-1].base + 1
        and line.size > _SMALL * style.size
        and line.x0 < lines[-1].right
        and line.x1 > lines[-1].left
        for line in others
    ):
        return n
    small = n
    while small and lines[small - 1].size <= _SMALL * style.size:
        small -= 1
    for at in range(small, n):
        if (_has_mark(lines[at]) or _ruled(lines, at, rules)) and lines[at].base > 0.4 * page:
            return at if at or len(others) > n else n
    for at in range(n - 1, 0, -1):
        if _ruled(lines, at, rules) and _has_mark(lines[at]) and lines[at].base > 0.5 * page:
            return at
    return n


def begin_with_mark(line: Line) -> None:
    """Takes the first word of a footnote for its mark, also where it is not raised."""
    first = line.words[0]
    if len(line.words) > 1 and _MARK.fullmatch(first.text):
        first.mark = True


def _has_mark(line: Line) -> bool:
    first = line.words[0]
    return first.mark or bool(_MARK.fullmatch(first.text) or _GLUED.match(first.text))


def _ruled(lines: Sequence[Line], at: int, rules: Sequence[Rule]) -> bool:
    line = lines[at]
    above = lines[at - 1].base if at else line.base - 3 * line.size
    width = line.right - line.left
    return any(
        not rule.is_upright
        and above < rule.y < line.base - 0.5 * line.size
        and abs(rule.x0 - line.left) < 2 * line.size
        and rule.x1 - rule.x0 < 0.7 * max(width, 200.0)
        for rule in rules
    )
