"""Two pages side by side on one sheet, as books are scanned and printed."""

from __future__ import annotations

from focus_lime.inputs.readers.pdf_characters import Characters
from focus_lime.inputs.readers.pdf_rules import Rule
from focus_lime.inputs.readers.pdf_running import Sheet
from focus_lime.inputs.readers.pdf_tables import is_table
from focus_lime.inputs.readers.pdf_words import Word, rows_of

_WIDE = 1.2  # width of a spread, in heights
_MIDDLE = 0.06  # of the width, by which the fold may be off the middle
_FOLD = 2.0  # ems without text
_LEAST_ROWS = 4


def halves(
    page: int, characters: Characters, groups: list[list[Word]], rules: list[Rule]
) -> list[Sheet]:
    """The sheets of a page: its two halves where it is a spread."""
    words, aside = groups[0], groups[1:]
    height = characters.height
    fold = _fold(words, characters.width, rules) if characters.width > _WIDE * height else None
    if fold is None:
        return [Sheet(page, 0, height, words, rules, aside)]
    left = [word for word in words if word.x1 <= fold]
    right = [word for word in words if word.x1 > fold]
    return [Sheet(page, 0, height, left, rules), Sheet(page, 0, height, right, rules, aside)]


def _fold(words: list[Word], width: float, rules: list[Rule]) -> float | None:
    size = sorted(word.size for word in words)[len(words) // 2]
    low, high = width * (0.5 - _MIDDLE), width * (0.5 + _MIDDLE)
    ends = [word.x1 for word in words if (word.x0 + word.x1) / 2 < width / 2]
    starts = [word.x0 for word in words if (word.x0 + word.x1) / 2 >= width / 2]
    if not ends or not starts or min(starts) - max(ends) < _FOLD * size:
        return None
    fold = (max(ends) + min(starts)) / 2
    if not low <= fold <= high:
        return None
    left = [word for word in words if word.x1 <= fold]
    right = [word for word in words if word.x1 > fold]
    rows = rows_of(left), rows_of(right)
    if min(map(len, rows)) < _LEAST_ROWS:
        return None
    one_by_one = max(word.start for word in left) < min(word.start for word in right)
    return fold if one_by_one or not is_table(*rows, fold, rules) else None
