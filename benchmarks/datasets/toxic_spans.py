"""Toxic Spans: posts, and the characters that people marked as toxic.

Pavlopoulos et al. 2021 (SemEval-2021, task 5), CC0. The official CSV has `spans`, a list of
character offsets, and `text`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from focus_lime.errors import FocusLimeError

from . import reading

HUB_ID = "heegyu/toxic-spans"
FORM = "Toxic Spans"


@dataclass(frozen=True)
class Post:
    """A post. `marked` are the offsets of its toxic characters, in order."""

    where: str
    id: str
    text: str
    marked: tuple[int, ...]


def load(path: str | Path) -> Iterator[Post]:
    """The posts of an official CSV, or of a folder's `tsd_*.csv`, in order.

    Raises:
        FocusLimeError: no such files, or another format.
    """
    for file in reading.files(path, "tsd_*.csv"):
        for number, (where, row) in enumerate(reading.csv_of(file, ("spans", "text"))):
            yield _post(where, f"{file.stem}-{number}", row["text"], row["spans"])


def from_hub() -> tuple[Iterator[Post], str]:
    """The posts of the hub's test split, and their fingerprint."""
    rows, mark = reading.hub(HUB_ID, split="test")

    def posts() -> Iterator[Post]:
        for number, row in enumerate(rows):
            where = f"{HUB_ID}, row {number}"
            with reading.expecting(where, FORM):
                text, marked = row["text_of_post"], row["position"]
            yield _post(where, f"test-{number}", text, marked)

    return posts(), mark


def _post(where: str, id: str, text: str, marked: str) -> Post:
    with reading.expecting(where, FORM):
        offsets = json.loads(marked)
        if not all(type(offset) is int for offset in offsets):
            raise FocusLimeError(f"{where}: spans must be a list of character offsets")
    return Post(where, id, text, tuple(sorted(set(offsets))))


def runs(offsets: Iterable[int]) -> list[tuple[int, int]]:
    """Character offsets as half-open spans: [3, 4, 5, 9] is [3, 6) and [9, 10)."""
    spans: list[tuple[int, int]] = []
    for offset in sorted(set(offsets)):
        if spans and spans[-1][1] == offset:
            spans[-1] = spans[-1][0], offset + 1
        else:
            spans.append((offset, offset + 1))
    return spans
