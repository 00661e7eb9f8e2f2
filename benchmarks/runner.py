"""Runs a benchmark: every method on every item, each finished cell on disk before the next.

Order: task, model, item, level; then seed, budget and method, so that what the target said of an
item's evaluation masks serves all methods. Those scores are kept in the folder as well; what
methods ask for is not, since it is what their cost is measured by.
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
from focus_lime.models.base import Ledger, Model
from focus_lime.objective import Objective, choose
from focus_lime.perturb.cache import ScoreCache
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Level

from .config import Benchmark, Use
from .evaluate import SEEDS, Evaluator
from .meter import Meter
from .methods.base import Case, Found
from .metrics import gold_of
from .prepared import Prepared
from .records import Folder, Key, Record
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
    benchmark, progress = prepared.benchmark, _Progress(say)
    work = []
    for use in benchmark.tasks:
        task = prepared.tasks[use.label]
        items = list(islice(task.items(benchmark.split, 0), limit))
        for model in prepared.models_of[use.label]:
            for item in items:
                cells = [key for key in _cells(prepared, use, item, model) if key not in folder]
                work.append((use, item, model, cells))
    progress.left = sum(len(cells) for *_, cells in work)
    progress.total = progress.left + len(folder.records)
    cache = ScoreCache(folder.path / SCORES)
    try:
        for use, item, model, cells in work:
            if cells:
                _run_item(prepared, use, item, model, cells, folder, cache, progress)
    finally:
        cache.close()


def _cells(prepared: Prepared, use: Use, item: Item, model: str) -> Iterator[Key]:
    for level in prepared.benchmark.levels:
        for seed, budget, method in prepared.benchmark.repeats():
            if method in prepared.methods:
                yield use.label, item.id, model, method, level, budget, seed


def _run_item(
    prepared: Prepared,
    use: Use,
    item: Item,
    name: str,
    cells: Sequence[Key],
    folder: Folder,
    cache: ScoreCache,
    progress: _Progress,
) -> None:
    model = item.model or prepared.models[name]
    where = f"task {use.label!r}, item {item.id}"
    try:
        objective = choose(model, item.prompt, item.response, item.labels, _ANSWER, Ledger())
    except FocusLimeError as error:
        raise FocusLimeError(f"{where}: {error}") from None
    evaluators: dict[str, Evaluator] = {}
    for key in cells:
        level, budget, seed = key[4:]
        if level not in evaluators:
            evaluators[level] = _evaluator(prepared, item, model, objective, level, cache, where)
        evaluator = evaluators[level]
        case = Case(model, item.prompt, objective, level, evaluator.value.units, budget, seed)
        record = _cell(prepared, key, case, item, evaluator, folder)
        folder.add(record)
        progress.done(record)
    model.release()


def _evaluator(
    prepared: Prepared,
    item: Item,
    model: Model,
    objective: Objective,
    level: Level,
    cache: ScoreCache,
    where: str,
) -> Evaluator:
    units = split(item.prompt.sources, level)
    for source, start, end in item.gold:
        if not (0 <= source < len(item.prompt.sources)) or not (
            0 <= start < end <= len(item.prompt.sources[source])
        ):
            raise FocusLimeError(
                f"{where}: the gold span [{start}, {end}) of source {source} is outside the text"
            )
    value = ValueFunction(model, item.prompt, units, objective, cache=cache)
    b = prepared.benchmark
    found = Evaluator(value, gold_of(units, item.gold), b.ablations, b.masks, SEEDS)
    found.full  # noqa: B018 (a prompt that cannot be read shows before a method works on it)
    return found


def _cell(
    prepared: Prepared, key: Key, case: Case, item: Item, evaluator: Evaluator, folder: Folder
) -> Record:
    meter = Meter(case.model, case.ledger)
    method, facts = prepared.methods[key[3]], _facts(item, case.model)
    case.model.release()  # what others had read is not this one's
    try:
        with meter:
            found = method.explain(case)
    except FocusLimeError as error:
        return Record(*key, facts, skipped=str(error))
    except Exception as error:  # whatever somebody else's package raises; the tables name it
        return Record(*key, facts, skipped=f"{type(error).__name__}: {first_line(error)}")
    _check(found, case)
    cost = {
        "calls": float(meter.calls),
        "tokens_asked": float(meter.tokens_asked),
        "tokens_computed": float(meter.tokens_computed),
        "fpe": meter.tokens_computed / case.model.length(case.prompt),
        "seconds": meter.seconds,
        "proxy_tokens": float(case.proxy_ledger.tokens_computed),
    }
    return Record(
        *key,
        facts,
        cost=cost,
        metrics=evaluator.measure(found, prepared.benchmark.metrics),
        curve=tuple(evaluator.curve(found)),
        weights=tuple(float(w) if np.isfinite(w) else None for w in found.weights),
        explanation=folder.keep(key, found.explanation) if found.explanation else "",
    )


def _facts(item: Item, model: Model) -> dict[str, str | int | float]:
    """What the item says of itself, and, where it does not: its document, by the text; its length,
    the nearest power of two of its tokens; and how deep in its source its first evidence stands.
    """
    sources = item.prompt.sources
    facts: dict[str, str | int | float] = {
        "document": hashlib.sha256("\0".join(sources).encode()).hexdigest()[:12],
        "length": 2 ** round(math.log2(model.length(item.prompt))),
    }
    if item.gold:
        source, start, _ = min(item.gold)
        facts["depth"] = round(start / len(sources[source]), 3)
    return {**facts, **item.facts}


def _check(found: Found, case: Case) -> None:
    if found.weights.shape != (len(case.units),) or np.isinf(found.weights).any():
        raise FocusLimeError(
            f"a method gave weights of shape {list(found.weights.shape)} for {len(case.units)} "
            "units, or infinite ones: it must give one number a unit, NaN where not examined"
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
