"""Runs: the lines of a text that read on, which sentences are then found in.

A line break is no end where a program wrapped the line, and a blank line is none where a page
ends within a sentence. Headings, items of lists, rows of tables, fields ("Name:", "From:"), turns
of speakers and blocks of code are runs of their own. Page numbers and running heads are furniture:
they stay in the run that they interrupt or follow.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import regex

from focus_lime.inputs.abbreviations import BINDING, GREETINGS

Range = tuple[int, int]  # characters [start, end) of one text

_BREAK = regex.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
# What can be seen: zero-width and other ignorable characters cannot.
INK = regex.compile(r"[^\s\p{Z}\p{Cc}\p{Default_Ignorable_Code_Point}]")
STOPS = r"\p{Sentence_Terminal}…།"
CLOSERS = r"\"'*_`\p{Pe}\p{Pf}“«"

_WRAPPED = range(40, 121)  # characters of a line that a program broke, not its writer
_ROW = 400  # characters: a longer row of a table is running text with tabs or bars
_HEAD = 100  # characters of a running head, at most

_QUOTE = regex.compile(r"(?:>[ \t]?)+")
_WORD = regex.compile(r"\p{L}{2}")
_RULE = regex.compile(r"[^\w\[\]\p{Extended_Pictographic}]*_*[^\w\[\]\p{Extended_Pictographic}]*")
_FENCE = regex.compile(r"(?:`{3,}|~{3,})")
_MARKDOWN = regex.compile(r"#{1,6}\s")
_LETTERED = r"[(\[]?(?:\d{1,3}(?:\.\d{1,3})*|\p{L}|[ivxlIVXL]{2,5})[.)\]:]{1,2}"
_NUMBERED = rf"(?:{_LETTERED}|\d{{1,3}}(?:\.\d{{1,3}})+|\d{{1,3}}(?=\s{{2,}}\p{{Lu}}))"
ENUMERATOR = rf"(?:{_NUMBERED}(?:\s?\(\w{{1,4}}\))*)"
_ITEM = regex.compile(
    rf"(?:[-*+•◦▪‣⁃∙·–—●○■□➢►✓☐☑\uf0b7\uf0a7]+|{ENUMERATOR}"
    r"|(?i:section|article|clause|exhibit|schedule|appendix|annex)\s+(?:\d[\d.]*|[IVXLC]+|[A-Z])\b"
    r"(?=[.:]?\s*(?:[\"“(–—-]*\p{Lu}|$))"
    r"|§+\s?\d+|[（(]?[一二三四五六七八九十]{1,3}[、）)])(?:\s|$|(?<=、|）|\)))"
)
# "Subject: ...", "By:", "Professor D: ...", "[00:12] Anna: ...".
_FIELD = regex.compile(
    r"(?:[\[(]?\d{1,2}:\d{2}(?::\d{2})?[\])]?\s*[-–]?\s*)?"
    r"(?:[\p{Lu}\p{Lo}][\w.'’&/()@-]*)(?:\s[\p{Lu}\d&(/][\w.'’&/()@-]*|\s(?:of|and|de|der|no))"
    r"{0,4}\s?[:：](?=\s|$)"
)
# Fields that hold one value, whatever full stops are in it.
_HEADER = regex.compile(
    r"(?i:from|to|cc|bcc|subject|sent|reply-to|message-id|von|an|betreff|objet|by|name|its|title)"
    r"\s?:\s"
)
_PAGE = regex.compile(
    r"(?i:page|seite|página|pag\.|p\.|стр\.|- ?)?\s*\d{1,4}(?:\s*(?:of|/|von|de|sur)\s*\d{1,4})?"
    r"[ -]{0,2}|[\[(–—-]\s?\d{1,4}\s?[\])–—-]|[ivxl]{1,6}|[A-Z]{1,2}-\d{1,3}"
    r"|\d{1,4}\s+[\d/.-]{4,20}|第\s*\d+\s*[页頁ページ]+"
)
_SOURCED = regex.compile(r"Source: .{1,80}\b\d{1,2}/\d{1,2}/\d{4}")
_COLUMNS = regex.compile(r"(?<=\S)(?:\s{3,}|\t)(?=\S)")
_CODE = regex.compile(
    r"[{}]$|^[\w.\[\]]+\s?[-+*/|]?=[^=]|^[\w.]+\([^()]*\)[;:]?$|\);$|^(?:def|class|return|import|"
    r"for|while|elif|else|try|const|let|var|function|public|private|static|package|use)\b.*[:;({]$"
    r"|^(?:import|from)\s[\w.]+|^return\s\w+|^(?:\$|#include|//|/\*|>>>)\s?|^</?\w+[^>]*>$"
)
_FINISHED = regex.compile(rf"(?:[{STOPS}:：;；]|[;,]\s(?:and|or|und|oder|et|ou))[{CLOSERS}]*$")
_LAST_WORD = regex.compile(r"[\p{L}'’]+$")
_OPENING = regex.compile(r"[\"'“”‘’«»„(\[*_]*")
_THAI = regex.compile(r"[\p{Thai}\p{Lao}]")  # whose words are not spaced: lines are meant
_IDEOGRAPH = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")


@dataclass(slots=True)
class _Line:
    """A line that shows something: `text` is all of it, stripped of white space and "> "."""

    start: int  # of what is seen
    begin: int  # of the line
    end: int
    text: str
    depth: int  # of the quotation, "> > "
    blank: bool  # after a blank line, or the first
    soft: bool  # a blank before its end
    indent: int
    width: int = 0  # of its paragraph
    filled: bool = False  # so wide are several lines of it
    listed: bool = False  # its paragraph is a list
    whole: bool = False
    furniture: bool = False
    hang: int = -1  # indent of the item that it belongs to


@dataclass(slots=True)
class Run:
    """Characters [start, end) that read on; `whole` if no full stop in them ends a unit."""

    start: int
    end: int
    whole: bool = False


@dataclass
class Layout:
    """The runs of a text, which tile it, and the furniture in them."""

    runs: list[Run] = field(default_factory=list)
    furniture: list[Range] = field(default_factory=list)

    def furniture_at(self, at: int) -> int:
        """The end of the furniture that holds a character, or the character itself."""
        place = bisect_right(self.furniture, at, key=lambda found: found[0]) - 1
        return max(at, self.furniture[place][1]) if place >= 0 else at


def layout(text: str) -> Layout:
    """Cut a text into runs. Linear in its length."""
    lines = list(_lines(text))
    _find_paragraphs(lines)
    _find_furniture(lines)
    _find_code(lines)
    _find_rows(lines)
    found = Layout()
    before: _Line | None = None
    blank = apart = False  # what lies between that line and this one
    for line in lines:
        blank = blank or line.blank
        if line.furniture:
            apart = True
            found.furniture.append((line.start, line.end))
        elif before is None:
            found.runs.append(Run(0, 0, line.whole))
            line.hang = line.indent if _ITEM.match(line.text) else -1
        elif not _reads_on(before, line, blank, apart):
            start = line.begin if line.whole and not before.whole else line.start
            found.runs.append(Run(start, 0, line.whole))
        if not line.furniture:
            before, blank, apart = line, False, False
    if not found.runs and text:
        found.runs.append(Run(0, 0))
    for run, after in zip(found.runs, [*found.runs[1:], Run(len(text), 0)], strict=True):
        run.end = after.start
    return found


def _lines(text: str) -> Iterator[_Line]:
    begin, blank = 0, True
    while begin < len(text):
        match = _BREAK.search(text, begin)
        end, after = (match.start(), match.end()) if match else (len(text), len(text))
        shown = text[begin:end].rstrip()
        soft = begin + len(shown) < end
        last = begin + len(shown)
        shown = shown.lstrip()
        start = last - len(shown)
        quote = _QUOTE.match(shown)
        inner = shown[quote.end() :].strip() if quote else shown
        if shown and INK.search(inner):
            depth = quote[0].count(">") if quote else 0
            yield _Line(start, begin, last, inner, depth, blank, soft, start - begin)
            blank = False
        else:
            blank = True
        if match and match[0] == "\f":
            blank = True
        begin = after


def _find_paragraphs(lines: Sequence[_Line]) -> None:
    """How wide each paragraph is, and whether it is a list: its lines begin alike, or large."""
    number = 0
    numbers = []
    for line in lines:
        number += line.blank
        numbers.append(number)
    for _, group in groupby(zip(numbers, lines, strict=True), key=lambda pair: pair[0]):
        members = [line for _, line in group]
        width = max(len(line.text) for line in members)
        filled = sum(len(line.text) > width - 15 for line in members) > 1
        listed = False
        if len(members) > 3:
            firsts = [line.text[:40].split(maxsplit=1)[0] for line in members]
            large = sum(first[0].isupper() or first[0].isdigit() for first in firsts)
            stops = sum(_FINISHED.search(line.text[-8:]) is not None for line in members[:-1])
            listed = len(set(firsts)) == 1 or (large > 0.85 * len(firsts) and not stops)
        for line in members:
            line.width, line.listed, line.filled = width, listed, filled


def _find_furniture(lines: Sequence[_Line]) -> None:
    """Page numbers that stand alone, and the lines beside them that come again and again."""
    alone = [
        line.blank and (i + 1 == len(lines) or lines[i + 1].blank) for i, line in enumerate(lines)
    ]
    times = Counter(line.text for line in lines if len(line.text) <= _HEAD)
    for i, line in enumerate(lines):
        page = len(line.text) <= 40 and _PAGE.fullmatch(line.text) is not None
        line.furniture = alone[i] and (page or _SOURCED.fullmatch(line.text) is not None)
    pages = [line.furniture for line in lines]
    for i, line in enumerate(lines):
        if line.furniture or not alone[i] or not _is_head(line.text) or times[line.text] < 2:
            continue
        beside = any(pages[max(0, i - 1) : i + 2])
        inside = times[line.text] > 2 and lines[min(i + 1, len(lines) - 1)].text[0].islower()
        line.furniture = beside or inside


def _is_head(text: str) -> bool:
    """Whether a line that comes again may be a running head: short, of words, no sentence."""
    return (
        len(text) <= _HEAD
        and _WORD.search(text) is not None
        and _FINISHED.search(text) is None
        and not _FIELD.match(text)
    )


def _find_code(lines: Sequence[_Line]) -> None:
    """Fenced blocks, and indented ones that look like code; each is one run."""
    fences = [i for i, line in enumerate(lines) if _FENCE.match(line.text)]
    for low, high in zip(fences[::2], fences[1::2], strict=False):
        for line in lines[low : high + 1]:
            line.whole, line.furniture = True, False
            line.listed = True
        lines[low].listed = False  # the first of its block: what was before does not read on
    low = 0
    while low < len(lines):
        if lines[low].whole or not lines[low].blank or lines[low].indent < 4:
            low += 1
            continue
        high = low
        while high < len(lines) and lines[high].indent >= 4 and not lines[high].whole:
            high += 1
        looks = sum(_CODE.search(line.text[:200]) is not None for line in lines[low:high])
        if 2 * looks > high - low:
            for line in lines[low:high]:
                line.whole, line.furniture, line.listed = True, False, True
            lines[low].listed = False
        low = max(high, low + 1)


def _find_rows(lines: Sequence[_Line]) -> None:
    """Rows of tables: bars, tabs, or columns that stand under each other."""
    columns = [
        {m.end() + line.indent for m in _COLUMNS.finditer(line.text)}
        if len(line.text) <= _ROW // 2
        else set()
        for line in lines
    ]
    for i, line in enumerate(lines):
        if line.whole or line.furniture or len(line.text) > _ROW:
            continue
        cells = [cell.strip() for cell in line.text.split("\t")]
        tabbed = len(cells) > 1 and not (len(cells) == 2 and _ITEM.fullmatch(cells[0] + " "))
        aligned = any(0 <= j < len(lines) and columns[i] & columns[j] for j in (i - 1, i + 1))
        if (
            line.text.count("|") > 1
            or (tabbed and (len(cells) > 2 or max(map(len, cells)) <= 60))
            or (aligned and not _ITEM.match(line.text))
            or _HEADER.match(line.text)
        ):
            line.whole, line.listed = True, False


def _reads_on(before: _Line, line: _Line, blank: bool, apart: bool) -> bool:
    """Whether a line goes on with the run of the line before it.

    Args:
        blank: blank lines lie between them.
        apart: so does furniture.
    """
    if line.whole or before.whole:
        return line.whole and before.whole and line.listed
    if before.depth != line.depth or _MARKDOWN.match(before.text) or _MARKDOWN.match(line.text):
        return False
    if _RULE.fullmatch(line.text):
        return line.text != "--"
    head = line.text[_OPENING.match(line.text).end() :]
    tail = before.text[-80:]
    last = _LAST_WORD.search(tail)
    finished = _FINISHED.search(tail) is not None
    binding = not finished and last is not None and _binds(last[0])
    lower = head[:1].islower() or (apart and regex.match(r"\d{1,3} +\p{Ll}", head) is not None)
    wrapped = _is_wrapped(before, line)
    if _ITEM.match(line.text):
        line.hang = line.indent
        return wrapped and binding and not blank
    if _FIELD.match(line.text):
        return False
    if not blank and -1 < before.hang < line.indent:
        line.hang = before.hang
        return True
    if not lower and not binding and _is_large(before) != _is_large(line):
        return False
    if not blank:
        if binding or (
            lower and not finished and (before.soft or tail[-1] == "-") and tail[-1] != ","
        ):
            return True
        return wrapped and (lower or not (line.listed or (finished and not before.filled)))
    if finished or before.text.split(maxsplit=1)[0].rstrip(",").lower() in GREETINGS:
        return False
    long = len(before.text) >= _WRAPPED.start
    if apart and not lower:
        goes_on = binding or tail.endswith(",") or (last is not None and last[0][0].islower())
        return long and goes_on and not _is_large(line)
    return (lower and (long or binding)) or (long and binding)


def _binds(word: str) -> bool:
    """No "A" of "Exhibit A", though an article."""
    return word.lower() in BINDING and not (len(word) == 1 and word.isupper())


def _is_wrapped(before: _Line, line: _Line) -> bool:
    """A wrapped line is as long as lines are, and the first word of the next had no room in the
    widest of them. Any other line break was meant: a list, an address, a message's last line.
    """
    if _THAI.match(line.text):
        return False
    first = 1 if _IDEOGRAPH.match(line.text) else 1 + len(line.text[:200].split(maxsplit=1)[0])
    return len(before.text) in _WRAPPED and len(before.text) + first > before.width


def _is_large(line: _Line) -> bool:
    """In capitals, as headings are."""
    return len(line.text) <= _HEAD and line.text.isupper()
