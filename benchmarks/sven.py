"""SVEN: functions with a vulnerability, as they were before and after it was mended.

He and Vechev 2023 (arXiv 2302.05319), MIT. A folder holds `train/cwe-NNN.jsonl`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from pathlib import Path

from .tasks import reading
from .tasks.sven import FORM


@dataclass(frozen=True)
class Fix:
    """Attributes:
    deleted: characters `[start, end)` of `before` of the lines that the fix took out.
    """

    cwe: int
    file: str
    commit: str
    before: str = field(repr=False)
    after: str = field(repr=False)
    deleted: tuple[tuple[int, int], ...] = ()

    @property
    def held_out(self) -> bool:
        """A fifth, by commit: functions of one commit resemble each other."""
        return zlib.crc32(self.commit.encode()) % 5 == 0


def load(path: str | Path) -> list[Fix]:
    """Every fix of all files, in order, without those that delete no line.

    Raises:
        FocusLimeError: no such files, or another form.
    """
    found: list[Fix] = []
    for file in reading.files(Path(path) / "train", "cwe-*.jsonl"):
        for where, row in reading.jsonl_of(file):
            with reading.expecting(where, FORM):
                lines = row["line_changes"]["deleted"]
                found.append(
                    Fix(
                        int(file.stem.partition("-")[2]),
                        row["file_name"],
                        row["commit_link"],
                        row["func_src_before"],
                        row["func_src_after"],
                        tuple((line["char_start"], line["char_end"]) for line in lines),
                    )
                )
    return [fix for fix in found if fix.deleted]
