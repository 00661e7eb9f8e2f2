"""Run: pytest tests/benchmarks/tables/test_summary.py"""

from __future__ import annotations

from focus_lime.benchmarks.metrics import evidence
from focus_lime.benchmarks.records import Record
from focus_lime.benchmarks.tables import summary


def test_items_of_one_document_count_as_one() -> None:
    def record(item: str, document: str, value: float) -> Record:
        return Record(
            "t", item, "m", "x", "sentence", 1.0, 0, {"document": document},
            cost=dict.fromkeys(summary.COST, 1.0), metrics={"map": value},
        )  # fmt: skip

    records = [record("a1", "a", 0.0), record("a2", "a", 1.0), record("b1", "b", 0.0)]
    (row,) = [row for row in summary.rows(records, ["x"], 5) if row.metric == "map"]
    assert (row.mean.mean, row.n) == (0.25, 2)


def test_a_method_over_the_budget_is_marked_and_the_best_is_bold() -> None:
    def record(method: str, fpe: float, value: float) -> Record:
        cost = {**dict.fromkeys(summary.COST, 1.0), "fpe": fpe}
        return Record(
            "t", "i", "m", method, "sentence", 10.0, 0, {}, cost=cost, metrics={"map": value}
        )

    records = [record("dear", 11.0, 0.9), record("cheap", 9.0, 0.2)]
    records += [
        Record("t", item, "m", method, "sentence", 10.0, 0, {}, skipped=why)
        for item, method, why in (
            ("i", "odd", "it cannot"), ("i", "far", "9 asked"), ("j", "far", "8 asked"),
        )
    ]  # fmt: skip
    methods = ["dear", "cheap", "odd", "far", "absent"]
    labels = [{"label": method} for method in methods]
    manifest = {
        "name": "n", "command": "c", "missing": {"absent": "absent is not installed"},
        "versions": {}, "benchmark": {"seeds": [0], "split": "test", "methods": labels},
        "machine": {"platform": "p", "threads": 1, "cores": 2},
    }  # fmt: skip
    means = summary.rows(records, methods, 5)
    text = summary.to_markdown(records, means, manifest, [evidence.METRIC])
    assert "| dear † | **0.90** |" in text
    assert "| cheap | 0.20 |" in text
    assert "- odd gave nothing in 1 of 1: it cannot\n" in text
    assert "- far gave nothing in 2 of 2: 9 asked; the others alike\n" in text
    assert "- absent: absent is not installed" in text
