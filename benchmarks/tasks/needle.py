"""Needles in the user's own prose: a sentence put between the sentences of a long text.

After Kamradt's needle in a haystack (2023). The prose is cut into passages, one after the other,
each as long as the longest length asked for; every fifth is for tuning. A passage is asked about
with each needle, at each length and depth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.sentences import sentences

from ..datasets import reading
from . import data
from .base import Item, Split


@dataclass(frozen=True)
class Needle:
    """A sentence, what it answers, and the answer."""

    text: str
    question: str
    answer: str


def load(
    path: str,
    needles: str | Sequence[Mapping[str, str]],
    *,
    words: Sequence[int] = (1000, 4000),
    depths: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
    answer: str = "reference",
) -> data.Documents:
    """The task `needle`.

    Args:
        path: a UTF-8 text file, or a folder of `*.txt`.
        needles: mappings with `needle`, `question` and `answer`, or a JSONL file of such lines.
        words: lengths of the texts without the needle, cut at the end of a sentence.
        depths: shares of the text's words before the needle.
        answer: whether the given answer is explained (`reference`) or the model's `own`.

    Raises:
        FocusLimeError: bad options, or a prose shorter than the longest length.
    """
    data.explained(answer, "")
    words, depths = sorted(set(map(int, words))), sorted(set(map(float, depths)))
    if not words or words[0] < 1:
        raise FocusLimeError(f"lengths in words must be 1 or more, got {words}")
    if not depths or not all(0 <= depth <= 1 for depth in depths):
        raise FocusLimeError(f"depths must be from 0 to 1, got {depths}")
    paths = reading.files(path, "*.txt")
    read = [*paths, Path(needles)] if isinstance(needles, str) else paths
    rows = (
        list(reading.jsonl_of(Path(needles)))
        if isinstance(needles, str)
        else [(f"needle {number}", row) for number, row in enumerate(needles, start=1)]
    )
    known = [_needle(where, row) for where, row in rows]
    if not known:
        raise FocusLimeError(f"{needles or 'needles'}: no needles were given")

    def documents(seed: int) -> Iterator[tuple[str, Iterator[Item]]]:
        number = 0
        for file in paths:
            text = reading.text_of(file)
            for passage in _passages(text, words[-1]):
                key = f"{number}"
                yield key, grid.items(f"{file.name}-{number}", text, passage)
                number += 1
        if not number:
            raise FocusLimeError(f"{path} has no passage of {words[-1]} words")

    grid = _Grid(known, words, depths, answer)
    mark = reading.fingerprint(read) if isinstance(needles, str) else _with(paths, known)
    return data.Documents("needle", mark, documents, _every_fifth)


def _every_fifth(passage: str) -> Split:
    """By number, not by hash: a short prose still gives passages to test on."""
    return "tune" if int(passage) % 5 == 4 else "test"


def _needle(where: str, row: Mapping[str, Any]) -> Needle:
    with reading.expecting(where, "needles"):
        texts = [row["needle"], row["question"], row["answer"]]
        for value in texts:
            if not isinstance(value, str) or not value.strip():
                raise FocusLimeError(f"{where}: needle, question and answer must be texts")
    return Needle(*(value.strip() for value in texts))


def _with(paths: list[Path], known: Sequence[Needle]) -> str:
    return f"{reading.fingerprint(paths)}-{reading.digest([vars(needle) for needle in known])}"


def _passages(text: str, words: int) -> Iterator[list[tuple[int, int]]]:
    """Runs of whole sentences that hold at least so many words; what remains is left out."""
    run: list[tuple[int, int]] = []
    held = 0
    for start, end in sentences(text):
        run.append((start, end))
        held += len(text[start:end].split())
        if held >= words:
            yield run
            run, held = [], 0


@dataclass(frozen=True)
class _Grid:
    """Every needle, at each length and each depth; see `load`."""

    needles: Sequence[Needle]
    words: Sequence[int]
    depths: Sequence[float]
    answer: str

    def items(self, passage: str, text: str, spans: list[tuple[int, int]]) -> Iterator[Item]:
        lengths = [len(text[start:end].split()) for start, end in spans]
        for number, needle in enumerate(self.needles):
            where = f"{passage}, needle {number}"
            if needle.text in text[spans[0][0] : spans[-1][1]]:
                raise FocusLimeError(f"{where}: the needle stands in the prose already")
            for length in self.words:
                upto = _first(lengths, length)
                for depth in self.depths:
                    before = _first(lengths[:upto], depth * sum(lengths[:upto]))
                    head = text[spans[0][0] : spans[before - 1][1]] if before else ""
                    tail = text[spans[before][0] : spans[upto - 1][1]] if before < upto else ""
                    if head and not head[-1].isspace():
                        head += " "
                    inserted = needle.text + (" " if tail else "")
                    prompt = Prompt.from_document(head + inserted + tail, needle.question)
                    span = len(head), len(head) + len(needle.text)
                    yield Item(
                        id=f"{passage}/{number}-{length}w-{depth:g}",
                        prompt=prompt,
                        objective=data.explained(self.answer, needle.answer),
                        gold=data.gold(where, prompt, [span]),
                        facts={"words": length, "depth": depth, "needle": number},
                    )


def _first(lengths: Sequence[int], words: float) -> int:
    """How many of the first sentences hold at least so many words."""
    held = 0
    for count, length in enumerate(lengths):
        if held >= words:
            return count
        held += length
    return len(lengths)
