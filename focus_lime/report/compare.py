"""Two explanations of one text side by side: two models, two seeds, two methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import spearmanr

from focus_lime.errors import FocusLimeError
from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.report.findings import Span, share
from focus_lime.report.highlight import Scale, by_size, count, number

TOP = 10  # spans of each side that are listed


@dataclass(frozen=True)
class Side:
    """A unit as one explanation has it; None where it was not examined."""

    unit: ExplainedUnit | None
    step: int


@dataclass(frozen=True)
class Row:
    """A span that is among the first of one side or of both."""

    span: Span
    text: str
    sides: tuple[Side, Side]


@dataclass(frozen=True)
class Comparison:
    """
    Attributes:
        names: of the two, for a heading.
        facts: (what, of the first, of the second); all that a reader would ask first.
        rows: spans, those first that weigh most in either, each side measured by its own largest.
        agreement: a sentence.
    """

    names: tuple[str, str]
    facts: tuple[tuple[str, str, str], ...]
    rows: tuple[Row, ...]
    agreement: str


def compare(explanations: Sequence[Explanation], names: Sequence[str]) -> Comparison:
    """Compare two explanations, sentence by sentence.

    Raises:
        FocusLimeError: not two, or not of one text.
    """
    if len(explanations) != 2:
        raise FocusLimeError(f"a comparison takes two explanations, got {len(explanations)}")
    first, second = explanations
    if first.sources != second.sources:
        raise FocusLimeError(
            f"{names[0]} and {names[1]} explain different texts: compare two of the same prompt"
        )
    scales = [Scale(e.sentences) for e in explanations]
    known = [{Span.of(unit): unit for unit in e.sentences} for e in explanations]

    def size(span: Span) -> float:
        return max(
            abs(units[span].weight or 0.0) / (scale.largest or 1.0) if span in units else 0.0
            for units, scale in zip(known, scales, strict=True)
        )

    leading = [
        [Span.of(unit) for unit in by_size(e.sentences) if scale.step(unit)][:TOP]
        for e, scale in zip(explanations, scales, strict=True)
    ]
    spans = sorted({*leading[0], *leading[1]}, key=lambda span: (-size(span), span))

    def side(which: int, span: Span) -> Side:
        unit = known[which].get(span)
        return Side(unit, scales[which].step(unit) if unit else 0)

    rows = tuple(
        Row(
            span,
            first.sources[span.source].text[span.start : span.end],
            (side(0, span), side(1, span)),
        )
        for span in spans
    )
    return Comparison((names[0], names[1]), _facts(first, second), rows, _agreement(known, leading))


def _facts(first: Explanation, second: Explanation) -> tuple[tuple[str, str, str], ...]:
    def of(e: Explanation) -> dict[str, str]:
        audit = e.audit or {}
        return {
            "answer": e.response,
            "model": str(e.model["target"]),
            "proxy": str(e.model["proxy"] or "none"),
            "seed": str(e.seed),
            "value of the full prompt": number(e.base_value),
            "effect held": share(audit.get("coverage")),
            "held-out R²": count(e.fit.get("r2")),
            "full-prompt equivalents": count(e.cost.get("target", {}).get("fpe")),
        }

    one, other = of(first), of(second)
    return tuple((name, one[name], other[name]) for name in one)


def _agreement(known: Sequence[dict[Span, ExplainedUnit]], leading: Sequence[list[Span]]) -> str:
    """How alike the two are, in numbers that need no scale of their own."""
    shared = sorted(known[0].keys() & known[1].keys())
    said = f"{len(shared):,} sentences were examined by both"
    weights = [[units[span].weight or 0.0 for span in shared] for units in known]
    if len(shared) > 2 and all(len(set(values)) > 1 for values in weights):
        said += f"; their weights agree in rank by Spearman {spearmanr(*weights).statistic:.2f}"
    k = min(5, len(leading[0]), len(leading[1]))
    if k:
        common = len(set(leading[0][:k]) & set(leading[1][:k]))
        said += f"; {common} of the {k} leading spans are shared"
    return said + "."
