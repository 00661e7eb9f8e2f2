"""The metric of the documentation, installed as somebody else's package would be.

Run: pytest tests/benchmarks/metrics/test_third_party.py
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from focus_lime.benchmarks import bench
from focus_lime.benchmarks.config import parse
from focus_lime.benchmarks.prepared import prepare
from focus_lime.benchmarks.records import Folder
from focus_lime.benchmarks.runner import run
from focus_lime.errors import FocusLimeError
from tests.test_docs import code_blocks

CONFIG: Mapping[str, Any] = {
    "tasks": {"planted": {"tokens": 150, "per": 1}},
    "methods": {"drops": {}, "chance": {"use": "proxy-only", "proxy": "random"}},
    "budgets": [8],
    "metrics": ["first"],
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What pip makes of the file and its line: a module, and entry points in a metadata folder."""
    code = code_blocks("docs/benchmarks.md", "python")[1]
    (points,) = [b for b in code_blocks("docs/benchmarks.md", "toml") if "metrics" in b]
    module = code.split("\n")[0].removeprefix("# ")
    site = tmp_path / "site"
    metadata = site / "my_metrics-0.1.dist-info"
    metadata.mkdir(parents=True)
    (site / module).write_text(code)
    (metadata / "METADATA").write_text("Name: my-metrics\nVersion: 0.1\n")
    lines = points.replace('[project.entry-points."focus_lime.metrics"]', "[focus_lime.metrics]")
    (metadata / "entry_points.txt").write_text(lines.replace('"', ""))
    monkeypatch.syspath_prepend(site)


@pytest.mark.usefixtures("installed")
def test_the_metric_of_the_documentation_is_measured_and_shown(tmp_path: Path) -> None:
    prepared = prepare(parse(CONFIG, "own"))
    with Folder(tmp_path / "out", prepared.manifest("command", None), resume=False) as folder:
        run(prepared, folder, limit=None, say=lambda line: None)
        measures = {record.method: record.metrics for record in folder.records}
    names = {"first/share", "first/words-before"}
    assert set(measures["drops"]) == {*names, *(f"{name}:placeholder" for name in names)}
    # The planted clause is the whole answer: single drops put it first, and it has the effect.
    assert (measures["drops"]["first/share"] or 0.0) > 0.5
    bench.report(tmp_path / "out")
    table = (tmp_path / "out" / "table.md").read_text()
    assert "### First unit\n\n| method | first/share | first/words-before |" in table
    with (tmp_path / "out" / "table.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["metric"] == "first/share"]
    assert [float(row["mean"]) for row in rows] == pytest.approx(
        [measures[method]["first/share"] for method in ("drops", "chance")], rel=1e-4
    )


def test_a_metric_that_is_not_installed_is_named_before_anything_runs() -> None:
    with pytest.raises(FocusLimeError, match="metrics: no 'first'"):
        parse(CONFIG, "own")
