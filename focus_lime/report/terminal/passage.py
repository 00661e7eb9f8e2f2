"""A unit in its context, painted for a terminal, and text that is safe to print there."""

from __future__ import annotations

import re
from dataclasses import replace

from rich.cells import cell_len
from rich.text import Text

from focus_lime.explanation.formats import quote
from focus_lime.explanation.result import ExplainedUnit, Explanation
from focus_lime.inputs.words import whole_graphemes
from focus_lime.report.highlight import STEPS, Scale, pieces

_CONTEXT = 150  # characters shown before and after the unit
_PASSAGES = 3  # units that are shown in their context
_LONGEST = 700  # characters of the unit itself
_CONTROL = re.compile(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_RTL = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def clean(text: str) -> str:
    """Text that cannot move the cursor, change colours or turn the direction of the line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return _CONTROL.sub(" ", lines)


def isolated(text: str) -> str:
    """Text that is read from right to left, set apart so that it moves no figure beside it."""
    return (
        f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if _RTL.search(text) else text
    )


def fitting(text: str, cells: int) -> str:
    """A quote of at most so many columns of a terminal, where ideographs take two each."""
    shown = quote(text, cells)
    width = cell_len(shown)
    return shown if width <= cells else quote(text, cells * cells // width)


def in_context(units: list[ExplainedUnit]) -> list[tuple[int, ExplainedUnit]]:
    """(rank, unit) of the units whose passages are shown: the first, less those that an earlier
    passage shows.
    """
    shown: list[tuple[int, ExplainedUnit]] = []
    for rank, unit in enumerate(units[:_PASSAGES], start=1):
        is_near = any(
            unit.source == earlier.source
            and earlier.start - _CONTEXT <= unit.start
            and unit.end <= earlier.end + _CONTEXT
            for _, earlier in shown
        )
        if not is_near:
            shown.append((rank, unit))
    return shown


def where(explanation: Explanation, unit: ExplainedUnit, rank: int) -> Text:
    """The line above a passage: the unit's rank and where it stands."""
    source = explanation.sources[unit.source]
    line, lines = source.text.count("\n", 0, unit.start) + 1, source.text.count("\n") + 1
    place = f"line {line:,} of {lines:,}"
    if unit.name:
        place = f"{clean(unit.name)}, {place}"
    elif len(explanation.sources) > 1:
        place = f"message {source.message + 1} ({clean(source.role)}), {place}"
    name = "top span" if rank == 1 else f"span {rank}"
    return Text.assemble(f"{name} in its context  ", (place, "dim"))


def passage(explanation: Explanation, scale: Scale, unit: ExplainedUnit, plain: bool) -> Text:
    """The unit with what stands around it, cut at words; ellipses say where text is left out."""
    text = explanation.sources[unit.source].text
    start, end = max(0, unit.start - _CONTEXT), min(len(text), unit.end + _CONTEXT)
    end = min(end, unit.start + _LONGEST + _CONTEXT)
    start, end = whole_graphemes(text, start), whole_graphemes(text, end)
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
    painted = Text("… " if start else "", style="dim", overflow="fold")
    for piece in pieces(text[start:end], inside):
        shown, step = clean(piece.text), scale.step(piece.unit) if piece.unit else 0
        if plain and step and shown:
            shown = f"[+{shown}+]" if step > 0 else f"[-{shown}-]"
        painted.append(shown, _style(step) if piece.unit else "dim")
    painted.append(" …" if end < len(text) else "", "dim")
    return _without_blank_lines(painted)


def colour(step: int) -> str:
    """Blue supports and orange opposes; both can be read on a light and on a dark ground."""
    return "color(39)" if step > 0 else "color(208)"


def legend(plain: bool) -> Text:
    """How signs and strengths are painted."""
    if plain:
        return Text("[+supports the answer+]  [-opposes it-]")
    return Text.assemble(
        (" supports ", f"color(16) on {colour(1)}"),
        "  ",
        (" opposes ", f"color(16) on {colour(-1)}"),
        "  ",
        ("weakly", f"underline {colour(1)}"),
        "  examined, no effect  ",
        ("not examined", "dim"),
    )


def _without_blank_lines(text: Text) -> Text:
    """Runs of blank lines become one, so that the layout of a page does not fill the screen."""
    for match in reversed(list(re.finditer(r"\n[ \n]*\n(?= *\S)", text.plain))):
        text = text[: match.start()] + Text("\n\n") + text[match.end() :]
    return text


def _style(step: int) -> str:
    """A bar of colour for the strong, a coloured underline for the weak."""
    if not step:
        return "not dim"
    strong = abs(step) > STEPS // 2
    # Black by its number: terminals make "bold black" a grey, and themes move the named colours.
    return f"color(16) on {colour(step)} not dim" if strong else f"underline {colour(step)} not dim"
