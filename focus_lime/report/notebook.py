"""An explanation in a notebook: a compact view, a table, a figure."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from focus_lime.errors import FocusLimeError
from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.report.findings import effects_of
from focus_lime.report.highlight import (
    Scale,
    count,
    interval,
    interval_name,
    number,
    quote,
    top_spans,
)

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

_TOP = 5
_AROUND = 80  # characters of context on each side
_LONGEST = 300  # of the span itself
# Blue supports, orange opposes. A notebook strips style sheets, so these stand in the elements;
# both can be read on a light and on a dark ground.
_BLUE, _ORANGE = "#2f7ed8", "#c96a00"


def compact(explanation: Explanation) -> str:
    """HTML of a few lines: the answer, and the leading spans in their context."""
    scale = Scale(explanation.tiles)
    rows = "".join(_row(explanation, unit, scale) for unit in top_spans(explanation, scale, _TOP))
    if not rows:
        what = "differs from 0" if explanation.attributed else "was examined"
        rows = f'<tr><td style="text-align:left">No span {what}.</td></tr>'
    audit = explanation.audit or {}
    held = audit.get("coverage")
    facts = [
        f"R² {count(explanation.fit.get('r2'))} on masks never fitted",
        "effect held: not measured" if held is None else f"{held:.0%} of the effect held",
        f"{count(explanation.cost.get('target', {}).get('fpe'))} full prompts",
    ]
    answer = html.escape(explanation.response)
    question = f"<div>{html.escape(explanation.question)}</div>" if explanation.question else ""
    return (
        f'<div style="max-width:60em">{question}<div><b>{answer}</b></div>'
        f"<table>{rows}</table><small>{' · '.join(facts)}</small></div>"
    )


def _row(explanation: Explanation, unit: ExplainedUnit, scale: Scale) -> str:
    text = explanation.sources[unit.source].text
    before = " ".join(text[max(0, unit.start - _AROUND) : unit.start].split())
    after = " ".join(text[unit.end : unit.end + _AROUND].split())
    inside = html.escape(quote(text[unit.start : unit.end], _LONGEST))
    colour = _BLUE if scale.step(unit) > 0 else _ORANGE
    thick = max(1, abs(scale.step(unit)) - 1)
    line = "solid" if scale.step(unit) > 0 else "dashed"
    context = (
        f'<span style="opacity:.6">{"… " if before else ""}{html.escape(before)}</span> '
        f'<span style="border-bottom:{thick}px {line} {colour}">{inside}</span> '
        f'<span style="opacity:.6">{html.escape(after)}{" …" if after else ""}</span>'
    )
    return (
        f'<tr><td style="text-align:right;vertical-align:top;color:{colour};white-space:nowrap">'
        f"<b>{number(unit.weight)}</b><br><small>{interval(unit)}</small></td>"
        f'<td style="text-align:left"><bdi>{context}</bdi></td></tr>'
    )


def frame(explanation: Explanation) -> pandas.DataFrame:
    """One row for each attributed unit, the largest |weight| first; see `Explanation.table`."""
    try:
        import pandas
    except ImportError:
        raise FocusLimeError("to_pandas needs pandas: pip install pandas") from None
    rows = explanation.table(len(explanation.attributed))
    return pandas.DataFrame(rows, columns=COLUMNS)


COLUMNS = "rank weight low high effect selected sure source start end level text".split()


def figure(explanation: Explanation, k: int = 10) -> Figure:
    """Ranked spans with their intervals, and the deletion curve.

    The second panel holds values that the target gave, no estimate: f(x), f without any text, and
    between them the leading spans deleted one after another; beside that, what the curve would be
    if single deletions added up. It is left out where nothing was measured.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise FocusLimeError("plot needs matplotlib: pip install matplotlib") from None
    if k < 1:
        raise FocusLimeError(f"plot: k is {k}, give 1 or more")
    scale = Scale(explanation.tiles)
    units = top_spans(explanation, scale, k)
    panels = 1 + bool(explanation.curves)
    made = Figure(figsize=(6.4 * panels, 1.4 + 0.42 * max(4, len(units))), layout="constrained")
    axes = made.subplots(1, panels, squeeze=False)[0]
    _ranked(axes[0], explanation, units)
    if explanation.curves:
        _deleted(axes[1], explanation)
    return made


def _ranked(axes: Any, explanation: Explanation, units: list[ExplainedUnit]) -> None:
    places = range(len(units), 0, -1)
    for place, unit in zip(places, units, strict=True):
        weight = unit.weight or 0.0
        colour = _BLUE if weight > 0 else _ORANGE
        axes.barh(place, weight, color=colour, alpha=0.35, hatch=None if weight > 0 else "///")
        if unit.low is not None and unit.high is not None:
            axes.plot([unit.low, unit.high], [place, place], color=colour, marker="|")
        if unit.effect is not None:
            axes.plot(unit.effect, place, color="black", marker="D", markersize=4, linestyle="")
    axes.axvline(0, color="grey", linewidth=0.8)
    # A dollar sign would begin a formula.
    labels = [quote(explanation.text(unit), 42).replace("$", r"\$") for unit in units]
    axes.set_yticks(list(places), labels)
    axes.set_ylim(len(units) - max(4, len(units)) + 0.4, len(units) + 0.6)  # a lone bar stays thin
    axes.set_xlabel(f"weight in nats, {interval_name(explanation)}; ◆ deleted alone")
    axes.set_title("Ranked spans" if units else "No span differs from 0", loc="left")


def _deleted(axes: Any, explanation: Explanation) -> None:
    """The curve of the finest level: the spans that the first panel ranks."""
    curve, full = explanation.curves[-1], explanation.base_value
    values = [full, *curve["values"]]
    alone = effects_of(curve, explanation.attributed)
    added = [full - sum(alone[:n]) for n in range(len(values))]
    axes.axhline(full, color="grey", linewidth=0.8)
    axes.annotate("all text", (0, full), (4, 3), textcoords="offset points", color="grey")
    if explanation.audit:
        nothing = explanation.audit["nothing"]
        axes.axhline(nothing, color="grey", linewidth=0.8)
        axes.annotate("no text", (0, nothing), (4, 3), textcoords="offset points", color="grey")
    axes.plot(
        added, color=_ORANGE, marker="D", markersize=4, linestyle="--", label="if they add up"
    )
    axes.plot(values, color="black", marker="o", label="deleted together")
    axes.margins(y=0.12)  # room for what is written over the upper line
    axes.set_xticks(range(len(values)))
    axes.set_xlabel("leading spans deleted")
    axes.set_ylabel("value in nats")
    axes.set_title("Deletion curve", loc="left")
    axes.legend(frameon=False)
