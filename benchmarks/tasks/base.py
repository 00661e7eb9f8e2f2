"""What a task gives: items, each a prompt with what is known about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span
from focus_lime.method.objective import Objective
from focus_lime.method.objectives.own_answer import OwnAnswer
from focus_lime.models.base import Model

Split = Literal["tune", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True, eq=False)
class Item:
    """One prompt with what is known about it."""

    id: str  # unique in its task, stable over runs
    prompt: Prompt
    objective: Objective = field(default_factory=OwnAnswer)  # what is explained
    model: Model | None = None  # explained in place of the benchmark's; all of a task's or none
    gold: tuple[Span, ...] = ()  # the evidence
    facts: Mapping[str, str | int | float] = field(default_factory=dict)  # JSON-able


class Task(Protocol):
    """Items in a fixed order, one at a time; the splits `tune` and `test` are disjoint.

    `fingerprint` is a digest of the data that was read.
    """

    name: str
    fingerprint: str

    def items(self, split: Split, seed: int) -> Iterator[Item]: ...
