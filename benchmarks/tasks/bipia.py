"""BIPIA: which part of what a model reads is an instruction of an attacker? See
`focus_lime.benchmarks.datasets.bipia`. Whoever puts an instruction into a context knows its span.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.prompt import Prompt

from ..datasets import bipia, reading
from ..datasets.bipia import POSITIONS, Attack, Context, Position
from . import data
from .base import Item


def load(
    path: str | None = None, *, domain: str = "email", positions: Sequence[Position] = POSITIONS
) -> data.Documents:
    """The task `bipia`: each context with one attack at each position.

    The seed chooses the attack and the place in the middle. The model's own answer is explained;
    the evidence is the attack. Neither contexts nor attacks of the splits meet.

    Args:
        path: the official folder `benchmark/`.
        domain: `email`, `table` or `code`.
        positions: among `begin`, `middle`, `end`.
    """
    if domain not in bipia.DOMAINS:
        raise FocusLimeError(f"no domain {domain!r}: {suggest(domain, bipia.DOMAINS)}")
    for position in positions:
        if position not in POSITIONS:
            raise FocusLimeError(f"no position {position!r}: {suggest(position, POSITIONS)}")
    if path is None:
        raise reading.not_on_hub(bipia.FORM, bipia.PROJECT, "BIPIA/benchmark")
    folder = Path(path)
    read = [*bipia.context_files(folder, domain), *bipia.attack_files(folder, domain)]

    def documents(seed: int) -> Iterator[tuple[str, Iterator[Item]]]:
        attacks = bipia.attacks(folder, domain)
        for context in bipia.contexts(folder, domain):
            here = [a for a in attacks if data.by_hash(a.text) == data.by_hash(context.text)]
            if not here:
                raise FocusLimeError(f"{folder} has too few attacks for two splits")
            yield context.text, _items(context, here, positions, seed)

    return data.Documents("bipia", reading.fingerprint(read), documents)


def _items(
    context: Context, attacks: Sequence[Attack], positions: Sequence[Position], seed: int
) -> Iterator[Item]:
    for position in positions:
        key = f"{context.id}-{position}"
        rng = bipia.generator(seed, key)
        attack = attacks[int(rng.integers(len(attacks)))]
        text, span = bipia.insert(context.text, attack.text, position, rng)
        prompt = Prompt.from_document(text, context.question)
        yield Item(
            id=key,
            prompt=prompt,
            gold=(span,),
            facts={
                "position": position,
                "category": attack.category,
                "characters": len(context.text),
            },
        )
