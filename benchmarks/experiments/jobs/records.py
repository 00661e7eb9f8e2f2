"""What a job's benchmark found of its items: a JSON line an item, on disk before the next begins.

A run that was killed goes on in the same folder. Each line says the options and the data that it
rests on, so that lines of other options stay where they are and count for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from focus_lime.errors import FocusLimeError
from focus_lime.files import make_folder

from ...records import append_line, whole_lines

FILE = "records.jsonl"

Case = TypeVar("Case")


@dataclass(frozen=True)
class Outcome:
    """What all methods found of one item.

    Attributes:
        item: unique in the benchmark.
        group: what the item is a case of, as a contract or a weakness.
        cluster: items of one cluster resemble each other, as functions of one commit; intervals
            resample clusters.
        found: whether the model finds, or flags, what it is asked for.
        n_units: of the text, at the level of the weights.
        scores: measures by method; a method that cannot explain the item is not there.
        calls: texts that the model was asked about by each of the methods that ask.
        check: how our coverage check ended, where there was one.
    """

    item: str
    group: str
    cluster: str
    found: bool
    n_units: int
    scores: Mapping[str, Mapping[str, float]]
    calls: Mapping[str, int]
    check: str | None = None


@dataclass
class Records:
    """The outcomes of one setting, kept in a folder if there is one.

    Args:
        setting: all that an item's outcome depends on; what JSON can hold.

    Raises:
        FocusLimeError: a line in the folder that is no record, a folder that cannot be made.
    """

    folder: Path | None
    setting: Mapping[str, Any]
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.folder is None:
            return
        make_folder(self.folder)
        file = self.folder / FILE
        setting = json.loads(json.dumps(self.setting))
        for number, line in enumerate(whole_lines(file) if file.exists() else (), start=1):
            try:
                record = json.loads(line)
                if record.pop("setting") == setting:
                    outcome = Outcome(**record)
                    self.outcomes[outcome.item] = outcome
            except (ValueError, KeyError, TypeError, AttributeError):
                raise FocusLimeError(
                    f"{file}, line {number}, is no record: mend it or give another --work"
                ) from None

    def of(
        self, cases: Mapping[str, Case], explain: Callable[[str, Case, Path], Outcome]
    ) -> Iterator[list[Outcome]]:
        """The outcomes of the cases so far, again and again as they grow, in the cases' order.

        Args:
            cases: by item.
            explain: (item, case, an empty folder to work in) -> the outcome, of that item.
        """
        found: list[Outcome] = []
        for item, case in cases.items():
            if item not in self.outcomes:
                with TemporaryDirectory() as scratch:
                    self._add(explain(item, case, Path(scratch)))
                if len(found) % _EVERY == 0:
                    yield [*found, self.outcomes[item]]
            found.append(self.outcomes[item])
        yield found

    def _add(self, outcome: Outcome) -> None:
        self.outcomes[outcome.item] = outcome
        if self.folder is not None:
            record = {"setting": self.setting, **asdict(outcome)}
            with (self.folder / FILE).open("a", encoding="utf-8") as file:
                append_line(file, json.dumps(record, allow_nan=False))


_EVERY = 20  # items, between two reports: the intervals of a report take about a second
