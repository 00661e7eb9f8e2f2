"""Two explanations of one text side by side: two models, two seeds, two methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import spearmanr

from focus_lime.errors import FocusLimeError
from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.report.findings import Span, share
from focus_lime.report.highlight import Scale, by_size, count, number, opened

TOP = 10  # spans of each side that are listed
_WORDS, _AROUND = 4, 40  # of its sentence on each side of a word: words, and characters of these


@dataclass(frozen=True)
class Side:
    """A unit as one explanation has it; None where it was not examined."""

    unit: ExplainedUnit | None
    step: int


@dataclass(frozen=True)
class Row:
    """A span among the first of one side or of both; a word has some of its sentence around it."""

    span: Span
    text: str
    sides: tuple[Side, Side]
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Compared:
    """The units of one level.

    Attributes:
        name: "sentences", say.
        rows: those first that weigh most in either, each side measured by its own largest.
        agreement: a sentence.
    """

    name: str
    rows: tuple[Row, ...]
    agreement: str


@dataclass(frozen=True)
class Comparison:
    """
    Attributes:
        names: of the two, for a heading.
        facts: (what, of the first, of the second); all that a reader would ask first.
        levels: sentences, then the words or tokens where both opened some.
    """

    names: tuple[str, str]
    facts: tuple[tuple[str, str, str], ...]
    levels: tuple[Compared, ...]


def compare(explanations: Sequence[Explanation], names: Sequence[str]) -> Comparison:
    """Compare two explanations, level by level.

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
    levels = [_compared("sentences", explanations, [e.sentences for e in explanations])]
    if first.parts and second.parts and first.granularity == second.granularity:
        name = f"{first.granularity}s"
        levels.append(_compared(name, explanations, [e.parts for e in explanations]))
    return Comparison((names[0], names[1]), _facts(first, second), tuple(levels))


def _compared(
    name: str,
    explanations: Sequence[Explanation],
    units: Sequence[Sequence[ExplainedUnit]],
) -> Compared:
    scales = [Scale(side) for side in units]
    known = [{Span.of(unit): unit for unit in side} for side in units]
    wholes = {
        Span.of(part): whole
        for e in explanations
        for whole, parts in opened(e).items()
        for part in parts
    }

    def size(span: Span) -> float:
        return max(
            abs(side[span].weight or 0.0) / (scale.largest or 1.0) if span in side else 0.0
            for side, scale in zip(known, scales, strict=True)
        )

    def row(span: Span) -> Row:
        text = explanations[0].sources[span.source].text
        whole = wholes.get(span, span)
        one, other = (
            Side(unit, scale.step(unit) if unit else 0)
            for unit, scale in zip((side.get(span) for side in known), scales, strict=True)
        )
        return Row(
            span,
            text[span.start : span.end],
            (one, other),
            " ".join(text[whole.start : span.start].split()[-_WORDS:])[-_AROUND:],
            " ".join(text[span.end : whole.end].split()[:_WORDS])[:_AROUND],
        )

    leading = [
        [Span.of(unit) for unit in by_size(side) if scale.step(unit)][:TOP]
        for side, scale in zip(units, scales, strict=True)
    ]
    spans = sorted({*leading[0], *leading[1]}, key=lambda span: (-size(span), span))
    return Compared(name, tuple(map(row, spans)), _agreement(name, known, leading))


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
            "R² of the fit": count(e.fit.get("r2")),
            "full-prompt equivalents": count(e.cost.get("target", {}).get("fpe")),
        }

    one, other = of(first), of(second)
    return tuple((name, one[name], other[name]) for name in one)


def _agreement(
    name: str, known: Sequence[dict[Span, ExplainedUnit]], leading: Sequence[list[Span]]
) -> str:
    """How alike the two are, in numbers that need no scale of their own."""
    shared = sorted(known[0].keys() & known[1].keys())
    said = f"{len(shared):,} {name} were examined by both"
    weights = [[units[span].weight or 0.0 for span in shared] for units in known]
    if len(shared) > 2 and all(len(set(values)) > 1 for values in weights):
        said += f"; their weights agree in rank by Spearman {spearmanr(*weights).statistic:.2f}"
    k = min(5, len(leading[0]), len(leading[1]))
    if k:
        common = len(set(leading[0][:k]) & set(leading[1][:k]))
        said += f"; {common} of the {k} leading {name} are shared"
    return said + "."
