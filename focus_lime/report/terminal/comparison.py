"""Two explanations side by side in a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from focus_lime.explanation.formats import interval, number, quote
from focus_lime.report.comparison import Comparison, Row, Side
from focus_lime.report.terminal.passage import clean, colour


def print_comparison(comparison: Comparison, console: Console) -> None:
    """What the two are, then the spans that lead in either."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", expand=True)
    table.add_column("", ratio=2)
    for name in comparison.names:
        table.add_column(Text(clean(name)), ratio=1)
    for name, *both in comparison.facts:
        style = "bold" if both[0] != both[1] else ""
        table.add_row(Text(name, "dim"), *(Text(clean(quote(fact, 80)), style) for fact in both))
    for level in comparison.levels:
        table.add_section()
        for row in level.rows:
            table.add_row(_row(row), *map(_side, row.sides))
    console.print(table)
    for level in comparison.levels:
        console.print(Text(level.agreement))


def _row(row: Row) -> Text:
    """The unit's name and its text; a fine unit in quotes with what stands around it."""
    text = quote(row.text, 160)
    if row.before or row.after:
        text = f"“{text}”"
    name = f"{row.name}:" if row.name else ""
    parts = ((name, "dim"), (row.before, "dim"), (text, ""), (row.after, "dim"))
    return Text(" ").join(Text(clean(part), style) for part, style in parts if part)


def _side(side: Side) -> Text:
    if side.unit is None:
        return Text("not examined", "dim")
    weight = Text(number(side.unit.weight), colour(side.step) if side.step else "")
    return weight.append(f" {interval(side.unit)}", "dim")
