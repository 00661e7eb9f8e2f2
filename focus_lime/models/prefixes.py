"""The prefix tree of token sequences: each run of tokens that several of them begin with, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Token ids, of which those from `first` on are the target: their log-probabilities are asked.

    The last token is read off, never run.
    """

    ids: Ids
    first: int

    @property
    def fed(self) -> Ids:
        return self.ids[:-1]


@dataclass(eq=False)
class Node:
    """Tokens `[start, end)` of `sequence`, shared by all sequences below."""

    sequence: int
    start: int
    end: int
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)  # sequences whose last fed token is our last
    read_by: list[int] = field(default_factory=list)  # sequences with target tokens foretold here
    read_from: int = 0  # the first token here that foretells a target token
    tokens: int = 0  # of the whole subtree
    reads: int = 0  # tokens of the whole subtree that foretell

    def below(self) -> Iterator[Node]:
        """The subtree, parents first."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack += reversed(node.children)


def tree(sequences: Sequence[Scored]) -> Node:
    """The compressed prefix tree of what is fed; children with more tokens come first."""
    # Big-endian bytes compare as the numbers do.
    keys = [s.fed.astype(">i4").tobytes() for s in sequences]
    order = sorted(range(len(sequences)), key=keys.__getitem__)
    root = Node(order[0] if order else 0, 0, 0)
    path, before = [root], np.empty(0, dtype=np.int64)
    for index in order:
        fed = sequences[index].fed
        shared = _common(before, fed)
        while path[-1].start >= shared and len(path) > 1:
            path.pop()
        top = path[-1]
        if top.end > shared:  # the path parts from this one in the middle of a node
            rest = Node(top.sequence, shared, top.end, top, top.children, top.ends)
            for child in rest.children:
                child.parent = rest
            top.end, top.children, top.ends = shared, [rest], []
        if len(fed) > shared:
            leaf = Node(index, shared, len(fed), top)
            top.children.append(leaf)
            path.append(leaf)
        path[-1].ends.append(index)
        before = fed
    for node in reversed(list(root.below())):
        node.read_from = node.end
        for index in node.ends:
            above: Node | None = node
            while above is not None and above.end > sequences[index].first - 1:
                above.read_by.append(index)
                above = above.parent
    for node in reversed(list(root.below())):
        firsts = [sequences[i].first - 1 for i in node.read_by]
        node.read_from = max(node.start, min([node.end, *firsts]))
        node.tokens = node.end - node.start + sum(child.tokens for child in node.children)
        node.reads = node.end - node.read_from + sum(child.reads for child in node.children)
        node.children.sort(key=lambda child: -child.tokens)
    return root


def _common(a: Ids, b: Ids) -> int:
    """Length of the longest common prefix."""
    n = min(len(a), len(b))
    differ = np.flatnonzero(a[:n] != b[:n])
    return int(differ[0]) if len(differ) else n
