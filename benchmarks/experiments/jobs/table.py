"""The tables of the jobs: a row a method, and ours minus each, item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from ...tables.bootstrap import clustered_mean
from ...tables.markdown import interval, markdown
from .job import OURS
from .records import Outcome

# What every report says of the tables.
LEGEND = (
    "The other explainers had the same model, text and units, and each at most as many calls "
    "(texts that the model is asked about) as the command's explanation of that text took in all. "
    f"n: items that the method explained. Ours - its: {OURS} minus the method, item by item over "
    "those n."
)
_NONE = "–"


def page(*parts: str) -> str:
    """A report: its parts, an empty line between them."""
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def tables(groups: Mapping[str, Sequence[Outcome]], measures: Sequence[str]) -> str:
    """A table for each group that is not empty, under its name and size."""
    return "\n".join(
        f"## {name} ({len(outcomes)})\n\n{methods(outcomes, measures)}"
        for name, outcomes in groups.items()
        if outcomes
    )


def methods(outcomes: Sequence[Outcome], measures: Sequence[str]) -> str:
    """A line a method: n, the mean of every measure, ours minus its, and the mean of its calls."""
    names = dict.fromkeys(name for outcome in outcomes for name in outcome.scores)
    header = ("", "n", *measures, *(f"ours - its, {measure}" for measure in measures), "calls")
    return markdown(header, [_line(name, outcomes, measures) for name in names])


def _line(name: str, outcomes: Sequence[Outcome], measures: Sequence[str]) -> list[str]:
    known = [outcome for outcome in outcomes if name in outcome.scores]

    def value(measure: str) -> str:
        if not all(measure in outcome.scores[name] for outcome in known):
            return _NONE
        return _mean(known, [outcome.scores[name][measure] for outcome in known])

    def gain(measure: str) -> str:
        pairs = [(outcome.scores[OURS], outcome.scores[name]) for outcome in known]
        if name == OURS or not all(measure in its for _, its in pairs):
            return _NONE
        return _mean(known, [ours[measure] - its[measure] for ours, its in pairs])

    calls = [outcome.calls[name] for outcome in known if name in outcome.calls]
    return [
        name,
        str(len(known)),
        *map(value, measures),
        *map(gain, measures),
        f"{np.mean(calls):.1f}" if calls else _NONE,
    ]


def by_group(
    unit: str, outcomes: Sequence[Outcome], measure: str, *, with_units: str | None = None
) -> str:
    """A line a group: how many items, and the mean of one measure for each method.

    Args:
        unit: what is counted.
        with_units: what the units are; then their number stands beside each group.
    """
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.group, []).append(outcome)
    names = list(dict.fromkeys(name for outcome in outcomes for name in outcome.scores))
    lines = []
    for group, own in groups.items():
        scores = [[o.scores[name][measure] for o in own if name in o.scores] for name in names]
        means = [f"{np.mean(values):.2f}" if values else _NONE for values in scores]
        size = [str(own[0].n_units)] if with_units else []
        lines.append([group, *size, str(len(own)), *means])
    header = (measure, *([with_units] if with_units else []), unit, *names)
    return markdown(header, lines)


def checks(outcomes: Sequence[Outcome]) -> str:
    """How often our coverage check ended in each way, by whether the model finds it."""
    sides = {"found": True, "not found": False}
    counts = {
        name: Counter(str(outcome.check) for outcome in outcomes if outcome.found is found)
        for name, found in sides.items()
    }
    ends = list(dict.fromkeys(end for side in counts.values() for end in sorted(side)))
    lines = [[end, *(str(counts[name][end]) for name in sides)] for end in ends]
    return "## How the coverage check ended\n\n" + markdown(("", *sides), lines)


def _mean(outcomes: Sequence[Outcome], values: Sequence[float]) -> str:
    clusters = [outcome.cluster for outcome in outcomes]
    return interval(clustered_mean(values, clusters, n_samples=2000))
