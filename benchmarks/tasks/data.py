"""What the loaders give: documents in two splits, with gold that was checked.

A loader is a function `load` that gives `Documents`: the documents one at a time, each with its
items. A document is in one split, whatever the seed, and so are all questions about it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span
from focus_lime.method.objective import Objective
from focus_lime.method.objectives.own_answer import OwnAnswer
from focus_lime.method.objectives.response import ResponseLogOdds

from .base import SPLITS, Item, Split

_TUNED = 5  # one document in so many is for tuning


def by_hash(document: str) -> Split:
    """The split of a document, from its id alone: a fifth are for tuning."""
    digest = hashlib.blake2b(document.encode(), digest_size=8).digest()
    return "tune" if int.from_bytes(digest, "big") % _TUNED == 0 else "test"


@dataclass
class Documents:
    """A task over documents.

    Attributes:
        fingerprint: digest of what was read.
        read: seed -> (the document's id, its items), one document at a time, in a fixed order.
        split_of: the split of a document.
    """

    name: str
    fingerprint: str
    read: Callable[[int], Iterator[tuple[str, Iterable[Item]]]]
    split_of: Callable[[str], Split] = by_hash

    def items(self, split: Split, seed: int) -> Iterator[Item]:
        """The items of one split.

        Raises:
            FocusLimeError: there are none, or the data are not in the set's format.
        """
        if split not in SPLITS:
            raise FocusLimeError(f"no split {split!r}: tune or test")
        is_empty = True
        for document, items in self.read(seed):
            if self.split_of(document) == split:
                for item in items:
                    is_empty = False
                    yield item
        if is_empty:
            raise FocusLimeError(f"{self.name} has no items in the split {split}: give more data")


def gold(where: str, prompt: Prompt, spans: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """Evidence `[start, end)` in the prompt's first source, in reading order; spans that overlap
    become one.

    Raises:
        FocusLimeError: a span that is empty or outside the text.
    """
    length = len(prompt.sources[0])
    merged: list[Span] = []
    for start, end in sorted(spans):
        if not 0 <= start < end <= length:
            raise FocusLimeError(
                f"{where}: the evidence [{start}, {end}) is no span of the text, "
                f"which has {length} characters"
            )
        if merged and start < merged[-1].end:
            merged[-1] = Span(0, merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Span(0, start, end))
    return tuple(merged)


def trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """`[start, end)` without white space at its ends; None where nothing is left."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    return (start + left, start + right) if left < right else None


class Joined:
    """A document built from pieces, each of which knows where it stands."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str) -> tuple[int, int]:
        """Append a piece; its characters `[start, end)`."""
        start = self._length
        self._pieces.append(piece)
        self._length += len(piece)
        return start, self._length

    @property
    def text(self) -> str:
        return "".join(self._pieces)


def explained(answer: str, reference: str) -> Objective:
    """What is explained: the set's `reference` answer, or the model's `own`.

    Raises:
        FocusLimeError: another word.
    """
    if answer not in ("reference", "own"):
        raise FocusLimeError(f"no answer {answer!r}: reference or own")
    return ResponseLogOdds(reference) if answer == "reference" else OwnAnswer()
