"""The syntax of code, by Pygments, as a few classes that the style sheet knows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from pygments.lexers import get_lexer_for_filename
from pygments.token import Comment, Keyword, Name, Number, String, _TokenType
from pygments.util import ClassNotFound

_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "c"),
    (Keyword, "k"),
    (String, "t"),
    (Number, "n"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Builtin, "k"),
)


class Coloured:
    """The tokens of a text. `names` are (offset, name) of the functions and classes it defines."""

    def __init__(self, edges: list[int], classes: list[str], names: list[tuple[int, str]]) -> None:
        self._edges, self._classes, self.names = edges, classes, names

    def between(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Tile `[start, end)`: (start, end, class), the class empty for plain text."""
        at = max(0, bisect_right(self._edges, start) - 1)
        while start < end:
            stop = self._edges[at + 1] if at + 1 < len(self._edges) else end
            yield start, min(stop, end), self._classes[at]
            start, at = min(stop, end), at + 1


def colour(name: str, text: str) -> Coloured | None:
    """None where the name says no language, or where the lexer does not give the text back."""
    try:
        lexer = get_lexer_for_filename(name)
    except ClassNotFound:
        return None
    edges, classes, names, at = [0], [""], [], 0
    for start, kind, token in lexer.get_tokens_unprocessed(text):
        if start != at or text[start : start + len(token)] != token:
            return None
        at += len(token)
        name = next((name for known, name in _CLASSES if kind in known), "")
        if name == "f":
            names.append((start, token))
        if name == classes[-1]:
            continue
        if edges[-1] == start:
            classes[-1] = name
        else:
            edges.append(start)
            classes.append(name)
    return Coloured(edges, classes, names) if at == len(text) else None
