"""Tables of a results folder: means with bootstrap intervals, as Markdown and as CSV.

Seeds of one item are averaged first, then items of one document: documents are what was sampled, so
they are what is resampled. A metric that is not defined for an item is left out for that item.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .metrics import Mean, bootstrap_mean, stability
from .records import Record
from .tables import markdown

Panel = tuple[str, str, str, float]  # task, model, level, budget

LOWER = ("sufficiency", "missed", "fpe", "calls", "tokens", "seconds", "proxy_tokens")
_COST = ("fpe", "tokens_asked", "tokens_computed", "calls", "seconds", "proxy_tokens")
_OVER = 1.05  # of the budget: beyond it a method is marked
# The tables of a panel; the CSV has all metrics.
_SHOWN: dict[str, tuple[str, ...]] = {
    "Deletion": (
        "aopc/percent", "aopc/words", "aopc/percent/over-random", "aopc/normalised",
        "comprehensiveness", "sufficiency", "drop@1", "drop@3", "drop@5",
    ),
    "The same with placeholders": (
        "aopc/percent:placeholder", "aopc/words:placeholder", "comprehensiveness:placeholder",
        "sufficiency:placeholder", "drop@1:placeholder", "drop@3:placeholder", "drop@5:placeholder",
    ),
    "Values foretold": ("lds/all", "lds/S", "lds/all:placeholder", "r2/all", "r2/S"),
    "Evidence": (
        "recall@1", "recall@5", "recall@200%", "r-precision", "map", "scout-recall", "missed",
    ),
    "Stability over seeds": ("stability/jaccard", "stability/spearman", "stability/signs"),
    "Cost": ("fpe", "tokens_asked", "tokens_computed", "calls", "proxy_tokens", "seconds"),
}  # fmt: skip
_STABLE = ("stability/jaccard", "stability/spearman", "stability/signs")


@dataclass(frozen=True)
class Row:
    """One mean of the CSV."""

    panel: Panel
    method: str
    metric: str
    mean: Mean
    n: int


def panels(records: Iterable[Record]) -> dict[Panel, list[Record]]:
    found: dict[Panel, list[Record]] = {}
    for record in records:
        key = record.task, record.model, record.level, record.budget
        found.setdefault(key, []).append(record)
    return found


def rows(records: Sequence[Record], methods: Sequence[str], top: int) -> list[Row]:
    """Every mean of every panel, in a fixed order."""
    found = []
    for panel, mine in panels(records).items():
        for method in methods:
            done = [r for r in mine if r.method == method and not r.skipped]
            if not done:
                continue
            names = list(dict.fromkeys(name for r in done for name in r.metrics))
            for name in names:
                found += _row(panel, method, name, done, lambda r, n=name: r.metrics.get(n))  # type: ignore[misc]
            for name, value in _stabilities(done, top).items():
                found += _from_documents(panel, method, name, value)
            for name in _COST:
                found += _row(panel, method, name, done, lambda r, n=name: r.cost[n])  # type: ignore[misc]
    return found


def _row(
    panel: Panel,
    method: str,
    name: str,
    records: Sequence[Record],
    value: Callable[[Record], float | None],
) -> list[Row]:
    items: dict[tuple[str, str], list[float]] = {}
    for record in records:
        number = value(record)
        if number is not None:
            items.setdefault((record.document, record.item), []).append(number)
    documents: dict[str, list[float]] = {}
    for (document, _), values in items.items():
        documents.setdefault(document, []).append(float(np.mean(values)))
    return _from_documents(panel, method, name, documents)


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
    found: dict[str, dict[str, list[float]]] = {name: {} for name in _STABLE}
    for (document, _), runs in items.items():
        if len(runs) < 2:
            continue
        weights = [np.array([np.nan if w is None else w for w in r.weights]) for r in runs]
        alike = stability(weights, top)
        for name, value in zip(_STABLE, (alike.jaccard, alike.spearman, alike.signs), strict=True):
            if value is not None:
                found[name].setdefault(document, []).append(value)
    return found


def to_csv(found: Sequence[Row]) -> str:
    """task, model, level, budget, method, metric, mean, low, high, n."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow("task model level budget method metric mean low high n".split())
    for row in found:
        numbers = (f"{x:.6g}" for x in (row.mean.mean, row.mean.low, row.mean.high))
        writer.writerow([*row.panel, row.method, row.metric, *numbers, row.n])
    return out.getvalue()


def to_markdown(
    records: Sequence[Record], found: Sequence[Row], manifest: Mapping[str, Any], methods: list[str]
) -> str:
    """The tables of every panel: methods in rows, metrics in columns, the best in bold."""
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
        "times the budget. Definitions and sources of the metrics: `benchmarks/metrics.py`.\n",
    ]
    for panel, mine in panels(records).items():
        task, model, level, budget = panel
        items = len({r.item for r in mine})
        parts.append(f"## {task}, {level}, {budget:g} FPE\n")
        parts.append(f"{items} items; target `{model}`.\n")
        parts += _tables([row for row in found if row.panel == panel], methods, budget)
        parts += _skipped(mine)
    if manifest["missing"]:
        parts.append("## Not run\n")
        parts += [f"- {label}: {why}" for label, why in manifest["missing"].items()]
        parts.append("")
    return "\n".join(parts)


def _tables(found: Sequence[Row], methods: Sequence[str], budget: float) -> list[str]:
    means = {(row.metric, row.method): row for row in found}
    present = [m for m in methods if ("fpe", m) in means]
    names = {m: f"{m} †" if means["fpe", m].mean.mean > _OVER * budget else m for m in present}
    parts = []
    for title, wanted in _SHOWN.items():
        columns = [n for n in wanted if any((n, m) in means for m in present)]
        if not columns:
            continue
        best = {n: _best(n, [means.get((n, m)) for m in present]) for n in columns}
        lines = [[names[m], *(_cell(means.get((n, m)), best[n]) for n in columns)] for m in present]
        header = [f"{n} ↓" if n.startswith(LOWER) else n for n in columns]
        parts += [f"### {title}\n", markdown(["method", *header], lines)]
    return parts


def _best(name: str, rows: Sequence[Row | None]) -> str:
    """The best mean as it is printed; empty where all print alike."""
    known = [row.mean.mean for row in rows if row is not None]
    if name in _COST or len({_number(value) for value in known}) < 2:
        return ""
    return _number(min(known) if name.startswith(LOWER) else max(known))


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
