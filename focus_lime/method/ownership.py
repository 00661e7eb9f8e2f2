"""Which unit owns a token of the model, and units joined so that each owns one.

A token that holds characters of two units belongs to the one that holds most of them; on a tie to
the one that holds its last character: without that unit the model reads the prompt without the
token. Where a language puts no spaces between its words a token may hold several of them, and all
but one then own nothing: deleting them changes nothing that the model reads.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.tree import UnitTree
from focus_lime.inputs.units import Units, joined_at
from focus_lime.models.base import Model, ShowsTokens

Ints = NDArray[np.int64]


def tree_for(model: Model, prompt: Prompt) -> UnitTree:
    """The prompt's unit tree, its units joined where some would own no token of the model. The tree
    itself where the model has no tokens.
    """
    tokens = token_spans(model, prompt)
    return prompt.tree if tokens is None else prompt.tree.joined(partial(joined, tokens=tokens))


def token_spans(model: Model, prompt: Prompt) -> Units | None:
    """The characters of each of the model's tokens; None of a model without tokens."""
    if not model.is_generative:
        return None
    if isinstance(model, ShowsTokens):
        return model.token_spans(prompt)
    try:
        return model.tokens(prompt)
    except FocusLimeError:  # a language model that does not show its tokens
        return None


def joined(units: Units, within: Units | None, tokens: Units) -> Units:
    """The units, each without a token of its own joined to the neighbor with which it shares more
    of a token; to the one before where it shares none. None is joined over a gap, or over an edge
    of the units that they lie in: what then owns nothing is left as it is.
    """
    if not len(units) or not len(tokens):
        return units
    starts, ends = units.bounds()
    token_starts, token_ends = tokens.bounds()
    touches = np.append(False, ends[:-1] == starts[1:])  # [i]: i may be joined to the one before
    if within is not None:
        parents = units.parents(within)
        touches[1:] &= parents[:-1] == parents[1:]
    heads = np.arange(len(units))  # the first unit of each run of joined ones
    while True:
        lows, highs = starts[heads], ends[np.append(heads[1:], len(units)) - 1]
        owning = _owners(lows, highs, token_starts, token_ends)
        gone: set[int] = set()  # heads that are none any more
        for run in np.setdiff1d(np.arange(len(heads)), owning).tolist():
            before = touches[heads[run]]
            after = run + 1 < len(heads) and touches[heads[run + 1]]
            span = int(lows[run]), int(highs[run])
            if after and (not before or _shares_more_after(*span, token_starts, token_ends)):
                gone.add(int(heads[run + 1]))
            elif before:
                gone.add(int(heads[run]))
        if not gone:
            return joined_at(units, heads.tolist()) if len(heads) < len(units) else units
        heads = np.setdiff1d(heads, list(gone))


def n_joined(prompt: Prompt, units: Units) -> int:
    """How many of the prompt's own units these hold in joined ones."""
    if not len(units) or units[0].level not in prompt.tree.levels:
        return 0
    pieces = prompt.tree.units(units[0].level, within=units)
    held = np.bincount(pieces.parents(units), minlength=len(units))
    return int(held[held > 1].sum())


def n_without_token(model: Model, prompt: Prompt, units: Units) -> int:
    """How many of the units own no token of a model that has tokens."""
    tokens = token_spans(model, prompt)
    if tokens is None:
        return 0
    return len(units) - len(set(_owners(*units.bounds(), *tokens.bounds()).tolist()) - {-1})


def _owners(starts: Ints, ends: Ints, token_starts: Ints, token_ends: Ints) -> NDArray[np.intp]:
    """For every token the unit that owns it, or -1; there is at least one unit."""
    size = token_ends - token_starts
    # Who holds most of a token, or half of it and its end, holds the character in its middle.
    middle = np.searchsorted(starts, token_starts + size // 2, side="right") - 1
    low, high = starts[middle], ends[middle]
    twice = 2 * (np.minimum(high, token_ends) - np.maximum(low, token_starts))
    owned = (middle >= 0) & ((twice > size) | ((twice == size) & (high >= token_ends)))
    return np.where(owned, middle, -1)


def _shares_more_after(start: int, end: int, token_starts: Ints, token_ends: Ints) -> bool:
    """Of the token that holds most of `[start, end)`: whether at least as much of it lies behind
    that as before it.
    """
    first = int(np.searchsorted(token_ends, start, side="right"))
    last = int(np.searchsorted(token_starts, end, side="left"))
    if first >= last:
        return False
    shared = np.minimum(token_ends[first:last], end) - np.maximum(token_starts[first:last], start)
    token = first + int(shared.argmax())
    behind, before = token_ends[token] - end, start - token_starts[token]
    return bool(behind > 0 and behind >= before)
