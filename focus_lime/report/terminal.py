"""An explanation in a terminal: the answer, the first spans in their context, the list, what holds
the effect and what decides, fit and cost.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.models.base import Estimate
from focus_lime.report.compare import Comparison, Row, Side
from focus_lime.report.findings import (
    Line,
    Span,
    audit_line,
    fidelity,
    held_out,
    sets_lines,
    stopped,
    together_line,
)
from focus_lime.report.highlight import (
    STEPS,
    Scale,
    count,
    interval,
    interval_name,
    number,
    pieces,
    quote,
    top_spans,
)

_CONTEXT = 150  # characters shown before and after the top span
_PASSAGES = 3  # that are shown in their context
_LONGEST = 700  # of the top span itself
_QUOTED = 60  # of a span that has no rank
_CONTROL = re.compile(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def print_explanation(explanation: Explanation, console: Console, k: int = 5) -> None:
    """Print the explanation; the document's text is never read as markup or as control codes."""
    scale = Scale(explanation.tiles)
    top = top_spans(explanation, scale, k)
    plain = console.no_color or console.color_system is None  # a pipe, a log: say signs in text
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    if explanation.question:
        grid.add_row("question", Text(_clean(explanation.question)))
    grid.add_row("answer", Text(_clean(explanation.response), style="bold"))
    console.print(grid)
    console.print()
    if top:
        for rank, unit in _passages(top):
            console.print(_where(explanation, unit, rank))
            console.print(Padding(_passage(explanation, scale, unit, plain), (0, 0, 0, 2)))
        console.print(_spans(explanation, scale, top, console.width))
        console.print(Padding(_legend(plain), (0, 0, 1, 2)))
    else:
        nothing = "differs from 0" if explanation.attributed else "was examined"
        console.print(Text(f"No span {nothing}.\n", style="dim"))
    console.print(_facts(explanation, top))
    for warning in explanation.warnings:
        console.print(Text.assemble(("warning  ", "yellow"), _clean(warning)))


def _clean(text: str) -> str:
    """Text that cannot move the cursor, change colours or turn the direction of the line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return _CONTROL.sub(" ", lines)


def _passages(top: list[ExplainedUnit]) -> list[tuple[int, ExplainedUnit]]:
    """(rank, unit) of the spans whose passages are shown: the first, less those that an earlier
    passage shows.
    """
    found: list[tuple[int, ExplainedUnit]] = []
    for rank, unit in enumerate(top[:_PASSAGES], start=1):
        near = any(
            unit.source == other.source
            and other.start - _CONTEXT <= unit.start
            and unit.end <= other.end + _CONTEXT
            for _, other in found
        )
        if not near:
            found.append((rank, unit))
    return found


def _where(explanation: Explanation, unit: ExplainedUnit, rank: int) -> Text:
    text = explanation.sources[unit.source].text
    line = text.count("\n", 0, unit.start) + 1
    place = f"line {line:,} of {text.count(chr(10)) + 1:,}"
    if len(explanation.sources) > 1:
        source = explanation.sources[unit.source]
        place = f"message {source.message + 1} ({_clean(source.role)}), {place}"
    name = "top span" if rank == 1 else f"span {rank}"
    return Text.assemble(f"{name} in its context  ", (place, "dim"))


def _passage(explanation: Explanation, scale: Scale, unit: ExplainedUnit, plain: bool) -> Text:
    """The unit with what stands around it, cut at words; ellipses say where text is left out."""
    text = explanation.sources[unit.source].text
    start, end = max(0, unit.start - _CONTEXT), min(len(text), unit.end + _CONTEXT)
    end = min(end, unit.start + _LONGEST + _CONTEXT)
    # Cut at white space where there is some near; a text without any is cut where it must be.
    if start and (space := re.search(r"\s", text[start : min(start + 40, unit.start)])):
        start += space.end()
    if end < len(text) and (spaces := list(re.finditer(r"\s", text[end - 40 : end]))):
        end += spaces[-1].start() - 40
    inside = [
        replace(u, start=max(u.start, start) - start, end=min(u.end, end) - start)
        for u in explanation.tiles
        if u.source == unit.source and u.start < end and u.end > start
    ]
    passage = Text("… " if start else "", style="dim", overflow="fold")
    for piece in pieces(text[start:end], inside):
        shown, step = _clean(piece.text), scale.step(piece.unit) if piece.unit else 0
        if plain and step and shown:
            shown = f"[+{shown}+]" if step > 0 else f"[-{shown}-]"
        passage.append(shown, _style(step) if piece.unit else "dim")
    passage.append(" …" if end < len(text) else "", "dim")
    return _calm(passage)


def _calm(passage: Text) -> Text:
    """Runs of blank lines become one, so that the layout of a page does not fill the screen."""
    for match in reversed(list(re.finditer(r"\n[ \n]*\n(?= *\S)", passage.plain))):
        passage = passage[: match.start()] + Text("\n\n") + passage[match.end() :]
    return passage


def _style(step: int) -> str:
    """A bar of colour for the strong, a coloured underline for the weak."""
    if not step:
        return "not dim"
    colour = _colour(step)
    strong = abs(step) > STEPS // 2
    # Black by its number: terminals make "bold black" a grey, and themes move the named colours.
    return f"color(16) on {colour} not dim" if strong else f"underline {colour} not dim"


def _colour(step: int) -> str:
    """Blue supports and orange opposes; both can be read on a light and on a dark ground."""
    return "color(39)" if step > 0 else "color(208)"


def _legend(plain: bool) -> Text:
    if plain:
        return Text("[+supports the answer+]  [-opposes it-]")
    return Text.assemble(
        (" supports ", f"color(16) on {_colour(1)}"),
        "  ",
        (" opposes ", f"color(16) on {_colour(-1)}"),
        "  ",
        ("weakly", f"underline {_colour(1)}"),
        "  examined, no effect  ",
        ("not examined", "dim"),
    )


def _spans(explanation: Explanation, scale: Scale, top: list[ExplainedUnit], width: int) -> Table:
    verified = any(unit.effect is not None for unit in top)
    # About two lines of what the other columns leave.
    length = max(40, 2 * (width - (71 if verified else 56)))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", expand=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("weight", justify="right", no_wrap=True)
    table.add_column(interval_name(explanation), no_wrap=True)
    if verified:
        table.add_column("deleted alone", justify="right", no_wrap=True)
    table.add_column("selected", justify="right", no_wrap=True)
    table.add_column("offset", justify="right", no_wrap=True)
    table.add_column("text", ratio=1)
    for rank, unit in enumerate(top, start=1):
        place = f"{unit.start:,}"
        if len(explanation.sources) > 1:
            place = f"{explanation.sources[unit.source].message + 1}:{place}"
        alone = "–" if unit.effect is None else number(unit.effect)
        table.add_row(
            str(rank),
            Text(number(unit.weight), style=_colour(scale.step(unit))),
            Text(interval(unit) or "–"),
            *([alone] if verified else []),
            "–" if unit.selected is None else f"{unit.selected:.0%}",
            place,
            Text(_clean(quote(explanation.text(unit), length))),
        )
    return table


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Two explanations side by side: what they are, then the spans that lead in either."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", expand=True)
    table.add_column("", ratio=2)
    for name in comparison.names:
        table.add_column(Text(_clean(name)), ratio=1)
    for name, *both in comparison.facts:
        style = "bold" if both[0] != both[1] else ""
        table.add_row(Text(name, "dim"), *(Text(_clean(quote(one, 80)), style) for one in both))
    for level in comparison.levels:
        table.add_section()
        for row in level.rows:
            table.add_row(_compared(row), *map(_side, row.sides))
    console.print(table)
    for level in comparison.levels:
        console.print(Text(level.agreement))


def _compared(row: Row) -> Text:
    """A sentence, or a word in quotes with what stands around it."""
    text = quote(row.text, 160)
    if row.before or row.after:
        text = f"“{text}”"
    parts = ((row.before, "dim"), (text, ""), (row.after, "dim"))
    return Text(" ").join(Text(_clean(part), style) for part, style in parts if part)


def _side(side: Side) -> Text:
    if side.unit is None:
        return Text("not examined", "dim")
    said = Text(number(side.unit.weight), _colour(side.step) if side.step else "")
    return said.append(f" {interval(side.unit)}", "dim")


def print_estimate(estimate: Estimate, console: Console) -> None:
    """What an explanation would cost, on one screen."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_row("prompt", f"{estimate.prompt_tokens:,} tokens")
    grid.add_row("calls", f"{estimate.calls:,}, {estimate.tokens_asked:,} tokens asked")
    grid.add_row(
        "computed", f"{estimate.tokens_computed:,} tokens, {count(estimate.fpe)} full prompts"
    )
    if estimate.bytes:
        grid.add_row("memory", f"{estimate.bytes / 2**20:,.0f} MiB beside the model's weights")
    grid.add_row(
        "assumed",
        "S spread evenly over the prompt, an answer of full length",
    )
    grid.add_row(
        "not counted",
        "what the proxy asks, of the target too (cached-context, attention, target-...)",
    )
    console.print(grid)


def _facts(explanation: Explanation, top: list[ExplainedUnit]) -> Table:
    """What is known of the neighborhood and of the sets, a line of fit a level, and one of cost."""
    cost = explanation.cost
    target, proxy = cost.get("target", {}), cost.get("proxy", {})
    ranks = {Span.of(unit): rank for rank, unit in enumerate(top, start=1)}
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    if explanation.audit:
        facts.add_row("neighborhood", _said(audit_line(explanation.audit), explanation, ranks))
    if together := together_line(explanation):
        facts.add_row("together", _said(together, explanation, ranks))
    for index, line in enumerate(sets_lines(explanation.sets) if explanation.sets else ()):
        facts.add_row("" if index else "sets", _said(line, explanation, ranks))
    for index, (level, fit) in enumerate(explanation.fits):
        over = f" over {level}s" if explanation.parts_fit else ""
        masks = f"{count(fit.get('masks'))} masks{over}, {held_out(fit)}"
        said = "; ".join(filter(None, (masks, fidelity(fit), stopped(fit))))
        facts.add_row("" if index else "fit", said)
    facts.add_row(
        "cost",
        f"{count(target.get('calls'))} calls, {count(target.get('fpe'))} full prompts, "
        f"{count(target.get('seconds'))} s; proxy {count(proxy.get('calls'))} calls, "
        f"{count(proxy.get('seconds'))} s",
    )
    return facts


def _said(line: Line, explanation: Explanation, ranks: dict[Span, int]) -> Text:
    """The line; a span is its rank in the table, or a quote."""

    def named(span: Span) -> str:
        if span in ranks:
            return f"[{ranks[span]}]"
        text = explanation.sources[span.source].text[span.start : span.end]
        return f"“{_clean(quote(text, _QUOTED))}”"

    return Text("".join(part if isinstance(part, str) else named(part) for part in line))
