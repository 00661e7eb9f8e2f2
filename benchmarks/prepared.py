"""A benchmark made ready: names looked up, tasks, methods and models loaded, before anything runs.

And the manifest, which says what results rest on.
"""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.models.base import Ledger, Model, Response, Variant, score_all
from focus_lime.models.loading import load_model

from .config import Benchmark, Use
from .methods.base import Method
from .metrics.base import Metric
from .registry import NotInstalled, build, load
from .tasks.base import Task

_PACKAGES = (
    "focus-lime numpy scipy scikit-learn torch transformers lime shap captum context-cite datasets"
).split()


@dataclass(frozen=True, eq=False)
class Prepared:
    """A benchmark whose names are known and whose tasks, methods, metrics and models are loaded.

    missing: why a method is skipped, by its label.
    models: the benchmark's, by name; a task whose items bring models of their own has none here.
    models_of: the names of the models of each task, by its label.
    """

    benchmark: Benchmark
    tasks: dict[str, Task]
    methods: dict[str, Method]
    missing: dict[str, str]
    metrics: dict[str, Metric]
    models: dict[str, Model]
    models_of: dict[str, tuple[str, ...]]

    def manifest(self, command: str, limit: int | None) -> dict[str, Any]:
        return {
            "name": self.benchmark.name,
            "command": command,
            "benchmark": asdict(self.benchmark),
            "digest": self.benchmark.digest,
            "limit": limit,
            "models": {name: model.fingerprint for name, model in self.models.items()},
            "tasks": {label: task.fingerprint for label, task in self.tasks.items()},
            "missing": self.missing,
            "versions": {"python": platform.python_version(), **_versions()},
            "machine": {
                "platform": platform.platform(),
                "processor": platform.machine(),
                "cores": os.cpu_count(),
                "threads": int(torch.get_num_threads()),
            },
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def prepare(benchmark: Benchmark) -> Prepared:
    """Build everything that the benchmark names, before anything runs.

    Raises:
        FocusLimeError: an unknown name or option, data or a model that cannot be loaded.
    """
    methods: dict[str, Method] = {}
    missing: dict[str, str] = {}
    for use in benchmark.methods:
        try:
            methods[use.label] = build("methods", use.label, use.name, use.options)
        except NotInstalled as error:
            missing[use.label] = f"{error}: pip install 'focus-lime[peers]'"
    metrics: dict[str, Metric] = {n: load("metrics", n, n) for n in benchmark.metrics}
    tasks = {use.label: _task(use) for use in benchmark.tasks}
    models_of: dict[str, tuple[str, ...]] = {}
    models: dict[str, Model] = {}
    for use in benchmark.tasks:
        own = _own_model(tasks[use.label], use, benchmark)
        models_of[use.label] = benchmark.models_of(use) if own is None else (own.name,)
        for name in models_of[use.label]:
            if own is None and name not in models:
                models[name] = load_model(name)
                _warm(models[name])
    return Prepared(
        benchmark=benchmark,
        tasks=tasks,
        methods=methods,
        missing=missing,
        metrics=metrics,
        models=models,
        models_of=models_of,
    )


def _own_model(task: Task, use: Use, benchmark: Benchmark) -> Model | None:
    """The model of a task's first item; the others bring one of the same name."""
    first = next(task.items(benchmark.split, 0), None)
    if first is None:
        raise FocusLimeError(f"task {use.label!r} has no items in the split {benchmark.split}")
    if first.model is not None and "model" in use.options:
        raise FocusLimeError(f"tasks {use.label!r}: it brings its own model: leave `model` out")
    return first.model


def _task(use: Use) -> Task:
    options = {k: v for k, v in use.options.items() if k != "model"}
    try:
        task: Task = build("tasks", use.label, use.name, options)
    except NotInstalled as error:
        raise FocusLimeError(
            f"tasks {use.label!r}: {error}: pip install 'focus-lime[benchmarks]'"
        ) from None
    return task


def _warm(model: Model) -> None:
    """A causal model is tried out when it first scores; no method's meter should see that."""
    if model.is_generative:
        prompt, responses = Prompt.from_document("A short text."), (Response("Yes"),)
        score_all(model, [Variant(prompt)], responses, Ledger())
        model.clear_kv()


def _versions() -> dict[str, str | None]:
    versions: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = None
    return versions
