"""BIPIA: e-mails, and orders that an attacker hides in them.

Yi et al. 2023 (arXiv 2312.14197), MIT. A folder holds `email/train.jsonl`, lines with `context` and
`question`, and `text_attack_train.json`, `{category: [order, ...]}`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.prompt.split import sentences

T = TypeVar("T")


def load(path: str | Path) -> tuple[list[str], list[str]]:
    """The e-mails, and the orders of all categories, each in the order of its file.

    Raises:
        FocusLimeError: a file is not there, or another.
    """
    folder = Path(path)
    try:
        lines = (folder / "email" / "train.jsonl").read_text(encoding="utf-8").splitlines()
        emails = [str(json.loads(line)["context"]) for line in lines if line.strip()]
        data = json.loads((folder / "text_attack_train.json").read_text(encoding="utf-8"))
        return emails, [str(order) for orders in data.values() for order in orders]
    except OSError as error:
        raise FocusLimeError(f"{folder} has no BIPIA: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FocusLimeError(f"{folder} has another form than BIPIA ({error!r})") from None


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
