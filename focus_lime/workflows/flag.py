"""One conversation before one model and policy: what raised the flag, and what would clear it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from focus_lime.explanation.result import ExplainedUnit, Explanation
from focus_lime.inputs.chats import Chat
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.masks import Masks, single_drops
from focus_lime.method.ownership import tree_for
from focus_lime.method.search import SMALL
from focus_lime.method.sets import without_spare
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import PLACEHOLDER, Floats
from focus_lime.workflows.evidence import Evidence, Passage, evidence_of, passage_of
from focus_lime.workflows.policy import Policy
from focus_lime.workflows.run import Run

WORDS = 10  # that are listed
_MOST_TRIED = 64  # units that are deleted one by one
MESSAGE = "message"  # the level of whole turns


@dataclass(frozen=True)
class Edit:
    """The smallest deletion found that clears the flag, measured: nothing of it can be spared.

    Attributes:
        level: of its passages, such as word, sentence or message.
        value: of the conversation without them, in nats.
    """

    level: str
    passages: tuple[Passage, ...]
    value: float


@dataclass(frozen=True)
class MessageEffect:
    """A turn of the conversation.

    Attributes:
        effect: f(x) - f(x without the turn), exactly; None for a turn that may not be perturbed.
    """

    number: int
    role: str
    kind: str
    name: str | None
    text: str
    effect: float | None


@dataclass(frozen=True)
class Judgement:
    """
    Attributes:
        value: in nats; the flag is up where it lies above the threshold.
        messages: every turn, in order.
        evidence: words, or the finest units that were attributed, the largest |weight| first; what
            is small beside the first is left out.
        edit: None where the flag is not up, or nothing that was tried clears it.
        explanation: the file with all of it.
    """

    chat: str
    model: str
    policy: str
    value: float
    threshold: float
    messages: tuple[MessageEffect, ...]
    evidence: tuple[Evidence, ...]
    edit: Edit | None
    warnings: tuple[str, ...]
    explanation: str

    @property
    def flagged(self) -> bool:
        return self.value > self.threshold


def judge(run: Run, chat: Chat, policy: Policy) -> tuple[Judgement, Explanation]:
    """Explain the verdict; then ask the model without each turn, and for the smallest edit."""
    prompt, objective = policy.prompt(chat), run.objective(policy.labels)
    explanation, path = run.explain(chat.name, prompt, objective)
    f = run.explainer.value_function(
        prompt,
        objective=objective,
        ablation=run.settings.ablation,
        placeholder=run.settings.placeholder or PLACEHOLDER,
    )
    turns = prompt.tree.units(MESSAGE)
    effects = explanation.base_value - f.over(turns)(single_drops(len(turns)))
    edit = None
    if explanation.base_value > policy.threshold:
        edit = _smallest_edit(f, explanation, chat, prompt, policy.threshold)
    judgement = Judgement(
        chat=chat.name,
        model=run.explainer.model.name,
        policy=policy.name,
        value=explanation.base_value,
        threshold=policy.threshold,
        messages=_messages(chat, turns, effects),
        evidence=evidence_of(explanation, chat.place, WORDS, small=SMALL),
        edit=edit,
        warnings=explanation.warnings,
        explanation=f"{path.parent.name}/{path.name}",
    )
    return judgement, explanation


def _messages(chat: Chat, turns: Units, effects: Floats) -> tuple[MessageEffect, ...]:
    by_source = {unit.source: float(e) for unit, e in zip(turns, effects, strict=True)}
    numbers = iter(range(len(chat.sources)))
    sources = [next(numbers) if turn.attributable else None for turn in chat.turns]
    return tuple(
        MessageEffect(
            number=turn.number,
            role=turn.role,
            kind=turn.kind,
            name=turn.name,
            text=turn.text,
            effect=None if source is None else by_source.get(source),
        )
        for turn, source in zip(chat.turns, sources, strict=True)
    )


def _smallest_edit(
    f: ValueFunction, explanation: Explanation, chat: Chat, prompt: Prompt, threshold: float
) -> Edit | None:
    """Of the finest level at which something clears the flag."""
    for level, units, order in _candidates(f, explanation, prompt):
        clearance = clearing(f.over(units), order, threshold)
        if clearance is not None:
            dropped, value = clearance
            passages = [passage_of(explanation, u, chat.place) for u in units.select(dropped)]
            return Edit(level, tuple(passages), value)
    return None


def _candidates(
    f: ValueFunction, explanation: Explanation, prompt: Prompt
) -> Iterator[tuple[str, Units, list[int]]]:
    """What may be deleted, the most promising first. Of each level, the finest first: the
    attributed units of positive weight; then all units that there are, by what each takes along,
    where they are few enough to be deleted one by one, or whole messages.
    """
    tree, attributed = tree_for(f.model, prompt), (explanation.fine_units, explanation.coarse)
    weighed = {units[0].level: units for units in attributed if units}
    finest = next(iter(weighed))
    end = tree.levels.index(finest) if finest in tree.levels else len(tree.levels)
    for level in dict.fromkeys([*weighed, *reversed(tree.levels[:end])]):
        if level in weighed:
            yield level, Units(weighed[level]), _supporting(weighed[level])
        units = tree.units(level) if level in tree.levels else Units(())
        if level == MESSAGE or 0 < len(units) <= _MOST_TRIED:
            effects = explanation.base_value - f.over(units)(single_drops(len(units)))
            yield level, units, np.argsort(-effects, kind="stable").tolist()


def _supporting(units: Sequence[ExplainedUnit]) -> list[int]:
    weights = [unit.weight or 0.0 for unit in units]
    return sorted((i for i, w in enumerate(weights) if w > 0), key=lambda i: -weights[i])


def clearing(
    f: ValueFunction, order: Sequence[int], threshold: float
) -> tuple[list[int], float] | None:
    """Units of `f` without which its value is at most the threshold, none of which can be spared;
    and that value. None where all of `order` together do not clear it.

    Units are dropped in the given order until the flag is down, then put back one by one, the
    least important first, where it stays down. Greedy: a smaller set of others may exist.
    """
    n_units = len(f.units)

    def without(dropped: Sequence[int]) -> float:
        mask: Masks = np.ones((1, n_units), dtype=bool)
        mask[0, list(dropped)] = False
        return float(f(mask)[0])

    if not order or without(order) > threshold:
        return None
    dropped: list[int] = []
    for unit in order:
        dropped.append(unit)
        if without(dropped) <= threshold:
            break
    dropped = without_spare(dropped, lambda fewer: without(fewer) <= threshold)
    return sorted(dropped), without(dropped)
