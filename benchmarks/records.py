"""A results folder: one JSON line a finished cell, and a manifest of what they rest on.

A cell is one method on one item, at one level, budget and seed. Its line is on disk (flushed and
synced) before the next cell begins. A line that a killed run left unfinished is cut off.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TextIO

from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation
from focus_lime.files import slug, write_whole

RESULTS, MANIFEST, EXPLANATIONS = "results.jsonl", "manifest.json", "explanations"


@dataclass(frozen=True)
class Cell:
    """One method on one item. `task` and `method` are their labels in the benchmark."""

    task: str
    item: str
    model: str
    method: str
    level: str
    budget: float
    seed: int


@dataclass(frozen=True)
class Record(Cell):
    """One finished cell.

    Attributes:
        facts: of the item; `document` is what intervals resample, the item itself where it is
            missing; `length` and `depth` are what recall is drawn against.
        skipped: why the method gave nothing; then what follows is empty.
        cost: calls, tokens_asked, tokens_computed, fpe, seconds; proxy_tokens of a proxy's model.
        curve: (percent of words deleted, drop of the value in nats).
        weights: one a unit; None: not examined.
        explanation: the file, in the folder, of the method's whole explanation; empty where there
            is none.
    """

    facts: Mapping[str, Any]
    skipped: str = ""
    cost: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    curve: tuple[tuple[float, float], ...] = ()
    weights: tuple[float | None, ...] = field(default=(), repr=False)
    explanation: str = ""

    @property
    def cell(self) -> Cell:
        return Cell(**{f.name: vars(self)[f.name] for f in fields(Cell)})

    @property
    def document(self) -> str:
        return str(self.facts.get("document", self.item))

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> Record:
        data = json.loads(line)
        data["curve"] = tuple((x, y) for x, y in data["curve"])
        data["weights"] = tuple(data["weights"])
        return cls(**{f.name: data[f.name] for f in fields(cls)})


class Folder:
    """The records of one run, open for more; a context manager.

    Raises:
        FocusLimeError: results are there and `resume` is not; they rest on something else; a line
            that is no record; a disk that takes no more.
    """

    def __init__(self, path: str | Path, manifest: Mapping[str, Any], *, resume: bool) -> None:
        self.path = Path(path)
        self._results = self.path / RESULTS
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if self._results.exists() and not resume:
                raise FocusLimeError(
                    f"{self.path} holds results: give --resume to go on, or another --out"
                )
            if (self.path / MANIFEST).exists():
                _compare(self.path / MANIFEST, manifest)
            else:
                _write_manifest(self.path / MANIFEST, manifest)
            self.records = list(_records(self._results)) if self._results.exists() else []
            self._file = self._results.open("a", encoding="utf-8")
        except OSError as error:
            raise FocusLimeError(f"{self.path} cannot be used: {error.strerror}") from None
        self._cells = {record.cell for record in self.records}

    def __contains__(self, cell: Cell) -> bool:
        return cell in self._cells

    def add(self, record: Record) -> None:
        try:
            append_line(self._file, record.to_json())
        except OSError as error:
            raise FocusLimeError(
                f"{self._results} could not be written ({error.strerror}): all before is whole; "
                "make room and run again with --resume"
            ) from None
        self.records.append(record)
        self._cells.add(record.cell)

    def keep(self, cell: Cell, explanation: Explanation) -> str:
        """Save a cell's explanation, before its record; the file's path in the folder."""
        # Ids of items may differ in marks only, which a slug has not.
        name = f"{slug(cell.item)}-{hashlib.sha256(cell.item.encode()).hexdigest()[:8]}.json"
        panel = slug(f"{cell.task}-{cell.model}-{cell.level}-{cell.budget:g}")
        path = Path(EXPLANATIONS, panel, slug(f"{cell.method}-{cell.seed}"), name)
        try:
            (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FocusLimeError(f"{self.path / path} cannot be used: {error.strerror}") from None
        explanation.save(self.path / path)
        return path.as_posix()

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):  # what was not flushed has been reported by `add`
            self._file.close()


def load_records(path: str | Path) -> tuple[list[Record], dict[str, Any]]:
    """Records and manifest of a finished or unfinished folder."""
    path = Path(path)
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise FocusLimeError(f"{path} holds no results: {MANIFEST} is missing or broken") from None
    return list(_records(path / RESULTS)), manifest


def append_line(file: TextIO, line: str) -> None:
    """The line is on disk before this returns."""
    file.write(line + "\n")
    file.flush()
    os.fsync(file.fileno())


def whole_lines(path: Path) -> list[str]:
    """The lines of a file; one that a killed run left unfinished is cut off the file."""
    data = path.read_bytes()
    end = data.rfind(b"\n") + 1
    if end < len(data):
        with path.open("r+b") as file:
            file.truncate(end)
    return data[:end].decode("utf-8").splitlines()


def _records(path: Path) -> Iterator[Record]:
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            yield Record.from_json(line)
        except (ValueError, KeyError, TypeError):
            raise FocusLimeError(
                f"{path}, line {number}, is no result: mend it or give another --out"
            ) from None


# What may differ where a run goes on: where and when, not what. The digest is of what is compared.
_FREE = ("started", "machine", "command", "name", "limit", "digest")


def _compare(path: Path, manifest: Mapping[str, Any]) -> None:
    """Methods may come, since each has its own cells: then the manifest is written anew.

    Raises:
        FocusLimeError: whatever else results rest on is another.
    """
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        known = [method["label"] for method in before["benchmark"]["methods"]]
    except (ValueError, KeyError, TypeError):
        raise FocusLimeError(f"{path} is no manifest: give another --out") from None
    now = json.loads(json.dumps(manifest))
    methods, missing = now["benchmark"]["methods"], now["missing"]
    same = {
        **now,
        "benchmark": {
            **now["benchmark"], "methods": [m for m in methods if m["label"] in known]
        },
        "missing": {label: why for label, why in missing.items() if label in known},
    }  # fmt: skip
    for key in same:
        if key not in _FREE and same[key] != before.get(key):
            raise FocusLimeError(
                f"{path.parent} was begun with another {key}: go on with that, or give another "
                "--out"
            )
    if len(methods) > len(known):
        kept = {key: before[key] for key in ("started", "machine", "command", "limit")}
        _write_manifest(path, {**now, **kept})


def _write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    write_whole(path, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
