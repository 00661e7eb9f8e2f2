"""A benchmark as YAML: tasks x methods x models x levels x budgets x seeds, checked before anything
runs.

    tasks:                      # LABEL: options; `use` names the task where LABEL does not
      planted: {kind: recall, tokens: 4000, per: 20}
    models: [bundled:target]    # a task may have a `model` of its own
    methods:                    # LABEL: options, as for tasks; the order is that of the tables
      focus-lime: {proxy: bm25}
      plain LIME: {use: surrogate, design: uniform-size, options: {kernel: true}}
    levels: [sentence, word]
    budgets: [16, 64]           # full-prompt equivalents (FPE) of the target, for one explanation
    seeds: [0, 1, 2]            # of the explanations

A method may have `budgets` and `seeds` of its own among its options: some need more, and one that
draws nothing gives the same again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.files import load_yaml
from focus_lime.models.base import Ablation

from . import registry
from .evaluate import ABLATIONS, SEEDS
from .tasks.base import SPLITS, Split

METRICS = ("deletion", "eraser", "top-k", "lds", "evidence")  # where a benchmark names none
_LEVELS = ("sentence", "word")
_REPEATS: dict[str, tuple[type, str]] = {
    "budgets": (float, "numbers above 0"),
    "seeds": (int, "whole numbers"),
}


@dataclass(frozen=True)
class Use:
    """A task or a method: what it is called here, its registered name, its options.

    budgets, seeds: for which a method runs; a task has none.
    """

    label: str
    name: str
    options: Mapping[str, Any]
    budgets: tuple[float, ...] = ()
    seeds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Benchmark:
    """See the module. `masks`: of the linear datamodeling score; `top`: units of the stability."""

    name: str
    tasks: tuple[Use, ...]
    methods: tuple[Use, ...]
    models: tuple[str, ...] = ("bundled:target",)
    levels: tuple[Literal["sentence", "word"], ...] = ("sentence",)
    budgets: tuple[float, ...] = (32.0,)
    seeds: tuple[int, ...] = (0,)
    split: Split = "test"
    metrics: tuple[str, ...] = METRICS
    ablations: tuple[Ablation, ...] = ABLATIONS
    masks: int = 32
    top: int = 5

    @property
    def digest(self) -> str:
        """Of all that results depend on; not of the name."""
        content = {key: value for key, value in asdict(self).items() if key != "name"}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def repeats(self) -> list[tuple[int, float, str]]:
        """(seed, budget, method) of every cell of one item and level, in the order of a run."""
        seeds = dict.fromkeys(seed for method in self.methods for seed in method.seeds)
        budgets = dict.fromkeys(budget for method in self.methods for budget in method.budgets)
        return [
            (seed, budget, method.label)
            for seed in seeds
            for budget in budgets
            for method in self.methods
            if seed in method.seeds and budget in method.budgets
        ]

    def models_of(self, task: Use) -> tuple[str, ...]:
        own = task.options.get("model")
        return (str(own),) if own is not None else self.models


def load_benchmark(path: str | Path) -> Benchmark:
    """The benchmark in a YAML file.

    Raises:
        FocusLimeError: not YAML, an unknown key or value (with the near ones), nothing to run.
    """
    data = load_yaml(path)
    if not isinstance(data, dict):
        raise FocusLimeError(f"{path} must hold a mapping with tasks and methods")
    try:
        return parse(data, Path(path).stem)
    except FocusLimeError as error:
        raise FocusLimeError(f"{path}: {error}") from None


def parse(data: Mapping[str, Any], name: str) -> Benchmark:
    """The benchmark that a mapping means."""
    known = [key for key in Benchmark.__dataclass_fields__ if key != "name"]
    for key in data:
        if key not in known:
            raise FocusLimeError(f"unknown key {key!r}: {suggest(str(key), known)}")
    values: dict[str, Any] = {kind: _uses(kind, data.get(kind)) for kind in ("tasks", "methods")}
    if "models" in data:
        values["models"] = _several("models", data["models"], str, "names")
    values |= _repeats(data)
    for key, choices in (
        ("levels", _LEVELS),
        ("metrics", registry.names("metrics")),
        ("ablations", ABLATIONS),
    ):
        if key in data:
            values[key] = _several(key, data[key], str, "names")
            for value in values[key]:
                _known(key, value, choices)
    for key, least in (("masks", 4), ("top", 1)):
        if key in data:
            values[key] = data[key]
            if type(data[key]) is not int or data[key] < least:
                raise FocusLimeError(f"{key}: give a whole number, {least} or more")
    if "split" in data:
        values["split"] = data["split"]
        _known("split", data["split"], SPLITS)
    benchmark = Benchmark(name=name, **values)
    methods = (
        replace(m, budgets=m.budgets or benchmark.budgets, seeds=m.seeds or benchmark.seeds)
        for m in benchmark.methods
    )
    return replace(benchmark, methods=tuple(methods))


def _uses(kind: str, value: Any) -> tuple[Use, ...]:
    if isinstance(value, list):
        value = {item: None for item in value if isinstance(item, str)}
    if not isinstance(value, dict) or not value:
        raise FocusLimeError(f"{kind}: give at least one, as in `{kind}: {{NAME: {{}}}}`")
    uses = []
    for label, options in value.items():
        if options is not None and not isinstance(options, dict):
            raise FocusLimeError(f"{kind}, {label}: give options as a mapping, not {options!r}")
        rest = dict(options or {})
        own: dict[str, Any] = {}
        if kind == "methods":
            try:
                own = _repeats({key: rest.pop(key) for key in _REPEATS if key in rest})
            except FocusLimeError as error:
                raise FocusLimeError(f"methods, {label}: {error}") from None
        uses.append(Use(str(label), str(rest.pop("use", label)), rest, **own))
    return tuple(uses)


def _repeats(data: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """What a method is repeated for: budgets and seeds, where it has its own."""
    repeats = {
        key: _several(key, data[key], kind, what)
        for key, (kind, what) in _REPEATS.items()
        if key in data
    }
    for budget in repeats.get("budgets", ()):
        if budget <= 0:
            raise FocusLimeError(f"budgets: {budget:g} FPE pay for nothing")
    if not all(0 <= seed < SEEDS for seed in repeats.get("seeds", ())):
        raise FocusLimeError(f"seeds: give numbers from 0 to {SEEDS - 1}: others are the metrics'")
    return repeats


def _several(key: str, value: Any, kind: type, what: str) -> tuple[Any, ...]:
    """A list, or one alone, of distinct values of a type."""
    values = value if isinstance(value, list) else [value]
    if kind is float:
        values = [float(v) if type(v) is int else v for v in values]
    if not values or any(type(v) is not kind for v in values):
        raise FocusLimeError(f"{key}: give {what}, got {value!r}")
    if len(set(values)) < len(values):
        raise FocusLimeError(f"{key}: {value!r} names one twice")
    return tuple(values)


def _known(key: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise FocusLimeError(f"{key}: no {value!r}: {suggest(str(value), choices)}")
