"""What the benchmarks of `audit` and `flag` share: the public command, and tables of means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from focus_lime.cli.main import main
from focus_lime.inputs.units import Span

from ...tables.bootstrap import bootstrap_mean
from ...tables.markdown import interval, markdown

Measures = Mapping[str, float]


def command(*arguments: str) -> None:
    """Run `focus-lime` with these arguments in this process.

    Raises:
        SystemExit: it failed; the reason is on standard error.
    """
    try:
        main([*arguments])
    except SystemExit as stopped:
        if stopped.code:
            raise


def extent(passage: Mapping[str, Any]) -> Span:
    """The characters of a passage, as JSON has it, of the one text that is asked about."""
    return Span(0, passage["place"]["start"], passage["place"]["end"])


def in_text(spans: Iterable[tuple[int, int]]) -> list[Span]:
    """Characters `[start, end)` of the one text that is asked about; empty ones are left out."""
    return [Span(0, start, end) for start, end in spans if start < end]


def bootstrap(values: Sequence[float]) -> str:
    """Mean and its 95 % percentile bootstrap interval, as text."""
    return interval(bootstrap_mean(values, n_samples=2000))


def means(unit: str, groups: Mapping[str, Sequence[Measures]], columns: Sequence[str]) -> str:
    """A line a group that is not empty: its name, its size, the mean of every column.

    Args:
        unit: what is counted.
    """
    lines = [
        [name, str(len(rows)), *(bootstrap([row[column] for row in rows]) for column in columns)]
        for name, rows in groups.items()
        if rows
    ]
    return markdown(("", unit, *columns), lines)
