"""What a run's explanations say together, and that they are kept, on short contracts.

Run: pytest tests/benchmarks/tables/test_views.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from focus_lime.benchmarks import bench
from focus_lime.benchmarks.config import parse
from focus_lime.benchmarks.corpus.report import load_folder
from focus_lime.benchmarks.prepared import Prepared, prepare
from focus_lime.benchmarks.records import Cell, Folder, Record, load_records
from focus_lime.benchmarks.runner import run
from focus_lime.benchmarks.tables import views
from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation

CONFIG: dict[str, Any] = {
    "tasks": {"planted": {"kind": ["recall", "twice"], "tokens": 150, "per": 1}},
    "methods": {"focus-lime": {}, "chance": {"use": "proxy-only", "proxy": "random"}},
    "budgets": [6],
    "seeds": [1, 0],
    "metrics": ["evidence"],
    "ablations": ["delete"],
}


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return prepare(parse(CONFIG, "views"))


@pytest.fixture(scope="module")
def finished(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("finished")
    with Folder(path, prepared.manifest("command", None), resume=False) as folder:
        run(prepared, folder, limit=None, say=lambda line: None)
    return path


def test_whole_explanations_are_kept_and_hold_the_weights(finished: Path) -> None:
    records, _ = load_records(finished)
    paths = [record.explanation for record in records if record.method == "focus-lime"]
    assert len(set(paths)) == 2 * 2  # items, seeds
    assert not any(record.explanation for record in records if record.method == "chance")
    for record in records:
        if record.explanation:
            explanation = Explanation.load(finished / record.explanation)
            weighed = [w for w in record.weights if w is not None]
            assert [unit.weight for unit in explanation.coarse] == pytest.approx(weighed, abs=1e-6)
            assert explanation.settings.seed == record.seed


def test_a_page_is_over_one_seed_and_what_the_command_gives_for_its_folder(finished: Path) -> None:
    records, _ = load_records(finished)
    (page,) = views.write(records, finished)
    assert page.parent == finished / views.VIEWS
    text = page.read_text()
    title, rest = text.split("\n", 1)
    assert title == "# 2 explanations together: planted, sentence, 6 FPE, by focus-lime, seed 0"
    mine = [r for r in records if r.explanation and r.seed == 0]
    for part in ("by role", "by section", "by clause", "SP-LIME", "differ from the rest"):
        assert part in rest
    assert all(record.item in rest for record in mine)
    (folder,) = {(finished / record.explanation).parent for record in mine}
    named = load_folder(folder)
    assert {e.to_json() for _, e in named} == {
        Explanation.load(finished / r.explanation).to_json() for r in mine
    }


def test_the_report_names_the_pages(finished: Path) -> None:
    assert "views/ (1)" in bench.report(finished)


def test_no_page_without_a_corpus(finished: Path, tmp_path: Path) -> None:
    records, _ = load_records(finished)
    one = [r for r in records if r.item == records[0].item]
    assert views.write(one, tmp_path) == []
    assert not list(tmp_path.iterdir())


def test_long_ids_that_differ_in_their_last_letters_have_files_of_their_own(
    prepared: Prepared, finished: Path, tmp_path: Path
) -> None:
    records, _ = load_records(finished)
    some = Explanation.load(finished / next(r.explanation for r in records if r.explanation))
    with Folder(tmp_path, prepared.manifest("command", None), resume=False) as folder:
        paths = [
            folder.keep(Cell("t", "../" + "x" * 300 + end, "m", "a/b", "sentence", 6.0, 0), some)
            for end in ("1", "2")
        ]
    assert len(set(paths)) == 2
    assert all((tmp_path / path).resolve().is_relative_to(tmp_path) for path in paths)


def test_an_explanation_that_cannot_be_kept_ends_the_run(
    prepared: Prepared, tmp_path: Path
) -> None:
    with Folder(tmp_path, prepared.manifest("command", None), resume=False) as folder:
        (tmp_path / "explanations").write_text("in the way")
        with pytest.raises(FocusLimeError, match="cannot be used"):
            run(prepared, folder, limit=1, say=lambda line: None)
    assert load_records(tmp_path)[0] == []


def test_a_record_says_where_its_explanation_is(finished: Path) -> None:
    line = (finished / "results.jsonl").read_text().splitlines()[0]
    assert Record.from_json(line).to_json() == line
    assert json.loads(line)["explanation"].startswith("explanations/")
