"""The prefix tree of token sequences: each run of tokens that several of them begin with, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TokenSequence:
    """Token ids. Those from `first` on are the target, whose log-probabilities are wanted.

    The last token is predicted and never run.
    """

    ids: Ids
    first: int

    @classmethod
    def without_target(cls, ids: Ids) -> TokenSequence:
        """A sequence of which all `ids` run, and none predicts a target token."""
        return cls(np.append(ids, 0), len(ids) + 1)

    @property
    def fed(self) -> Ids:
        """The tokens that run."""
        return self.ids[:-1]


@dataclass(eq=False)
class Node:
    """Tokens `[start, end)` of `sequence`, shared by all sequences below.

    Attributes:
        ends: sequences whose last fed token is the node's last.
        read_by: sequences of which the node predicts target tokens.
        read_from: the first token of the node that predicts a target token; `end` if none does.
        tokens: tokens of the whole subtree.
        reads: tokens of the whole subtree that predict a target token.
    """

    sequence: int
    start: int
    end: int
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    read_by: list[int] = field(default_factory=list)
    read_from: int = 0
    tokens: int = 0
    reads: int = 0

    def below(self) -> Iterator[Node]:
        """The subtree, parents first."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack += reversed(node.children)


def prefix_tree(sequences: Sequence[TokenSequence]) -> Node:
    """The compressed prefix tree of what is fed; children with more tokens come first."""
    # Big-endian bytes compare as the numbers do.
    keys = [s.fed.astype(">i4").tobytes() for s in sequences]
    order = sorted(range(len(sequences)), key=keys.__getitem__)
    root = Node(order[0] if order else 0, 0, 0)
    path, previous = [root], np.empty(0, dtype=np.int64)
    for index in order:
        fed = sequences[index].fed
        shared = common_prefix(previous, fed)
        while path[-1].start >= shared and len(path) > 1:
            path.pop()
        top = path[-1]
        if top.end > shared:  # the sequence leaves the path in the middle of a node: split it
            rest = Node(top.sequence, shared, top.end, top, top.children, top.ends)
            for child in rest.children:
                child.parent = rest
            top.end, top.children, top.ends = shared, [rest], []
        if len(fed) > shared:
            leaf = Node(index, shared, len(fed), top)
            top.children.append(leaf)
            path.append(leaf)
        path[-1].ends.append(index)
        previous = fed
    for node in reversed(list(root.below())):
        for index in node.ends:
            ancestor: Node | None = node
            while ancestor is not None and ancestor.end > sequences[index].first - 1:
                ancestor.read_by.append(index)
                ancestor = ancestor.parent
    for node in reversed(list(root.below())):
        firsts = [sequences[i].first - 1 for i in node.read_by]
        node.read_from = max(node.start, min([node.end, *firsts]))
        node.tokens = node.end - node.start + sum(child.tokens for child in node.children)
        node.reads = node.end - node.read_from + sum(child.reads for child in node.children)
        node.children.sort(key=lambda child: -child.tokens)
    return root


def common_prefix(a: Ids, b: Ids) -> int:
    """Length of the longest common prefix."""
    n = min(len(a), len(b))
    differ = np.flatnonzero(a[:n] != b[:n])
    return int(differ[0]) if len(differ) else n
