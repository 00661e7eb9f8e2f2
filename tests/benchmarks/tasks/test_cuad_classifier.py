"""The task in which a clause classifier is explained, on tiny contracts and on the real ones.

Run: pytest tests/benchmarks/tasks/test_cuad_classifier.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from focus_lime.benchmarks.config import parse
from focus_lime.benchmarks.meter import Meter
from focus_lime.benchmarks.methods.base import Case
from focus_lime.benchmarks.prepared import prepare
from focus_lime.benchmarks.records import Folder
from focus_lime.benchmarks.registry import build
from focus_lime.benchmarks.runner import run
from focus_lime.benchmarks.tasks.base import Item
from focus_lime.benchmarks.tasks.cuad_classifier import NAME, load
from focus_lime.errors import FocusLimeError
from focus_lime.inputs.units import Span
from focus_lime.method.objective import Score
from focus_lime.models.base import Ledger, Variant, score_all
from tests.benchmarks.datasets import tiny_cuad

LABELS = ("Governing Law", "Cap On Liability")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cuad")
    tiny_cuad.write(path)
    return path


def all_items(folder: Path) -> list[Item]:
    return list(load(str(folder), labels=LABELS).items("test", 0))


def test_each_item_asks_for_the_score_of_its_own_label(folder: Path) -> None:
    items = all_items(folder)
    assert {item.facts["label"] for item in items} == set(LABELS)
    for item in items:
        model = item.model
        assert model is not None
        assert model.name == NAME
        assert isinstance(item.objective.resolve(model, item.prompt, 8, Ledger()), Score)
        with_it, without = score_all(
            model,
            [Variant(item.prompt), Variant(item.prompt, item.gold)],
            (),
            Ledger(),
        )
        assert with_it[0] > without[0]  # all that lawyers marked for this label, deleted
    assert len({item.model.fingerprint for item in items if item.model}) == len(LABELS)


def test_what_it_learned_from_is_in_its_fingerprint(folder: Path, tmp_path: Path) -> None:
    tiny_cuad.write(tmp_path)
    before = load(str(folder), labels=LABELS).fingerprint
    assert load(str(tmp_path), labels=LABELS).fingerprint == before
    excerpts = tmp_path / "clause_excerpts.jsonl"
    excerpts.write_text(excerpts.read_text().replace("Utah", "Oregon"))
    assert load(str(tmp_path), labels=LABELS).fingerprint != before


def test_a_unit_of_cost_is_a_call(folder: Path) -> None:
    item = all_items(folder)[0]
    assert item.model is not None
    units = item.prompt.tree.scored
    case = Case(item.model, item.prompt, Score(), "sentence", units, 9, 0)
    variants = [Variant(item.prompt), Variant(item.prompt, (Span(0, 0, 5),))]
    assert item.model.estimate(variants, ()).fpe == 2
    with Meter(item.model, case.ledger) as meter:
        build("methods", "lime", "surrogate", {"design": "bernoulli"}).explain(case)
    assert meter.tokens_computed / item.model.count_tokens(item.prompt) == meter.calls <= 9
    assert meter.tokens_asked > meter.calls


@pytest.mark.parametrize("method", ["focus-lime", "surrogate", "drops", "bisection"])
def test_a_benchmark_runs_on_it(folder: Path, tmp_path: Path, method: str) -> None:
    config: dict[str, Any] = {
        "tasks": {"cuad-classifier": {"path": str(folder), "labels": list(LABELS)}},
        "methods": [method],
        "budgets": [12],
        "metrics": ["deletion", "evidence"],
    }
    prepared = prepare(parse(config, "clauses"))
    assert not prepared.models  # no other model is loaded
    with Folder(tmp_path, prepared.manifest("c", None), resume=False) as results:
        run(prepared, results, limit=None, say=lambda line: None)
        assert len(results.records) == len(all_items(folder)) == 2
        for record in results.records:
            assert not record.skipped
            assert record.model == NAME
            assert record.cost["fpe"] == record.cost["calls"]
            assert record.metrics["recall@5"] is not None
            assert np.isfinite(list(record.cost.values())).all()


def test_no_other_model_can_be_asked_for(folder: Path) -> None:
    options = {"path": str(folder), "labels": list(LABELS), "model": "bundled:target"}
    with pytest.raises(FocusLimeError, match="brings its own model"):
        prepare(parse({"tasks": {"cuad-classifier": options}, "methods": ["drops"]}, "clauses"))


def test_a_label_without_excerpts_is_named(folder: Path) -> None:
    with pytest.raises(FocusLimeError, match="no excerpts of 'Governing Laws': did you mean"):
        load(str(folder), labels=["Governing Laws"])


def test_a_folder_without_excerpts_is_told(folder: Path, tmp_path: Path) -> None:
    tiny_cuad.write(tmp_path)
    (tmp_path / "clause_excerpts.jsonl").unlink()
    with pytest.raises(FocusLimeError, match=r"has no file clause_excerpts\.jsonl"):
        load(str(tmp_path), labels=LABELS)


def test_the_real_contracts(shared: Path) -> None:
    task = load(str(shared / "data" / "cuad"))
    items = list(task.items("test", 0))
    assert len({item.id for item in items}) == len(items) > 20
    for item in items:
        assert all(span.text(item.prompt.sources).strip() for span in item.gold)
