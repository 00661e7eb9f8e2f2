"""Lines of a column, and what stands between two of them when they are read as one text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from focus_lime.inputs.readers.pdf_words import Word, in_reading_order

_TERMINAL = regex.compile(r"[.!?:;。！？؟।…][\p{Pe}\p{Pf}\"'’]*$")
_BROKEN = regex.compile(r"(?P<word>\p{L}[\p{L}'’-]*)(?P<hyphen>[-‐\u00ad])$")
_REST = regex.compile(r"\p{Ll}[\p{L}'’]*(?:-\p{L}+)*")
_SUSPENDED = frozenset("and or to und oder bis et ou".split())  # "short- and long-term"
_SYLLABLE = 4  # letters; a longer rest that is a word of the document is a compound's
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\u3000-\u303f\uff00-\uff60]"
_UNSPACED_END = regex.compile(rf"{_UNSPACED}$")
_UNSPACED_BEGIN = regex.compile(_UNSPACED)
# A dash or a slash between words; a hyphen after a number; leaders that go on.
_TIGHT = regex.compile(r"[\p{L}\p{N}\p{P}][—–/]$|\d[-‐]$|\.{5}$")
_LOWER = regex.compile(r"[\p{Pi}\"'(]*[\p{Ll}\p{Lo}]")
_INNER = regex.compile(r"\p{L}[\p{L}'’]*(?:[-‐]\p{L}[\p{L}'’]*)*")


@dataclass(slots=True)
class Line:
    """Words in reading order, with the edges of their column, in points; mirrored where they run
    from right to left.

    Attributes:
        size: of most of its text.
        bold: whether all of its words are.
    """

    words: list[Word]
    left: float
    right: float
    x0: float
    x1: float
    base: float
    size: float
    bold: bool

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def is_open(self) -> bool:
        """Whether its sentence goes on: it does not end in a full stop or the like."""
        return _TERMINAL.search(self.words[-1].text) is None

    @property
    def is_tabbed(self) -> bool:
        """Whether its words stand apart as in a form, and not as in a justified line."""
        gap = max((b.x0 - a.x1 for a, b in pairwise(self.words)), default=0.0) / self.size
        justified = self.x0 - self.left < self.size and self.right - self.x1 < self.size
        return gap > (6.0 if justified else 3.0)

    @property
    def introduces(self) -> bool:
        """Whether it ends in a colon or semicolon, as before a list."""
        return self.words[-1].text.endswith((":", ";"))

    @property
    def begins_lower(self) -> bool:
        return _LOWER.match(self.words[0].text) is not None

    def room(self, word: Word) -> float:
        """What would be left of the column if the word stood at the end of the line."""
        return self.right - self.x1 - (word.x1 - word.x0) - 0.25 * self.size


def line_of(row: Sequence[Word], left: float, right: float) -> Line:
    widths: dict[float, int] = {}
    for word in row:
        size = round(word.size, 1)
        widths[size] = widths.get(size, 0) + len(word.text)
    x0, x1 = min(word.x0 for word in row), max(word.x1 for word in row)
    words = in_reading_order(row)
    if len(words) > 1 and words[0].x0 > words[-1].x0:
        left, right, x0, x1 = -right, -left, -x1, -x0
    return Line(
        words,
        left,
        right,
        x0,
        x1,
        row[0].base,
        max(max(widths, key=lambda size: widths[size]), 0.1),
        all(word.bold for word in row if not word.mark),
    )


def lines_of(rows: Sequence[list[Word]], edges: tuple[float, float] | None = None) -> list[Line]:
    """The lines of one column, between its edges or those of its words."""
    left, right = edges or (
        min(word.x0 for row in rows for word in row),
        max(word.x1 for row in rows for word in row),
    )
    return [line_of(row, left, right) for row in rows]


@dataclass(frozen=True)
class Joints:
    """Heals words that were broken at the ends of lines, by what else the document writes.

    Attributes:
        written: how often each word stands unbroken in the document, in lower case.
        hyphenates: whether the line ends that can be judged break words (above zero) or, as most
            programs do, only compounds (below).
    """

    written: Counter[str]
    hyphenates: int

    def between(self, before: Word, after: Word) -> tuple[int, str]:
        """How many characters at the end of `before` go, and what is put before `after`."""
        end, begin = before.text, after.text
        broken, rest = _BROKEN.search(end), _REST.match(begin)
        if broken:
            if rest and rest[0] in _SUSPENDED:
                return 0, " "
            if broken["hyphen"] == "\u00ad":
                return 1, ""
            return (int(self._is_broken(broken["word"], rest[0])) if rest else 0), ""
        if _UNSPACED_END.search(end) and _UNSPACED_BEGIN.match(begin):
            return 0, ""
        if _TIGHT.search(end):
            return 0, ""
        return 0, " "

    def _is_broken(self, one: str, two: str) -> bool:
        if "-" in one:
            return False
        joined = self.written[(one + two).lower()]
        hyphenated = self.written[f"{one}-{two}".lower()]
        if joined or hyphenated:
            return joined > hyphenated
        if self.hyphenates:
            return self.hyphenates > 0
        return len(two) < _SYLLABLE or not self.written[two.lower()]


def joints_of(columns: Iterable[Sequence[Line]]) -> Joints:
    """What the lines of a document say of its words."""
    written: Counter[str] = Counter()
    pairs = []
    for lines in columns:
        for line in lines:
            for word in line.words:
                found = _INNER.search(word.text)
                if found and (word is not line.words[-1] or not _BROKEN.search(word.text)):
                    written[found[0].lower().replace("‐", "-")] += 1
        for line, following in pairwise(lines):
            broken = _BROKEN.search(line.words[-1].text)
            rest = _REST.match(following.words[0].text)
            if broken and rest:
                pairs.append((broken["word"].lower(), rest[0].lower()))
    whole = sum(written[a + b] > written[f"{a}-{b}"] for a, b in pairs)
    hyphenated = sum(written[a + b] < written[f"{a}-{b}"] for a, b in pairs)
    return Joints(written, whole - hyphenated)
