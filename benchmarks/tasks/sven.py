"""SVEN: functions with a vulnerability, and the lines that its fix deleted.

He and Vechev 2023 (arXiv 2302.05319), MIT. A line of the official JSONL has `func_src_before` and
`line_changes.deleted` with character offsets into it. Left out are pairs whose fix only added
lines, and those whose deleted lines are not in the function (two of the set's pairs for training).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.prompt.prompt import Prompt

from . import data, reading
from .base import Item

HUB_ID = "bstee615/sven"
FORM = "SVEN"
LABELS = ("vulnerable", "safe")
QUESTION = "Is this code vulnerable or safe? Answer vulnerable or safe."


def load(path: str | None = None) -> data.Documents:
    """The task `sven`: one item a function; `vulnerable` is explained against `safe`.

    Functions that one commit fixed are in the same split.

    Args:
        path: an official JSONL, or a folder of `cwe-*.jsonl`; the hub's validation split if None.
    """
    if path is None:
        rows, mark = reading.hub(HUB_ID, split="val")

        def from_hub() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
            return ((f"{HUB_ID}, row {n}", f"val-{n}", row) for n, row in enumerate(rows))

        return data.Documents("sven", mark, lambda seed: _documents(from_hub()))
    paths = reading.files(path, "*.jsonl")

    def read() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for file in paths:
            for number, (where, row) in enumerate(reading.jsonl_of(file)):
                yield where, f"{file.stem}-{number}", row

    return data.Documents("sven", reading.fingerprint(paths), lambda seed: _documents(read()))


def _documents(
    rows: Iterable[tuple[str, str, Mapping[str, Any]]],
) -> Iterator[tuple[str, Iterator[Item]]]:
    for where, key, row in rows:
        with reading.expecting(where, FORM):
            commit = str(row["commit_link"])
        yield commit, _items(where, key, row)


def _items(where: str, key: str, row: Mapping[str, Any]) -> Iterator[Item]:
    with reading.expecting(where, FORM):
        code, deleted = str(row["func_src_before"]), row["line_changes"]["deleted"]
        lines = [(int(d["char_start"]), int(d["char_end"]), str(d["line"])) for d in deleted]
        suffix = PurePosixPath(row["file_name"]).suffix
        weakness = str(row["vul_type"])
    for start, end, _ in lines:
        if not 0 <= start <= end <= len(code):
            raise FocusLimeError(
                f"{where}: the evidence [{start}, {end}) is no span of the function, "
                f"which has {len(code)} characters"
            )
    # A function's last line has lost its end, which the deleted line still has.
    if any(code[start:end].rstrip("\r\n") != line.rstrip("\r\n") for start, end, line in lines):
        return
    found = [data.trimmed(code, start, end) for start, end, _ in lines]
    spans = [(0, *span) for span in found if span is not None]
    if not spans:
        return
    prompt = Prompt.from_document(code, QUESTION)
    yield Item(
        id=key,
        prompt=prompt,
        labels=LABELS,
        gold=data.gold(where, prompt.sources, spans),
        facts={
            "cwe": weakness,
            "language": "Python" if suffix == ".py" else "C or C++",
            "lines": code.count("\n") + 1,
        },
    )
