"""How the sources of a prompt are laid out where they are read: what kind they are, their names,
where their lines, pages and headings begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["document", "chat", "code"]


@dataclass(frozen=True)
class Layout:
    """
    Attributes:
        name: of the file or conversation; the lexer of code follows from it.
        titles: of each source, such as "tool call: search"; without them, its role or the name.
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

    def title(self, source: int, role: str) -> str:
        """Of a source, whose message has the role."""
        if source < len(self.titles):
            return self.titles[source]
        return role if self.kind == "chat" else self.name

    def first_line(self, source: int) -> int:
        return self.first_lines[source] if source < len(self.first_lines) else 1
