"""The syntax of a text: where its tokens, comments and long definitions begin, by its grammar."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import regex

from focus_lime.inputs import comments, directives
from focus_lime.inputs.cut import Range, words
from focus_lime.inputs.languages import Language, parser
from focus_lime.inputs.trial import check

_LONG_BLOCK = 30  # lines; a longer one is cut at what stands inside it
_DEPTH = 2
_LEAST = 2  # bytes of what may hold a comment
_LONE_RETURN = regex.compile(r"\r(?!\n)")
_NO_CHARACTER = regex.compile(r"[\x00\ud800-\udfff]")

# A literal is one token, unless something is computed inside of it.
_LITERAL = regex.compile(
    r"(?:\w+_)?(?:string|string_literal|char_literal|character_literal|rune_literal|regex"
    r"|regex_literal|quote_scalar|interpolated_string_expression|delimited_symbol)"
)
_CONTENT = regex.compile(
    r"\w*(?:content|fragment|escape|escape_sequence|escaped_char|str_text|line_str_text|character"
    r"|string_start|string_end|raw_string_\w+|raw_str_\w*part|regex_\w+|string_literal_encoding"
    r"|literal_suffix|interpolation_start|interpolation_quote|delimiter)"
)
_INNER = regex.compile(r"\w*(?:content|fragment|escape|escape_sequence|escaped_char|str_text)")
_PROSE = frozenset(("text", "jsx_text", "uninterpreted", "preproc_arg"))
_WRAPPERS = frozenset(("document", "block_node", "block_mapping", "block_sequence"))  # of YAML


@dataclass(frozen=True)
class Syntax:
    """Offsets of characters, in order.

    Attributes:
        tokens: where one begins.
        comments: without the ends of their lines.
        blocks: where a definition or a statement begins, or the comment before it.
    """

    tokens: tuple[int, ...]
    comments: tuple[Range, ...]
    blocks: tuple[int, ...]


def syntax(language: Language, text: str, depth: int = 0) -> Syntax:
    """What a grammar left out as broken is read again by itself, to a depth.

    Raises:
        FocusLimeError: the grammar's package is not installed, or the grammar does not come to an
            end with the text.
    """
    found: list[Range] = []
    given = _LONE_RETURN.sub("\n", _NO_CHARACTER.sub("\ufffd", text))
    if language.has_macros:
        given, found = directives.masked(given)
    elif language.name == "sql":
        found = comments.in_sql(given)
        given = _blank(given, found)
    data = given.encode("utf-8")
    reader = parser(language)
    check(language, data)
    root = reader.parse(data).root_node
    at = _characters(given, data)
    starts = [start for start, _ in found]
    html: list[Range] = []
    skipped: list[Range] = []  # bytes
    end = 0
    inner = False
    for kind, first, last, is_comment in _leaves(root, language, skipped):
        low, high = at(first), at(last)
        if end < low:
            starts += _words(given, end, low)
        end = max(end, high)
        was_inner, inner = inner, _is_inner(kind)
        if is_comment and not (language.name == "sql" and given.startswith("/*!", low)):
            found.append((low, low + len(text[low:high].rstrip("\r\n"))))
        if low == high or (given[low].isspace() and given[low:high].isspace()):
            continue
        if kind == "preproc_arg" and language.has_macros:
            starts += directives.tokens(given, low, high)
        elif kind in _PROSE:
            starts += _words(given, low, high)
        elif not (was_inner and inner):
            inside = given[low:high] if given[low].isspace() else ""
            starts.append(low + len(inside) - len(inside.lstrip()))
        if kind == "text":
            html.append((low, high))
        elif kind == "preproc_arg" and language.name == "csharp":
            found += comments.in_csharp(given, low, high)
    starts += _words(given, end, len(given))
    found += comments.in_html(given, html)
    if skipped and depth < _DEPTH:
        spans = [(at(low), at(high)) for low, high in skipped]
        starts = _outside(starts, spans)
        for low, high in spans:
            again = syntax(language, text[low:high], depth + 1)
            starts += [low + start for start in again.tokens]
            found += [(low + start, low + end) for start, end in again.comments]
    starts += [edge for low, high in found for edge in (low, high) if edge < len(text)]
    blocks = [at(byte) for byte in _candidates(root)]
    return Syntax(tuple(sorted(set(starts))), _in_order(text, found), tuple(blocks))


def _in_order(text: str, found: list[Range]) -> tuple[Range, ...]:
    """The comments that are some, without overlap."""
    kept: list[Range] = []
    for start, end in sorted(found):
        start = max(start, kept[-1][1]) if kept else start
        is_shebang = start == 0 and text.startswith("#!")
        if start < end and not is_shebang:
            kept.append((start, end))
    return tuple(kept)


def _blank(text: str, ranges: list[Range]) -> str:
    parts, position = [], 0
    for start, end in ranges:
        parts += [text[position:start], " " * (end - start)]
        position = end
    return "".join([*parts, text[position:]])


def _words(text: str, start: int, end: int) -> list[int]:
    """Where words begin in what a grammar leaves out, but for the backslash at a line's end."""
    if not text[start:end].strip().strip("\\\r\n\t "):
        return []
    return [low for low, high in words(text, start, end) if text[low:high].strip()]


def _outside(starts: list[int], spans: list[Range]) -> list[int]:
    begins = [low for low, _ in spans]
    return [s for s in starts if not (i := bisect_right(begins, s)) or s >= spans[i - 1][1]]


def _skipped(node: Any) -> Iterator[Range]:
    """The bytes of an error that are in no node."""
    position = node.start_byte
    for child in node.children:
        if position < child.start_byte:
            yield position, child.start_byte
        position = child.end_byte
    if position < node.end_byte:
        yield position, node.end_byte


def _leaves(
    root: Any, language: Language, skipped: list[Range]
) -> Iterator[tuple[str, int, int, bool]]:
    """(type, first byte, end, whether it is a comment) of the nodes that are cut no further. What
    errors leave out is added to `skipped`.
    """
    is_python = language.name == "python"
    documented: set[int] = set()  # first bytes of docstrings
    cursor = root.walk()
    while True:
        node = cursor.node
        kind = node.type
        if is_python and (string := comments.docstring(node)) is not None:
            documented.add(string.start_byte)
        is_comment = comments.is_comment(node) or (
            kind == "expression_statement" and node.start_byte in documented
        )
        if kind == "ERROR":
            skipped += [(low, high) for low, high in _skipped(node) if high - low > _LEAST]
        if is_comment or not node.child_count or _is_whole(node):
            yield kind, node.start_byte, node.end_byte, is_comment
        elif cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


@cache
def _is_inner(kind: str) -> bool:
    return _INNER.fullmatch(kind) is not None


@cache
def _is_content(kind: str) -> bool:
    return _CONTENT.fullmatch(kind) is not None


@cache
def _is_literal(kind: str) -> bool:
    return _LITERAL.fullmatch(kind) is not None


def _is_whole(node: Any) -> bool:
    """Whether a node is a literal inside of which nothing is computed, or text of one."""
    return _is_inner(node.type) or (
        _is_literal(node.type)
        and all(not child.is_named or _is_content(child.type) for child in node.children)
    )


def _candidates(root: Any) -> Iterator[int]:
    """First bytes of what may begin a block; comments belong to what follows them."""
    stack = [iter(root.named_children)]
    after_comment = [False]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            after_comment.pop()
            continue
        if not after_comment[-1]:
            yield child.start_byte
        after_comment[-1] = comments.is_comment(child)
        is_long = child.end_point[0] - child.start_point[0] > _LONG_BLOCK
        if is_long or child.type in _WRAPPERS:
            stack.append(iter(child.named_children))
            after_comment.append(False)


def _characters(text: str, data: bytes) -> Callable[[int], int]:
    """A map from bytes to characters."""
    if len(data) == len(text):
        return lambda byte: byte
    begins = (np.frombuffer(data, dtype=np.uint8) & 0xC0) != 0x80
    before: list[int] = [0, *np.cumsum(begins).tolist()]
    return lambda byte: before[byte]
