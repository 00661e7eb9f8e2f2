"""Explanations made by hand: pieces of text with their weights."""

from __future__ import annotations

from dataclasses import replace
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
        neighborhood={
            "proxy": "bm25",
            "sentences": [[u.source, u.start, u.end] for u in units if u.status == "attributed"],
            "scored": [
                {"source": 0, "start": 0, "end": 9, "level": "chunk", "score": 1.0, "kept": True},
                {"source": 0, "start": 9, "end": 12, "level": "chunk", "score": 0.0, "kept": False},
            ],
        },
        fit={
            "masks": 52,
            "held_out_masks": 12,
            "r2": 0.97,
            "spearman": 0.88,
            "intercept": 0.0,
            "penalty": 0.01,
            "interval_level": 0.9,
        },
        cost={
            "target": {
                "calls": 66,
                "tokens_asked": 534708,
                "tokens_computed": 123456,
                "cached": 0,
                "seconds": 1.5,
                "fpe": 14.7,
            },
            "proxy": {
                "calls": 7,
                "tokens_asked": 70,
                "tokens_computed": 70,
                "cached": 0,
                "seconds": 0.25,
            },
        },
        settings={"granularity": "sentence", "budget": 64, "placeholder": None},
        seed=3,
        versions={"python": "3.11.7", "focus-lime": "0.1.0"},
    )
    return replace(made, **changes)


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
