"""An explanation in a notebook: a compact view, and a table."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from focus_lime.errors import FocusLimeError
from focus_lime.explanation.formats import count, interval, number, quote
from focus_lime.explanation.result import COLUMNS, ExplainedUnit, Explanation
from focus_lime.report.highlight import Scale, top_spans

if TYPE_CHECKING:
    import pandas

# Blue supports, orange opposes. A notebook strips style sheets, so these stand in the elements;
# both can be read on a light and on a dark ground.
BLUE, ORANGE = "#2f7ed8", "#c96a00"

_TOP = 5
_AROUND = 80  # characters of context on each side
_LONGEST = 300  # of the span itself


def compact(explanation: Explanation) -> str:
    """HTML of a few lines: the answer, and the leading spans in their context."""
    scale = Scale(explanation.tiles)
    rows = "".join(_row(explanation, unit, scale) for unit in top_spans(explanation, scale, _TOP))
    if not rows:
        what = "differs from 0" if explanation.attributed else "was examined"
        rows = f'<tr><td style="text-align:left">No span {what}.</td></tr>'
    held = explanation.check.coverage if explanation.check else None
    facts = [
        f"R² {count(explanation.fit.r2)} on masks never fitted",
        "effect held: not measured" if held is None else f"{held:.0%} of the effect held",
        f"{count(explanation.cost.target.fpe)} full prompts",
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
    inside = html.escape(quote(explanation.text(unit), _LONGEST))
    name = f"<small>{html.escape(unit.name)}</small><br>" if unit.name else ""
    colour = BLUE if scale.step(unit) > 0 else ORANGE
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
        f'<td style="text-align:left"><bdi>{name}{context}</bdi></td></tr>'
    )


def frame(explanation: Explanation) -> pandas.DataFrame:
    """One row for each attributed unit, the leading ones first; see `Explanation.table`."""
    try:
        import pandas
    except ImportError:
        raise FocusLimeError("to_pandas needs pandas: pip install pandas") from None
    rows = explanation.table(len(explanation.attributed))
    return pandas.DataFrame(rows, columns=COLUMNS)
