"""The table above the explanations of a page, and what gave no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Failure(Protocol):
    """A file, or one question about it, that gave no answer, and why."""

    @property
    def file(self) -> str: ...

    @property
    def item(self) -> str | None: ...

    @property
    def reason(self) -> str: ...


class Cell(NamedTuple):
    """What stands in a table, and where it leads."""

    text: str
    to: str | None = None


@dataclass(frozen=True)
class Summary:
    """A table above the explanations. `#finding-n` in a cell leads to the n-th of them."""

    lead: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    failures: Sequence[Failure] = ()
