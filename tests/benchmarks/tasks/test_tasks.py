"""pytest tests/benchmarks/tasks/test_tasks.py

What every task must keep, on tiny data of all sets and on the real files where they are.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import entry_points
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from focus_lime import Prompt
from focus_lime.benchmarks.datasets import reading
from focus_lime.benchmarks.tasks import data
from focus_lime.benchmarks.tasks.base import Item, Task
from focus_lime.errors import FocusLimeError
from focus_lime.inputs.units import Span
from focus_lime.method.objectives.own_answer import OwnAnswer
from tests.benchmarks.datasets import tiny, tiny_hub

LOADERS = {
    entry.name: entry.load()
    for entry in entry_points(group="focus_lime.tasks")
    if entry.name in tiny.WRITERS
}
REAL = {
    "bipia": "bipia",
    "cuad": "cuad",
    "evidence_inference": "evidence_inference",
    "hotpotqa": "hotpotqa",
    "qmsum": "qmsum/train",
    "sven": "sven/train",
    "toxic_spans": "toxic_spans",
}


def both(task: Task, seed: int = 0) -> list[Item]:
    return [*task.items("tune", seed), *task.items("test", seed)]


def plain(item: Item) -> tuple[Any, ...]:
    return item.id, item.prompt, item.objective, item.gold, dict(item.facts)


def check(task: Task) -> None:
    tune, test = (list(task.items(split, 3)) for split in data.SPLITS)
    assert tune
    assert test
    ids = [item.id for item in (*tune, *test)]
    assert len(set(ids)) == len(ids)
    assert not {i.prompt.sources for i in tune} & {i.prompt.sources for i in test}
    for item in (*tune, *test):
        assert item.gold
        spans = [(span.start, span.end) for span in item.gold]
        assert item.gold == data.gold(item.id, item.prompt, spans)
        assert all(text.text.strip() for text in item.objective.continuations)
        for value in item.facts.values():
            assert type(value) in (str, int, float)
    assert [plain(i) for i in task.items("test", 3)] == [plain(i) for i in test]


def test_every_task_is_installed() -> None:
    assert sorted(LOADERS) == sorted(tiny.WRITERS)


@pytest.mark.parametrize("name", sorted(tiny.WRITERS))
def test_tiny(name: str, tmp_path: Path) -> None:
    options = tiny.WRITERS[name](tmp_path)
    task = LOADERS[name](**options)
    assert task.name == name
    check(task)
    assert LOADERS[name](**options).fingerprint == task.fingerprint


@pytest.mark.parametrize("name", sorted(tiny.WRITERS))
def test_the_fingerprint_follows_the_data(name: str, tmp_path: Path) -> None:
    options = tiny.WRITERS[name](tmp_path)
    before = LOADERS[name](**options).fingerprint
    last = max((p for p in tmp_path.rglob("*.*") if p.is_file()), key=str)
    if name == "bipia":
        last = tmp_path / "email" / "train.jsonl"
    last.write_bytes(last.read_bytes() + b"\n")
    assert LOADERS[name](**options).fingerprint != before


@pytest.mark.parametrize("name", sorted(REAL))
def test_real(name: str, shared: Path) -> None:
    check(LOADERS[name](path=str(shared / "data" / REAL[name])))


@pytest.mark.parametrize("name", sorted(tiny_hub.HUB))
def test_the_hub_gives_the_same_items(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    asked = tiny_hub.fake_hub(monkeypatch, tiny_hub.HUB[name](), {"hf://x@1/a.parquet": {}})
    local = both(LOADERS[name](**tiny.WRITERS[name](tmp_path)))
    from_hub = both(LOADERS[name]())

    def without_id(items: list[Item]) -> list[Any]:
        rows = [list(plain(item)[1:]) for item in items]
        for row in rows:  # bAbI's file and configuration have different names
            row[-1].pop("task", None)
        return sorted(rows, key=repr)

    assert without_id(from_hub) == without_id(local)
    assert asked["name"].count("/") <= 1
    assert asked["split"] in ("test", "validation", "val")


def test_what_the_hub_is_asked_for(monkeypatch: Any) -> None:
    asked = tiny_hub.fake_hub(monkeypatch, [], {})
    wanted = {
        "hotpotqa": ("hotpotqa/hotpot_qa", "distractor", "validation", None),
        "qasper": ("allenai/qasper", None, "validation", "refs/convert/parquet"),
        "evidence_inference": ("evidence_infer_treatment", "2.0", "test", "refs/convert/parquet"),
        "babi": ("facebook/babi_qa", "en-10k-qa1", "test", "refs/convert/parquet"),
        "sven": ("bstee615/sven", None, "val", None),
        "toxic_spans": ("heegyu/toxic-spans", None, "test", None),
    }
    for name, expected in wanted.items():
        LOADERS[name]()
        assert tuple(asked[key] for key in ("name", "config", "split", "revision")) == expected


def test_the_hubs_fingerprint_is_that_of_the_commit(monkeypatch: Any) -> None:
    marks = []
    for commit in ("1", "2", "1"):
        tiny_hub.fake_hub(monkeypatch, [], {f"hf://x@{commit}/a.parquet": {}})
        marks.append(LOADERS["sven"]().fingerprint)
    assert marks[0] == marks[2] != marks[1]


def test_the_real_datasets_package_reads_rows(tmp_path: Path, monkeypatch: Any) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "val.jsonl").write_text('{"a": [{"b": 1}]}\n{"a": []}\n')
    rows, mark = reading.hub(str(tmp_path / "rows"), split="validation")
    assert [row["a"] for row in rows] == [[{"b": 1}], []]
    assert mark == reading.hub(str(tmp_path / "rows"), split="validation")[1]
    with pytest.raises(FocusLimeError, match=r"does not come from the hub .*: give a local path"):
        reading.hub(str(tmp_path / "rows"), split="nothing")


@pytest.mark.parametrize("name", sorted({*tiny_hub.HUB, "cuad"}))
def test_without_datasets_the_extra_is_named(name: str, monkeypatch: Any) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(FocusLimeError, match="pip install"):
        LOADERS[name]()


@pytest.mark.parametrize("name", ["qmsum", "bipia"])
def test_sets_without_a_copy_on_the_hub(name: str) -> None:
    with pytest.raises(FocusLimeError, match=r"hub has no copy .* clone github\.com/.* give path"):
        LOADERS[name]()


@pytest.mark.parametrize("name", sorted(set(tiny.WRITERS) - {"needle"}))
def test_no_such_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match="none"):
        both(LOADERS[name](path=str(tmp_path / "none")))


@pytest.mark.parametrize("name", sorted(set(tiny.WRITERS) - {"needle"}))
def test_an_empty_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match=r"has no file|no folder"):
        both(LOADERS[name](path=str(tmp_path)))


def test_items_come_one_at_a_time(tmp_path: Path) -> None:
    """What is broken further on does not stop what stands before it."""
    options = tiny.qmsum(tmp_path)
    (tmp_path / "Zzz.json").write_text("{")
    items = LOADERS["qmsum"](**options).items("test", 0)
    assert len(list(islice(items, 2))) == 2
    with pytest.raises(FocusLimeError, match=r"Zzz.json is not JSON \(line 1"):
        list(items)


def test_a_split_without_items_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "qa1.txt").write_text(tiny.BABI)
    task = LOADERS["babi"](path=str(tmp_path))
    (empty,) = [split for split in data.SPLITS if split != data.by_hash("qa1-0")]
    with pytest.raises(FocusLimeError, match=f"babi has no items in the split {empty}"):
        list(task.items(empty, 0))
    with pytest.raises(FocusLimeError, match="no split 'dev'"):
        list(task.items("dev", 0))


def test_a_fifth_is_for_tuning() -> None:
    tuned = sum(data.by_hash(f"document {k}") == "tune" for k in range(5000))
    assert 900 < tuned < 1100


def test_gold_is_checked_sorted_and_merged() -> None:
    prompt = Prompt.from_document("0123456789")
    spans = [(4, 6), (1, 3), (2, 5), (6, 7)]
    assert data.gold("x", prompt, spans) == (Span(0, 1, 6), Span(0, 6, 7))
    for span in [(3, 11), (-1, 2), (3, 3)]:
        with pytest.raises(FocusLimeError, match=r"the set, item 7: the evidence \[.*characters"):
            data.gold("the set, item 7", prompt, [span])


def test_trimmed() -> None:
    assert data.trimmed("a  b c \n", 1, 8) == (3, 6)
    assert data.trimmed("a  \n", 1, 4) is None


def test_files_that_are_no_text(tmp_path: Path) -> None:
    bad = tmp_path / "x.jsonl"
    bad.write_bytes(b'{"a": 1}\n\xff\n')
    with pytest.raises(FocusLimeError, match="not UTF-8"):
        list(reading.jsonl_of(bad))
    with pytest.raises(FocusLimeError, match="not UTF-8"):
        reading.text_of(bad)
    with pytest.raises(FocusLimeError, match="not UTF-8"):
        list(reading.csv_of(bad, ['{"a": 1}']))
    bad.write_text('{"a": 1}\n\n[]\n')
    with pytest.raises(FocusLimeError, match="line 3 is not a JSON object"):
        list(reading.jsonl_of(bad))
    bad.write_text("\n{\n")
    with pytest.raises(FocusLimeError, match="line 2 is not JSON"):
        list(reading.jsonl_of(bad))
    bad.write_text("a,b\n1\n")
    with pytest.raises(FocusLimeError, match="row 1 has too few columns"):
        list(reading.csv_of(bad, ("a", "b")))
    with pytest.raises(FocusLimeError, match="has no column 'c'"):
        list(reading.csv_of(bad, ("a", "c")))


def test_records_out_of_lists_by_field() -> None:
    rows = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert reading.records({"a": [1, 2], "b": ["x", "y"]}) == reading.records(rows) == rows
    with (
        pytest.raises(FocusLimeError, match="is not in the format of S"),
        reading.expecting("f", "S"),
    ):
        reading.records({"a": [1, 2], "b": ["x"]})


def test_an_item_is_a_prompt_with_what_is_known() -> None:
    item = Item("a", Prompt.from_document("x"))
    assert (item.objective, item.gold, dict(item.facts)) == (OwnAnswer(), (), {})


def test_the_task_in_the_docs_works(tmp_path: Path) -> None:
    document = (Path(__file__).parents[3] / "docs" / "tasks.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", document, re.DOTALL)[1]
    space: dict[str, Any] = {}
    exec(code, space)
    row = {"text": "It ends in May.", "question": "When?", "answer": "May", "start": 11, "end": 14}
    lines = [json.dumps({**row, "id": f"memo{k}", "text": f"{row['text']} {k}"}) for k in range(20)]
    (tmp_path / "memos.jsonl").write_text("\n".join(lines))
    check(space["load"](tmp_path))
    (tmp_path / "memos.jsonl").write_text(json.dumps({**row, "id": "memo", "end": 99}))
    with pytest.raises(FocusLimeError, match=r"line 1: the evidence \[11, 99\) is no span"):
        list(space["load"](tmp_path).items("test", 0))


def test_the_docs_name_every_task() -> None:
    document = (Path(__file__).parents[3] / "docs" / "tasks.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in document for name in LOADERS)
