"""What carries the weight of many explanations: roles, sections and clauses.

A unit's *share* is its |weight| over the sum of all |weights| of its explanation, so that an
explanation counts the same however many nats it moves.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from focus_lime.explanation.result import ExplainedUnit, Explanation
from focus_lime.inputs.headings import section_titles

from .outliers import shares

NO_HEADING = "(before any heading)"

Namer = Callable[[Explanation], Callable[[ExplainedUnit], str]]


@dataclass(frozen=True)
class Carrier:
    """A kind of text, and the weight that it carries over a corpus.

    Attributes:
        explanations, units: in how many it has attributed units, and how many.
        share: mean over all explanations of the share of the weight on it; these sum to 1.
        lift: that share over its share of the attributed characters: 1 is what chance gives.
        weight: mean signed weight of its units, in nats.
    """

    name: str
    explanations: int
    units: int
    share: float
    lift: float
    weight: float


def by_role(explanation: Explanation) -> Callable[[ExplainedUnit], str]:
    """Who said it: the role of the unit's message."""
    return lambda unit: explanation.sources[unit.source].role


def by_section(explanation: Explanation) -> Callable[[ExplainedUnit], str]:
    """The last heading at or above the unit, without its number, in lower case.

    Headings are Markdown's, `Article IV` and `Section 2`, numbered titles and lines of capitals.
    """
    headings = [list(section_titles(source.text)) for source in explanation.sources]

    def name(unit: ExplainedUnit) -> str:
        before = bisect_right(headings[unit.source], unit.start, key=lambda heading: heading.start)
        return headings[unit.source][before - 1].text if before else NO_HEADING

    return name


def by_clause(explanation: Explanation) -> Callable[[ExplainedUnit], str]:
    """The unit's own words, whatever their case, and any number as 0: the same clause in many
    documents has one name.
    """
    return lambda unit: " ".join(re.sub(r"\d+", "0", explanation.text(unit).casefold()).split())


NAMERS: dict[str, Namer] = {"role": by_role, "section": by_section, "clause": by_clause}


def carriers(explanations: Iterable[Explanation], namer: Namer) -> list[Carrier]:
    """What carries the weight of a corpus, the largest share first.

    Explanations without any weight are not counted.
    """
    rows: dict[str, list[tuple[int, float, float, float]]] = {}
    counted = 0
    for explanation in explanations:
        units, parts = shares(explanation)
        if not units:
            continue
        length = sum(unit.end - unit.start for unit in units)
        name = namer(explanation)
        for unit, part in zip(units, parts, strict=True):
            row = counted, float(part), (unit.end - unit.start) / length, unit.weight or 0.0
            rows.setdefault(name(unit), []).append(row)
        counted += 1
    carried = [
        Carrier(
            name=name,
            explanations=len({row[0] for row in of_name}),
            units=len(of_name),
            share=sum(row[1] for row in of_name) / counted,
            lift=sum(row[1] for row in of_name) / sum(row[2] for row in of_name),
            weight=float(np.mean([row[3] for row in of_name])),
        )
        for name, of_name in rows.items()
    ]
    return sorted(carried, key=lambda carrier: (-carrier.share, carrier.name))
