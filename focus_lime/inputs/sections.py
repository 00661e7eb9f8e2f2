"""The sections of a document, by the numbers that stand in its text.

A number is that of a section if it follows the one before it: 7.1 after 7, 7.2 or 8 after 7.1,
Article IV after Article III. So the items of a list, cross references at the begin of a line,
amounts and dates are none. Schedules and the like have numbers of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import NamedTuple

import regex

Path = tuple[int, ...]

_NUMBER = r"\d{1,3}(?:\.(?:\d{1,3}|[A-Z](?!\p{L}))){0,5}"
_ROMAN = r"[IVXLC]{1,7}(?:\.(?:[A-Z]|\d{1,2})(?!\p{L})){0,5}"
_TITLED = r"""["“‘„«(\[*]*[\p{Lu}\p{Lo}]"""  # begins a title or a sentence
_NUMBERS = regex.compile(
    rf"""
    (?P<line>^[ \t\#*>\ufeff]*+(?:\d{{1,3}}[ ]+(?=\d))?) (?:
        (?P<word>(?i:article|artikel|art\.|section|clause|abschnitt|ziffer)|§)[ \t\xa0]*
            (?P<number>{_NUMBER}|{_ROMAN})(?!\w)[.:)]?
            (?=[ \t]*[\r\n*]|[ \t]*\Z|[ \t]*[–—:-]|[ \t]+{_TITLED})
      | (?P<number>{_NUMBER}(?=(?P<mark>[.)]?))|{_ROMAN}(?=(?P<mark>\.)))[.)]?
            (?=[ \t\xa0]+{_TITLED}|[ \t]*\r?\n)
    )
  | (?<=\s)(?:(?P<word>(?i:article|section))[ ])?
        (?P<number>{_NUMBER}|(?<=[Aa](?i:rticle)[ ]){_ROMAN})(?P<mark>[.)]?)(?=[ \t\xa0]+{_TITLED})
    """,
    regex.VERBOSE | regex.MULTILINE | regex.VERSION1,
)
_BOX = (
    r"(?P<name>(?i:schedule|annexe?|exhibit|appendix|attachment|anlage|anhang)"
    r"[ \t]+[A-Z\d](?:[\w.\-]{0,7}\w)?)"
)
_BOXES = regex.compile(
    rf"(?<=\n[ \t]*){_BOX}(?=[ \t]*(?:\r?\n[ \t]*){{2}})|"
    r"(?<=\A\s*|\n[ \t]*\r?\n[ \t]*|[.:;!?)\]”_][ \t]*\r?\n[ \t]*|\f[ \t]*)"
    rf"(?:\d{{1,3}}[ \t]+)?{_BOX}\b[.:]?"
    r"(?=[ \t]*(?:\r?\n|\Z|[–—:\-]|\([^\n)]{1,60}\)[ \t]*\r?\n)"
    r"|[ \t]{2,}\S|[ \t]+[\p{Lu}\d][^\n]{0,80}(?<![.;,])[ \t]*\r?$|[ \t]+\p{Lu}{2})",
    regex.MULTILINE,
)
# A number after these is spoken of, not begun.
_SPOKEN_OF = regex.compile(
    r"(?i:\b(?:sections?|clauses?|articles?|paragraphs?|items?|exhibits?|schedules?|annex|appendix"
    r"|and|or|to|under|in|of|by|with|through|from|until|than|the|nos?\.?|art\.|page|version)"
    r"|[§–,$€£(\-])\s*\Z"
)
# What follows the entry of a table of contents.
_LEADER = regex.compile(
    r"[^\n]{0,150}?(?:(?:\.{4,}|(?:[ ]\.){4,}|…{2,}|_{4,})[ \t.]*\d|\t\d{1,4}[ \t]*\r?(?:\n|\Z))"
)
# What follows a bare "4": a gap, or a title on a line of its own.
_HEADING = regex.compile(
    r"(?![ \t]+(?i:exhibit|schedule|annex|appendix)\b)[ \t]*(?:\t|[ ]{2})[ \t]*\S"
    r"|[ ]\p{Lu}[^\n]{0,58}[^\s.,;:][ \t]*\r?(?:\n|\Z)"
)
_CAPITALS = regex.compile(r"[ \t]*\p{Lu}[\p{Lu}'’&,/ -]{4,}")
_DATE = regex.compile(
    r"\.?[ \t](?:Jan|Feb|M[aä]r|Apr|Ma[iy]|Jun|Jul|Aug|Sep|O[ck]t|Nov|De[cz])\p{L}*\.?,?[ \t]+\d{4}"
)
_DENSE = 160  # characters; the entries of a table of contents are no farther apart
_FILED = regex.compile(r"Exhibit \d[\d.]*")  # at the top, what a filing calls the whole text
_SKIPPED = 3  # numbers that may be missing between two sections: reserved, or not seen


class Section(NamedTuple):
    """Where a section begins, and how it is cited: "7.2", "IV", "Schedule 2, § 3"."""

    start: int
    label: str


class _Box(NamedTuple):
    """A schedule, an annex, an exhibit."""

    start: int
    name: str


class _Number(NamedTuple):
    """A number in the text that may be that of a section; `word` is what stands before it, in lower
    case, and `mark` the full stop or bracket behind it.
    """

    start: int
    path: Path
    printed: str
    word: str
    mark: str
    begins_line: bool
    after_stop: bool  # of a sentence
    title: str  # what follows, on the same line

    @property
    def is_roman(self) -> bool:
        return not self.printed[0].isdigit() and not self.word

    @property
    def kind(self) -> str:
        return "article" if self.is_article else "number"

    @property
    def in_capitals(self) -> bool:
        return _CAPITALS.match(self.title) is not None

    @property
    def is_article(self) -> bool:
        return self.word.startswith("art") and len(self.path) == 1


@dataclass
class _Numbering:
    """How far the numbers of the text, or of one of its schedules, have come.

    Attributes:
        box: the schedule, as it is cited.
        from_one: kinds of numbers that begin with 1, and not in the midst, as in an excerpt.
        path: the last section's number.
        article: the last article as it is cited, and the number before it, where its sections may
            have numbers of their own.
        within: whether they have.
        in_article: whether a section of that article was found.
        item: the last number of a list in the section.
        found: how many sections.
    """

    box: str = ""
    from_one: frozenset[str] = frozenset({"article", "number"})
    path: Path = ()
    article: str = ""
    before: Path = ()
    within: bool = False
    in_article: bool = False
    item: int = 0
    found: int = 0

    def take(self, number: _Number) -> str | None:
        """How the number's section is cited, if it is the next; None if it is no section's."""
        path = number.path
        if self._is_item(number):
            self.item = path[0]
            return None
        how = _follows(path, self.path)
        if self.article and not number.is_article:
            if not self.in_article and path in ((1,), (1, 1)) and how < _NEXT:
                self.path, self.within, how = (), True, _NEXT
            elif not self.in_article and _follows(path, self.before) >= max(how, _LATER):
                self.within, how = len(path) == 1, _follows(path, self.before)
        begins_with_one = number.kind in self.from_one or number.is_roman
        if how == _LATER and not self.path and begins_with_one:
            how = _NO
        if number.is_article and self.within:
            how = _NEXT  # sections begin anew in each article
        if how == _NO or (how < _NEXT and not self._may_skip(number)):
            if path == (1,) and number.begins_line:
                self.item = 1
            return None
        if number.is_article:
            self.article, self.before, self.within = number.printed, self.path, False
        self.in_article = not number.is_article
        self.path, self.item, self.found = path, 0, self.found + 1
        label = number.printed
        if self.within and not number.is_article:
            label = f"Article {self.article}, § {label}"
        if self.box:
            label = f"{self.box}, {'§ ' if label[0].isdigit() else ''}{label}"
        return label

    def _is_item(self, number: _Number) -> bool:
        """Whether the number goes on with the list that began in this section."""
        path = number.path
        goes_on = len(path) == 1 and path[0] == self.item + 1
        return bool(self.item) and goes_on and not number.word and not number.in_capitals

    def _may_skip(self, number: _Number) -> bool:
        """Whether a number that is not the very next may be a section's."""
        if len(number.path) > 1:
            return number.begins_line or number.after_stop
        return number.begins_line and (bool(number.word) or (not self.path and bool(number.mark)))


_NO, _LATER, _NEXT = 0, 1, 2


def _follows(path: Path, last: Path) -> int:
    """Whether a number is the very next after the last one, or a later one, or none."""
    if not last:
        return _NEXT if set(path) <= {1} or (path[0] == 1 and len(path) == 2) else _LATER
    if path <= last:
        return _NO
    same = len([*takewhile(lambda pair: pair[0] == pair[1], zip(path, last, strict=False))])
    step = path[same] - (last[same] if same < len(last) else 0)
    rest = path[same + 1 :]
    if step == 1 and set(rest) <= {1} and len(rest) <= 2:
        return _NEXT
    return _LATER if step <= _SKIPPED and all(part <= _SKIPPED for part in rest) else _NO


def sections(text: str, headings: Sequence[tuple[int, str]] = ()) -> list[Section]:
    """The sections of a text, in reading order.

    Args:
        headings: (offset, heading) as the format of the text marks them: these are sections
            whatever their number, and are cited by their words where they have none.
    """
    numbers = _numbers(text)
    if len(headings) > 1:  # then a bare "1." without a mark is an item
        numbers = [n for n in numbers if n.word or len(n.path) > 1]
    marked = {offset for offset, _ in headings}
    events: list[_Number | _Box | Section] = [Section(*heading) for heading in headings]
    boxes = [box for box in _boxes(text) if box.start not in marked]
    events += boxes
    events += [number for number in numbers if not _is_marked(text, number.start, marked)]
    events.sort(key=lambda event: event.start)
    opening, reopening = _openings(numbers)
    found: list[Section] = []
    end = next((box.start for box in boxes if not _FILED.fullmatch(box.name)), len(text))
    main = numbering = _Numbering(from_one=_from_one(n for n in numbers if n.start < end))
    for event in events:
        label: str | None
        if isinstance(event, _Box):
            label = None
            if found or not _FILED.fullmatch(event.name):
                numbering, label = _Numbering(box=event.name), event.name
        elif isinstance(event, Section):
            number = next(iter(_numbers(event.label + "\n")), None)
            if number is None or number.start:
                label = " ".join(event.label.split())
                numbering.item = 0
            else:
                label, numbering.path, numbering.item = number.printed, number.path, 0
        else:
            is_opening = event.start in (opening if numbering is main else reopening)
            if is_opening and _is_contents(found, text):
                found.clear()  # a table of contents
                main = numbering = _Numbering()
            label = numbering.take(event)
            if label is None and numbering is not main and _resumes(main, numbering, event):
                numbering, label = main, main.take(event)
            if label is None and is_opening and numbering is main:
                main = numbering = _Numbering()
                label = main.take(event)
        if label is not None:
            found.append(Section(event.start, label))
    return found


def _numbers(text: str) -> list[_Number]:
    """Numbers that may be those of sections; entries of tables of contents and dates are none."""
    found = []
    for match in _NUMBERS.finditer(text):
        start = match.start() + len(match["line"] or "")
        begins_line, word = match["line"] is not None, (match["word"] or "").lower()
        if not begins_line and _SPOKEN_OF.search(text, max(0, start - 20), start):
            continue
        is_bare = not word and not match["mark"] and match["number"].isdigit()
        if is_bare and not (begins_line and _HEADING.match(text, match.end())):
            continue  # the number of a page, or of things
        if _LEADER.match(text, match.end()) or _DATE.match(text, match.end("number")):
            continue
        printed = match["number"]
        first, *rest = printed.split(".")
        path = (_value(first), *(int(p) if p.isdigit() else ord(p) - ord("A") + 1 for p in rest))
        if len(path) > 1 and path[-1] == 0:  # "2.0" is the second
            path = path[:-1]
        title = text[match.end() : match.end() + 60].partition("\n")[0]
        mark = match["mark"] or ""
        after_stop = text[max(0, start - 8) : start].rstrip()[-1:] in ("", *".:;")
        found.append(_Number(start, path, printed, word, mark, begins_line, after_stop, title))
    return found


def _boxes(text: str) -> Iterator[_Box]:
    """Schedules where they begin. A name that comes again and again is the head of pages."""
    matches = [
        (m.start("name"), " ".join(m["name"].split()).title()) for m in _BOXES.finditer(text)
    ]
    times = Counter(name for _, name in matches)
    for start, name in matches:
        if times[name] <= 2:
            yield _Box(start, name)


def _from_one(numbers: Iterable[_Number]) -> frozenset[str]:
    """Kinds of numbers that begin with 1; a bare 1 may be the first of a list."""
    return frozenset(
        number.kind
        for number in numbers
        if number.begins_line
        and (number.path == (1, 1) or (number.path == (1,) and bool(number.word)))
    )


def _openings(numbers: Sequence[_Number]) -> tuple[set[int], set[int]]:
    """Where a first section begins for certain: a 1 that is followed by 1.1, or has a title in
    capitals; and where a text begins after its table of contents, though that ends in schedules:
    its first article, or a 1 with the title of one before it.
    """
    opening, reopening, titles = set[int](), set[int](), set[str]()
    for number, after in pairwise([*numbers, None]):
        if number is None or number.path != (1,):
            continue
        title = number.title.strip(" .\t\r0123456789").casefold()
        if number.begins_line and (number.is_article or (title and title in titles)):
            reopening.add(number.start)
        elif number.begins_line and (number.in_capitals or (after and after.path == (1, 1))):
            opening.add(number.start)
        titles.add(title)
    return opening | reopening, reopening


def _resumes(main: _Numbering, box: _Numbering, number: _Number) -> bool:
    """Whether a number goes on with the text after a schedule, or after what was none."""
    is_next = bool(main.path) and _follows(number.path, main.path) == _NEXT
    return is_next and (len(number.path) > 1 or not box.found)


def _is_contents(found: Sequence[Section], text: str) -> bool:
    """Whether what was found is a table of contents: entries, and little else between them."""
    if len(found) < 3:
        return False
    first, last = found[0].start, found[-1].start
    lines = sum(1 for line in text[first:last].split("\n") if line.strip())
    return last - first <= _DENSE * len(found) and lines <= 1.2 * len(found) + 1


def _is_marked(text: str, start: int, marked: set[int]) -> bool:
    """Whether a number stands at the begin of a heading, after its marks."""
    line = text.rfind("\n", 0, start) + 1
    return any(place in marked for place in range(max(line, start - 12), start + 1))


def _value(number: str) -> int:
    """Of 7 or VII."""
    if number.isdigit():
        return int(number)
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[letter] for letter in number]
    return sum(
        -value if after > value else value
        for value, after in zip(values, [*values[1:], 0], strict=True)
    )
