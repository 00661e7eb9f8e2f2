"""Which tokens run when, so that each distinct prefix of a set of sequences runs once.

Sequences that begin alike form a prefix tree: each node is a run of tokens that the sequences below
it share. The tree is walked depth first. A subtree that fits in a step is attached to the path of
keys and values that is on the stack; a larger one has its root pushed onto the path, and its
children come next.

This is plain Python and numpy, so that a plan can be tested by counting; `execution` runs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from focus_lime.models.kernel.packing import StepBuilder
from focus_lime.models.kernel.prefixes import Ids, Node, TokenSequence, prefix_tree
from focus_lime.models.kernel.steps import Limits, Step


def plan(
    sequences: Sequence[TokenSequence], limits: Limits, cached: Ids | None = None
) -> list[Step]:
    """Steps that compute each distinct prefix of the sequences once, the longest first.

    Reads name sequences by their index; each target token of each is read exactly once.

    Args:
        cached: tokens that are on the stack already, at least one. What sequences begin with of
            these is not computed again. They stay there if no step pushes.
    """
    if cached is None:
        builder, pending = StepBuilder(sequences, limits), [prefix_tree(sequences)]
    else:
        builder, pending = StepBuilder(sequences, limits, len(cached)), []
        for node, at in _branches(sequences, cached):
            if builder.fits(node):
                builder.attach([node], at, len(cached))
            else:
                pending.append(node)  # cuts the stack back to where it leaves: deepest first
        builder.start_step(len(cached))
    while pending:
        node = pending.pop()
        builder.push(node)
        builder.attach([child for child in node.children if builder.fits(child)], node.end)
        pending += [child for child in reversed(node.children) if not builder.fits(child)]
    builder.flush()
    return builder.steps


def plan_context(context: Ids, limits: Limits) -> list[Step]:
    """Steps after which all of the context is on the stack."""
    sequence = TokenSequence.without_target(context)
    return [replace(step, push=len(step.ids)) for step in plan([sequence], limits)]


def _branches(sequences: Sequence[TokenSequence], cached: Ids) -> list[tuple[Node, int]]:
    """Subtrees that leave the cached path, and after how many of its tokens, in this order."""
    with_path = [*sequences, TokenSequence.without_target(cached)]
    node = prefix_tree(with_path)
    branches: list[tuple[Node, int]] = []
    while True:
        on_path = None
        for child in node.children:
            first = with_path[child.sequence].ids[child.start]
            if node.end < len(cached) and first == cached[node.end]:
                on_path = child
            else:
                branches.append((child, node.end))
        if on_path is None:
            return branches
        if on_path.read_by:  # keys and values are cached, logits are not: these tokens must run
            return _branches(sequences, cached[: on_path.read_from])
        node = on_path
