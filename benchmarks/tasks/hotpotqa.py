"""HotpotQA, distractor setting: ten paragraphs, two of which answer the question together.

Yang et al. 2018 (arXiv 1809.09600), CC BY-SA 4.0. In the official JSON `context` is a list of
[title, sentences] and `supporting_facts` of [title, sentence]; the hub's rows have lists by field.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt

from ..datasets import reading
from . import data
from .base import Item

HUB_ID, HUB_CONFIG = "hotpotqa/hotpot_qa", "distractor"
FORM = "HotpotQA"


def load(path: str | None = None, *, answer: str = "reference") -> data.Documents:
    """The task `hotpotqa`: one item a question; the evidence is its supporting sentences.

    Args:
        path: an official JSON (or one with the hub's fields), or a folder of `hotpot*.json`; the
            hub's validation split if None.
        answer: whether the set's answer is explained (`reference`) or the model's `own`.
    """
    data.explained(answer, "")
    if path is None:
        rows, mark = reading.hub(HUB_ID, config=HUB_CONFIG, split="validation")
        return data.Documents("hotpotqa", mark, lambda seed: _documents(HUB_ID, rows, answer))
    paths = reading.files(path, "hotpot*.json")

    def documents(seed: int) -> Iterator[tuple[str, Iterator[Item]]]:
        for file in paths:
            questions = reading.json_of(file)
            if not isinstance(questions, list):
                raise FocusLimeError(f"{file} is not in the format of {FORM}: no list of questions")
            yield from _documents(str(file), questions, answer)

    return data.Documents("hotpotqa", reading.fingerprint(paths), documents)


def _documents(
    source: str, rows: Iterable[Mapping[str, Any]], answer: str
) -> Iterator[tuple[str, Iterator[Item]]]:
    for number, row in enumerate(rows):
        where = f"{source}, question {number}"
        with reading.expecting(where, FORM):
            key = str(row.get("_id") or row.get("id") or _digest(row["question"]))
        yield key, _items(where, key, row, answer)


def _items(where: str, key: str, row: Mapping[str, Any], answer: str) -> Iterator[Item]:
    with reading.expecting(where, FORM):
        joined = data.Joined()
        stands: dict[tuple[str, int], tuple[int, int]] = {}
        for title, sentences in _pairs(row["context"], "sentences"):
            joined.add(f"{title}\n")
            for number, sentence in enumerate(sentences):
                stands[title, number] = joined.add(sentence)
            joined.add("\n\n")
        text = joined.text
        facts = list(dict.fromkeys(_pairs(row["supporting_facts"], "sent_id")))
        # Some of the set's facts name a sentence that its paragraph does not have.
        trimmed = [data.trimmed(text, *stands[fact]) for fact in facts if fact in stands]
        spans = [span for span in trimmed if span is not None]
        question, reference = row["question"], row["answer"]
    if not spans:
        return
    prompt = Prompt.from_document(text, question)
    yield Item(
        id=key,
        prompt=prompt,
        objective=data.explained(answer, reference),
        gold=data.gold(where, prompt, spans),
        facts={
            "type": row.get("type", ""),
            "level": row.get("level", ""),
            "evidence_missing": len(facts) - len(spans),
        },
    )


def _pairs(value: Any, second: str) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return list(zip(value["title"], value[second], strict=True))
    return [(title, rest) for title, rest in value]


def _digest(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:16]
