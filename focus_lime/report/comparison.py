"""Two explanations of one text side by side: two models, two seeds, two methods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from focus_lime.errors import FocusLimeError
from focus_lime.explanation.formats import count, number, plural, share
from focus_lime.explanation.result import ExplainedUnit, Explanation, ranked
from focus_lime.inputs.units import Span
from focus_lime.report.highlight import Scale, opened

TOP = 10  # spans of each side that are listed
_WORDS, _AROUND = 4, 40  # around a fine unit, on each side: words, and characters of these


@dataclass(frozen=True)
class Side:
    """A unit as one explanation has it; None where it was not examined."""

    unit: ExplainedUnit | None
    step: int


@dataclass(frozen=True)
class Row:
    """A span among the first of one side or of both; a fine unit has some of the text around it.

    Attributes:
        name: of the unit, where it has one.
    """

    span: Span
    name: str | None
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
        levels: the scored level, then a finer one that both opened.
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
    level = plural(first.level) if first.level == second.level else "units"
    levels = [_compared(level, explanations, [e.coarse for e in explanations])]
    if first.fine_units and second.fine_units and first.granularity == second.granularity:
        level = plural(first.granularity)
        levels.append(_compared(level, explanations, [e.fine_units for e in explanations]))
    return Comparison((names[0], names[1]), tuple(_facts(first, second)), tuple(levels))


def _compared(
    level: str,
    explanations: Sequence[Explanation],
    units: Sequence[Sequence[ExplainedUnit]],
) -> Compared:
    scales = [Scale(side) for side in units]
    known = [{unit.span: unit for unit in side} for side in units]
    parents = {
        fine.span: unit.span
        for e in explanations
        for unit, fine_units in opened(e).items()
        for fine in fine_units
    }

    def size(span: Span) -> float:
        """Of the weight, as a share of the largest of its side."""
        return max(
            abs(side[span].weight or 0.0) / (scale.largest or 1.0) if span in side else 0.0
            for side, scale in zip(known, scales, strict=True)
        )

    def row(span: Span) -> Row:
        text = explanations[0].sources[span.source].text
        parent = parents.get(span, span)
        first, second = (side.get(span) for side in known)
        return Row(
            span,
            next((unit.name for unit in (first, second) if unit), None),
            explanations[0].text(span),
            (_side(first, scales[0]), _side(second, scales[1])),
            " ".join(text[parent.start : span.start].split()[-_WORDS:])[-_AROUND:],
            " ".join(text[span.end : parent.end].split()[:_WORDS])[:_AROUND],
        )

    leading = [
        [unit.span for unit in ranked(side) if scale.step(unit)][:TOP]
        for side, scale in zip(units, scales, strict=True)
    ]
    spans = sorted({*leading[0], *leading[1]}, key=lambda span: (-size(span), span))
    return Compared(level, tuple(map(row, spans)), _agreement(level, known, leading))


def _side(unit: ExplainedUnit | None, scale: Scale) -> Side:
    return Side(unit, scale.step(unit) if unit else 0)


def _facts(first: Explanation, second: Explanation) -> Iterator[tuple[str, str, str]]:
    for (name, of_first), (_, of_second) in zip(_known(first), _known(second), strict=True):
        yield name, of_first, of_second


def _known(e: Explanation) -> tuple[tuple[str, str], ...]:
    return (
        ("answer", e.response),
        ("model", e.model.target),
        ("proxy", e.model.proxy or "none"),
        ("seed", str(e.settings.seed)),
        ("value of the full prompt", number(e.base_value)),
        ("effect held", share(e.check.coverage if e.check else None)),
        ("R² of the fit", count(e.fit.r2)),
        ("full-prompt equivalents", count(e.cost.target.fpe)),
    )


def _agreement(
    level: str, known: Sequence[dict[Span, ExplainedUnit]], leading: Sequence[list[Span]]
) -> str:
    """How alike the two are, in numbers that need no scale of their own."""
    from scipy.stats import spearmanr  # slow to import

    shared = sorted(known[0].keys() & known[1].keys())
    text = f"{len(shared):,} {level} were examined by both"
    weights = [[units[span].weight or 0.0 for span in shared] for units in known]
    if len(shared) > 2 and all(len(set(values)) > 1 for values in weights):
        text += f"; their weights agree in rank by Spearman {spearmanr(*weights).statistic:.2f}"
    k = min(5, len(leading[0]), len(leading[1]))
    if k:
        common = len(set(leading[0][:k]) & set(leading[1][:k]))
        text += f"; {common} of the {k} leading {level} are shared"
    return text + "."
