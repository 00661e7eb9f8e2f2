"""Ranked spans with their intervals, and the deletion curve, as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from focus_lime.errors import FocusLimeError
from focus_lime.explanation.formats import interval_name, quote
from focus_lime.explanation.result import DeletionCurve, ExplainedUnit, Explanation
from focus_lime.explanation.wording import effects_of
from focus_lime.report.highlight import Scale, top_spans
from focus_lime.report.notebook import BLUE, ORANGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LABEL = 42  # characters of a span


def figure(explanation: Explanation, k: int = 10) -> Figure:
    """Ranked spans with their intervals, and the deletion curve.

    The second panel holds values that the target gave, no estimate: f(x), f without any text, and
    between them the leading spans deleted one after another; beside that, what the curve would be
    if single deletions added up. It is left out where nothing was measured.

    Raises:
        FocusLimeError: matplotlib is not installed, or `k` is less than 1.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise FocusLimeError("plot needs matplotlib: pip install matplotlib") from None
    if k < 1:
        raise FocusLimeError(f"plot: k is {k}, give 1 or more")
    units = top_spans(explanation, Scale(explanation.tiles), k)
    # The curve of the finest level: the spans that the first panel ranks.
    curve = explanation.fine_curve or explanation.curve
    panels = 1 if curve is None else 2
    drawing = Figure(figsize=(6.4 * panels, 1.4 + 0.42 * max(4, len(units))), layout="constrained")
    axes = drawing.subplots(1, panels, squeeze=False)[0]
    _draw_ranked(axes[0], explanation, units)
    if curve is not None:
        _draw_curve(axes[1], explanation, curve)
    return drawing


def _draw_ranked(axes: Any, explanation: Explanation, units: list[ExplainedUnit]) -> None:
    places = range(len(units), 0, -1)
    for place, unit in zip(places, units, strict=True):
        weight = unit.weight or 0.0
        colour = BLUE if weight > 0 else ORANGE
        axes.barh(place, weight, color=colour, alpha=0.35, hatch=None if weight > 0 else "///")
        if unit.low is not None and unit.high is not None:
            axes.plot([unit.low, unit.high], [place, place], color=colour, marker="|")
        if unit.effect is not None:
            axes.plot(unit.effect, place, color="black", marker="D", markersize=4, linestyle="")
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set_yticks(list(places), [_label(explanation, unit) for unit in units])
    axes.set_ylim(len(units) - max(4, len(units)) + 0.4, len(units) + 0.6)  # a lone bar stays thin
    axes.set_xlabel(f"weight in nats, {interval_name(explanation.fit)}; ◆ deleted alone")
    axes.set_title("Ranked spans" if units else "No span differs from 0", loc="left")


def _label(explanation: Explanation, unit: ExplainedUnit) -> str:
    text = quote(explanation.text(unit), _LABEL)
    if unit.name:
        text = f"{quote(unit.name, _LABEL // 2)}: {text}"
    return text.replace("$", r"\$")  # a dollar sign would begin a formula


def _draw_curve(axes: Any, explanation: Explanation, curve: DeletionCurve) -> None:
    full = explanation.base_value
    values = [full, *curve.values]
    alone = effects_of(curve, explanation.attributed)
    added = [full - sum(alone[:n]) for n in range(len(values))]
    axes.axhline(full, color="grey", linewidth=0.8)
    axes.annotate("all text", (0, full), (4, 3), textcoords="offset points", color="grey")
    if explanation.check:
        nothing = explanation.check.nothing
        axes.axhline(nothing, color="grey", linewidth=0.8)
        axes.annotate("no text", (0, nothing), (4, 3), textcoords="offset points", color="grey")
    axes.plot(added, color=ORANGE, marker="D", markersize=4, linestyle="--", label="if they add up")
    axes.plot(values, color="black", marker="o", label="deleted together")
    axes.margins(y=0.12)  # room for what is written over the upper line
    axes.set_xticks(range(len(values)))
    axes.set_xlabel("leading spans deleted")
    axes.set_ylabel("value in nats")
    axes.set_title("Deletion curve", loc="left")
    axes.legend(frameon=False)
