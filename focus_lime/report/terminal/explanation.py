"""An explanation in a terminal: the answer, the first spans in their context, the list, what holds
the effect and what decides, fit and cost.
"""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from focus_lime.explanation.formats import count, interval, interval_name, number, plural, quote
from focus_lime.explanation.result import ExplainedUnit, Explanation
from focus_lime.explanation.wording import (
    Line,
    apart_lines,
    check_line,
    estimator,
    held_out,
    sets_lines,
    stopped,
    together_line,
)
from focus_lime.inputs.units import Span
from focus_lime.report.highlight import Scale, quoted, top_spans
from focus_lime.report.terminal.passage import (
    clean,
    colour,
    fitting,
    in_context,
    isolated,
    legend,
    passage,
    where,
)

_WIDE = 100  # columns of a window, from which on the list shows all that it has
_QUOTED = 60  # characters of a span that has no rank
_NAMED = 24  # of a unit's name


def print_explanation(explanation: Explanation, console: Console, k: int = 5) -> None:
    """Print the explanation; the document's text is never read as markup or as control codes."""
    scale = Scale(explanation.tiles)
    top = top_spans(explanation, scale, k)
    plain = console.no_color or console.color_system is None  # a pipe, a log: say signs in text
    exchange = _grid()
    if explanation.question:
        exchange.add_row("question", Text(clean(explanation.question)))
    if explanation.reasoning:
        reasoning = quote(explanation.reasoning, 3 * console.width)
        exchange.add_row("reasoning", Text(clean(reasoning), style="dim"))
    exchange.add_row("answer", Text(clean(explanation.response), style="bold"))
    console.print(exchange)
    console.print()
    if top:
        for rank, unit in in_context(top):
            console.print(where(explanation, unit, rank))
            console.print(Padding(passage(explanation, scale, unit, plain), (0, 0, 0, 2)))
        console.print(_spans(explanation, scale, top, console.width))
        console.print(Padding(legend(plain), (0, 0, 1, 2)))
    else:
        nothing = "differs from 0" if explanation.attributed else "was examined"
        console.print(Text(f"No span {nothing}.\n", style="dim"))
    console.print(_facts(explanation, top))
    for warning in explanation.warnings:
        console.print(Text.assemble(("warning  ", "yellow"), clean(warning)))


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    return grid


def _spans(explanation: Explanation, scale: Scale, top: list[ExplainedUnit], width: int) -> Table:
    """The list, with a column for measured effects where there are any; a unit's name stands before
    its text. In a narrow window the text has the room of what is read less often.
    """
    verified, is_wide = any(unit.effect is not None for unit in top), width >= _WIDE
    isolated = any(unit.alone is not None for unit in top)
    taken = 34 + (15 if verified else 0) + (11 if isolated else 0) + (22 if is_wide else 0)
    length = max(40, 2 * (width - taken))  # two lines of what is left, about
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", expand=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("weight", justify="right", no_wrap=True)
    table.add_column(interval_name(explanation.fits[-1]), no_wrap=True)
    if verified:
        table.add_column("deleted alone", justify="right", no_wrap=True)
    if isolated:
        table.add_column("by itself", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("selected", justify="right", no_wrap=True)
        table.add_column("offset", justify="right", no_wrap=True)
    table.add_column("text", ratio=1)
    for rank, unit in enumerate(top, start=1):
        place = f"{unit.start:,}"
        if len(explanation.sources) > 1:
            place = f"{explanation.sources[unit.source].message + 1}:{place}"
        deleted = "–" if unit.effect is None else number(unit.effect)
        by_itself = "–" if unit.alone is None else number(unit.alone)
        selected = "–" if unit.selected is None else f"{unit.selected:.0%}"
        table.add_row(
            str(rank),
            Text(number(unit.weight), style=colour(scale.step(unit))),
            Text(interval(unit) or "–"),
            *([deleted] if verified else []),
            *([by_itself] if isolated else []),
            *([selected, place] if is_wide else []),
            _named(explanation, unit, length),
        )
    return table


def _named(explanation: Explanation, unit: ExplainedUnit, length: int) -> Text:
    """The unit's text, after its name if it has one."""
    text = isolated(clean(fitting(explanation.text(unit), length)))
    name = isolated(clean(fitting(unit.name or "", _NAMED)))
    return Text.assemble((f"{name}: ", "dim"), text) if name else Text(text)


def _facts(explanation: Explanation, top: list[ExplainedUnit]) -> Table:
    """What is known of the neighborhood and of the sets, a line of fit a level, and one of cost."""
    level, check, sets = explanation.level, explanation.check, explanation.sets
    target, proxy = explanation.cost.target, explanation.cost.proxy
    ranks = {unit.span: rank for rank, unit in enumerate(top, start=1)}
    names = {unit.span: unit.name for unit in explanation.coarse}

    def text(line: Line) -> Text:
        """A span is its rank in the table, or a quote."""
        parts = [part if isinstance(part, str) else named(part) for part in line]
        return Text("".join(parts))

    def named(span: Span) -> str:
        if span in ranks:
            return f"[{ranks[span]}]"
        return clean(quoted(explanation, span, _QUOTED, names.get(span)))

    facts = _grid()
    value = f"{explanation.objective}: {number(explanation.base_value)} with the full text"
    without = f", {number(check.nothing)} with none of it" if check else ""
    facts.add_row("explained", clean(value + without))
    if check:
        facts.add_row("neighborhood", text(check_line(check, level)))
    if together := together_line(explanation):
        facts.add_row("together", text(together))
    for index, line in enumerate(apart_lines(explanation)):
        facts.add_row("" if index else "alone", text(line))
    for index, line in enumerate(sets_lines(sets, level, check) if sets else ()):
        facts.add_row("" if index else "sets", text(line))
    for index, fit in enumerate(explanation.fits):
        over = f" over {plural(fit.level)}" if explanation.fine_fit else ""
        masks = f"{count(fit.masks)} masks{over}, {held_out(fit)}"
        described = "; ".join(filter(None, (masks, estimator(fit), stopped(fit))))
        facts.add_row("" if index else "fit", described)
    facts.add_row(
        "cost",
        f"{count(target.calls)} calls, {count(target.fpe)} full prompts, "
        f"{count(target.seconds)} s; proxy {count(proxy.calls)} calls, {count(proxy.seconds)} s",
    )
    return facts
