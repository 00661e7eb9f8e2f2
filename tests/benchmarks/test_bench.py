"""`focus-lime bench`, from YAML to tables, on short contracts and the bundled model.

Run: pytest tests/benchmarks/test_bench.py
"""

from __future__ import annotations

import csv
import errno
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from focus_lime.benchmarks import bench, registry
from focus_lime.benchmarks.config import parse
from focus_lime.benchmarks.meter import Meter
from focus_lime.benchmarks.methods.base import Attributions, Case
from focus_lime.benchmarks.prepared import Prepared, prepare
from focus_lime.benchmarks.records import Folder, Record, load_records
from focus_lime.benchmarks.runner import run
from focus_lime.benchmarks.tasks.base import Item
from focus_lime.benchmarks.tasks.planted import load as planted
from focus_lime.cli.main import main
from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.models.base import Ledger

ROOT = Path(__file__).parents[2]
SMALL: dict[str, Any] = {
    "tasks": {"planted": {"tokens": 150, "per": 2}},
    "methods": {
        "chance": {"use": "proxy-only", "proxy": "random"},
        "plain LIME": {"use": "surrogate", "design": "uniform-size", "options": {"kernel": True}},
    },
    "budgets": [4],
    "seeds": [0, 1],
    "metrics": ["deletion", "lds", "evidence"],
    "masks": 6,
}


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return prepare(parse(SMALL, "small"))


def open_folder(prepared: Prepared, path: Path, *, resume: bool = False) -> Folder:
    return Folder(path, prepared.manifest("command", None), resume=resume)


def run_all(prepared: Prepared, path: Path, *, resume: bool = False) -> list[Record]:
    with open_folder(prepared, path, resume=resume) as folder:
        run(prepared, folder, limit=None, say=lambda line: None)
        return folder.records


@pytest.fixture(scope="module")
def finished(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("finished")
    run_all(prepared, path)
    bench.report(path)
    return path


def without_time(path: Path) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in (path / "results.jsonl").read_text().splitlines()]
    for record in records:
        record["cost"].pop("seconds")
    return records


# -- a run --------------------------------------------------------------------------------------


def test_every_cell_is_there_once(finished: Path) -> None:
    records, manifest = load_records(finished)
    cells = [record.cell for record in records]
    assert len(set(cells)) == len(cells) == 2 * 2 * 2  # items, methods, seeds
    assert not any(record.skipped for record in records)
    assert manifest["tasks"]["planted"] == planted(tokens=150, per=2).fingerprint
    assert set(manifest["models"]) == {"bundled:target"}
    assert manifest["benchmark"]["seeds"] == [0, 1]


def test_another_run_gives_the_same_results_but_for_the_time(
    prepared: Prepared, finished: Path, tmp_path: Path
) -> None:
    run_all(prepared, tmp_path)
    bench.report(tmp_path)
    assert without_time(tmp_path) == without_time(finished)
    tables = [(path / "table.csv").read_text().splitlines() for path in (tmp_path, finished)]
    timeless = [[line for line in table if ",seconds," not in line] for table in tables]
    assert timeless[0] == timeless[1]
    assert len(timeless[0]) > 20


def test_a_killed_run_goes_on_and_computes_nothing_twice(
    prepared: Prepared, finished: Path, tmp_path: Path
) -> None:
    done = 0

    def killed(line: str) -> None:
        nonlocal done
        done += 1
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), open_folder(prepared, tmp_path) as folder:
        run(prepared, folder, limit=None, say=killed)
    results = tmp_path / "results.jsonl"
    before = results.read_text()
    assert before.count("\n") == 3
    results.write_text(before + '{"task": "planted", "item": "te')  # in the middle of a line
    lines: list[str] = []
    with open_folder(prepared, tmp_path, resume=True) as folder:
        run(prepared, folder, limit=None, say=lines.append)
    assert [line.split(",")[0] for line in lines] == [f"[{n}/8" for n in range(4, 9)]
    assert results.read_text().startswith(before)
    assert without_time(tmp_path) == without_time(finished)


def test_no_method_pays_for_trying_the_model_out() -> None:
    """The first to score after a resume would: what it is evaluated by is known already."""
    ready = prepare(parse(SMALL, "small"))
    model, item = ready.models["bundled:target"], next(ready.tasks["planted"].items("test", 0))
    units = item.prompt.tree.scored
    objective = item.objective.resolve(model, item.prompt, 8, Ledger())
    case = Case(model, item.prompt, objective, "sentence", units, 4, 0)
    with Meter(model, case.ledger) as meter:
        ready.methods["plain LIME"].explain(case)
    assert meter.tokens_computed == case.ledger.tokens_computed


def test_results_are_not_overwritten(prepared: Prepared, finished: Path) -> None:
    with pytest.raises(FocusLimeError, match="give --resume to go on, or another --out"):
        open_folder(prepared, finished)


def test_results_of_another_benchmark_are_not_mixed(prepared: Prepared, finished: Path) -> None:
    other = prepare(parse({**SMALL, "masks": 8}, "small"))
    with pytest.raises(FocusLimeError, match="begun with another"):
        open_folder(other, finished, resume=True)
    with open_folder(prepared, finished, resume=True) as folder:
        assert len(folder.records) == 8


def test_methods_may_be_added(prepared: Prepared, finished: Path, tmp_path: Path) -> None:
    for name in ("manifest.json", "results.jsonl"):
        (tmp_path / name).write_text((finished / name).read_text())
    more = {"words": {"use": "proxy-only", "proxy": "bm25", "seeds": [0]}, **SMALL["methods"]}
    wider = prepare(parse({**SMALL, "methods": more}, "small"))
    assert len(run_all(wider, tmp_path, resume=True)) == 8 + 2
    bench.report(tmp_path)
    assert "| words |" in (tmp_path / "table.md").read_text()
    assert without_time(tmp_path)[:8] == without_time(finished)
    with pytest.raises(FocusLimeError, match="begun with another benchmark"):
        open_folder(prepared, tmp_path, resume=True)  # a method is gone
    more["words"] = {"use": "proxy-only", "proxy": "random", "seeds": [0]}
    with pytest.raises(FocusLimeError, match="begun with another benchmark"):
        open_folder(prepare(parse({**SMALL, "methods": more}, "small")), tmp_path, resume=True)


def test_a_broken_line_is_named(prepared: Prepared, finished: Path, tmp_path: Path) -> None:
    for name in ("manifest.json", "results.jsonl"):
        (tmp_path / name).write_text((finished / name).read_text())
    results = tmp_path / "results.jsonl"
    lines = results.read_text().splitlines()
    results.write_text("\n".join([lines[0], "{}", *lines[2:]]) + "\n")
    with pytest.raises(FocusLimeError, match=r"results.jsonl, line 2, is no result"):
        open_folder(prepared, tmp_path, resume=True)


def test_a_full_disk_ends_the_run_and_loses_nothing(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FocusLimeError, match=r"No space left on device.*--resume"):
        run_all(prepared, tmp_path)
    monkeypatch.undo()
    assert len(run_all(prepared, tmp_path, resume=True)) == 8


# -- tables -------------------------------------------------------------------------------------


def test_the_tables_hold_means_over_documents(finished: Path) -> None:
    records, _ = load_records(finished)
    rows = list(csv.DictReader((finished / "table.csv").open()))
    for row in rows:
        mine = [r for r in records if r.method == row["method"]]
        if row["metric"] in mine[0].metrics:
            items: dict[str, list[float]] = {}
            for r in mine:
                items.setdefault(r.item, []).append(float(r.metrics[row["metric"]] or 0.0))
            expected = np.mean([np.mean(values) for values in items.values()])
            assert float(row["mean"]) == pytest.approx(expected, rel=1e-4, abs=1e-6)
            assert float(row["low"]) <= float(row["mean"]) <= float(row["high"])
            assert row["n"] == "2"
    names = {row["metric"] for row in rows}
    assert {"aopc/words", "aopc/percent:placeholder", "map", "stability/jaccard", "fpe"} <= names
    markdown = (finished / "table.md").read_text()
    assert "| plain LIME |" in markdown
    assert "Seeds 0, 1; split test" in markdown


class Fixed:
    """A task of these items."""

    name = fingerprint = "fixed"

    def __init__(self, *items: Item) -> None:
        self.fixed = items

    def items(self, split: str, seed: int) -> Any:
        yield from self.fixed


def test_facts_that_an_item_lacks_are_measured(prepared: Prepared, tmp_path: Path) -> None:
    text = "One. Two. Three. Four."
    first = Item(
        "a", Prompt.from_document(text, "Which?"), ResponseLogOdds("Two"), gold=(Span(0, 10, 16),)
    )
    second = Item(
        "b", Prompt.from_document(text, "And?"), ResponseLogOdds("Two"), facts={"depth": 1}
    )
    records = run_all(replace(prepared, tasks={"planted": Fixed(first, second)}), tmp_path)
    facts = {record.item: record.facts for record in records}
    assert facts["a"]["depth"] == round(10 / 22, 3)
    tokens = prepared.models["bundled:target"].count_tokens(first.prompt)
    assert facts["a"]["length"] / 1.5 <= tokens <= facts["a"]["length"] * 1.5
    assert facts["b"]["document"] == facts["a"]["document"]
    assert facts["b"]["depth"] == 1


def test_plots_are_pictures(finished: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs pip install 'focus-lime[benchmarks]'")
    names = [name for name in bench.report(finished) if name.endswith(".png")]
    assert [name.split("-")[0] for name in names] == ["cost", "curves", "recall"]
    for name in names:
        assert (finished / name).read_bytes().startswith(b"\x89PNG")


# -- methods that fail --------------------------------------------------------------------------


class Broken:
    def explain(self, case: Case) -> Attributions:
        raise ZeroDivisionError("of a peer")


def test_a_method_that_fails_is_named_and_the_others_go_on(
    prepared: Prepared, tmp_path: Path
) -> None:
    broken = replace(prepared, methods={**prepared.methods, "plain LIME": Broken()})
    records = run_all(broken, tmp_path)
    reasons = {r.method: r.skipped for r in records}
    assert reasons == {"chance": "", "plain LIME": "ZeroDivisionError: of a peer"}
    bench.report(tmp_path)
    table = (tmp_path / "table.md").read_text()
    assert "plain LIME gave nothing in 4 of 4: ZeroDivisionError: of a peer" in table


def test_a_peer_that_is_not_installed_is_skipped_and_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "focus_lime.benchmarks.methods.lime", raising=False)
    monkeypatch.setitem(sys.modules, "lime.lime_text", None)
    ready = prepare(parse({**SMALL, "methods": ["lime", "drops"], "seeds": [0]}, "small"))
    assert list(ready.methods) == ["drops"]
    records = run_all(ready, tmp_path)
    assert {r.method for r in records} == {"drops"}
    bench.report(tmp_path)
    assert (
        "- lime: lime.lime_text is not installed: pip install"
        in (tmp_path / "table.md").read_text()
    )


@pytest.mark.parametrize(
    ("name", "modules"),
    [
        ("context-cite", ["context_cite", "context_cite.utils"]),
        ("shap-partition", ["shap", "focus_lime.benchmarks.methods.shap"]),
    ],
)
def test_a_missing_package_is_noticed_when_a_method_is_built(
    name: str, modules: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in modules:
        if module.startswith("focus_lime"):
            monkeypatch.delitem(sys.modules, module, raising=False)
        else:
            monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(registry.NotInstalled, match=f"{modules[0]}.* is not installed"):
        registry.build("methods", name, name, {})


def test_a_gold_span_outside_the_text_is_named(prepared: Prepared, tmp_path: Path) -> None:
    item = Item("one", Prompt.from_document("A short text."), gold=(Span(0, 5, 99),))
    bad = replace(prepared, tasks={"planted": Fixed(item)})
    with pytest.raises(FocusLimeError, match=r"item one: the gold span \[5, 99\) of source 0"):
        run_all(bad, tmp_path)


# -- the command --------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")  # of peers
def test_the_smoke_benchmark_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "out"
    arguments = ["bench", "configs/smoke.yaml", "--limit", "1", "--out", str(out)]
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 0
    output = capsys.readouterr()
    assert "left] planted test-0-recall-500-any-0: focus-lime, sentence" in output.err
    assert "table.md" in output.out
    records, manifest = load_records(out)
    missing = set(manifest["missing"])
    assert {r.method for r in records} == {
        use["label"] for use in manifest["benchmark"]["methods"]
    } - missing
    assert not [r.skipped for r in records if r.skipped]
    ours = [r for r in records if r.method == "focus-lime"]
    assert all(r.metrics["recall@1"] == 1.0 for r in ours)
    assert all(r.cost["fpe"] <= r.budget * 1.05 for r in ours)
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "give --resume to go on" in capsys.readouterr().err


def test_bad_limits_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["bench", str(ROOT / "configs" / "smoke.yaml"), "--limit", "0"])
    assert stopped.value.code == 2
    assert "--limit 0 is too small: give 1 or more" in capsys.readouterr().err
