"""Verdicts: what a model answered to each question about each file, and what that rests on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from focus_lime.explanation.result import Explanation
from focus_lime.inputs.layout import Layout
from focus_lime.inputs.places import Place
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span
from focus_lime.workflows.checklist import Item
from focus_lime.workflows.evidence import Evidence, Passage, evidence_of, passage_of

SCHEMA = "focus-lime/verdicts/1"
EVIDENCE = 5  # passages of a verdict


class Subject(Protocol):
    """What the questions are about: a contract, or code. It makes the prompt and says where in its
    file a span of the prompt stands.
    """

    @property
    def name(self) -> str:
        """The path, as the user gave it."""

    @property
    def layout(self) -> Layout:
        """How a page shows it."""

    def prompt(self, question: str) -> Prompt: ...

    def place(self, span: Span) -> Place:
        """Where in the file a span of the prompt's sources stands."""


@dataclass(frozen=True)
class Verdict:
    """The answer to one question about one file.

    Attributes:
        found: whether the first label, or a score above 0, won; None for the model's own answer.
        margin: the explained value in nats; with labels or a score its distance from the edge.
        coverage, check: share of the effect that the examined units hold, and the outcome of the
            coverage check; None where there was none.
        evidence: the largest |weight| first. A positive weight speaks for the first label, the
            class, or the answer.
        counterfactual_sets: sets of passages, each of which turns the answer when it is deleted.
        explanation: the file with all of it.
        cwe: of the question, where it asks for a weakness of code.
    """

    file: str
    item: str
    name: str
    question: str
    answer: str
    found: bool | None
    margin: float
    coverage: float | None
    check: str | None
    evidence: tuple[Evidence, ...]
    counterfactual_sets: tuple[tuple[Passage, ...], ...]
    warnings: tuple[str, ...]
    explanation: str
    cwe: int | None = None

    @property
    def conclusion(self) -> str:
        """Found, not found, or the model's own answer."""
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
class Verdicts:
    """What is known so far."""

    verdicts: list[Verdict] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def to_dict(self, model: str, fingerprint: str) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "model": {"target": model, "fingerprint": fingerprint},
            "verdicts": [{**asdict(v), "conclusion": v.conclusion} for v in self.verdicts],
            "failures": [asdict(failure) for failure in self.failures],
        }


def verdict_of(subject: Subject, item: Item, explanation: Explanation, path: str) -> Verdict:
    """Args:
    path: of the explanation's file.
    """
    check, sets = explanation.check, explanation.sets
    return Verdict(
        file=subject.name,
        item=item.id,
        name=item.name,
        question=item.question,
        answer=explanation.response,
        found=explanation.base_value > 0 if explanation.is_decision else None,
        margin=explanation.base_value,
        coverage=check.coverage if check else None,
        check=check.outcome if check else None,
        evidence=evidence_of(explanation, subject.place, EVIDENCE),
        counterfactual_sets=tuple(
            tuple(passage_of(explanation, span, subject.place) for span in spans)
            for spans in (sets.counterfactual_sets if sets else ())
        ),
        warnings=explanation.warnings,
        explanation=path,
        cwe=item.cwe,
    )
