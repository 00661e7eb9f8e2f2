"""Tables in Markdown, and a mean in one of their cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .bootstrap import Mean


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column is text, the others numbers."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = [header, rule, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def interval(mean: Mean) -> str:
    return f"{mean.mean:.2f} [{mean.low:.2f}, {mean.high:.2f}]"
