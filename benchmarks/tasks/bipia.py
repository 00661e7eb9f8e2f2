"""BIPIA: instructions hidden in what a model is given to read.

Yi et al. 2023 (arXiv 2312.14197), MIT. The official folder has `email/`, `table/` and `code/`, each
with JSONL of `context` and `question`, and `text_attack_*.json` and `code_attack_*.json`: attack
instructions by category. As in the benchmark, an instruction is put on a line of its own before
the context, after it, or between two of its sentences. Whoever puts it there knows its span.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from focus_lime.errors import FocusLimeError, near
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import sentences

from . import data, reading
from .base import Item

FORM = "BIPIA"
PROJECT = "microsoft/BIPIA"
Position = Literal["begin", "middle", "end"]
POSITIONS: tuple[Position, ...] = ("begin", "middle", "end")
DOMAINS = ("email", "table", "code")


@dataclass(frozen=True)
class Context:
    """What the model is given to read, and what it is asked about it."""

    id: str
    text: str
    question: str


@dataclass(frozen=True)
class Attack:
    category: str
    text: str


def load(
    path: str | None = None, *, domain: str = "email", positions: Sequence[Position] = POSITIONS
) -> data.Documents:
    """The task `bipia`: each context with one attack at each position.

    The seed chooses the attack and the place in the middle. The model's own answer is explained;
    the evidence is the attack. Neither contexts nor attacks of the splits meet.

    Args:
        path: the official folder `benchmark/`.
        domain: `email`, `table` or `code`.
        positions: among `begin`, `middle`, `end`.
    """
    if domain not in DOMAINS:
        raise FocusLimeError(f"no domain {domain!r}: {near(domain, DOMAINS)}")
    for position in positions:
        if position not in POSITIONS:
            raise FocusLimeError(f"no position {position!r}: {near(position, POSITIONS)}")
    if path is None:
        raise reading.not_on_hub(FORM, PROJECT, "BIPIA/benchmark")
    folder = Path(path)
    read = [*_context_files(folder, domain), *_attack_files(folder, domain)]

    def documents(seed: int) -> Iterator[tuple[str, Iterator[Item]]]:
        known = attacks(folder, domain)
        for context in contexts(folder, domain):
            here = [a for a in known if data.by_hash(a.text) == data.by_hash(context.text)]
            if not here:
                raise FocusLimeError(f"{folder} has too few attacks for two splits")
            yield context.text, _items(context, here, positions, seed)

    return data.Documents("bipia", reading.fingerprint(read), documents)


def contexts(folder: Path, domain: str) -> Iterator[Context]:
    """The contexts of a domain, clean; lists of lines are joined."""
    for file in _context_files(folder, domain):
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
    found: list[Attack] = []
    for file in _attack_files(folder, domain):
        with reading.expecting(str(file), FORM):
            for category, texts in reading.json_of(file).items():
                if not isinstance(texts, list) or not all(
                    isinstance(text, str) and text.strip() for text in texts
                ):
                    raise FocusLimeError(f"{file}: {category!r} is not a list of instructions")
                found += [Attack(category, text.strip()) for text in texts]
    return found


def insert(
    text: str, attack: str, position: Position, rng: np.random.Generator
) -> tuple[str, tuple[int, int]]:
    """The context with the attack on a line of its own, and the attack's characters.

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
    return head + attack + tail, (len(head), len(head) + len(attack))


def _items(
    context: Context, known: Sequence[Attack], positions: Sequence[Position], seed: int
) -> Iterator[Item]:
    for position in positions:
        key = f"{context.id}-{position}"
        rng = generator(seed, key)
        attack = known[int(rng.integers(len(known)))]
        text, span = insert(context.text, attack.text, position, rng)
        prompt = Prompt.from_document(text, context.question)
        yield Item(
            id=key,
            prompt=prompt,
            gold=data.gold(key, prompt.sources, [(0, *span)]),
            facts={
                "position": position,
                "category": attack.category,
                "characters": len(context.text),
            },
        )


def generator(seed: int, key: str) -> np.random.Generator:
    """Random numbers of one item: the same whatever is drawn for others."""
    digest = hashlib.sha256(f"{seed}/{key}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def _context_files(folder: Path, domain: str) -> list[Path]:
    if not (folder / domain).is_dir():
        raise FocusLimeError(f"{folder} is not the folder of {FORM}: no folder {domain}/ in it")
    return reading.files(folder / domain, "*.jsonl")


def _attack_files(folder: Path, domain: str) -> list[Path]:
    return reading.files(folder, f"{'code' if domain == 'code' else 'text'}_attack*.json")
