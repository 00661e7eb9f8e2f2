"""One conversation before one model and policy: what raised the flag, and what would clear it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.jobs.chat import Chat
from focus_lime.jobs.policy import Policy
from focus_lime.jobs.run import Run
from focus_lime.perturb.masks import Masks, single_drops
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.units import Unit, Units

WORDS = 10  # that are listed


@dataclass(frozen=True)
class Edit:
    """The smallest deletion found that clears the flag, measured: nothing of it can be spared.

    Attributes:
        level: of its spans: word, token, sentence or message.
        value: of the conversation without them, in nats.
    """

    level: str
    spans: tuple[Mapping[str, Any], ...]
    value: float


@dataclass(frozen=True)
class Judgement:
    """Attributes:
    value: in nats; the flag is up where it lies above the threshold.
    messages: by turn: number, role, kind, name, text, and `effect`, which is f(x) - f(x without
        the turn), exactly; None for a turn that may not be perturbed.
    spans: words (or the finest units attributed) by |weight|: number, role, start, end, text,
        weight, low, high, sure.
    edit: None where the flag is not up, or nothing that was tried clears it.
    """

    chat: str
    model: str
    policy: str
    value: float
    threshold: float
    messages: tuple[Mapping[str, Any], ...]
    spans: tuple[Mapping[str, Any], ...]
    edit: Edit | None
    warnings: tuple[str, ...]
    explanation: str

    @property
    def flagged(self) -> bool:
        return self.value > self.threshold


def judge(run: Run, chat: Chat, policy: Policy) -> tuple[Judgement, Explanation]:
    """Explain the verdict; then ask the model without each turn, and for the smallest edit."""
    prompt = policy.prompt(chat)
    explanation, path = run.explain(chat.name, prompt, policy.labels)
    f = run.explainer.value_function(
        prompt, labels=run.labels(policy.labels), ablation=run.how.get("ablation", "delete")
    )
    turns = Units(
        Unit(source, 0, len(turn.text), "chunk")
        for source, turn in enumerate(chat.sources)
        if turn.text
    )
    effects = explanation.base_value - f.over(turns)(single_drops(len(turns)))
    by_source = {unit.source: float(e) for unit, e in zip(turns, effects, strict=True)}
    number = {id(turn): i for i, turn in enumerate(chat.sources)}
    messages = tuple(
        {
            "number": turn.number,
            "role": turn.role,
            "kind": turn.kind,
            "name": turn.name,
            "text": turn.text,
            "effect": by_source.get(number.get(id(turn), -1)),
        }
        for turn in chat.turns
    )
    edit = None
    if explanation.base_value > policy.threshold:
        edit = _smallest_edit(f, explanation, chat, turns, effects, policy.threshold)
    found = Judgement(
        chat=chat.name,
        model=run.explainer.model.name,
        policy=policy.name,
        value=explanation.base_value,
        threshold=policy.threshold,
        messages=messages,
        spans=tuple(_shown(chat, unit) for unit in explanation.top(WORDS) if unit.weight),
        edit=edit,
        warnings=explanation.warnings,
        explanation=f"{path.parent.name}/{path.name}",
    )
    return found, explanation


def place(chat: Chat, source: int, start: int, end: int) -> dict[str, Any]:
    """Where characters `[start, end)` of a source stand in the conversation."""
    turn = chat.sources[source]
    return {
        "number": turn.number,
        "role": turn.role,
        "kind": turn.kind,
        "start": start,
        "end": end,
        "text": turn.text[start:end].strip(),
    }


def _shown(chat: Chat, unit: ExplainedUnit) -> dict[str, Any]:
    measured = {name: getattr(unit, name) for name in ("weight", "low", "high", "sure")}
    return {**place(chat, unit.source, unit.start, unit.end), **measured}


def _smallest_edit(
    f: ValueFunction,
    explanation: Explanation,
    chat: Chat,
    turns: Units,
    effects: Any,
    threshold: float,
) -> Edit | None:
    """From the finest units to whole turns: the first level at which something clears it."""
    tried: list[tuple[str, Units, list[int]]] = [
        (group[0].level, *_ordered(group))
        for group in (explanation.parts, explanation.sentences)
        if group
    ]
    tried.append(("message", turns, [int(i) for i in np.argsort(-effects, kind="stable")]))
    for level, units, order in tried:
        found = clearing(f.over(units), order, threshold)
        if found is not None:
            gone, value = found
            spans = tuple(place(chat, u.source, u.start, u.end) for u in units.select(gone))
            return Edit(level, spans, value)
    return None


def _ordered(group: Sequence[ExplainedUnit]) -> tuple[Units, list[int]]:
    """The units, and those of positive weight, the heaviest first."""
    weights = [unit.weight or 0.0 for unit in group]
    units = Units(Unit(u.source, u.start, u.end, u.level) for u in group)
    return units, sorted((i for i, w in enumerate(weights) if w > 0), key=lambda i: -weights[i])


def clearing(
    f: ValueFunction, order: Sequence[int], threshold: float
) -> tuple[list[int], float] | None:
    """Units of `f` without which its value is at most the threshold, none of which can be spared;
    and that value. None where all of `order` together do not clear it.

    Units are dropped in the given order until the flag is down, then put back one by one, the
    least important first, where it stays down. Greedy: a smaller set of others may exist.
    """
    n_units = len(f.units)

    def dropping(gone: Sequence[int]) -> Masks:
        mask = np.ones(n_units, dtype=bool)
        mask[list(gone)] = False
        return mask

    if not order or f(dropping(order)[None])[0] > threshold:
        return None
    gone: list[int] = []
    for unit in order:
        gone.append(unit)
        if f(dropping(gone)[None])[0] <= threshold:
            break
    for unit in list(reversed(gone)):
        fewer = [other for other in gone if other != unit]
        if fewer and f(dropping(fewer)[None])[0] <= threshold:
            gone = fewer
    return sorted(gone), float(f(dropping(gone)[None])[0])
