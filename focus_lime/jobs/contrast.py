"""Two judgements of one conversation: where two models, or two policies, differ."""

from __future__ import annotations

from typing import Any

from focus_lime.explanation import Explanation
from focus_lime.jobs.chat import Chat
from focus_lime.jobs.judge import Judgement, place


def contrast(
    chat: Chat,
    one: tuple[Judgement, Explanation],
    other: tuple[Judgement, Explanation],
) -> dict[str, Any]:
    """Turns and sentences by how much their *share* differs, the largest difference first.

    Nats of two models do not compare. A share is an effect over the sum of the sizes of all
    effects of its judgement, in [-1, 1]. `values` are in nats; None: not examined there.
    """
    effects = [[m["effect"] for m in judged.messages] for judged, _ in (one, other)]
    messages = [
        {"number": turn.number, "role": turn.role, "kind": turn.kind, **_differing(a, b, effects)}
        for turn, a, b in zip(chat.turns, *effects, strict=True)
    ]
    weights = [
        {(u.source, u.start, u.end): u.weight for u in e.units if u.level == "sentence"}
        for _, e in (one, other)
    ]
    both = [list(found.values()) for found in weights]
    spans = [span for span in {**weights[0], **weights[1]} if any(w.get(span) for w in weights)]
    sentences = [
        {**place(chat, *span), **_differing(weights[0].get(span), weights[1].get(span), both)}
        for span in sorted(spans)
    ]
    return {
        "judged": [f"{judged.model}, {judged.policy}" for judged, _ in (one, other)],
        "flagged": [judged.flagged for judged, _ in (one, other)],
        "messages": sorted(messages, key=lambda row: -abs(row["difference"])),
        "sentences": sorted(sentences, key=lambda row: -abs(row["difference"])),
    }


def _differing(
    one: float | None, other: float | None, everything: list[list[float | None]]
) -> dict[str, Any]:
    totals = [sum(abs(value or 0.0) for value in values) or 1.0 for values in everything]
    shares = [(value or 0.0) / total for value, total in zip((one, other), totals, strict=True)]
    return {"values": [one, other], "shares": shares, "difference": shares[0] - shares[1]}
