"""The YAML of a benchmark: what it means, and that what is wrong in it is told before a run.

Run: pytest tests/benchmarks/test_config.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from focus_lime.benchmarks import registry
from focus_lime.benchmarks.config import Benchmark, load_benchmark, parse
from focus_lime.benchmarks.prepared import prepare
from focus_lime.errors import FocusLimeError

ROOT = Path(__file__).parents[2]
SMALL: dict[str, Any] = {
    "tasks": {"planted": {"tokens": 150, "per": 2}},
    "methods": {"chance": {"use": "proxy-only", "proxy": "random"}},
    "budgets": [4],
    "seeds": [0, 1],
}


def test_a_method_may_have_budgets_and_seeds_of_its_own() -> None:
    methods: dict[str, Any] = {
        "drops": {"budgets": 32, "seeds": [0]},
        "lime": {"budgets": [4, 32]},
        "plain": {"use": "surrogate"},
    }
    benchmark = parse({**SMALL, "methods": methods}, "small")
    assert benchmark.repeats() == [
        (0, 32.0, "drops"), (0, 32.0, "lime"),
        (0, 4.0, "lime"), (0, 4.0, "plain"),
        (1, 32.0, "lime"),
        (1, 4.0, "lime"), (1, 4.0, "plain"),
    ]  # fmt: skip
    assert not any("budgets" in method.options for method in benchmark.methods)
    methods["drops"] = {"budgets": 16, "seeds": [0]}
    assert benchmark.digest != parse({**SMALL, "methods": methods}, "small").digest


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tasks": None}, "tasks: give at least one"),
        ({"methods": {}}, "methods: give at least one"),
        ({"metric": ["lds"]}, "unknown key 'metric': did you mean metrics"),
        ({"metrics": ["deletions"]}, "metrics: no 'deletions': did you mean deletion"),
        ({"levels": ["sentences"]}, "levels: no 'sentences': did you mean sentence"),
        ({"budgets": [0]}, "0 FPE pay for nothing"),
        ({"budgets": ["many"]}, "budgets: give numbers above 0"),
        ({"seeds": [0, 0]}, "names one twice"),
        ({"seeds": [2**31]}, "others are the metrics'"),
        ({"seeds": [True]}, "seeds: give whole numbers"),
        ({"split": "train"}, "split: no 'train'"),
        ({"masks": 2}, "masks: give a whole number, 4 or more"),
        ({"methods": {"lime": 3}}, "give options as a mapping"),
        ({"methods": {"lime": {"budgets": -1}}}, "methods, lime: budgets: -1 FPE pay for nothing"),
        ({"methods": {"lime": {"seeds": ["a"]}}}, "methods, lime: seeds: give whole numbers"),
    ],
)
def test_a_bad_configuration_is_told(change: dict[str, Any], message: str) -> None:
    with pytest.raises(FocusLimeError, match=message):
        parse({**SMALL, **change}, "small")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"methods": {"focus-lyme": {}}},
            "'focus-lyme': no method 'focus-lyme': did you mean focus-lime",
        ),
        ({"tasks": {"plantd": {}}}, "'plantd': no task 'plantd': did you mean planted"),
        (
            {"methods": {"focus-lime": {"estimators": 1}}},
            "no option 'estimators': did you mean esti",
        ),
        ({"methods": {"focus-lime": {"estimator": "near"}}}, "no estimator 'near'"),
        ({"methods": {"x": {"use": "surrogate", "design": "bern"}}}, "'x', use: surrogate"),
        ({"methods": {"surrogate": {"surrogate": "spars"}}}, "no surrogate 'spars': did you mean"),
        ({"methods": {"surrogate": {"options": {"kernl": 1}}}}, "no option 'kernl': did you mean"),
        ({"tasks": {"planted": {"kind": "recal"}}}, "no kind 'recal': did you mean recall"),
        ({"tasks": {"planted": {"tokens": 5}}}, "give lengths of 100 tokens or more"),
        ({"tasks": {"planted": {"depth": 2.0}}}, "give numbers from 0 to 1"),
        ({"models": ["no/such/folder"]}, "there is no such folder"),
    ],
)
def test_what_is_not_there_is_told_before_anything_runs(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(FocusLimeError, match=message):
        prepare(parse({**SMALL, **change}, "small"))


def test_yaml_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("tasks: [planted\nmethods: x")
    with pytest.raises(FocusLimeError, match=r"a.yaml, line 2 is not YAML"):
        load_benchmark(path)
    path.write_text("- tasks")
    with pytest.raises(FocusLimeError, match="must hold a mapping"):
        load_benchmark(path)


def test_a_task_may_have_a_model_of_its_own() -> None:
    benchmark = parse({**SMALL, "tasks": {"planted": {"model": "bundled:proxy"}}}, "small")
    assert benchmark.models_of(benchmark.tasks[0]) == ("bundled:proxy",)


def test_the_committed_configurations_are_whole() -> None:
    benches = [
        path
        for path in (ROOT / "configs").glob("*.yaml")
        if "tasks" in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    assert {"smoke.yaml", "planted.yaml"} <= {path.name for path in benches}
    for path in benches:
        benchmark: Benchmark = load_benchmark(path)
        for use in benchmark.methods:
            try:
                registry.build("methods", use.label, use.name, use.options)
            except registry.NotInstalled:
                continue
