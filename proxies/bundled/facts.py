"""Draws the facts that a contract states: which are asked for, and which distract."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .lexicon import ATTRIBUTES, KINDS, PARTIES, SCHEDULES, Attribute, is_held_out

Split = Literal["train", "test"]


@dataclass(frozen=True)
class Fact:
    """What one clause states, and the task of the question that asks for it, if one does."""

    party: str
    kind: str
    attribute: Attribute
    value: str
    task: str = "distractor"
    old_value: str = ""  # what the amendment overrides, or what a yes/no question asks for
    schedule: str = ""

    @property
    def subject(self) -> str:
        return f"the {self.attribute.name} of the {self.party} {self.kind}"


def draw_facts(
    rng: np.random.Generator, tasks: tuple[str, ...], n_questions: int, n_facts: int, split: Split
) -> tuple[list[Fact], list[Fact]]:
    """Facts that are asked for, and distractors; no (party, attribute) pair occurs twice."""
    n_facts = min(n_facts, len(PARTIES) * len(ATTRIBUTES) // 2)
    # A grid a little larger than the facts: parties and attributes both repeat, so each fact has
    # neighbours.
    fewest = max(2, -(-2 * n_facts // len(ATTRIBUTES)))
    n_parties = int(rng.integers(fewest, max(fewest + 1, min(len(PARTIES), n_facts) + 1)))
    n_parties = min(n_parties, len(PARTIES))
    needed = max(2, min(len(ATTRIBUTES), -(-3 * n_facts // (2 * n_parties))))
    n_attributes = int(rng.integers(needed, len(ATTRIBUTES) + 1))
    parties = rng.permutation(len(PARTIES))[:n_parties]
    attributes = rng.permutation(len(ATTRIBUTES))[:n_attributes]
    kinds = {int(p): KINDS[int(rng.random() * len(KINDS))] for p in parties}
    cells = [(int(p), int(a)) for p in parties for a in attributes]
    order = [cells[i] for i in rng.permutation(len(cells))]
    askable = [
        (p, a)
        for p, a in order
        if split == "train" or _values(PARTIES[p], ATTRIBUTES[a], held_out=True)
    ]
    asked_cells = askable[:n_questions]
    chosen = dict.fromkeys([*asked_cells, *order])
    for extra in list(chosen)[max(n_facts, n_questions) :]:
        del chosen[extra]
    for party, attribute in asked_cells:
        same_clause = [c for c in chosen if c[1] == attribute and c[0] != party]
        same_party = [c for c in chosen if c[0] == party and c[1] != attribute]
        if not same_clause:
            chosen[next(c for c in order if c[1] == attribute and c[0] != party)] = None
        if not same_party:
            chosen[next(c for c in order if c[0] == party and c[1] != attribute)] = None
    schedules = [SCHEDULES[i] for i in rng.permutation(len(SCHEDULES))]
    asked_set = set(asked_cells)
    asked: list[Fact] = []
    others: list[Fact] = []
    for cell in chosen:
        party, attribute = PARTIES[cell[0]], ATTRIBUTES[cell[1]]
        task = tasks[int(rng.random() * len(tasks))] if cell in asked_set else "distractor"
        if task == "joined" and not schedules:
            task = "recall"
        held_out = split == "test" and cell in asked_set
        value = _pick(rng, _values(party, attribute, held_out=held_out))
        old_value = _pick(rng, [v for v in _values(party, attribute, held_out=False) if v != value])
        schedule = schedules.pop() if task == "joined" else ""
        fact = Fact(party, kinds[cell[0]], attribute, value, task, old_value, schedule)
        (asked if cell in asked_set else others).append(fact)
    return [_mislead(rng, fact, asked + others) for fact in asked], others


def _mislead(rng: np.random.Generator, fact: Fact, facts: list[Fact]) -> Fact:
    """Half of the time a wrong yes/no question asks for what the document says of another party."""
    allowed = _values(fact.party, fact.attribute, held_out=False)
    others = [f.value for f in facts if f.attribute is fact.attribute and f.value != fact.value]
    others = [value for value in others if value in allowed]
    if fact.task != "yes_no" or not others or rng.random() < 0.5:
        return fact
    return replace(fact, old_value=_pick(rng, others))


def _values(party: str, attribute: Attribute, *, held_out: bool) -> list[str]:
    """The values on one side of the split, for this party and attribute."""
    values = [attribute.value(head) for head in attribute.heads]
    return [value for value in values if is_held_out(party, attribute.name, value) == held_out]


def _pick(rng: np.random.Generator, options: list[str]) -> str:
    return options[int(rng.random() * len(options))]
