"""Qasper: questions about papers on language processing, with the paragraphs that answer them.

Dasigi et al. 2021 (arXiv 2105.03011), CC BY 4.0. The official JSON is `{paper id: {"title",
"abstract", "full_text": [{"section_name", "paragraphs"}], "qas": [{"question_id", "question",
"answers": [{"answer": {...}}]}]}}`; the hub's rows hold the same as lists by field.

Evidence is whole paragraphs, as in the set's Evidence-F1. Tables and figures ("FLOAT SELECTED")
are not in the text; a question whose evidence is nothing else is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt

from ..datasets import reading
from . import data
from .base import Item

HUB_ID, HUB_REVISION = "allenai/qasper", "refs/convert/parquet"
FORM = "Qasper"


def load(path: str | None = None, *, answer: str = "reference") -> data.Documents:
    """The task `qasper`: one item a question that can be answered from the text.

    Args:
        path: an official JSON, or a folder of `qasper*.json`; the hub's validation split if None.
        answer: whether the first annotator's answer is explained (`reference`) or the model's
            `own`.
    """
    data.explained(answer, "")
    if path is None:
        rows, mark = reading.hub(HUB_ID, split="validation", revision=HUB_REVISION)

        def from_hub() -> Iterator[tuple[str, Mapping[str, Any]]]:
            return ((f"{HUB_ID}, row {number}", row) for number, row in enumerate(rows))

        return data.Documents("qasper", mark, lambda seed: _documents(from_hub(), answer))
    paths = reading.files(path, "qasper*.json")

    def read() -> Iterator[tuple[str, Mapping[str, Any]]]:
        for file in paths:
            papers = reading.json_of(file)
            if not isinstance(papers, dict):
                raise FocusLimeError(f"{file} is not in the format of {FORM}: no object of papers")
            for key, paper in papers.items():
                where = f"{file}, paper {key}"
                with reading.expecting(where, FORM):
                    row = {**paper, "id": key}
                yield where, row

    return data.Documents(
        "qasper", reading.fingerprint(paths), lambda seed: _documents(read(), answer)
    )


def _documents(
    papers: Iterable[tuple[str, Mapping[str, Any]]], answer: str
) -> Iterator[tuple[str, Iterator[Item]]]:
    for where, paper in papers:
        with reading.expecting(where, FORM):
            key = str(paper["id"])
        yield key, _items(where, key, paper, answer)


def _items(where: str, key: str, paper: Mapping[str, Any], answer: str) -> Iterator[Item]:
    with reading.expecting(where, FORM):
        text, paragraphs = _text(paper)
        questions = [
            (str(q["question_id"]), str(q["question"]), _answers(q["answers"]))
            for q in reading.records(paper["qas"])
        ]
    for question_id, question, answers in questions:
        here = f"{where}, question {question_id}"
        with reading.expecting(here, FORM):
            evident = next(filter(None, (_evident(a, paragraphs) for a in answers)), None)
        if evident is None:
            continue
        reference, kind, spans, missing = evident
        prompt = Prompt.from_document(text, question)
        yield Item(
            id=f"{key}/{question_id}",
            prompt=prompt,
            objective=data.explained(answer, reference),
            gold=data.gold(here, prompt, spans),
            facts={"answer": kind, "characters": len(text), "evidence_missing": missing},
        )


def _text(paper: Mapping[str, Any]) -> tuple[str, dict[str, tuple[int, int]]]:
    """The paper as one text, and where each paragraph stands, the first of equal ones."""
    joined = data.Joined()
    paragraphs: dict[str, tuple[int, int]] = {}

    def add(paragraph: str) -> None:
        span = joined.add(paragraph)
        if paragraph.strip():
            paragraphs.setdefault(paragraph, span)
            joined.add("\n\n")

    joined.add(f"{paper['title']}\n\n")
    add(paper["abstract"])
    for section in reading.records(paper["full_text"]):
        if section["section_name"]:
            joined.add(f"{section['section_name']}\n\n")
        for paragraph in section["paragraphs"]:
            add(paragraph)
    return joined.text, paragraphs


def _answers(answers: Any) -> list[Mapping[str, Any]]:
    """The annotators' answers; in the hub's rows they stand one level deeper."""
    if isinstance(answers, Mapping):
        return reading.records(answers["answer"])
    return [record["answer"] for record in answers]


def _evident(
    answer: Mapping[str, Any], paragraphs: Mapping[str, tuple[int, int]]
) -> tuple[str, str, list[tuple[int, int]], int] | None:
    """(answer, its kind, evidence, pieces of evidence that are not in the text)."""
    if answer["unanswerable"]:
        return None
    if answer["extractive_spans"]:
        reference, kind = ", ".join(answer["extractive_spans"]), "extractive"
    elif answer["free_form_answer"]:
        reference, kind = answer["free_form_answer"], "free form"
    elif answer["yes_no"] is not None:
        reference, kind = ("Yes" if answer["yes_no"] else "No"), "yes or no"
    else:
        return None
    spans = [paragraphs[piece] for piece in answer["evidence"] if piece in paragraphs]
    return (reference, kind, spans, len(answer["evidence"]) - len(spans)) if spans else None
