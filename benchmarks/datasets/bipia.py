"""BIPIA: instructions hidden in texts that a model reads.

Yi et al. 2023 (arXiv 2312.14197), MIT. The official folder has `email/`, `table/` and `code/`, each
with JSONL of `context` and `question`, and `text_attack_*.json` and `code_attack_*.json`: attack
instructions by category.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.sentences import sentences
from focus_lime.inputs.units import Span

from . import reading

FORM = "BIPIA"
PROJECT = "microsoft/BIPIA"
DOMAINS = ("email", "table", "code")
Position = Literal["begin", "middle", "end"]
POSITIONS: tuple[Position, ...] = ("begin", "middle", "end")

T = TypeVar("T", bound=Hashable)

_FOLDS = 5


@dataclass(frozen=True)
class Context:
    """A text that the model reads, and the question about it."""

    id: str
    text: str
    question: str


@dataclass(frozen=True)
class Attack:
    category: str
    text: str


def contexts(folder: Path, domain: str) -> Iterator[Context]:
    """The contexts of a domain, clean; lists of lines are joined.

    Raises:
        FocusLimeError: a file is missing or in another format; so does every function here.
    """
    for file in context_files(folder, domain):
        for number, (where, row) in enumerate(reading.jsonl_of(file)):
            with reading.expecting(where, FORM):
                context = row["context"]
                text = context if isinstance(context, str) else "\n".join(context)
                question = (
                    row["question"]
                    if domain != "code"
                    else "\n".join([*row["error"], *row["code"]])
                )
                asked = question.removeprefix("Q:").strip()
            if text.strip() and asked:
                yield Context(f"{domain}-{file.stem}-{number}", text, asked)


def attacks(folder: Path, domain: str) -> list[Attack]:
    """The attack instructions for a domain, in the files' order."""
    instructions: list[Attack] = []
    for file in attack_files(folder, domain):
        with reading.expecting(str(file), FORM):
            for category, texts in reading.json_of(file).items():
                if not isinstance(texts, list) or not all(
                    isinstance(text, str) and text.strip() for text in texts
                ):
                    raise FocusLimeError(f"{file}: {category!r} is not a list of instructions")
                instructions += [Attack(category, text.strip()) for text in texts]
    return instructions


def context_files(folder: Path, domain: str) -> list[Path]:
    if not (folder / domain).is_dir():
        raise FocusLimeError(f"{folder} is not the folder of {FORM}: no folder {domain}/ in it")
    return reading.files(folder / domain, "*.jsonl")


def attack_files(folder: Path, domain: str) -> list[Path]:
    return reading.files(folder, f"{'code' if domain == 'code' else 'text'}_attack*.json")


def fold(items: Sequence[T], number: int) -> list[T]:
    """One of five: every fifth item, from `number` on, that no fold before it holds. Some texts are
    there twice.
    """
    before = {item for i in range(number) for item in items[i::_FOLDS]}
    return [item for item in items[number::_FOLDS] if item not in before]


def outside(items: Sequence[T], numbers: Collection[int]) -> list[T]:
    """The items that are equal to none of these folds: what a detector learns from."""
    held_out = {item for number in numbers for item in items[number::_FOLDS]}
    return [item for item in items if item not in held_out]


def insert(
    text: str, attack: str, position: Position, rng: np.random.Generator
) -> tuple[str, Span]:
    """The context with the attack on a line of its own, as in the benchmark, and where the attack
    stands.

    In the middle is after a sentence that `rng` chooses, at the end if there is only one.
    """
    inner = [end for _, end in sentences(text)[:-1]]
    if position == "begin":
        place = 0
    elif position == "end" or not inner:
        place = len(text)
    else:
        place = inner[int(rng.integers(len(inner)))]
    head = text[:place] + ("\n" if place else "")
    tail = "\n" + text[place:] if place < len(text) else ""
    return head + attack + tail, Span(0, len(head), len(head) + len(attack))


def insert_inline(text: str, attack: str, rng: np.random.Generator) -> tuple[str, Span]:
    """The context with the attack in the line, between two sentences or at an end, and where the
    attack stands.
    """
    ends = [0, *(end for _, end in sentences(text))]
    place = ends[int(rng.integers(len(ends)))]
    head = text[:place] + ("" if not place or text[place - 1].isspace() else " ")
    return head + attack + " " + text[place:], Span(0, len(head), len(head) + len(attack))


def generator(seed: int, key: str) -> np.random.Generator:
    """Random numbers of one item: the same whatever is drawn for others."""
    digest = hashlib.sha256(f"{seed}/{key}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))
