"""Explanations made by hand: pieces of text with their weights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from focus_lime.explanation import ExplainedUnit, Explanation, SourceText
from focus_lime.prompt.units import Level

# A piece of text and its weight; None is background.
Part = tuple[str, float | None]


def explanation(*sources: list[Part], level: Level = "sentence", **changes: Any) -> Explanation:
    """One message for each list of parts; intervals are the weight -+ 0.5."""
    units: list[ExplainedUnit] = []
    for number, parts in enumerate(sources):
        at = 0
        for text, weight in parts:
            end = at + len(text)
            units.append(
                ExplainedUnit(number, at, end, "sentence", "background")
                if weight is None
                else ExplainedUnit(
                    number, at, end, level, "attributed", weight, weight - 0.5, weight + 0.5, 0.9
                )
            )
            at = end
    roles = ("user", "assistant")
    made = Explanation(
        model={"target": "org/target", "fingerprint": "a304ce8dbb1abc02", "proxy": "bm25"},
        question="Which law governs?",
        response="the laws of Delaware",
        objective="log-odds of the response",
        base_value=2.5,
        granularity="sentence" if level == "chunk" else level,
        sources=tuple(
            SourceText(i, roles[i % 2], "".join(text for text, _ in parts))
            for i, parts in enumerate(sources)
        ),
        units=tuple(units),
        parts=(),
        neighborhood={
            "proxy": "bm25",
            "sentences": [[u.source, u.start, u.end] for u in units if u.status == "attributed"],
            "scored": [
                {"source": 0, "start": 0, "end": 9, "level": "chunk", "score": 1.0, "kept": True},
                {"source": 0, "start": 9, "end": 12, "level": "chunk", "score": 0.0, "kept": False},
            ],
        },
        audit=None,
        sets=None,
        fit={
            "masks": 52,
            "held_out_masks": 12,
            "r2": 0.97,
            "spearman": 0.88,
            "intercept": 0.0,
            "penalty": 0.01,
            "interval_level": 0.9,
            "fidelity": "exact",
            "agreement": None,
            "stopped": "settled",
        },
        parts_fit=None,
        cost={
            "target": {
                "calls": 66,
                "tokens_asked": 534708,
                "tokens_computed": 123456,
                "cached": 0,
                "seconds": 1.5,
                "unshared": "",
                "fpe": 14.7,
            },
            "proxy": {
                "calls": 7,
                "tokens_asked": 70,
                "tokens_computed": 70,
                "cached": 0,
                "seconds": 0.25,
                "unshared": "",
            },
        },
        settings={"granularity": "sentence", "budget": 64, "placeholder": None},
        seed=3,
        versions={"python": "3.11.7", "focus-lime": "0.1.0"},
    )
    return replace(made, **changes)


def words(made: Explanation, index: int, weights: Sequence[float]) -> Explanation:
    """Open the sentence `made.units[index]` to as many words as there are weights: cut after each
    white space, the rest to the last. The first word's exact effect is its weight + 0.25.
    """
    cuts = [match.end() for match in re.finditer(r"\S*\s*", made.text(made.units[index]))]
    return cut(made, index, cuts[: len(weights) - 1], weights, "word")


def cut(
    made: Explanation, index: int, cuts: Sequence[int], weights: Sequence[float], level: Level
) -> Explanation:
    """Open `made.units[index]` to parts, cut at these characters of it."""
    sentence = made.units[index]
    edges = [sentence.start, *(sentence.start + at for at in cuts), sentence.end]
    parts = [
        ExplainedUnit(
            sentence.source,
            start,
            end,
            level,
            "attributed",
            weight,
            weight - 0.5,
            weight + 0.5,
            0.8,
        )
        for (start, end), weight in zip(pairwise(edges), weights, strict=True)
    ]
    parts[0] = replace(parts[0], effect=weights[0] + 0.25)
    both = sorted((*made.parts, *parts), key=lambda part: (part.source, part.start))
    finest: Level = "word" if level == "word" else "token"
    return replace(made, parts=tuple(both), parts_fit=made.fit, granularity=finest)


def span(made: Explanation, index: int) -> list[int]:
    """`[source, start, end]` of a unit, as audit and sets name it."""
    unit = made.units[index]
    return [unit.source, unit.start, unit.end]


def audited(made: Explanation, outcome: str = "held", rescued: Sequence[int] = ()) -> Explanation:
    """With an audit; `rescued` are indices of units. Shares are the same for every outcome."""
    known = outcome != "not_in_context"
    shares = {
        "coverage_before": 0.31,
        "coverage": 0.92,
        "sufficiency_before": 0.4,
        "sufficiency": 0.87,
    }
    audit = {
        "outcome": outcome,
        "full": 2.5,
        "nothing": -7.25,
        **(shares if known else dict.fromkeys(shares)),
        "rescued": [span(made, index) for index in rescued],
        "calls": 19,
    }
    return replace(made, audit=audit)


def deleted(
    made: Explanation, indices: Sequence[int], alone: Sequence[float], values: Sequence[float]
) -> Explanation:
    """With these units verified: what each takes alone, and the values of the nested deletions."""
    units = list(made.units)
    for index, effect in zip(indices, alone, strict=True):
        units[index] = replace(units[index], effect=effect)
    curve = {"spans": [span(made, index) for index in indices], "values": list(values)}
    return replace(made, units=tuple(units), curves=(curve,))


def decided(
    made: Explanation,
    relation: str,
    enough: Sequence[Sequence[int]],
    flips: Sequence[Sequence[int]],
    threshold: float = 0.0,
    instead: str | None = None,
) -> Explanation:
    """With sets of units, by their indices."""
    spans = {
        name: [[span(made, index) for index in members] for members in found]
        for name, found in (("flips", flips), ("enough", enough))
    }
    sets = {"relation": relation, "threshold": threshold, **spans, "instead": instead}
    return replace(made, sets=sets)


CONTRACT: list[Part] = [
    ("  Article 1.\n", None),
    ("The agreement is governed by the laws of Delaware.  ", 3.0),
    ("Nothing else matters.\n", 0.0),
    ("Except in Texas.\n\n", -1.0),
    ("Signed.", None),
]

# Each is one document that has broken a report of this kind.
AWKWARD: dict[str, list[Part]] = {
    "empty": [("", None)],
    "one unit": [("Yes.", 1.0)],
    "all zero": [("One. ", 0.0), ("Two.", 0.0)],
    "constant": [("One. ", 2.0), ("Two.", 2.0)],
    "huge": [("One. ", 1e300), ("Two. ", -1e300), ("Three.", 1.0)],
    "tiny": [("One. ", 1e-12), ("Two.", -5e-324)],
    "nothing attributed": [("One. ", None), ("Two.", None)],
    "script": [
        ("</script><img src=x onerror=alert(1)> ", 1.0),
        ("</div></article>&amp;&lt;", -1.0),
    ],
    "CRLF": [("\r\nOne.\r\n", 1.0), ("\rTwo.\n\r\n", None), ("\r", 0.0)],
    "tabs": [("\tdef f():\n", 1.0), ("\t\treturn  1 \f\n", -2.0)],
    "emoji": [("👩‍👩‍👧 said 👍🏽. ", 1.0), ("é and é.", -1.0)],
    "right to left": [("مرحبا بالعالم. ", 1.0), ("\u202eשלום\u202c.", -1.0)],
    "white space": [("\n\n", 3.0), ("   ", 1.0), ("a", 0.5), ("\n", None)],
    "markup": [("[red]not red[/red] [/] [link=x] ", 1.0), ("\x1b[31mescape {{ e }} {% x %}", 0.5)],
    "windows-1252": [("\x80\x85\x9f \u2028 \ufeff", 1.0), ("\xa0", -1.0)],
}
