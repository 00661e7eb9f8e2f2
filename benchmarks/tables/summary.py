"""Tables of a results folder: means with bootstrap intervals, as Markdown and as CSV. Each metric
names its columns of the Markdown; the CSV has all measures.

Seeds of one item are averaged first, then items of one document: documents are what was sampled, so
they are what is resampled. A metric that is not defined for an item is left out for that item.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..metrics.base import Metric
from ..metrics.stability import stability
from ..records import Record
from .bootstrap import Mean, bootstrap_mean
from .markdown import markdown

Panel = tuple[str, str, str, float]  # task, model, level, budget

COST = ("fpe", "tokens_asked", "tokens_computed", "calls", "seconds", "proxy_tokens")
STABILITY = ("stability/jaccard", "stability/spearman", "stability/signs")
_COST_SHOWN = ("fpe", "tokens_asked", "tokens_computed", "calls", "proxy_tokens", "seconds")
_OVER = 1.05  # of the budget: beyond it a method is marked


@dataclass(frozen=True)
class Row:
    """One mean of the CSV."""

    panel: Panel
    method: str
    metric: str
    mean: Mean
    n: int


def panels(records: Iterable[Record]) -> dict[Panel, list[Record]]:
    by_panel: dict[Panel, list[Record]] = {}
    for record in records:
        panel = record.task, record.model, record.level, record.budget
        by_panel.setdefault(panel, []).append(record)
    return by_panel


def rows(records: Sequence[Record], methods: Sequence[str], top: int) -> list[Row]:
    """Every mean of every panel, in a fixed order."""
    means: list[Row] = []
    for panel, in_panel in panels(records).items():
        for method in methods:
            done = [r for r in in_panel if r.method == method and not r.skipped]
            measures = dict.fromkeys(name for record in done for name in record.metrics)
            columns = {
                name: _documents(done, [r.metrics.get(name) for r in done]) for name in measures
            }
            columns |= _stabilities(done, top)
            columns |= {name: _documents(done, [r.cost[name] for r in done]) for name in COST}
            for name, documents in columns.items():
                means += _from_documents(panel, method, name, documents)
    return means


def _documents(records: Sequence[Record], values: Sequence[float | None]) -> dict[str, list[float]]:
    """The means of a document's items over their seeds, by document."""
    items: dict[tuple[str, str], list[float]] = {}
    for record, value in zip(records, values, strict=True):
        if value is not None:
            items.setdefault((record.document, record.item), []).append(value)
    documents: dict[str, list[float]] = {}
    for (document, _), seeds in items.items():
        documents.setdefault(document, []).append(float(np.mean(seeds)))
    return documents


def _from_documents(
    panel: Panel, method: str, name: str, documents: Mapping[str, Sequence[float]]
) -> list[Row]:
    means = [float(np.mean(values)) for values in documents.values()]
    return [Row(panel, method, name, bootstrap_mean(means), len(means))] if means else []


def _stabilities(records: Sequence[Record], top: int) -> dict[str, dict[str, list[float]]]:
    """Of each item that has several seeds, by document."""
    items: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        items.setdefault((record.document, record.item), []).append(record)
    columns: dict[str, dict[str, list[float]]] = {name: {} for name in STABILITY}
    for (document, _), runs in items.items():
        if len(runs) < 2:
            continue
        weights = [np.array([np.nan if w is None else w for w in r.weights]) for r in runs]
        alike = stability(weights, top)
        for name, value in zip(
            STABILITY, (alike.jaccard, alike.spearman, alike.signs), strict=True
        ):
            if value is not None:
                columns[name].setdefault(document, []).append(value)
    return columns


def to_csv(means: Sequence[Row]) -> str:
    """task, model, level, budget, method, metric, mean, low, high, n."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow("task model level budget method metric mean low high n".split())
    for row in means:
        numbers = (f"{x:.6g}" for x in (row.mean.mean, row.mean.low, row.mean.high))
        writer.writerow([*row.panel, row.method, row.metric, *numbers, row.n])
    return out.getvalue()


def to_markdown(
    records: Sequence[Record],
    means: Sequence[Row],
    manifest: Mapping[str, Any],
    metrics: Iterable[Metric],
) -> str:
    """The tables of every panel: methods in rows, measures in columns, the best in bold."""
    layout = _Layout.of(metrics)
    methods = [use["label"] for use in manifest["benchmark"]["methods"]]
    benchmark, machine = manifest["benchmark"], manifest["machine"]
    seeds = ", ".join(map(str, benchmark["seeds"]))
    versions = ", ".join(f"{k} {v}" for k, v in manifest["versions"].items() if v)
    parts = [
        f"# {manifest['name']}\n",
        f"```\n{manifest['command']}\n```\n",
        f"Seeds {seeds}; split {benchmark['split']}; {machine['platform']}, "
        f"{machine['threads']} of {machine['cores']} cores. {versions}.\n",
        "Means over documents with 95 % percentile-bootstrap intervals; seeds of an item are "
        "averaged first. AOPC and drops of log-probability are in nats. The best mean of a column "
        "is bold, where means differ; ↓: lower is better. FPE are full-prompt equivalents: tokens "
        "that went through the target over the tokens of the full prompt. † spent more than 1.05 "
        "times the budget. Definitions and sources of the metrics: `benchmarks/metrics/`.\n",
    ]
    for panel, in_panel in panels(records).items():
        task, model, level, budget = panel
        items = len({r.item for r in in_panel})
        parts.append(f"## {task}, {level}, {budget:g} FPE\n")
        parts.append(f"{items} items; target `{model}`.\n")
        parts += layout.tables([row for row in means if row.panel == panel], methods, budget)
        parts += _skipped(in_panel)
    if manifest["missing"]:
        parts.append("## Not run\n")
        parts += [f"- {label}: {why}" for label, why in manifest["missing"].items()]
        parts.append("")
    return "\n".join(parts)


@dataclass(frozen=True)
class _Layout:
    """Which measures stand in which table, and of which the lowest is the best."""

    columns: Mapping[str, Sequence[str]]
    lower: tuple[str, ...]

    @classmethod
    def of(cls, metrics: Iterable[Metric]) -> _Layout:
        columns: dict[str, list[str]] = {}
        lower = ["fpe", "calls", "tokens_asked", "tokens_computed", "seconds", "proxy_tokens"]
        for metric in metrics:
            for title, names in metric.tables.items():
                columns.setdefault(title, []).extend(names)
            lower += metric.lower_is_better
        columns["Stability over seeds"] = list(STABILITY)
        columns["Cost"] = list(_COST_SHOWN)
        return cls(columns, tuple(lower))

    def tables(self, means: Sequence[Row], methods: Sequence[str], budget: float) -> list[str]:
        rows = {(row.metric, row.method): row for row in means}
        present = [m for m in methods if ("fpe", m) in rows]
        over = {m for m in present if rows["fpe", m].mean.mean > _OVER * budget}
        parts = []
        for title, names in self.columns.items():
            columns = [n for n in names if any((n, m) in rows for m in present)]
            if not columns:
                continue
            best = {n: self._best(n, [rows.get((n, m)) for m in present]) for n in columns}
            lines = [
                [f"{m} †" if m in over else m, *(_cell(rows.get((n, m)), best[n]) for n in columns)]
                for m in present
            ]
            header = [f"{n} ↓" if self._is_lower(n) else n for n in columns]
            parts += [f"### {title}\n", markdown(["method", *header], lines)]
        return parts

    def _is_lower(self, name: str) -> bool:
        return name.partition(":")[0] in self.lower

    def _best(self, name: str, rows: Sequence[Row | None]) -> str:
        """The best mean as it is printed; empty where all print alike."""
        known = [row.mean.mean for row in rows if row is not None]
        if name in COST or len({_number(value) for value in known}) < 2:
            return ""
        return _number(min(known) if self._is_lower(name) else max(known))


def _cell(row: Row | None, best: str) -> str:
    """The mean and its interval, which one document alone does not have."""
    if row is None:
        return ""
    number = _number(row.mean.mean)
    shown = f"**{number}**" if number == best else number
    return shown if row.n < 2 else f"{shown} [{_number(row.mean.low)}, {_number(row.mean.high)}]"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _skipped(records: Sequence[Record]) -> list[str]:
    """Why methods gave nothing, and how often; of reasons that differ in numbers only, one."""
    why: dict[tuple[str, str], list[str]] = {}
    for record in records:
        if record.skipped:
            alike = re.sub(r"\d+", "", record.skipped)
            why.setdefault((record.method, alike), []).append(record.skipped)
    total = {r.method: sum(o.method == r.method for o in records) for r in records}
    lines = [
        f"- {method} gave nothing in {len(reasons)} of {total[method]}: {reasons[0]}"
        + ("; the others alike" if len(set(reasons)) > 1 else "")
        for (method, _), reasons in why.items()
    ]
    return [*lines, ""] if lines else []
