"""The explanation: frozen data, JSON out and in."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from focus_lime.errors import FocusLimeError
from focus_lime.prompt.units import Level

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

SCHEMA = "focus-lime/explanation/1"

Status = Literal["attributed", "background"]


@dataclass(frozen=True, slots=True)
class ExplainedUnit:
    """Characters `[start, end)` of source `source`, as the user gave it.

    A unit with status `attributed` has a weight in nats and its interval; one with status
    `background` was kept as it was and never examined: it has none, which is not zero. `effect` is
    f(x) - f(x without the unit), exactly, where it was measured. `sure`: the effect is there and
    matters; see `focus_lime.surrogate`.
    """

    source: int
    start: int
    end: int
    level: Level
    status: Status
    weight: float | None = None
    low: float | None = None
    high: float | None = None
    selected: float | None = None
    effect: float | None = None
    sure: bool | None = None

    @property
    def middle(self) -> float:
        """Of the interval; what ranks units that the sparse fit left out. 0 without one."""
        return ((self.low or 0.0) + (self.high or 0.0)) / 2


@dataclass(frozen=True, slots=True)
class SourceText:
    """An attributable text: its message's number and role, and the text as it was given."""

    message: int
    role: str
    text: str


@dataclass(frozen=True)
class Explanation:
    """What in a prompt made a model answer as it did. See `explanation.schema.json`.

    `units` tile the sources, and `fit` is theirs; `parts` tile those of the units that were opened
    to words or tokens, and `parts_fit` is theirs. `curves` are deletion curves, of the leading
    units and of the leading parts: `values[i]` is f(x without `spans[: i + 1]`), exactly.
    """

    model: Mapping[str, Any]
    question: str | None
    response: str
    objective: str
    base_value: float
    granularity: Level
    sources: tuple[SourceText, ...]
    units: tuple[ExplainedUnit, ...]
    parts: tuple[ExplainedUnit, ...]
    neighborhood: Mapping[str, Any]
    audit: Mapping[str, Any] | None
    sets: Mapping[str, Any] | None
    fit: Mapping[str, Any]
    parts_fit: Mapping[str, Any] | None
    cost: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, Any]
    seed: int
    versions: Mapping[str, str]
    warnings: tuple[str, ...] = ()
    curves: tuple[Mapping[str, Any], ...] = ()

    # -- reading --------------------------------------------------------------------------------

    @property
    def attributed(self) -> tuple[ExplainedUnit, ...]:
        """The units with weights, at the finest level that there is."""
        return self.parts or self.sentences

    @property
    def sentences(self) -> tuple[ExplainedUnit, ...]:
        """The tiles with weights: sentences, or the finest units that plain LIME attributed."""
        return tuple(unit for unit in self.units if unit.status == "attributed")

    @property
    def tiles(self) -> tuple[ExplainedUnit, ...]:
        """The units, those that were opened replaced by their parts: they tile the sources."""
        opened = {(part.source, part.start) for part in self.parts}
        kept = [unit for unit in self.units if (unit.source, unit.start) not in opened]
        return tuple(sorted((*kept, *self.parts), key=lambda unit: (unit.source, unit.start)))

    def top(self, k: int = 5) -> list[ExplainedUnit]:
        """The `k` attributed units of the largest |weight|; of those that the sparse fit left out,
        by the middle of their interval; then in reading order.
        """

        def key(unit: ExplainedUnit) -> tuple[float, float]:
            return -abs(unit.weight or 0.0), -abs(unit.middle)

        return sorted(self.attributed, key=key)[:k]

    def reported(self) -> list[ExplainedUnit]:
        """The attributed units whose effect is sure, the largest |weight| first."""
        return [unit for unit in self.top(len(self.attributed)) if unit.sure]

    @property
    def fits(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """(level, fit), the coarser first."""
        if self.parts_fit is None:
            return ((self.granularity, self.fit),)
        return (("sentence", self.fit), (self.granularity, self.parts_fit))

    def text(self, unit: ExplainedUnit) -> str:
        """The unit's text, exactly."""
        return self.sources[unit.source].text[unit.start : unit.end]

    def table(self, k: int = 10) -> list[dict[str, Any]]:
        """The top spans as rows: rank, weight, low, high, effect, selected, sure, source, start,
        end, level, text.
        """
        return [
            {
                "rank": rank,
                "weight": unit.weight,
                "low": unit.low,
                "high": unit.high,
                "effect": unit.effect,
                "selected": unit.selected,
                "sure": unit.sure,
                "source": unit.source,
                "start": unit.start,
                "end": unit.end,
                "level": unit.level,
                "text": self.text(unit).strip(),
            }
            for rank, unit in enumerate(self.top(k), start=1)
        ]

    # -- JSON -----------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `json` can write, with the key `schema` first."""
        data: dict[str, Any] = {"schema": SCHEMA}
        data.update(asdict(self))
        data["sources"] = [
            {**source, "sha256": hashlib.sha256(source["text"].encode()).hexdigest()}
            for source in data["sources"]
        ]
        return data

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=1) + "\n"

    def save(self, path: str | Path) -> None:
        """Write the JSON; the file appears whole or not at all."""
        write_whole(path, self.to_json())

    @classmethod
    def from_dict(cls, data: Any) -> Explanation:
        """The inverse of `to_dict`.

        Raises:
            FocusLimeError: another schema, a field that is missing, a text that was changed.
        """
        found = data.get("schema") if isinstance(data, dict) else None
        if found != SCHEMA:
            raise FocusLimeError(f"not an explanation: schema is {found!r}, expected {SCHEMA!r}")
        fields = dict(data)
        fields.pop("schema")
        try:
            sources: list[SourceText] = []
            for number, source in enumerate(fields.pop("sources")):
                if "text" not in source:
                    raise FocusLimeError(f"the text of source {number} is missing")
                digest = hashlib.sha256(source["text"].encode()).hexdigest()
                if digest != source["sha256"]:
                    raise FocusLimeError(
                        f"the text of source {number} does not fit its digest: it was changed"
                    )
                sources.append(SourceText(source["message"], source["role"], source["text"]))
            units, parts = (
                tuple(ExplainedUnit(**unit) for unit in fields.pop(name))
                for name in ("units", "parts")
            )
            warnings, curves = tuple(fields.pop("warnings")), tuple(fields.pop("curves", ()))
            found = cls(
                sources=tuple(sources),
                units=units,
                parts=parts,
                warnings=warnings,
                curves=curves,
                **fields,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise FocusLimeError(f"not a whole explanation: {error}") from None
        _check(found)
        return found

    @classmethod
    def load(cls, path: str | Path) -> Explanation:
        """Read a file that `save` wrote."""
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            said = "no such file" if missing else f"cannot be read: {error.strerror}"
            raise FocusLimeError(f"{path}: {said}") from None
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise FocusLimeError(f"{path} is not JSON: {error}") from None
        try:
            return cls.from_dict(data)
        except FocusLimeError as error:
            raise FocusLimeError(f"{path}: {error}") from None

    # -- showing --------------------------------------------------------------------------------

    def to_html(self, *, redact: bool = False) -> str:
        """One self-contained page; with `redact` only the text that it names is in it."""
        from focus_lime.report.html import render_html

        return render_html(self, redact=redact)

    def save_html(self, path: str | Path, *, redact: bool = False) -> None:
        write_whole(path, self.to_html(redact=redact))

    def _repr_html_(self) -> str:
        from focus_lime.report.notebook import compact

        return compact(self)

    def to_pandas(self) -> pandas.DataFrame:
        """The attributed units, the largest |weight| first: `table` and the unit's level and
        whether its effect is sure.

        Raises:
            FocusLimeError: pandas is not installed.
        """
        from focus_lime.report.notebook import frame

        return frame(self)

    def plot(self, k: int = 10) -> Figure:
        """A figure of the `k` leading spans with intervals, and of the deletion curve.

        Raises:
            FocusLimeError: matplotlib is not installed.
        """
        from focus_lime.report.notebook import figure

        return figure(self, k)


def _check(found: Explanation) -> None:
    """What every reader of an explanation relies on, so that it need not ask again."""
    if not found.sources:
        raise FocusLimeError("not a whole explanation: it has no source")
    for name in ("model", "neighborhood", "fit", "cost", "settings", "versions"):
        if not isinstance(getattr(found, name), Mapping):
            raise FocusLimeError(f"not a whole explanation: {name} is no object")
    if not isinstance(found.base_value, int | float):
        raise FocusLimeError(f"not a whole explanation: base_value is {found.base_value!r}")
    for kind, units in (("unit", found.units), ("part", found.parts)):
        for number, unit in enumerate(units):
            if not 0 <= unit.source < len(found.sources):
                raise FocusLimeError(f"{kind} {number} is of source {unit.source}: there is none")
            if unit.end > len(found.sources[unit.source].text):
                raise FocusLimeError(f"{kind} {number} ends at {unit.end}, behind the text")


def write_whole(path: str | Path, text: str) -> None:
    """Write UTF-8 text to a new file beside `path`, then move it there."""
    path = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)  # mkstemp makes files that nobody else may read
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be written: {error.strerror}") from None
