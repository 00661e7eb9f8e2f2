"""QMSum: questions about meetings, with the turns that answer them.

Zhong et al. 2021 (arXiv 2104.05938), MIT. A meeting is a JSON object with `meeting_transcripts`
(turns of `speaker` and `content`) and `specific_query_list`, whose `relevant_text_span` are ranges
of turns, both ends included. General queries have no evidence and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt

from ..datasets import reading
from . import data
from .base import Item

FORM = "QMSum"


def load(path: str | None = None, *, answer: str = "reference") -> data.Documents:
    """The task `qmsum`: one item a specific query; the evidence is one span a range of turns.

    Args:
        path: a meeting's JSON, a JSONL file of meetings, or a folder of either.
        answer: whether the set's summary is explained (`reference`) or the model's `own`.
    """
    data.explained(answer, "")
    if path is None:
        raise reading.not_on_hub(FORM, "Yale-LILY/QMSum", "QMSum/data/ALL/jsonl/test.jsonl")
    paths = reading.files(path, "*.json", "*.jsonl")

    def documents(seed: int) -> Iterator[tuple[str, Iterator[Item]]]:
        for file in paths:
            for where, key, meeting in _meetings(file):
                yield key, _items(where, key, meeting, answer)

    return data.Documents("qmsum", reading.fingerprint(paths), documents)


def _meetings(file: Path) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    if file.suffix == ".jsonl":
        for number, (where, meeting) in enumerate(reading.jsonl_of(file)):
            yield where, f"{file.stem}-{number}", meeting
    else:
        meeting = reading.json_of(file)
        if not isinstance(meeting, dict):
            raise FocusLimeError(f"{file} is not in the format of {FORM}: no object")
        yield str(file), file.stem, meeting


def _items(where: str, key: str, meeting: Mapping[str, Any], answer: str) -> Iterator[Item]:
    with reading.expecting(where, FORM):
        joined = data.Joined()
        turns = [
            joined.add(f"{turn['speaker']}: {turn['content']}\n")
            for turn in meeting["meeting_transcripts"]
        ]
        queries = [
            (query["query"], query["answer"], query["relevant_text_span"])
            for query in meeting["specific_query_list"]
        ]
    for number, (question, reference, ranges) in enumerate(queries):
        here = f"{where}, specific query {number}"
        with reading.expecting(here, FORM):
            spans = [_span(here, turns, int(first), int(last)) for first, last in ranges]
        if not spans:
            continue
        prompt = Prompt.from_document(joined.text, question)
        yield Item(
            id=f"{key}/{number}",
            prompt=prompt,
            objective=data.explained(answer, reference),
            gold=data.gold(here, prompt, spans),
            facts={"meeting": key, "turns": len(turns), "characters": len(joined.text)},
        )


def _span(where: str, turns: list[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    if not 0 <= first <= last < len(turns):
        raise FocusLimeError(
            f"{where}: the evidence is the turns {first} to {last} of {len(turns)}"
        )
    return turns[first][0], turns[last][1] - 1  # the line's end is no evidence
