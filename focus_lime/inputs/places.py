"""Where characters stand, as a reader of the file would say it: a page, a line, a message."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """Characters `[start, end)` of a text. `str` says the place in words."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"characters {self.start:,}-{self.end:,}"


@dataclass(frozen=True, kw_only=True)
class DocumentPlace(Place):
    """
    Attributes:
        page: from 1; None where the format has no pages.
        section: how it is cited: see `Document.section`.
    """

    page: int | None
    section: str | None

    def __str__(self) -> str:
        parts = [f"p. {self.page}"] if self.page else []
        if self.section:
            numbered = self.section[:1].isdigit()
            article = "Article " if set(self.section) <= set("IVXLC") else ""
            short = article + textwrap.shorten(self.section, 30, placeholder="…")
            parts.append(f"§ {self.section}" if numbered else short)
        return ", ".join(parts) or super().__str__()


@dataclass(frozen=True, kw_only=True)
class CodePlace(Place):
    """Lines and columns from 1, in characters; the end column is past the last one."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, kw_only=True)
class TurnPlace(Place):
    """Characters of one turn of a conversation.

    Attributes:
        number: of the message, from 1.
        kind: message, tool call or tool result.
    """

    number: int
    role: str
    kind: str

    def __str__(self) -> str:
        return f"{self.number} {self.role}"
