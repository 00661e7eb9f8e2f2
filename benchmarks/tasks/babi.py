"""bAbI: short stories of synthetic sentences, questions, and the sentences that answer them.

Weston et al. 2015 (arXiv 1502.05698), CC BY 3.0. A line of the official files is a number and a
statement, or a number, a question, its answer and the supporting lines, with tabs between; at
number 1 a story begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt

from ..datasets import reading
from . import data
from .base import Item

HUB_ID, HUB_REVISION = "facebook/babi_qa", "refs/convert/parquet"
FORM = "bAbI"


@dataclass(frozen=True)
class Line:
    """A statement, or a question with its answer and the numbers of its supporting lines."""

    where: str
    number: int
    text: str
    answer: str | None = None
    support: tuple[int, ...] = ()


def load(path: str | None = None, *, task: int = 1, answer: str = "reference") -> data.Documents:
    """The task `babi`: one item a question about the statements before it.

    Args:
        path: an official file `qa*.txt`, or a folder of them; the hub's test split if None.
        task: which of the 20 the hub gives (the configuration `en-10k-qaN`).
        answer: whether the set's answer is explained (`reference`) or the model's `own`.
    """
    data.explained(answer, "")
    if path is None:
        if not 1 <= task <= 20:
            raise FocusLimeError(f"bAbI has the tasks 1 to 20, not {task}")
        rows, mark = reading.hub(
            HUB_ID, config=f"en-10k-qa{task}", split="test", revision=HUB_REVISION
        )
        name = f"qa{task}"

        def from_hub(seed: int) -> Iterator[tuple[str, Iterator[Item]]]:
            return _documents(name, (_from_hub(n, row) for n, row in enumerate(rows)), answer)

        return data.Documents("babi", mark, from_hub)
    paths = reading.files(path, "qa*.txt")

    def documents(seed: int) -> Iterator[tuple[str, Iterator[Item]]]:
        for file in paths:
            yield from _documents(file.stem, _stories(file), answer)

    return data.Documents("babi", reading.fingerprint(paths), documents)


def _documents(
    name: str, stories: Iterable[Sequence[Line]], answer: str
) -> Iterator[tuple[str, Iterator[Item]]]:
    for number, story in enumerate(stories):
        yield f"{name}-{number}", _items(f"{name}-{number}", name, story, answer)


def _stories(file: Path) -> Iterator[list[Line]]:
    story: list[Line] = []
    for number, line in enumerate(reading.text_of(file).splitlines(), start=1):
        if line.strip():
            parsed = _line(f"{file}, line {number}", line)
            if parsed.number == 1 and story:
                yield story
                story = []
            story.append(parsed)
    if story:
        yield story


def _line(where: str, line: str) -> Line:
    with reading.expecting(where, FORM):
        number, _, rest = line.partition(" ")
        text, *asked = rest.split("\t")
        if not asked:
            return Line(where, int(number), text.strip())
        answer, support = asked
        return Line(where, int(number), text.strip(), answer.strip(), _numbers(support.split()))


def _from_hub(number: int, row: Mapping[str, Any]) -> list[Line]:
    """The hub's `type` is 1 for questions."""
    where = f"{HUB_ID}, row {number}"
    with reading.expecting(where, FORM):
        story = row["story"]
        columns = [story[name] for name in ("id", "type", "text", "answer", "supporting_ids")]
        return [
            Line(where, int(key), text.strip(), answer, _numbers(support))
            if kind == 1
            else Line(where, int(key), text.strip())
            for key, kind, text, answer, support in zip(*columns, strict=True)
        ]


def _numbers(values: Iterable[Any]) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def _items(key: str, name: str, story: Sequence[Line], answer: str) -> Iterator[Item]:
    joined = data.Joined()
    stands: dict[int, tuple[int, int]] = {}
    for line in story:
        if line.answer is None:
            start, end = joined.add(f"{line.text}\n")
            stands[line.number] = start, end - 1
            continue
        for number in line.support:
            if number not in stands:
                raise FocusLimeError(f"{line.where}: line {number} of the story is no statement")
        prompt = Prompt.from_document(joined.text, line.text)
        yield Item(
            id=f"{key}/{line.number}",
            prompt=prompt,
            objective=data.explained(answer, line.answer),
            gold=data.gold(line.where, prompt, [stands[n] for n in line.support]),
            facts={"task": name, "statements": len(stands), "support": len(line.support)},
        )
