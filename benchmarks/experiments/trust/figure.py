"""A figure of the trust benchmark, measured document by document into a file that a killed run
leaves whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Floats
from focus_lime.models.hf import HFCausalLM

from ...records import append_line, whole_lines
from .cases import FIRST_SEED, Planted, plant

Rows = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Figure:
    """What is measured on a document, and how many of them read.

    Attributes:
        title: one line.
        tasks: kinds of generated contracts; each has its own documents.
        tokens: length of a document.
        measure: a document's numbers, by the name of the row that they belong to.
        table: of the numbers of all documents, (documents, numbers) a row.
        first: the first seed.
    """

    title: str
    tasks: tuple[str, ...]
    tokens: int
    measure: Callable[[Planted], Rows]
    table: Callable[[Mapping[str, Floats]], str]
    first: int = FIRST_SEED

    def tables(self, model: HFCausalLM, documents: int, records: Path) -> Iterator[str]:
        """The table after every document.

        Args:
            documents: of each task: the first seeds on whose document the model answers right.
            records: a JSON line a document; those that are there are not measured again.

        Raises:
            FocusLimeError: a line of `records` is no record of this model and figure.
        """
        done = self._read(records, model)
        rows: dict[str, list[tuple[float, ...]]] = {}
        for task in self.tasks:
            seed, n_planted = self.first, 0
            while n_planted < documents:
                measured = done.get((task, seed))
                if measured is None and (case := plant(model, task, self.tokens, seed)):
                    measured = self.measure(case)
                    self._write(records, model, case, measured)
                if measured is not None:
                    n_planted += 1
                    for name, numbers in measured.items():
                        rows.setdefault(name, []).append(numbers)
                    yield self.table({name: np.array(all_) for name, all_ in rows.items()})
                seed += 1

    def _read(self, records: Path, model: HFCausalLM) -> dict[tuple[str, int], Rows]:
        if not records.exists():
            return {}
        done: dict[tuple[str, int], Rows] = {}
        for number, line in enumerate(whole_lines(records), start=1):
            try:
                record = json.loads(line)
                if (record["figure"], record["model"]) != (self.title, model.name):
                    raise ValueError
                rows = {name: tuple(numbers) for name, numbers in record["rows"].items()}
                done[record["task"], record["seed"]] = rows
            except (ValueError, KeyError, TypeError):
                raise FocusLimeError(
                    f"{records}, line {number}, is not of this figure and model "
                    f"({model.name}): give another --records, or delete the line"
                ) from None
        return done

    def _write(self, records: Path, model: HFCausalLM, case: Planted, rows: Rows) -> None:
        record = {
            "figure": self.title, "model": model.name, "task": case.task, "seed": case.seed,
            "rows": rows,
        }  # fmt: skip
        records.parent.mkdir(parents=True, exist_ok=True)
        with records.open("a", encoding="utf-8") as file:
            append_line(file, json.dumps(record, ensure_ascii=False))
