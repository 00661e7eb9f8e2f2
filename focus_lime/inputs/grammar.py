"""Code cut by its grammar: blocks > lines > tokens, and where the comments are.

Grammars are tree-sitter's, which come as wheels. A language without one is cut at its lines, and
its tokens are words; its comments are not known.
"""

from __future__ import annotations

import importlib
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.cut import Range, words

# Ending of a file: the grammar's module and the name of its function.
_GRAMMARS = {
    **dict.fromkeys((".py", ".pyi"), ("tree_sitter_python", "language")),
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs"), ("tree_sitter_javascript", "language")),
    **dict.fromkeys((".ts", ".mts", ".cts"), ("tree_sitter_typescript", "language_typescript")),
    ".tsx": ("tree_sitter_typescript", "language_tsx"),
    ".java": ("tree_sitter_java", "language"),
    **dict.fromkeys((".c", ".h"), ("tree_sitter_c", "language")),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hpp", ".hh"), ("tree_sitter_cpp", "language")),
    ".go": ("tree_sitter_go", "language"),
    ".rs": ("tree_sitter_rust", "language"),
    ".sol": ("tree_sitter_solidity", "language"),
}
# Read as lines: no grammar of ours.
_OTHERS = ".php .rb .cs .kt .swift .scala .sh .pl .lua .r .sql .vue .ex .erl .hs .dart .vy".split()
ENDINGS = frozenset([*_GRAMMARS, *_OTHERS])

_LONG_BLOCK = 30  # lines; a longer one is cut at what stands inside it
_SHORT_BLOCK = 5  # lines; shorter ones are joined
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Cuts:
    """Where units begin, each level's first at 0, and the comments as spans."""

    blocks: tuple[int, ...]
    lines: tuple[int, ...]
    tokens: tuple[int, ...]
    comments: tuple[Range, ...]

    @property
    def levels(self) -> dict[str, tuple[int, ...]]:
        """The starts of each level, coarse to fine."""
        return {"block": self.blocks, "line": self.lines, "token": self.tokens}


def cut_code(name: str, text: str) -> Cuts:
    """The units of a file's text; the ending of its name says the language."""
    lines = _lines(text)
    tree = _tree(Path(name).suffix.lower(), text)
    if tree is None:
        pairs = pairwise(lines)
        after_blank = [b for a, b in pairs if text.count("\n", a, b) > 1]
        spans = [words(text, a, b) for a, b in pairwise((*lines, len(text)))]
        tokens = tuple(start for line in spans for start, _ in line)
        return Cuts(_joined(lines, after_blank), lines, tokens, ())
    root, offsets = tree
    leaves: list[int] = []
    comments: list[Range] = []
    for node in _walk(root):
        if "comment" in node.type:
            start, end = offsets(node.start_byte), offsets(node.end_byte)
            comments.append((start, start + len(text[start:end].rstrip("\r\n"))))
        if node.child_count == 0 or "comment" in node.type:
            leaves.append(offsets(node.start_byte))
    starts = [offsets(byte) for byte in _candidates(root)]
    at_lines = {lines[max(0, bisect_left(lines, s + 1) - 1)] for s in starts}
    return Cuts(
        _joined(lines, sorted(at_lines)), lines, _tokens(text, lines, leaves), tuple(comments)
    )


def _lines(text: str) -> tuple[int, ...]:
    """Starts of lines; a blank line belongs to the line before it."""
    starts = [m.start() for m in _LINE.finditer(text) if m.group().strip()]
    return tuple(sorted({0, *starts[1:]}))


def _tokens(text: str, lines: tuple[int, ...], leaves: list[int]) -> tuple[int, ...]:
    """Starts of lines, and of every token but a line's first: white space goes with the token
    before it, a line's indentation with its first.
    """
    leaves = sorted(set(leaves))
    starts: set[int] = set()
    for start, end in pairwise((*lines, len(text))):
        inside = leaves[bisect_left(leaves, start) : bisect_left(leaves, end)]
        first = 0 if inside and text[start : inside[0]].strip() else 1
        starts |= {start, *inside[first:]}
    return tuple(sorted(starts))


def _joined(lines: tuple[int, ...], wanted: list[int]) -> tuple[int, ...]:
    """The wanted starts of blocks, less those that would make a block of a few lines."""
    number = {start: i for i, start in enumerate(lines)}
    kept = [0]
    for start in wanted:
        if start in number and number[start] - number[kept[-1]] >= _SHORT_BLOCK:
            kept.append(start)
    return tuple(kept)


def _candidates(node: Any) -> Iterator[int]:
    """First bytes of what may begin a block; comments belong to what follows them."""
    after_comment = False
    for child in node.named_children:
        if not after_comment:
            yield child.start_byte
        after_comment = "comment" in child.type
        if child.end_point[0] - child.start_point[0] > _LONG_BLOCK:
            yield from _candidates(child)


def _walk(root: Any) -> Iterator[Any]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if "comment" not in node.type:
            stack.extend(reversed(node.children))


def _tree(ending: str, text: str) -> tuple[Any, Any] | None:
    """The root of the syntax tree, and a map from its bytes to characters."""
    if ending not in _GRAMMARS:
        return None
    data = text.encode("utf-8")
    tree = _parser(*_GRAMMARS[ending]).parse(data)
    if len(data) == len(text):
        return tree.root_node, lambda byte: byte
    ends = list(accumulate(len(character.encode()) for character in text))
    return tree.root_node, lambda byte: bisect_left(ends, byte) + 1 if byte else 0


@cache
def _parser(module: str, function: str) -> Any:
    try:
        import tree_sitter

        grammar = importlib.import_module(module)
    except ImportError:
        raise FocusLimeError(
            f"code is cut with the packages tree-sitter and {module.replace('_', '-')}: "
            "pip install 'focus-lime[code]'"
        ) from None
    with warnings.catch_warnings():
        # Some grammars still give their pointer as a number, which tree-sitter takes and deplores.
        warnings.simplefilter("ignore", DeprecationWarning)
        language = tree_sitter.Language(getattr(grammar, function)())
    return tree_sitter.Parser(language)
