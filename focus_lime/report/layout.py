"""What a page can tell of the layout of sources by itself."""

from __future__ import annotations

from itertools import islice

import regex

from focus_lime.explanation.result import Explanation
from focus_lime.inputs.headings import heading_lines
from focus_lime.inputs.layout import Layout

_COLUMNS = regex.compile(r"\S(?: {3,}|\t+)\S")  # text set in columns by white space
_MOST = 400  # headings of a source


def layout_of(explanation: Explanation) -> Layout:
    """What follows from the explanation alone: several messages are a conversation, in which what
    tools say is folded; else it is a document with the headings that its lines show.
    """
    sources = explanation.sources
    if len({source.message for source in sources}) > 1:
        tools = (i for i, source in enumerate(sources) if source.role == "tool")
        return Layout("chat", folded=frozenset(tools))
    headings = (
        (index, heading.start, heading.text)
        for index, source in enumerate(sources)
        for heading in islice(heading_lines(source.text), _MOST)
    )
    return Layout(headings=tuple(headings))


def in_columns(text: str) -> bool:
    """Whether so many lines are set in columns that only letters of one width keep them."""
    lines = [line for line in text[:200_000].splitlines() if line.strip()]
    return sum(bool(_COLUMNS.search(line.strip())) for line in lines) > len(lines) / 8
