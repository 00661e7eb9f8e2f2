"""What of a Word file's characters was read, and why the others were not. Nothing is lost in
silence: every character that was seen is in the text, or in one of the notes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

DELETED, INSERTED = "deleted text", "inserted text"
MOVED_AWAY, MOVED_HERE = "moved text at its old place", "moved text at its new place"
HIDDEN = "hidden text"
COMMENTS = "comments"
FIELD_CODES = "text inside of field codes"
PAGE_NUMBERS = "page numbers of headers and footers"
RUBY = "reading aids above the text (ruby)"
OTHER_COPY = "copies of drawings for other programs, which say something else"
UNSHOWN_HEADERS = "headers and footers that no page shows"
UNMARKED_NOTES = "footnotes and endnotes that nothing refers to"
CHARTS = "text of charts"
BUILDING_BLOCKS = "building blocks"
UNSHOWN = "text of parts that Word does not show"
# Left out, and nothing is missing: the same words are read elsewhere.
SAME_COPY, SEPARATORS, BLANK = "same copy", "separators", "blank"
_SILENT = frozenset({SAME_COPY, SEPARATORS, BLANK})
_LISTED = 5


class Ledger:
    """Characters of the file's own text by part: w:t, w:delText, m:t and a:t."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self._left: dict[str, Counter[str]] = defaultdict(Counter)
        self._objects: dict[str, set[str]] = defaultdict(set)
        self._remarks: dict[str, None] = {}
        self.computed: Counter[str] = Counter()  # fields whose result Word does not save

    def see(self, part: str, n_characters: int) -> None:
        self._seen[part] += n_characters

    def keep(self, part: str, n_characters: int) -> None:
        """They are in the text."""
        self._kept[part] += n_characters

    def leave(self, part: str, reason: str, n_characters: int) -> None:
        self._left[reason][part] += n_characters

    def name_object(self, kind: str, part: str) -> None:
        """What holds text, or may, and is not read: a picture, an embedded file."""
        self._objects[kind].add(part)

    def remark(self, text: str) -> None:
        self._remarks[text] = None

    def has(self, kind: str) -> int:
        """How many objects of a kind were named."""
        return len(self._objects.get(kind, ()))

    def notes(self) -> tuple[str, ...]:
        """All of that in lines for people."""
        notes = list(self._remarks)
        for reason, parts in self._left.items():
            if reason not in _SILENT and any(parts.values()):
                places = (f"{_characters(n)} in {part}" for part, n in parts.items() if n)
                notes.append(f"{reason} left out: {_listed(places)}")
        for part, n_seen in self._seen.items():
            left = sum(parts[part] for parts in self._left.values())
            if n_lost := n_seen - self._kept[part] - left:
                notes.append(f"not read, and it is not known why: {_characters(n_lost)} in {part}")
        for kind, names in self._objects.items():
            notes.append(f"{kind} not read: {_listed(sorted(names))}")
        if self.computed:
            kinds = (f"{name} ({n})" for name, n in sorted(self.computed.items()))
            notes.append(f"fields whose text Word computes and does not save: {_listed(kinds)}")
        return tuple(notes)


def _characters(n: int) -> str:
    return f"{n:,} character{'' if n == 1 else 's'}"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = len(every) - _LISTED
    return ", ".join(every[:_LISTED]) + (f" and {more} more" if more > 0 else "")
