"""A checklist over files: every question of every file, and what is found.

The loop knows neither contracts nor code: a *subject* makes the prompt and says where in its
file a span of the prompt stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from focus_lime.errors import FocusLimeError
from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.jobs.checklist import Item
from focus_lime.jobs.run import Run, progress
from focus_lime.prompt.prompt import Prompt
from focus_lime.report.layout import Layout

EVIDENCE = 5  # spans of a finding


class Subject(Protocol):
    @property
    def name(self) -> str:
        """The path, as the user gave it."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know about how the text was made."""

    @property
    def layout(self) -> Layout:
        """How a page shows it."""

    def prompt(self, question: str) -> Prompt: ...

    def place(self, source: int, start: int, end: int) -> dict[str, Any]:
        """Where in the file `[start, end)` of a source stands: `start` and `end`, and more."""


@dataclass(frozen=True)
class Finding:
    """The answer to one question about one file.

    Attributes:
        found: whether the first label, or a score above 0, won; None for the model's own answer.
        margin: the explained value in nats; with labels or a score its distance from the edge.
        coverage, outcome: of the audit; None where there was none.
        evidence: spans by |weight|: place, text, `weight`, `low`, `high`, `effect`, `sure`. A
            positive weight speaks for the first label, the class, or the answer.
        flips: sets of spans, each of which turns the answer when it is deleted.
        explanation: the file with all of it.
    """

    file: str
    item: str
    name: str
    question: str
    answer: str
    found: bool | None
    margin: float
    coverage: float | None
    outcome: str | None
    evidence: tuple[Mapping[str, Any], ...]
    flips: tuple[tuple[Mapping[str, Any], ...], ...]
    warnings: tuple[str, ...]
    explanation: str
    cwe: int | None = None

    @property
    def verdict(self) -> str:
        if self.found is None:
            return self.answer
        return "found" if self.found else "not found"


@dataclass(frozen=True)
class Failure:
    """A file, or one question about it, that gave no answer, and why."""

    file: str
    item: str | None
    reason: str


@dataclass
class Results:
    """What is known so far."""

    findings: list[Finding] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def to_dict(self, model: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "schema": "focus-lime/findings/1",
            "model": dict(model),
            "findings": [{**asdict(f), "verdict": f.verdict} for f in self.findings],
            "failures": [asdict(failure) for failure in self.failures],
        }


# After each subject: its name, its findings and explanations so far known.
Finished = Callable[[Subject, Sequence[tuple[Finding, Explanation]]], None]


def audit(
    files: Sequence[str],
    load: Callable[[str], Subject],
    items: Sequence[Item],
    run: Run,
    finished: Finished,
    results: Results,
) -> None:
    """Ask every item of every file; what fails is noted, and the others go on."""
    with progress(len(files) * len(items)) as note:
        for file in files:
            try:
                subject = load(file)
            except FocusLimeError as error:
                results.failures.append(Failure(file, None, str(error)))
                for item in items:
                    note(f"{file}: {item.id}: not read")
                continue
            found: list[tuple[Finding, Explanation]] = []
            for item in items:
                try:
                    name = f"{Path(file).stem}-{item.id}"
                    explanation, path = run.explain(
                        name, subject.prompt(item.question), item.labels
                    )
                except FocusLimeError as error:
                    results.failures.append(Failure(file, item.id, str(error)))
                    note(f"{file}: {item.id}: failed")
                    continue
                finding = _finding(subject, item, explanation, f"{path.parent.name}/{path.name}")
                found.append((finding, explanation))
                results.findings.append(finding)
                note(f"{file}: {item.id}: {finding.verdict:.60}")
            finished(subject, found)


def _finding(subject: Subject, item: Item, explanation: Explanation, path: str) -> Finding:
    audited, sets = explanation.audit or {}, explanation.sets or {}
    decided = explanation.objective != "log-odds of the response"

    def placed(source: int, start: int, end: int) -> dict[str, Any]:
        text = explanation.sources[source].text[start:end]
        return {**subject.place(source, start, end), "text": text.strip()}

    def shown(unit: ExplainedUnit) -> dict[str, Any]:
        measured = {k: getattr(unit, k) for k in ("weight", "low", "high", "effect", "sure")}
        return {**placed(unit.source, unit.start, unit.end), **measured}

    return Finding(
        file=subject.name,
        item=item.id,
        name=item.name,
        question=item.question,
        answer=explanation.response,
        found=explanation.base_value > 0 if decided else None,
        margin=explanation.base_value,
        coverage=audited.get("coverage"),
        outcome=audited.get("outcome"),
        evidence=tuple(shown(unit) for unit in explanation.top(EVIDENCE) if unit.weight),
        flips=tuple(tuple(placed(*span) for span in spans) for spans in sets.get("flips", ())),
        warnings=(*subject.notes, *explanation.warnings),
        explanation=path,
        cwe=item.cwe,
    )
