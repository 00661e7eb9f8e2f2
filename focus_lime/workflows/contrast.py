"""Two judgements of one conversation: where two models, or two policies, differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from focus_lime.explanation.result import Explanation
from focus_lime.inputs.chats import Chat
from focus_lime.workflows.evidence import Passage, passage_of
from focus_lime.workflows.flag import Judgement

Pair = tuple[float | None, float | None]


@dataclass(frozen=True)
class Difference:
    """What two judgements make of one message or unit.

    Nats of two models do not compare. A share is an effect over the sum of the sizes of all effects
    of its judgement, in [-1, 1].

    Attributes:
        values: in nats; None where it was not examined.
        difference: of the shares.
    """

    passage: Passage
    values: Pair
    shares: tuple[float, float]
    difference: float


@dataclass(frozen=True)
class Contrast:
    """
    Attributes:
        judges: model and policy of each side.
        messages, units: the largest difference first.
    """

    chat: str
    judges: tuple[str, str]
    flagged: tuple[bool, bool]
    messages: tuple[Difference, ...]
    units: tuple[Difference, ...]

    def __str__(self) -> str:
        """Where the two differ, in a sentence."""
        verdicts = [
            f"{judge} {'flags' if flagged else 'does not flag'} it"
            for judge, flagged in zip(self.judges, self.flagged, strict=True)
        ]
        most = self.messages[0]
        shares = " against ".join(f"{share:+.0%}" for share in most.shares)
        return (
            f"{self.chat}: {'; '.join(verdicts)}. They differ most on message "
            f"{most.passage.place}: {shares} of all effects."
        )


def contrast(
    chat: Chat,
    first: tuple[Judgement, Explanation],
    second: tuple[Judgement, Explanation],
) -> Contrast:
    """The turns and the attributed units, by how much their shares differ."""
    judgements, explanations = (first[0], second[0]), (first[1], second[1])
    effects = [[message.effect for message in judged.messages] for judged in judgements]
    turns = [Passage(turn.place(0, len(turn.text)), turn.text) for turn in chat.turns]
    weights = [{unit.span: unit.weight for unit in e.coarse} for e in explanations]
    spans = sorted(s for s in {**weights[0], **weights[1]} if any(w.get(s) for w in weights))
    passages = [passage_of(explanations[0], span, chat.place) for span in spans]
    return Contrast(
        chat=chat.name,
        judges=(_judge(judgements[0]), _judge(judgements[1])),
        flagged=(judgements[0].flagged, judgements[1].flagged),
        messages=_differences(turns, *effects),
        units=_differences(passages, *([w.get(span) for span in spans] for w in weights)),
    )


def _judge(judgement: Judgement) -> str:
    return f"{judgement.model}, {judgement.policy}"


def _differences(
    passages: Sequence[Passage], first: Sequence[float | None], second: Sequence[float | None]
) -> tuple[Difference, ...]:
    totals = [sum(abs(value or 0.0) for value in side) or 1.0 for side in (first, second)]
    differences = []
    for passage, *values in zip(passages, first, second, strict=True):
        one, two = ((value or 0.0) / total for value, total in zip(values, totals, strict=True))
        differences.append(Difference(passage, (values[0], values[1]), (one, two), one - two))
    return tuple(sorted(differences, key=lambda row: -abs(row.difference)))
