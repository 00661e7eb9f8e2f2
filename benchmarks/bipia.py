"""BIPIA: e-mails, and orders that an attacker hides in them.

Yi et al. 2023 (arXiv 2312.14197), MIT. A folder holds `email/train.jsonl`, lines with `context` and
`question`, and `text_attack_train.json`, `{category: [order, ...]}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from focus_lime.prompt.split import sentences

from .tasks import bipia

T = TypeVar("T")


def load(path: str | Path) -> tuple[list[str], list[str]]:
    """The e-mails, and the orders of all categories, each in the order of its file.

    Raises:
        FocusLimeError: a file is not there, or another.
    """
    folder = Path(path)
    emails = [context.text for context in bipia.contexts(folder, "email")]
    return emails, [attack.text for attack in bipia.attacks(folder, "email")]


def training(items: Sequence[T]) -> list[T]:
    """Four of five."""
    return [item for i, item in enumerate(items) if i % 5]


def held_out(items: Sequence[T]) -> list[T]:
    """The fifth: what no detector has seen."""
    return list(items[::5])


def insert(email: str, order: str, rng: np.random.Generator) -> tuple[str, tuple[int, int]]:
    """The e-mail with the order between two of its sentences or at an end, and its span."""
    ends = [0, *(end for _, end in sentences(email))]
    at = ends[int(rng.integers(len(ends)))]
    before = email[:at] + ("" if not at or email[at - 1].isspace() else " ")
    return before + order + " " + email[at:], (len(before), len(before) + len(order))
