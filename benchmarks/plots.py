"""Plots of a results folder, one PNG a panel: quality against cost, deletion curves, and recall by
length and by depth. matplotlib is in the extra `benchmarks`; no global state of it is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from focus_lime.files import slug

from .records import Record

_QUALITY = ("aopc/percent", "r-precision", "drop@3", "lds/all")
_SHORT = "recall@5"
_MARKS = "os^vD<>ph*X"
# Okabe & Ito's colors, which differ for every eye; then marks tell more methods apart.
_COLORS = "#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #000000".split()


def draw(records: Sequence[Record], methods: Sequence[str], folder: Path) -> list[Path]:
    """Write the plots that the records allow; their paths."""
    written = []
    done = [record for record in records if not record.skipped]
    for task, model, level in dict.fromkeys((r.task, r.model, r.level) for r in done):
        mine = [r for r in done if (r.task, r.model, r.level) == (task, model, level)]
        stem = slug(f"{task}-{model}-{level}")
        for name, plot in (("cost", _cost), ("curves", _curves), ("recall", _recall)):
            figure = plot(mine, [m for m in methods if any(r.method == m for r in mine)])
            if figure is not None:
                figure.suptitle(f"{task}, {model}, {level} level")
                path = folder / f"{name}-{stem}.png"
                figure.savefig(path, dpi=130, bbox_inches="tight")
                written.append(path)
    return written


def _cost(records: Sequence[Record], methods: Sequence[str]) -> Figure | None:
    """Mean quality against mean cost: one point a method and budget, joined by budget."""
    names = [n for n in _QUALITY if any(r.metrics.get(n) is not None for r in records)]
    if not names:
        return None
    figure, axes = _figure(len(names))
    for axis, name in zip(axes, names, strict=True):
        for method in methods:
            points = []
            mine = [r for r in records if r.method == method and r.metrics.get(name) is not None]
            for budget in sorted({r.budget for r in mine}):
                some = [r for r in mine if r.budget == budget]
                quality = np.mean([r.metrics[name] for r in some])
                points.append((np.mean([r.cost["fpe"] for r in some]), quality))
            if points:
                x, y = np.array(points).T
                # A proxy alone costs the target nothing, and a logarithm has no place for that.
                axis.plot(np.maximum(x, 0.05), y, label=method, **_style(methods, method))
        axis.set(xscale="log", xlabel="FPE of the target", ylabel=name)
    return _legend(figure, axes)


def _curves(records: Sequence[Record], methods: Sequence[str]) -> Figure | None:
    """Mean drop of the value against the share of words deleted, at the largest budget."""
    most = max((r.budget for r in records), default=0.0)
    figure, (axis,) = _figure(1)
    drawn = False
    for method in methods:
        curves = [r.curve for r in records if r.method == method and r.budget == most and r.curve]
        if curves:
            x, y = np.mean(np.array(curves), axis=0).T
            axis.plot(x, y, label=method, **_style(methods, method))
            drawn = True
    axis.set(xscale="log", xlabel="% of words deleted", ylabel=f"drop (nats), {most:g} FPE")
    return _legend(figure, [axis]) if drawn else None


def _recall(records: Sequence[Record], methods: Sequence[str]) -> Figure | None:
    """Recall by length and by depth, where items say both."""
    known = [r for r in records if r.metrics.get(_SHORT) is not None]
    by: list[tuple[str, Callable[[Record], float]]] = []
    if any("length" in r.facts for r in known):
        by.append(("length (tokens)", lambda r: float(r.facts["length"])))
    if any("depth" in r.facts for r in known):
        by.append(("depth (quarter of the text)", lambda r: _quarter(float(r.facts["depth"]))))
    if not by:
        return None
    figure, axes = _figure(len(by))
    for axis, (name, place) in zip(axes, by, strict=True):
        fact = name.split()[0]
        for method in methods:
            groups: dict[float, list[float]] = {}
            for r in known:
                if r.method == method and fact in r.facts:
                    groups.setdefault(place(r), []).append(float(r.metrics[_SHORT] or 0.0))
            x = sorted(groups)
            axis.plot(x, [np.mean(groups[g]) for g in x], label=method, **_style(methods, method))
        axis.set(xlabel=name, ylabel=_SHORT, ylim=(-0.03, 1.03))
    return _legend(figure, axes)


def _quarter(depth: float) -> float:
    """The middle of the quarter of the text."""
    return (min(3, int(4 * depth)) + 0.5) / 4


def _figure(n: int) -> tuple[Figure, list[Any]]:
    figure = Figure(figsize=(4.6 * n, 3.8), layout="constrained")
    axes = figure.subplots(1, n, squeeze=False)[0]
    for axis in axes:
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    return figure, list(axes)


def _style(methods: Sequence[str], method: str) -> dict[str, Any]:
    at = list(methods).index(method)
    return {
        "color": _COLORS[at % len(_COLORS)],
        "marker": _MARKS[at % len(_MARKS)],
        "markersize": 5,
        "linewidth": 1.2,
    }


def _legend(figure: Figure, axes: Sequence[Any]) -> Figure:
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    return figure
