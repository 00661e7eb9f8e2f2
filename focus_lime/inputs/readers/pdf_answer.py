"""What the process that reads a PDF answers: its pages as bytes, or an exit status."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNREADABLE, TOO_BIG = 3, 4  # exit statuses


@dataclass(frozen=True)
class Pages:
    """What a PDF holds.

    Attributes:
        text: in reading order.
        page: int32[characters], from 1; that of the character before where the reader put it in.
        box: float32[characters, 4], as in `CharacterBoxes`.
        starts: the offset at which each page begins.
        headings: (start, end) of each.
        notes: what was left out or changed.
        count: of the pages that were read.
        empty: the pages without text.
    """

    text: str
    page: NDArray[np.int32]
    box: NDArray[np.float32]
    starts: list[int]
    headings: list[tuple[int, int]]
    notes: list[str]
    count: int
    empty: list[int]


def numbers(pages: list[int]) -> str:
    """The first ten, in words."""
    return ", ".join(map(str, pages[:10])) + (", ..." if len(pages) > 10 else "")


def pack(pages: Pages) -> bytes:
    """As bytes that hold arrays only: what a hostile file made of this process is no code."""
    told = {
        "starts": pages.starts,
        "headings": pages.headings,
        "notes": pages.notes,
        "count": pages.count,
        "empty": pages.empty,
    }
    held = io.BytesIO()
    np.savez(
        held,
        text=np.frombuffer(pages.text.encode("utf-32-le"), "<u4"),
        page=pages.page,
        box=pages.box,
        told=np.frombuffer(json.dumps(told).encode(), np.uint8),
    )
    return held.getvalue()


def unpack(data: bytes) -> Pages:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        told: dict[str, Any] = json.loads(arrays["told"].tobytes())
        return Pages(
            arrays["text"].tobytes().decode("utf-32-le"),
            arrays["page"],
            arrays["box"],
            told["starts"],
            [(start, end) for start, end in told["headings"]],
            told["notes"],
            told["count"],
            told["empty"],
        )
