"""pytest tests/models/kernel/test_prefixes.py"""

from __future__ import annotations

from hypothesis import given

from focus_lime.models.kernel.prefixes import TokenSequence, prefix_tree
from tests.models.kernel.paper import SETTINGS, scored, trie


@SETTINGS
@given(scored())
def test_the_tree_counts_what_is_below(sequences: list[TokenSequence]) -> None:
    root = prefix_tree(sequences)
    assert root.tokens == len(trie(sequences))
    reads = {tuple(s.ids[:n].tolist()) for s in sequences for n in range(s.first, len(s.ids))}
    assert root.reads == len(reads)
    ends = [index for node in root.below() for index in node.ends]
    assert sorted(ends) == list(range(len(sequences)))
    for node in root.below():
        assert node.parent is None or node.parent.end == node.start < node.end
        assert [c.tokens for c in node.children] == sorted(c.tokens for c in node.children)[::-1]
