"""Two tiny contracts and some clauses in CUAD's official forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_LAW = "This Agreement is governed by the laws of the State of Nevada."
_CAP = "In no event shall the liability of either party exceed ten thousand dollars."
_FILLER = "The parties met in Reno and spoke of many things. Each party brought its own lunch."
TEXTS = {
    "ACMEINC_01_02_2003-EX-10-SUPPLY AGREEMENT": f"SUPPLY\r\n\r\n{_FILLER} {_LAW} {_FILLER}",
    "OrionCorp_20190101_8-K_EX-10.1_License": f"{_CAP} {_FILLER}\n\n{_FILLER} {_CAP[:-1]} a year.",
}


def question(label: str) -> str:
    return (
        f'Highlight the parts (if any) of this contract related to "{label}" that should be '
        f"reviewed by a lawyer. Details: What about {label.lower()}?"
    )


def official() -> dict[str, Any]:
    """As in `CUADv1.json`; the second contract marks its cap twice."""
    first, second = TEXTS
    marked = {
        (first, "Governing Law"): [(_LAW, TEXTS[first].index(_LAW))],
        (first, "Cap On Liability"): [],
        (second, "Governing Law"): [],
        (second, "Cap On Liability"): [
            (_CAP[:-1], TEXTS[second].rindex(_CAP[:-1])),
            (_CAP, 0),
        ],
    }
    data = []
    for title, text in TEXTS.items():
        qas = [
            {
                "id": f"{title}__{label}",
                "question": question(label),
                "answers": [{"text": t, "answer_start": s} for t, s in answers],
                "is_impossible": not answers,
            }
            for (owner, label), answers in marked.items()
            if owner == title
        ]
        data.append({"title": title, "paragraphs": [{"context": text, "qas": qas}]})
    return {"version": "aok_v1.0", "data": data}


def hub_rows() -> list[dict[str, Any]]:
    """As in the hub's copy: a row a question, answers as a mapping of lists."""
    return [
        {
            "id": qa["id"],
            "title": entry["title"],
            "context": paragraph["context"],
            "question": qa["question"],
            "answers": {key: [a[key] for a in qa["answers"]] for key in ("text", "answer_start")},
        }
        for entry in official()["data"]
        for paragraph in entry["paragraphs"]
        for qa in paragraph["qas"]
    ]


def excerpts() -> list[dict[str, str]]:
    """Six clauses of each of three categories, and one from a company of the benchmark."""
    places = ("Nevada", "Texas", "Delaware", "Ohio", "Maine", "Utah")
    rows = []
    for number, place in enumerate(places):
        file = f"Other{number}Inc_20200101_8-K.pdf"
        clauses = {
            "Governing Law": f"This contract is governed by the laws of {place}.",
            "Cap On Liability": f"Liability of the seller in {place} shall not exceed fees.",
            "Insurance": f"The buyer shall carry insurance in {place} of one million dollars.",
        }
        rows += [{"file": file, "category": c, "text": t} for c, t in clauses.items()]
    rows.append({"file": "OrionCorp_20180101_8-K.pdf", "category": "Insurance", "text": "None."})
    return rows


def write(folder: Path) -> Path:
    """Both files in `folder`, as `--data` takes it."""
    (folder / "CUADv1.json").write_text(json.dumps(official()), encoding="utf-8")
    lines = "".join(json.dumps(excerpt) + "\n" for excerpt in excerpts())
    (folder / "clause_excerpts.jsonl").write_text(lines, encoding="utf-8")
    return folder
