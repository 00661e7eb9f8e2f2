"""Explanations made by hand: pieces of text with their weights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, get_args

from focus_lime.explanation.result import (
    Cost,
    Costs,
    DeletionCurve,
    ExplainedUnit,
    Explanation,
    Fit,
    ModelNames,
    NeighborhoodResult,
    ScoredSpan,
    SetsResult,
    SourceText,
)
from focus_lime.inputs.units import Span
from focus_lime.method.rescue import CoverageCheck, Outcome
from focus_lime.method.sets import Relation
from focus_lime.method.settings import Settings

# A piece of text and its weight; None is background.
Part = tuple[str, float | None]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

FIT = Fit(
    level="sentence",
    masks=52,
    held_out_masks=12,
    r2=0.97,
    spearman=0.88,
    intercept=0.0,
    penalty=0.01,
    interval_level=0.9,
    estimator="exact",
    agreement=None,
    stopped="settled",
)


CHUNKS = (
    ScoredSpan(0, 0, 9, "chunk", score=1.0, kept=True),
    ScoredSpan(0, 9, 12, "chunk", score=0.0),
)


def explanation(*sources: list[Part], level: str = "sentence", **changes: Any) -> Explanation:
    """One message for each list of parts; intervals are the weight -+ 0.5."""
    units: list[ExplainedUnit] = []
    for number, parts in enumerate(sources):
        at = 0
        for text, weight in parts:
            end = at + len(text)
            if weight is not None:
                units.append(attributed(Span(number, at, end), level, weight))
            elif text:
                units.append(ExplainedUnit(number, at, end, level))
            at = end
    roles = ("user", "assistant")
    whole = Explanation(
        model=ModelNames("org/target", "a304ce8dbb1abc02", "bm25", "sparse"),
        question="Which law governs?",
        response="the laws of Delaware",
        objective="log-odds of the response",
        is_additive=True,
        is_decision=False,
        base_value=2.5,
        sources=tuple(
            SourceText(i, roles[i % 2], "".join(text for text, _ in parts))
            for i, parts in enumerate(sources)
        ),
        units=tuple(units),
        neighborhood=NeighborhoodResult(
            tuple(unit.span for unit in units if unit.status == "attributed"),
            tuple(span for span in CHUNKS if span.end <= sum(len(text) for text, _ in sources[0])),
        ),
        fit=replace(FIT, level=level),
        cost=Costs(
            Cost(66, 534708, 123456, 0, 1.5, fpe=14.7),
            Cost(7, 70, 70, 0, 0.25),
        ),
        settings=Settings(granularity=level, budget=64, seed=3),
        versions={"python": "3.11.7", "focus-lime": "0.1.0"},
    )
    return replace(whole, **changes)


def attributed(
    span: Span, level: str, weight: float, *, selected: float = 0.9, **fields: Any
) -> ExplainedUnit:
    """A unit with a weight, whose interval is the weight -+ 0.5."""
    return ExplainedUnit(
        span.source,
        span.start,
        span.end,
        level,
        status="attributed",
        weight=weight,
        low=weight - 0.5,
        high=weight + 0.5,
        estimate=weight,
        selected=selected,
        **fields,
    )


def named(whole: Explanation, names: Sequence[str | None]) -> Explanation:
    """The units with these names, in reading order."""
    units = [replace(u, name=name) for u, name in zip(whole.units, names, strict=True)]
    return replace(whole, units=tuple(units))


def words(whole: Explanation, index: int, weights: Sequence[float]) -> Explanation:
    """Open the sentence `whole.units[index]` to as many words as there are weights: cut after each
    white space, the rest to the last. The first word's exact effect is its weight + 0.25.
    """
    cuts = [match.end() for match in re.finditer(r"\S*\s*", whole.text(whole.units[index]))]
    return cut(whole, index, cuts[: len(weights) - 1], weights, "word")


def cut(
    whole: Explanation, index: int, cuts: Sequence[int], weights: Sequence[float], level: str
) -> Explanation:
    """Open `whole.units[index]` to fine units of its name, cut at these characters of it."""
    unit = whole.units[index]
    edges = [unit.start, *(unit.start + at for at in cuts), unit.end]
    fine_units = [
        attributed(Span(unit.source, start, end), level, weight, selected=0.8, name=unit.name)
        for (start, end), weight in zip(pairwise(edges), weights, strict=True)
    ]
    fine_units[0] = replace(fine_units[0], effect=weights[0] + 0.25)
    both = sorted((*whole.fine_units, *fine_units), key=lambda u: (u.source, u.start))
    return replace(whole, fine_units=tuple(both), fine_fit=replace(whole.fit, level=level))


def checked(
    whole: Explanation, outcome: Outcome = "held", rescued: Sequence[int] = ()
) -> Explanation:
    """With a coverage check; `rescued` are indices of units. Shares are the same for every outcome
    that has any.
    """
    shares = (None,) * 4 if outcome == "not_in_context" else (0.31, 0.92, 0.4, 0.87)
    spans = tuple(whole.units[index].span for index in rescued)
    return replace(whole, check=CoverageCheck(outcome, 2.5, -7.25, -7.25, *shares, spans, 19))


def deleted(
    whole: Explanation, indices: Sequence[int], alone: Sequence[float], values: Sequence[float]
) -> Explanation:
    """With these units verified: what each takes alone, and the values of the nested deletions."""
    units = list(whole.units)
    for index, effect in zip(indices, alone, strict=True):
        units[index] = replace(units[index], effect=effect)
    curve = DeletionCurve(tuple(whole.units[index].span for index in indices), tuple(values))
    return replace(whole, units=tuple(units), curve=curve)


def decided(
    whole: Explanation,
    relation: Relation,
    sufficient: Sequence[Sequence[int]],
    turning: Sequence[Sequence[int]],
    threshold: float = 0.0,
    answer: str | None = None,
) -> Explanation:
    """With sets of units, by their indices."""

    def spans(sets: Sequence[Sequence[int]]) -> tuple[tuple[Span, ...], ...]:
        return tuple(tuple(whole.units[index].span for index in members) for members in sets)

    gone = (*spans(turning), ())[0]
    sets = SetsResult(relation, threshold, spans(turning), spans(sufficient), gone, answer)
    return replace(whole, sets=sets)


CONTRACT: list[Part] = [
    ("  Article 1.\n", None),
    ("The agreement is governed by the laws of Delaware.  ", 3.0),
    ("Nothing else matters.\n", 0.0),
    ("Except in Texas.\n\n", -1.0),
    ("Signed.", None),
]


def texas_leads() -> Explanation:
    """Of the same text: Texas leads, the law was not examined."""
    parts = [(text, None if w == 3.0 else 5.0 if w == -1.0 else w) for text, w in CONTRACT]
    return checked(explanation(parts, settings=Settings(seed=7), response="those of Texas"))


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
