"""What of code is a comment.

What a grammar calls one; Python's docstrings; and what grammars hide: comments of C's directives
and of C#'s, of HTML around PHP, and MySQL's `#`. A comment that a tool reads (`# type:`,
`//go:build`) is one. None are: a first line `#!`, which chooses the interpreter; what stands after
Ruby's `__END__` and in heredocs, which programs read; SQL in `/*! */`, which MySQL runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import regex

from focus_lime.inputs.cut import Range

_TYPES = frozenset(
    "comment line_comment block_comment multiline_comment html_comment marginalia".split()
)
_DEFINITIONS = frozenset(("module", "class_definition", "function_definition"))
_PLAIN_STRING = regex.compile(rb"[rRuU]?[\"']")

# `//` behind a directive of C#, whose grammar takes the rest of the line; `http://` begins none.
_CSHARP = regex.compile(r"(?<!:)//.*")
# WHATWG's rules: what ends a comment, and the elements whose text holds none.
_HTML = regex.compile(
    r"(?si)<(script|style|textarea|title)\b.*?(?:</\1\b|\Z)|(?P<comment><!--(?:-?>|.*?(?:--!?>|\Z)))"
)
_SQL = regex.compile(
    r"""(?s)'(?:''|\\.|[^'\\])*+'|"[^"]*+"|`[^`]*+`|--[^\r\n]*+|/\*.*?(?:\*/|\Z)|"""
    r"""(?P<comment>\#[^\r\n]*+)"""
)
# PostgreSQL has an operator, SQL Server temporary tables of that sign. MySQL quotes by "`".
_SQL_COMMENT = regex.compile(r"(?:^|(?<=[\s;,()]))\#(?:\s(?!\s*[\d(])|[#=!*-]|\Z)")
_POSTGRES = ("::", "$$")


def is_comment(node: Any) -> bool:
    """Whether a node of a syntax tree is one to its grammar."""
    return node.type in _TYPES


def docstring(node: Any) -> Any | None:
    """Of a node of Python's tree that defines something: the string that documents it."""
    if node.type not in _DEFINITIONS:
        return None
    body = node if node.type == "module" else node.child_by_field_name("body")
    first = next((c for c in body.named_children if c.type != "comment"), None) if body else None
    if first is None or first.type != "expression_statement" or first.named_child_count != 1:
        return None
    string = first.named_children[0]
    while string.type == "parenthesized_expression" and string.named_child_count == 1:
        string = string.named_children[0]
    parts = string.named_children if string.type == "concatenated_string" else [string]
    is_plain = all(p.type == "string" and _PLAIN_STRING.match(p.text) for p in parts)
    return first if is_plain else None


def in_csharp(text: str, start: int, end: int) -> Iterator[Range]:
    """In the rest of a directive."""
    for match in _CSHARP.finditer(text, start, end):
        yield match.span()


def in_html(text: str, pieces: Sequence[Range]) -> Iterator[Range]:
    """In the pieces of HTML of a file of PHP; a comment may go on over the code between two."""
    html = "".join(text[start:end] for start, end in pieces)
    matches = [m.span() for m in _HTML.finditer(html) if m["comment"]]
    position = number = 0
    for start, end in pieces:
        stop = position + end - start
        while number < len(matches) and matches[number][0] < stop:
            low, high = matches[number]
            shift = start - position
            yield max(low, position) + shift, min(high, stop) + shift
            if high > stop:
                break
            number += 1
        position = stop


def in_sql(text: str) -> list[Range]:
    """MySQL's `#` to the line's end."""
    if "#" not in text:
        return []
    is_mysql, is_postgres = "`" in text, any(sign in text for sign in _POSTGRES)
    return [
        match.span("comment")
        for match in _SQL.finditer(text)
        if match["comment"]
        and (is_mysql or _SQL_COMMENT.match(text, match.start()))
        and not (is_postgres and not _begins_line(text, match.start()))
    ]


def _begins_line(text: str, start: int) -> bool:
    return not text[max(text.rfind("\n", 0, start) + 1, start - 200) : start].strip()
