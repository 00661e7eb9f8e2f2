"""SVEN: functions with a vulnerability, as they were before and after it was mended.

He and Vechev 2023 (arXiv 2302.05319), MIT. A line of the official JSONL has `func_src_before`,
`func_src_after` and `line_changes.deleted` with character offsets into the former.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError

from . import reading

HUB_ID = "bstee615/sven"
FORM = "SVEN"


@dataclass(frozen=True)
class Fix:
    """A function and the commit that mended it.

    Attributes:
        where: its place in the data, for messages.
        id: unique in the data.
        weakness: as `cwe-089`.
        deleted: characters `[start, end)` of `before` of the lines that the fix took out.
        lines: the text of those lines, as the data have it.
    """

    where: str
    id: str
    weakness: str
    file: str
    commit: str
    before: str = field(repr=False)
    after: str = field(repr=False)
    deleted: tuple[tuple[int, int], ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def cwe(self) -> int:
        return int(self.weakness.rpartition("-")[2])

    @property
    def fold(self) -> int:
        """0 to 4, by commit: functions of one commit resemble each other."""
        return zlib.crc32(self.commit.encode()) % 5


def load(path: str | Path) -> Iterator[Fix]:
    """The fixes of an official JSONL, or of a folder's `*.jsonl`, in order.

    Raises:
        FocusLimeError: no such files, another format, a deleted line outside its function.
    """
    for file in reading.files(path, "*.jsonl"):
        for number, (where, row) in enumerate(reading.jsonl_of(file)):
            yield _fix(where, f"{file.stem}-{number}", row)


def from_hub() -> tuple[Iterator[Fix], str]:
    """The fixes of the hub's validation split, and their fingerprint."""
    rows, mark = reading.hub(HUB_ID, split="val")
    return (_fix(f"{HUB_ID}, row {n}", f"val-{n}", row) for n, row in enumerate(rows)), mark


def _fix(where: str, id: str, row: Mapping[str, Any]) -> Fix:
    with reading.expecting(where, FORM):
        commit, deleted = str(row["commit_link"]), row["line_changes"]["deleted"]
        fix = Fix(
            where=where,
            id=id,
            weakness=str(row["vul_type"]),
            file=row["file_name"],
            commit=commit,
            before=str(row["func_src_before"]),
            after=str(row["func_src_after"]),
            deleted=tuple((int(line["char_start"]), int(line["char_end"])) for line in deleted),
            lines=tuple(str(line["line"]) for line in deleted),
        )
    for start, end in fix.deleted:
        if not 0 <= start <= end <= len(fix.before):
            raise FocusLimeError(
                f"{where}: the evidence [{start}, {end}) is no span of the function, "
                f"which has {len(fix.before)} characters"
            )
    return fix
