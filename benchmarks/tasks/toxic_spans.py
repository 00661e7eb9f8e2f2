"""Toxic Spans: posts, and the characters that make them toxic.

Pavlopoulos et al. 2021 (SemEval-2021, task 5), CC0. The official CSV has `spans`, a list of
character offsets, and `text`. Posts without a marked character are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from focus_lime.errors import FocusLimeError
from focus_lime.prompt.prompt import Prompt

from . import data, reading
from .base import Item

HUB_ID = "heegyu/toxic-spans"
FORM = "Toxic Spans"
LABELS = ("toxic", "civil")
QUESTION = "Is this post toxic or civil? Answer toxic or civil."


def load(path: str | None = None, *, classify: bool = False) -> data.Documents:
    """The task `toxic_spans`: one item a post.

    Equal posts are in the same split.

    Args:
        path: an official CSV, or a folder of `tsd_*.csv`; the hub's test split if None.
        classify: for models of one score: the model reads the post alone. Otherwise a language
            model is asked, and `toxic` is explained against `civil`.
    """
    if path is None:
        rows, mark = reading.hub(HUB_ID, split="test")

        def from_hub() -> Iterator[tuple[str, str, str, str]]:
            for n, row in enumerate(rows):
                where = f"{HUB_ID}, row {n}"
                with reading.expecting(where, FORM):
                    post = where, f"test-{n}", row["text_of_post"], row["position"]
                yield post

        return data.Documents("toxic_spans", mark, lambda seed: _documents(from_hub(), classify))
    paths = reading.files(path, "tsd_*.csv")

    def read() -> Iterator[tuple[str, str, str, str]]:
        for file in paths:
            for number, (where, row) in enumerate(reading.csv_of(file, ("spans", "text"))):
                yield where, f"{file.stem}-{number}", row["text"], row["spans"]

    return data.Documents(
        "toxic_spans", reading.fingerprint(paths), lambda seed: _documents(read(), classify)
    )


def _documents(
    posts: Iterable[tuple[str, str, str, str]], classify: bool
) -> Iterator[tuple[str, Iterator[Item]]]:
    for where, key, text, marked in posts:
        yield text, _items(where, key, text, marked, classify)


def _items(where: str, key: str, text: str, marked: str, classify: bool) -> Iterator[Item]:
    with reading.expecting(where, FORM):
        offsets = json.loads(marked)
        if not all(type(offset) is int for offset in offsets):
            raise FocusLimeError(f"{where}: spans must be a list of character offsets")
        spans = [(0, start, end) for start, end in runs(offsets)]
    if not spans:
        return
    prompt = Prompt.from_document(text, None if classify else QUESTION)
    found = data.gold(where, prompt.sources, spans)
    yield Item(
        id=key,
        prompt=prompt,
        labels=None if classify else LABELS,
        gold=found,
        facts={"characters": len(text), "spans": len(found)},
    )


def runs(offsets: Iterable[int]) -> list[tuple[int, int]]:
    """Character offsets as half-open spans: [3, 4, 5, 9] is [3, 6) and [9, 10)."""
    spans: list[tuple[int, int]] = []
    for offset in sorted(set(offsets)):
        if spans and spans[-1][1] == offset:
            spans[-1] = spans[-1][0], offset + 1
        else:
            spans.append((offset, offset + 1))
    return spans
