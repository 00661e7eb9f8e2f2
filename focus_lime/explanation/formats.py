"""How numbers, quotes and levels are written: one rule for every report."""

from __future__ import annotations

from focus_lime.explanation.result import ExplainedUnit, Fit
from focus_lime.inputs.words import whole_graphemes


def plural(level: str) -> str:
    """Many units of a level: "sentences", "entries", "switches"."""
    if level.endswith("y") and level[-2:-1] not in tuple("aeiou"):
        return f"{level[:-1]}ies"
    return f"{level}es" if level.endswith(("s", "x", "z", "ch", "sh")) else f"{level}s"


def quote(text: str, length: int) -> str:
    """`text` on one line of at most `length` characters, for a list; not the exact text."""
    line = " ".join(text.split())
    if not line:
        return f"white space: {text!r}"[:length] if text else ""
    if len(line) <= length:
        return line
    cut = line[: whole_graphemes(line, length - 1)]
    whole_words, _, rest = cut.rpartition(" ")
    return (whole_words if len(rest) < length // 4 else cut).rstrip() + "…"


def number(value: float | None) -> str:
    """A signed number that stays short: +0.52, -12.30, +1.0e+300, 0."""
    if value is None:
        return "not measured"
    if value == 0:
        return "0"
    return f"{value:+.2f}" if 0.005 <= abs(value) < 1e5 else f"{value:+.1e}"


def count(value: float | None) -> str:
    """An amount without a sign: 534,708, or 0.06; None is "not measured"."""
    if value is None:
        return "not measured"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def share(value: float | None) -> str:
    """A share in percent; None is "not measured"."""
    return "not measured" if value is None else f"{round(100 * value)}%"


def interval(unit: ExplainedUnit) -> str:
    """`[low, high]`, or nothing where it was not measured."""
    if unit.low is None or unit.high is None:
        return ""
    return f"[{number(unit.low)}, {number(unit.high)}]"


def interval_name(fit: Fit) -> str:
    """What its intervals are called: "90% interval"; of exact effects it is the range of both."""
    if fit.estimator == "effects":
        return "range"
    return f"{fit.interval_level:.0%} interval"
