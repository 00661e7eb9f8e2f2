"""Contracts of the bundled generator with planted facts, and questions about them: the one task
whose evidence is known exactly, at any length and any depth.

The generator's held-out facts are asked for. Nothing is read; the fingerprint is of the options and
of what the generator writes for one seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.proxies.bundled.contracts import TASKS, Question, generate_contract
from focus_lime.proxies.bundled.evaluation import TOKENS_PER_WORD

from .base import SPLITS, Item, Split


@dataclass(frozen=True)
class Planted:
    """`per` contracts for each kind, length and depth. See `load`."""

    kinds: tuple[str, ...]
    tokens: tuple[int, ...]
    depths: tuple[float | None, ...]
    per: int
    name: str = "planted"

    @property
    def fingerprint(self) -> str:
        written = generate_contract(np.random.default_rng(0), words=200).text
        options = (self.kinds, self.tokens, self.depths, self.per)
        return hashlib.sha256(f"{options}{written}".encode()).hexdigest()[:16]

    def items(self, split: Split, seed: int) -> Iterator[Item]:
        """In rounds, one of each sort a round, so that any number of items is balanced.

        The two splits draw from generators of their own, so they share no contract.
        """
        sorts = [(k, t, d) for k in self.kinds for t in self.tokens for d in self.depths]
        for number in range(self.per):
            for kind, tokens, depth in sorts:
                place = TASKS.index(kind), tokens, 0 if depth is None else 1 + round(1000 * depth)
                rng = np.random.default_rng([seed, SPLITS.index(split), number, *place])
                words = round(tokens / TOKENS_PER_WORD)
                contract = generate_contract(rng, words=words, task=kind, depth=depth)
                asked = contract.questions[0]
                gold = evidence_of(asked)
                where = gold[0].start / len(contract.text)
                at = "any" if depth is None else f"{depth:g}"
                yield Item(
                    id=f"{split}-{seed}-{kind}-{tokens}-{at}-{number}",
                    prompt=Prompt.from_document(contract.text, question=asked.question),
                    objective=ResponseLogOdds(asked.answer),
                    gold=gold,
                    facts={"kind": kind, "length": tokens, "depth": round(where, 3)},
                )


def evidence_of(asked: Question) -> tuple[Span, ...]:
    """The sentences of the contract that answer the question."""
    return tuple(Span(0, start, end) for start, end in asked.evidence)


def load(
    kind: str | Sequence[str] = "recall",
    tokens: int | Sequence[int] = 4000,
    depth: float | Sequence[float] | None = None,
    per: int = 10,
) -> Planted:
    """Planted contracts.

    Args:
        kind: one or several of recall (one clause states it), yes_no, amended (a later clause
            overrides it), twice (two clauses state it), joined (it takes two clauses).
        tokens: length or lengths, about so many tokens of the bundled tokenizer.
        depth: where in the contract's body the clause stands, 0 to 1; anywhere if not given.
        per: contracts of each kind, length and depth.
    """
    kinds = (kind,) if isinstance(kind, str) else tuple(kind)
    lengths = (tokens,) if isinstance(tokens, int) else tuple(tokens)
    depths = tuple(depth) if isinstance(depth, Sequence) else (depth,)
    for name in kinds:
        if name not in TASKS:
            raise FocusLimeError(f"no kind {name!r}: {suggest(name, TASKS)}")
    if not lengths or min(lengths) < 100:
        raise FocusLimeError(f"tokens {list(lengths)}: give lengths of 100 tokens or more")
    if any(d is not None and not 0 <= d <= 1 for d in depths):
        raise FocusLimeError(f"depth {list(depths)}: give numbers from 0 to 1")
    if per < 1:
        raise FocusLimeError(f"per {per}: give 1 or more")
    return Planted(kinds, lengths, depths, per)
