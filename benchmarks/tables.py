"""Outcomes of a benchmark as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from .metrics import Mean, bootstrap_mean

Value = Callable[["Outcome"], float]


@dataclass(frozen=True)
class Outcome:
    """One method on one contract and label.

    Attributes:
        recall: by k.
        aopc: nats.
        evidence, examined: sentences that hold evidence, and how many of them could get a weight.
        on_evidence: the passage that gives the contract its score touches the evidence.
    """

    contract: str
    label: str
    method: str
    recall: dict[int, float] = field(repr=False)
    aopc: float
    calls: int
    proxy_calls: int
    evidence: int
    examined: int
    on_evidence: bool

    @property
    def task(self) -> tuple[str, str]:
        return self.contract, self.label


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column is text, the others numbers."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = [header, rule, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def by_contract(outcomes: Iterable[Outcome], value: Value) -> dict[str, float]:
    """Mean over a contract's labels, in the order in which the contracts came."""
    found: dict[str, list[float]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.contract, []).append(value(outcome))
    return {contract: float(np.mean(values)) for contract, values in found.items()}


def mean_over_contracts(outcomes: Iterable[Outcome], value: Value) -> Mean:
    return bootstrap_mean(list(by_contract(outcomes, value).values()))


def means(outcomes: Sequence[Outcome], methods: Sequence[str], ks: Sequence[int]) -> str:
    """One row a method: recall at each k and AOPC with intervals, and what it cost."""
    rows = []
    for method in methods:
        mine = [o for o in outcomes if o.method == method]
        cells = [mean_over_contracts(mine, lambda o, k=k: o.recall[k]) for k in ks]  # type: ignore[misc]
        cells.append(mean_over_contracts(mine, lambda o: o.aopc))
        calls, proxy = (
            f"{np.mean([getattr(o, name) for o in mine]):.0f}" for name in ("calls", "proxy_calls")
        )
        rows.append([method, *map(interval, cells), calls, proxy])
    header = ["method", *(f"recall@{k}" for k in ks), "AOPC (nats)", "model calls", "proxy calls"]
    return markdown(header, rows)


def differences(outcomes: Sequence[Outcome], methods: Sequence[str], against: str, k: int) -> str:
    """Paired by task: each method less `against`, and on how many tasks it is better or worse."""
    other = {o.task: o for o in outcomes if o.method == against}
    rows = []
    for method in methods:
        mine = [o for o in outcomes if o.method == method]
        cells: list[str] = []
        values: tuple[Value, Value] = (lambda o: o.recall[k], lambda o: o.aopc)
        for value in values:

            def less(o: Outcome, value: Value = value) -> float:
                return value(o) - value(other[o.task])

            gaps = [less(o) for o in mine]
            wins, losses = sum(g > 1e-9 for g in gaps), sum(g < -1e-9 for g in gaps)
            cells += [interval(mean_over_contracts(mine, less), sign=True), f"{wins} / {losses}"]
        rows.append([method, *cells])
    header = [f"less {against}", f"recall@{k}", "better / worse", "AOPC", "better / worse"]
    return markdown(header, rows)


def breakdown(
    outcomes: Sequence[Outcome],
    methods: Sequence[str],
    group: Callable[[Outcome], str],
    value: Value,
    name: str,
) -> str:
    """One row a group, one column a method, and the mean over groups."""
    cells: dict[str, dict[str, list[float]]] = {}
    for o in outcomes:
        cells.setdefault(group(o), {}).setdefault(o.method, []).append(value(o))
    rows = [
        [key, str(len(found[methods[0]])), *(f"{np.mean(found[m]):.2f}" for m in methods)]
        for key, found in cells.items()
    ]
    mean = [f"{np.mean([np.mean(found[m]) for found in cells.values()]):.2f}" for m in methods]
    rows.append(["**mean**", "", *mean])
    return markdown([name, "tasks", *methods], rows)


def losses(outcomes: Sequence[Outcome], method: str, against: str, k: int) -> str:
    """The tasks on which `method` finds less evidence than `against`, and why, from its log."""
    other = {o.task: o for o in outcomes if o.method == against}
    rows = []
    for o in outcomes:
        if o.method != method or o.recall[k] >= other[o.task].recall[k]:
            continue
        if o.examined == 0:
            why = "no evidence in S"
        elif not o.on_evidence:
            why = "the black box looks elsewhere"
        elif o.examined < o.evidence:
            why = "part of the evidence not in S"
        else:
            why = "all evidence in S, other sentences weigh more"
        gap = f"{o.recall[k]:.2f} < {other[o.task].recall[k]:.2f}"
        aopc = f"{o.aopc:.2f} / {other[o.task].aopc:.2f}"
        rows.append([f"{o.contract}, {o.label}", gap, aopc, f"{o.examined} of {o.evidence}", why])
    header = ["task", f"recall@{k}", "AOPC", "evidence in S", "why"]
    return markdown(header, rows) if rows else "None.\n"


def interval(mean: Mean, *, sign: bool = False) -> str:
    plus = "+" if sign else ""
    return f"{mean.mean:{plus}.2f} [{mean.low:{plus}.2f}, {mean.high:{plus}.2f}]"
