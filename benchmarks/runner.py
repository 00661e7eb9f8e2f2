"""Runs a benchmark: every method on every item, each finished cell on disk before the next.

Order: task, model, item, level; then seed, budget and method, so that the target's scores of an
item's evaluation masks serve all methods. Those scores are kept in the folder; the scores that
methods ask for are not, since their cost is measured by them.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.method.cache import ScoreCache
from focus_lime.method.objective import Objective
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ledger, Model

from .config import Benchmark
from .evaluate import Evaluator
from .meter import Meter
from .methods.base import Attributions, Case
from .metrics.evidence import gold_units
from .prepared import Prepared
from .records import Cell, Folder, Record
from .tasks.base import Item

SCORES = "scores.sqlite"
_ANSWER = 64  # tokens of the model's own answer, at most

Say = Callable[[str], None]


def run(prepared: Prepared, folder: Folder, *, limit: int | None, say: Say) -> None:
    """Add to the folder every cell that it lacks.

    Args:
        limit: items of each task, at most.
        say: is told of every finished cell, and of the time that is left.
    """
    work = []
    for use in prepared.benchmark.tasks:
        items = list(islice(prepared.tasks[use.label].items(prepared.benchmark.split, 0), limit))
        for model in prepared.models_of[use.label]:
            for item in items:
                cells = _cells(prepared, task=use.label, item=item.id, model=model)
                missing = [cell for cell in cells if cell not in folder]
                if missing:
                    work.append((item, missing))
    n_missing = sum(len(missing) for _, missing in work)
    progress = _Progress(say, left=n_missing, total=n_missing + len(folder.records))
    cache = ScoreCache(folder.path / SCORES)
    try:
        for item, missing in work:
            _ItemRun(
                prepared, folder, cache=cache, progress=progress, item=item, cells=missing
            ).run()
    finally:
        cache.close()


def _cells(prepared: Prepared, *, task: str, item: str, model: str) -> Iterator[Cell]:
    for level in prepared.benchmark.levels:
        for seed, budget, method in prepared.benchmark.repeats():
            if method in prepared.methods:
                yield Cell(
                    task=task,
                    item=item,
                    model=model,
                    method=method,
                    level=level,
                    budget=budget,
                    seed=seed,
                )


@dataclass(frozen=True, eq=False)
class _ItemRun:
    """One item of a task with one model: its cells, all of them of these two."""

    prepared: Prepared
    folder: Folder
    cache: ScoreCache
    progress: _Progress
    item: Item
    cells: Sequence[Cell]

    def run(self) -> None:
        model, item, where = self._model, self.item, self._where
        try:
            objective = item.objective.resolve(model, item.prompt, _ANSWER, Ledger())
        except FocusLimeError as error:
            raise FocusLimeError(f"{where}: {error}") from None
        evaluators: dict[str, Evaluator] = {}
        for cell in self.cells:
            if cell.level not in evaluators:
                evaluators[cell.level] = self._evaluator(objective, cell.level)
            evaluator = evaluators[cell.level]
            case = Case(
                model=model,
                prompt=item.prompt,
                objective=objective,
                level=cell.level,
                units=evaluator.value.units,
                budget=cell.budget,
                seed=cell.seed,
            )
            record = self._record(cell, case, evaluator)
            self.folder.add(record)
            self.progress.done(record)
        model.clear_kv()

    @property
    def _model(self) -> Model:
        return self.item.model or self.prepared.models[self.cells[0].model]

    @property
    def _where(self) -> str:
        return f"task {self.cells[0].task!r}, item {self.item.id}"

    def _evaluator(self, objective: Objective, level: str) -> Evaluator:
        sources = self.item.prompt.sources
        for span in self.item.gold:
            if not (0 <= span.source < len(sources) and span.end <= len(sources[span.source])):
                raise FocusLimeError(
                    f"{self._where}: the gold span [{span.start}, {span.end}) of source "
                    f"{span.source} is outside the text"
                )
        units, benchmark = self.item.prompt.tree.units(level), self.prepared.benchmark
        value = ValueFunction(self._model, self.item.prompt, units, objective, cache=self.cache)
        gold = gold_units(units, self.item.gold)
        evaluator = Evaluator(value, gold, benchmark.ablations, benchmark.masks)
        evaluator.full  # noqa: B018 (a prompt that cannot be read shows before a method works)
        return evaluator

    def _record(self, cell: Cell, case: Case, evaluator: Evaluator) -> Record:
        meter, facts = Meter(case.model, case.ledger), _facts(self.item, case.model)
        case.model.clear_kv()  # what others had read is not this one's
        try:
            with meter:
                attributions = self.prepared.methods[cell.method].explain(case)
        except FocusLimeError as error:
            return Record(**vars(cell), facts=facts, skipped=str(error))
        except Exception as error:  # whatever somebody else's package raises; the tables name it
            reason = f"{type(error).__name__}: {first_line(error)}"
            return Record(**vars(cell), facts=facts, skipped=reason)
        _check(attributions, case)
        explanation, weights = attributions.explanation, attributions.weights
        return Record(
            **vars(cell),
            facts=facts,
            cost=_cost(meter, case),
            metrics=evaluator.measure(attributions, self.prepared.metrics),
            curve=tuple(evaluator.curve(attributions)),
            weights=tuple(float(w) if np.isfinite(w) else None for w in weights),
            explanation=self.folder.keep(cell, explanation) if explanation else "",
        )


def _cost(meter: Meter, case: Case) -> dict[str, float]:
    return {
        "calls": float(meter.calls),
        "tokens_asked": float(meter.tokens_asked),
        "tokens_computed": float(meter.tokens_computed),
        "fpe": meter.tokens_computed / case.model.count_tokens(case.prompt),
        "seconds": meter.seconds,
        "proxy_tokens": float(case.proxy_ledger.tokens_computed),
    }


def _facts(item: Item, model: Model) -> dict[str, str | int | float]:
    """The item's own facts, and those of these that it lacks: `document`, a digest of the text;
    `length`, the nearest power of two of its tokens; `depth`, where the first evidence begins.
    """
    sources = item.prompt.sources
    facts: dict[str, str | int | float] = {
        "document": hashlib.sha256("\0".join(sources).encode()).hexdigest()[:12],
        "length": 2 ** round(math.log2(model.count_tokens(item.prompt))),
    }
    if item.gold:
        first = min(item.gold)
        facts["depth"] = round(first.start / len(sources[first.source]), 3)
    return {**facts, **item.facts}


def _check(attributions: Attributions, case: Case) -> None:
    weights = attributions.weights
    if weights.shape != (len(case.units),) or np.isinf(weights).any():
        raise FocusLimeError(
            f"a method gave weights of shape {list(weights.shape)} for {len(case.units)} units, or "
            "infinite ones: it must give one number a unit, NaN where not examined"
        )


@dataclass
class _Progress:
    """Says what is done, and how long the rest takes at the pace so far."""

    say: Say
    left: int = 0
    total: int = 0
    finished: int = 0
    started: float = 0.0

    def done(self, record: Record) -> None:
        self.started = self.started or time.perf_counter() - record.cost.get("seconds", 0.0)
        self.finished += 1
        self.left -= 1
        pace = (time.perf_counter() - self.started) / self.finished
        outcome = (
            f"skipped: {record.skipped}" if record.skipped else f"{record.cost['fpe']:.1f} FPE"
        )
        self.say(
            f"[{self.total - self.left}/{self.total}, {_span(pace * self.left)} left] "
            f"{record.task} {record.item}: {record.method}, {record.level}, budget "
            f"{record.budget:g}, seed {record.seed}: {outcome}"
        )


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{seconds:.0f} s" if seconds < 90 else f"{minutes // 60} h {minutes % 60:02} min"


def default_folder(benchmark: Benchmark) -> Path:
    return Path("runs") / benchmark.name
