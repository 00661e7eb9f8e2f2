"""The explanation: frozen data, typed to the end. See `storage` for JSON out and in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from focus_lime.explanation import storage
from focus_lime.files import write_whole
from focus_lime.inputs.units import Span, Unit
from focus_lime.method.attribution import Weighing
from focus_lime.method.rescue import CoverageCheck
from focus_lime.method.rounds import Stopped
from focus_lime.method.sets import Relation
from focus_lime.method.settings import Settings
from focus_lime.registry import load

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

Status = Literal["attributed", "background"]


@dataclass(frozen=True, slots=True)
class ExplainedUnit(Unit):
    """A unit of the prompt and its weight.

    One with status `attributed` has a weight in nats and its interval; one with status `background`
    was kept as it was and never examined: it has none, which is not zero.

    Attributes:
        estimate: of the weight without selection, which the interval stands around; what ranks
            units that the sparse fit left out.
        selected: share of bootstrap samples whose fit kept the unit.
        effect: f(x) - f(x without the unit), exactly, where it was measured.
        alone: f(the unit alone) - f(no text), exactly, where it was measured.
        significant: the effect is there and matters; see `focus_lime.method.surrogate`.
    """

    status: Status = "background"
    weight: float | None = None
    low: float | None = None
    high: float | None = None
    estimate: float | None = None
    selected: float | None = None
    effect: float | None = None
    alone: float | None = None
    significant: bool | None = None

    @property
    def rank_key(self) -> tuple[float, float, int, int]:
        """Sorts units by the size of their weight; of equal ones, as of those that the sparse fit
        left out, by that of the estimate without selection; then in reading order.
        """
        return -abs(self.weight or 0.0), -abs(self.estimate or 0.0), self.source, self.start


@dataclass(frozen=True, slots=True)
class SourceText:
    """An attributable text: its message's number and role, and the text as it was given."""

    message: int
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class ModelNames:
    """Who answered, who scouted, and what fitted the weights."""

    target: str
    fingerprint: str
    proxy: str | None
    surrogate: str


@dataclass(frozen=True, slots=True)
class ScoredSpan(Unit):
    """A unit that the proxy scored, and whether it was kept."""

    score: float = 0.0
    kept: bool = False


@dataclass(frozen=True, slots=True)
class NeighborhoodResult:
    """The scored units that were examined, and what the proxy scored."""

    units: tuple[Span, ...]
    scored: tuple[ScoredSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class SetsResult:
    """Which units decide together.

    Attributes:
        relation: of the sufficient sets: one unit, units that are needed together ("and"), units of
            which any is enough ("or"), both ("mixed"), or no few units ("none").
        threshold: the answer stands while the value is on the side of the full prompt's.
        counterfactual_sets: the smallest removals found that turn the answer.
        sufficient_sets: the smallest sets found that keep it, the other leading units dropped.
        answered_without, counterfactual_answer: units, and the model's answer without them: the
            first counterfactual set, or where there is none the unit that takes along most.
    """

    relation: Relation
    threshold: float
    counterfactual_sets: tuple[tuple[Span, ...], ...] = ()
    sufficient_sets: tuple[tuple[Span, ...], ...] = ()
    answered_without: tuple[Span, ...] = ()
    counterfactual_answer: str | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """How the weights of a level were fitted, and how well they predict.

    Attributes:
        masks, held_out_masks: that were fitted, and that the fit was judged on alone.
        r2, spearman: on masks never fitted; on all where all that there are were asked.
        estimator: `effects`: weights are what was asked of each unit alone, and no fit's;
            `averages`: nine parts what masks over the significant units say, one part that.
        agreement: R^2 of exact values by those of the cached context.
    """

    level: str
    masks: int
    held_out_masks: int
    r2: float | None
    spearman: float | None
    intercept: float
    penalty: float
    interval_level: float
    estimator: Weighing
    agreement: float | None
    stopped: Stopped


@dataclass(frozen=True, slots=True)
class DeletionCurve:
    """`values[i]` is f(x without `spans[: i + 1]`), exactly."""

    spans: tuple[Span, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What was spent: see `focus_lime.models.base.Ledger`.

    Attributes:
        fpe: full-prompt equivalents: tokens computed over the tokens of the full prompt; None for a
            proxy.
    """

    calls: int
    tokens_asked: int
    tokens_computed: int
    cached: int
    seconds: float
    unshared: str = ""
    fpe: float | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    target: Cost
    proxy: Cost


@dataclass(frozen=True)
class Explanation:
    """What in a prompt made a model answer as it did.

    Attributes:
        reasoning: what the model thought before it answered; empty where it did not.
        objective: what is explained, in a line.
        is_additive: values are log-odds in nats; a score in a unit of its own is not.
        is_decision: 0 is where the answer turns, as for a label or a class against the others.
        base_value: f(x), the value of the full prompt.
        units: tile the sources: those that were attributed, and the background around them.
        fine_units: tile those of the units that were opened to a finer level.
        curve, fine_curve: deletion curves of the leading units and fine units.
        noise: standard deviation of a value where the model was asked the same text again: 0 where
            it always said the same; None where nothing was asked twice.
    """

    model: ModelNames
    question: str | None
    response: str
    objective: str
    is_additive: bool
    is_decision: bool
    base_value: float
    sources: tuple[SourceText, ...]
    units: tuple[ExplainedUnit, ...]
    neighborhood: NeighborhoodResult
    fit: Fit
    cost: Costs
    settings: Settings
    versions: Mapping[str, str]
    fine_units: tuple[ExplainedUnit, ...] = ()
    fine_fit: Fit | None = None
    curve: DeletionCurve | None = None
    fine_curve: DeletionCurve | None = None
    check: CoverageCheck | None = None
    sets: SetsResult | None = None
    noise: float | None = None
    reasoning: str = ""
    warnings: tuple[str, ...] = ()

    # -- reading --------------------------------------------------------------------------------

    @property
    def level(self) -> str:
        """Of the units."""
        return self.fit.level

    @property
    def granularity(self) -> str:
        """The finest level that has weights."""
        return self.fine_fit.level if self.fine_fit else self.fit.level

    @property
    def texts(self) -> tuple[str, ...]:
        """Of the sources."""
        return tuple(source.text for source in self.sources)

    @property
    def coarse(self) -> tuple[ExplainedUnit, ...]:
        """The units with weights, in reading order."""
        return tuple(unit for unit in self.units if unit.status == "attributed")

    @property
    def attributed(self) -> tuple[ExplainedUnit, ...]:
        """The units with weights, at the finest level that there is."""
        return self.fine_units or self.coarse

    @property
    def tiles(self) -> tuple[ExplainedUnit, ...]:
        """The units, those that were opened replaced by their fine units: they tile the sources."""
        starts = sorted((unit.source, unit.start) for unit in self.fine_units)

        def is_opened(unit: ExplainedUnit) -> bool:
            at = bisect_left(starts, (unit.source, unit.start))
            return at < len(starts) and starts[at] < (unit.source, unit.end)

        kept = [unit for unit in self.units if not is_opened(unit)]
        return filled([*kept, *self.fine_units], self.texts, self.level)

    def top(self, k: int = 5) -> list[ExplainedUnit]:
        """The `k` leading units of the finest level."""
        return ranked(self.attributed)[:k]

    def significant(self) -> list[ExplainedUnit]:
        """The units of the finest level whose effect is significant, the leading ones first."""
        return [unit for unit in ranked(self.attributed) if unit.significant]

    @property
    def fits(self) -> tuple[Fit, ...]:
        """The coarser first."""
        return (self.fit,) if self.fine_fit is None else (self.fit, self.fine_fit)

    def text(self, span: Span) -> str:
        """The span's text, exactly."""
        return self.sources[span.source].text[span.start : span.end]

    def table(self, k: int = 10) -> list[dict[str, Any]]:
        """The leading units as rows: rank, weight, low, high, effect, alone, selected,
        significant, source, start, end, level, name, text.
        """
        return [
            {
                "rank": rank,
                **{name: getattr(unit, name) for name in COLUMNS[1:-1]},
                "text": self.text(unit).strip(),
            }
            for rank, unit in enumerate(self.top(k), start=1)
        ]

    # -- storing --------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `json` can write, with the key `schema` first."""
        return storage.to_dict(self)

    def to_json(self) -> str:
        return storage.to_json(self)

    def save(self, path: str | Path) -> None:
        """Write the JSON; the file appears whole or not at all."""
        write_whole(path, self.to_json())

    @classmethod
    def from_dict(cls, data: Any) -> Explanation:
        """The inverse of `to_dict`; data of schema 1 is read, too.

        Raises:
            FocusLimeError: another schema, a field that is missing or wrong, a text that was
                changed.
        """
        return storage.from_dict(cls, data)

    @classmethod
    def load(cls, path: str | Path) -> Explanation:
        """Read a file that `save` wrote."""
        return storage.load(cls, path)

    # -- showing: by the entry points of `focus_lime.reports` -------------------------------------

    def to_html(self, *, redact: bool = False) -> str:
        """One self-contained page; with `redact` only the text that it names is in it."""
        return str(load(REPORTS, "html")(self, redact=redact))

    def save_html(self, path: str | Path, *, redact: bool = False) -> None:
        write_whole(path, self.to_html(redact=redact))

    def _repr_html_(self) -> str:
        return str(load(REPORTS, "notebook")(self))

    def to_pandas(self) -> pandas.DataFrame:
        """The attributed units, the leading ones first, with the columns of `table`.

        Raises:
            FocusLimeError: pandas is not installed.
        """
        frame: pandas.DataFrame = load(REPORTS, "pandas")(self)
        return frame

    def plot(self, k: int = 10) -> Figure:
        """A figure of the `k` leading units with intervals, and of the deletion curve.

        Raises:
            FocusLimeError: matplotlib is not installed.
        """
        figure: Figure = load(REPORTS, "figure")(self, k)
        return figure


REPORTS = "focus_lime.reports"
COLUMNS = (
    "rank weight low high effect alone selected significant source start end level name text"
).split()


def filled(
    units: Iterable[ExplainedUnit], texts: Sequence[str], level: str
) -> tuple[ExplainedUnit, ...]:
    """The units in reading order; text that is in none of them is background of the level."""
    tiles: list[ExplainedUnit] = []
    ordered = sorted(units, key=lambda unit: (unit.source, unit.start))
    by_source = {source: list(own) for source, own in groupby(ordered, attrgetter("source"))}
    for source, text in enumerate(texts):
        position = 0
        for unit in by_source.get(source, ()):
            if position < unit.start:
                tiles.append(ExplainedUnit(source, position, unit.start, level))
            tiles.append(unit)
            position = unit.end
        if position < len(text):
            tiles.append(ExplainedUnit(source, position, len(text), level))
    return tuple(tiles)


def ranked(units: Sequence[ExplainedUnit]) -> list[ExplainedUnit]:
    """Units, the leading ones first: see `ExplainedUnit.rank_key`."""
    return sorted(units, key=lambda unit: unit.rank_key)
