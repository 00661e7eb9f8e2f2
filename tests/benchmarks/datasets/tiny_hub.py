"""What `datasets` gives of every set in `tiny`, in the hub's own format."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from .tiny import (
    BABI,
    article,
    evidence_rows,
    hotpot_questions,
    qasper_papers,
    sven_rows,
    toxic_posts,
)


def qasper_hub() -> list[dict[str, Any]]:
    rows = []
    for key, paper in qasper_papers().items():
        answers = [
            {
                "answer": [a["answer"] for a in question["answers"]],
                "annotation_id": [a["annotation_id"] for a in question["answers"]],
                "worker_id": [a["worker_id"] for a in question["answers"]],
            }
            for question in paper["qas"]
        ]
        rows.append(
            {
                **paper,
                "id": key,
                "full_text": columns(paper["full_text"]),
                "qas": {**columns(paper["qas"]), "answers": answers},
            }
        )
    return rows


def columns(rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def evidence_inference_hub() -> list[dict[str, Any]]:
    prompts, annotations = evidence_rows()
    rows = []
    for key in sorted({row["PMCID"] for row in prompts}):
        asked = columns([row for row in prompts if row["PMCID"] == key])
        asked["Annotations"] = [
            columns([a for a in annotations if a["PromptID"] == number])
            for number in asked["PromptID"]
        ]
        rows.append({"Text": article(key).decode(), "PMCID": key, "Prompts": asked})
    return rows


def hotpotqa_hub() -> list[dict[str, Any]]:
    rows = []
    for question in hotpot_questions():
        titles, numbers = zip(*question["supporting_facts"], strict=True)
        names, sentences = zip(*question["context"], strict=True)
        row = {**question, "id": question["_id"]}
        del row["_id"]
        row["supporting_facts"] = {"title": list(titles), "sent_id": list(numbers)}
        row["context"] = {"title": list(names), "sentences": list(sentences)}
        rows.append(row)
    return rows


def babi_hub() -> list[dict[str, Any]]:
    rows = []
    for k in range(24):
        lines = BABI.replace("Mary", f"Mary{k}").splitlines()
        story: dict[str, list[Any]] = {
            name: [] for name in ("id", "type", "text", "supporting_ids", "answer")
        }
        for line in lines:
            number, _, rest = line.partition(" ")
            text, *asked = rest.split("\t")
            story["id"].append(number)
            story["type"].append(len(asked) // 2)
            story["text"].append(text.strip())
            story["answer"].append(asked[0] if asked else "")
            story["supporting_ids"].append(asked[1].split() if asked else [])
        rows.append({"story": story})
    return rows


def toxic_spans_hub() -> list[dict[str, Any]]:
    return [{"text_of_post": text, "position": str(marked)} for marked, text in toxic_posts()]


HUB: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "babi": babi_hub,
    "evidence_inference": evidence_inference_hub,
    "hotpotqa": hotpotqa_hub,
    "qasper": qasper_hub,
    "sven": sven_rows,
    "toxic_spans": toxic_spans_hub,
}


class Rows(list[Any]):
    """Rows as `datasets` gives them, as far as loaders look."""

    def __init__(self, rows: Sequence[Any], checksums: dict[str, Any]) -> None:
        super().__init__(rows)
        self.download_checksums = checksums


def fake_hub(monkeypatch: Any, rows: Sequence[Any], checksums: dict[str, Any]) -> dict[str, Any]:
    """Put a `datasets` in place whose `load_dataset` gives the rows; what it was asked for."""
    asked: dict[str, Any] = {}

    def load_dataset(name: str, config: str | None = None, **options: Any) -> Rows:
        asked.update(options, name=name, config=config)
        return Rows(rows, checksums)

    fake = ModuleType("datasets")
    fake.load_dataset = load_dataset  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", fake)
    return asked
