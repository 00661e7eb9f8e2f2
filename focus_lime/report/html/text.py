"""A document as HTML: every line an element, lines in blocks that a browser lays out when they are
near, and a `<mark>` around each run that some explanation may paint.

Which explanation paints which mark, and how, is not said here: see `view`.
So the text stands in the page once, however many explanations it has.
"""

from __future__ import annotations

import html
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from focus_lime.explanation.result import SourceText
from focus_lime.report.html.rows import Rows
from focus_lime.report.html.syntax import Coloured


class Run(NamedTuple):
    """Characters `[start, end)` of one source, within one line."""

    source: int
    start: int
    end: int


class Marked(NamedTuple):
    """Marks `[first, last]` of a document, by their numbers."""

    first: int
    last: int


@dataclass(frozen=True)
class Block:
    """Lines of a source, the first its number `line`, and about how many rows they fill."""

    id: str
    line: int
    rows: int
    html: Markup


def exact(text: str) -> str:
    """Text for an element's content, such that an HTML parser gives back every character but one.

    A parser reads a bare CR as LF, so it goes in as a reference; U+0000 becomes U+FFFD.
    """
    escaped = html.escape(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), quote=False)
    return escaped.replace("\r", "&#13;")


def runs(source: int, text: str, start: int, end: int) -> Iterator[Run]:
    """What a reader sees of a unit, line by line: without white space at the ends of a line. Of a
    unit of white space alone, its first line.
    """
    end = min(end, len(text))
    if start < end and not text[start:end].strip():
        stop = text.find("\n", start, end)
        yield Run(source, start, end if stop < 0 else stop + 1)
        return
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        line = text[start:stop]
        if inside := line.strip():
            first = start + len(line) - len(line.lstrip())
            yield Run(source, first, first + len(inside))
        start = stop + 1


class Sheet:
    """One document: its marks are numbered through all sources, in reading order."""

    def __init__(
        self,
        number: int,
        sources: Sequence[SourceText],
        painted: Iterable[Run],
        coloured: Sequence[Coloured | None] = (),
        cited: Iterable[Run] | None = None,
    ) -> None:
        """`painted` are the runs to mark; of `cited`, if given, alone the text is shown."""
        self.number = number
        self.sources = sources
        self._coloured = coloured
        self._cited: dict[int, list[Run]] | None = None
        if cited is None:
            self._marks = _segments(painted)
        else:
            self._cited = defaultdict(list)
            shown = _segments(cited)
            for run in shown:
                self._cited[run.source].append(run)
            inside = {cut for cut in _segments([*painted, *shown]) if _holds(shown, cut)}
            self._marks = sorted(inside)
        self._starts = [(run.source, run.start) for run in self._marks]
        self.rows = Rows([source.text for source in sources])

    def marked(self, source: int, start: int, end: int) -> Marked | None:
        """The marks of a unit; None where it was not painted."""
        lines = list(runs(source, self.sources[source].text, start, end))
        if not lines:
            return None
        first = bisect_left(self._starts, (source, lines[0].start))
        last = bisect_left(self._starts, (source, lines[-1].end)) - 1
        return Marked(first, last) if first <= last else None

    def blocks(
        self,
        source: int,
        first_line: int,
        pages: Sequence[int],
        classes: Mapping[int, str],
    ) -> Iterator[Block]:
        """The text of a source; the blocks' `textContent` joined is the text, unless it is cut.

        `classes` are those of the marks before a script runs.
        """
        text, starts = self.sources[source].text, self.rows.lines[source]
        page_of = {bisect_right(starts, at) - 1: n for n, at in enumerate(pages, start=1)}
        mark = bisect_left(self._starts, (source, 0))
        end = bisect_left(self._starts, (source + 1, 0))
        firsts = self.rows.firsts[source]
        for first, after in zip(firsts, [*firsts[1:], len(starts)], strict=True):
            lines: list[str] = []
            hidden = 0  # characters left out since the last line that is shown
            for index in range(first, after):
                start = starts[index]
                stop = starts[index + 1] if index + 1 < len(starts) else len(text)
                here = mark
                while mark < end and self._starts[mark][1] < stop:
                    mark += 1
                shown = self._shown(source, start, stop, range(here, mark), classes)
                if shown is None:
                    hidden += stop - start
                    continue
                lines += _gap(hidden)
                hidden = 0
                page = f' data-page="{page_of[index]}"' if index in page_of else ""
                # Where lines are left out, counting them would give wrong numbers.
                number = f' data-line="{first_line + index}"' if self._cited is not None else ""
                lines.append(f"<p{page}{number}>{shown}</p>")
            lines += _gap(hidden)
            yield Block(
                f"d{self.number}s{source}b{first}",
                first_line + first,
                self.rows.between(source, first, after),
                Markup("".join(lines)),
            )

    def _shown(
        self, source: int, start: int, stop: int, marks: Sequence[int], classes: Mapping[int, str]
    ) -> str | None:
        """The line with its marks; None where nothing of it is cited."""
        if self._cited is None:
            keep = [(start, stop)]
        else:
            keep = [
                (max(run.start, start), min(run.end, stop))
                for run in self._cited.get(source, ())
                if run.start < stop and run.end > start
            ]
            if not keep:
                return None
        parts: list[str] = []
        at = start
        for low, high in keep:
            if at < low:
                parts.append(_left_out(low - at))
            at = low
            for number in marks:
                run = self._marks[number]
                if run.end <= low or run.start >= high:
                    continue
                parts.append(self._plain(source, at, run.start))
                inner = self._plain(source, run.start, run.end)
                name = f' class="{classes[number]}"' if number in classes else ""
                parts.append(f'<mark id="d{self.number}m{number}"{name}>{inner}</mark>')
                at = run.end
            parts.append(self._plain(source, at, high))
            at = high
        rest = self.sources[source].text[at:stop]
        if rest.strip():
            parts.append(_left_out(len(rest)))
        return "".join(parts)

    def _plain(self, source: int, start: int, end: int) -> str:
        text = self.sources[source].text
        coloured = self._coloured[source] if source < len(self._coloured) else None
        if coloured is None:
            return exact(text[start:end])
        return "".join(
            f'<i class="{name}">{exact(text[a:b])}</i>' if name else exact(text[a:b])
            for a, b, name in coloured.between(start, end)
        )


def _gap(characters: int) -> list[str]:
    return [f'<p class="gap">{characters:,} characters left out</p>'] if characters else []


def _left_out(characters: int) -> str:
    return f'<span class="left-out" title="{characters:,} characters left out">[…]</span>'


def _holds(runs: Sequence[Run], run: Run) -> bool:
    """Whether one of the runs, which are in order, holds a run that crosses no edge of theirs."""
    at = bisect_right(runs, (run.source, run.start, math.inf)) - 1
    return at >= 0 and runs[at].source == run.source and run.start < runs[at].end


def _segments(painted: Iterable[Run]) -> list[Run]:
    """The runs cut at each other's edges, without repeats, in reading order."""
    by_source: dict[int, list[Run]] = defaultdict(list)
    for run in painted:
        by_source[run.source].append(run)
    segments: list[Run] = []
    for source in sorted(by_source):
        depth: dict[int, int] = defaultdict(int)
        for run in by_source[source]:
            depth[run.start] += 1
            depth[run.end] -= 1
        cuts = sorted(depth)
        open_runs = 0
        for cut, following in pairwise(cuts):
            open_runs += depth[cut]
            if open_runs:
                segments.append(Run(source, cut, following))
    return segments
