"""How the sources of an explanation are laid out on a page: what kind they are, their names, where
their lines, pages and headings begin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import regex

from focus_lime.explanation import Explanation, SourceText

Kind = Literal["document", "chat", "code"]

# A line that heads what follows: Markdown, "ARTICLE IV", "7.2 Payment", or short and in capitals.
_HEADING = regex.compile(
    r"^(?:#{1,6}[ \t]+(?P<text>\S[^\n]{0,120})"
    r"|[ \t]*(?P<text>(?i:article|section|clause|chapter|schedule|exhibit|appendix)[ \t]+"
    r"(?:\d{1,2}(?:\.\d{1,3}){0,3}|[IVXLC]+|[A-Z])\b[^\n]{0,80})"
    r"|[ \t]*(?P<text>(?:\d{1,2}(?:\.\d{1,3}){1,3}|\d{1,2}(?=[.)]))[.)]?[ \t]+\p{Lu}[^\n]{0,80})"
    r"|[ \t]*(?P<text>\p{Lu}[\p{Lu} \t&,'’-]{4,60}))[ \t\r]*$",
    regex.MULTILINE,
)
_COLUMNS = regex.compile(r"\S(?: {3,}|\t+)\S")  # text set in columns by white space
_LONGEST = 60  # characters of a heading in the outline
_MOST = 400  # headings


@dataclass(frozen=True)
class Layout:
    """
    Attributes:
        name: of the file or conversation; the lexer of code follows from it.
        titles: of each source, such as "tool call: search"; without them, its role or number.
        folded: sources that are closed until they are asked for.
        first_lines: the number of the first line of each source; without them, 1.
        pages: offsets in the first source at which a page begins.
        headings: (source, offset, text), in reading order.
    """

    kind: Kind = "document"
    name: str = ""
    titles: tuple[str, ...] = ()
    folded: frozenset[int] = frozenset()
    first_lines: tuple[int, ...] = ()
    pages: tuple[int, ...] = ()
    headings: tuple[tuple[int, int, str], ...] = ()

    def title(self, index: int, source: SourceText) -> str:
        if index < len(self.titles):
            return self.titles[index]
        return source.role if self.kind == "chat" else self.name

    def first_line(self, source: int) -> int:
        return self.first_lines[source] if source < len(self.first_lines) else 1


def layout_of(explanation: Explanation) -> Layout:
    """What follows from the explanation alone: several messages are a conversation, in which what
    tools say is folded; else it is a document with the headings that its lines show.
    """
    sources = explanation.sources
    if len({source.message for source in sources}) > 1:
        tools = (i for i, source in enumerate(sources) if source.role == "tool")
        return Layout("chat", folded=frozenset(tools))
    found = (
        (index, start, text)
        for index, source in enumerate(sources)
        for start, text in headings(source.text)
    )
    return Layout(headings=tuple(found))


def headings(text: str) -> Iterator[tuple[int, str]]:
    """(offset, heading) of the lines that look like one, at most 400."""
    for count, match in enumerate(_HEADING.finditer(text)):
        if count == _MOST:
            return
        line = " ".join(match["text"].split())
        yield match.start("text"), line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def in_columns(text: str) -> bool:
    """Whether so many lines are set in columns that only letters of one width keep them."""
    lines = [line for line in text[:200_000].splitlines() if line.strip()]
    return sum(bool(_COLUMNS.search(line.strip())) for line in lines) > len(lines) / 8
