"""Verdicts as SARIF 2.1.0 (OASIS), which GitHub code scanning and editors read.

One result for each line of evidence of a check that was found. Regions count lines and columns in
Unicode code points. `rank` is the weight as a share of the largest weight of the run, in percent;
the weight itself, in nats, is under `properties`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from focus_lime.inputs.places import CodePlace, Place
from focus_lime.report.summary import Failure

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Evidence(Protocol):
    """A span of a file and its weight. What does not stand in code is left out."""

    @property
    def place(self) -> Place: ...
    @property
    def text(self) -> str: ...
    @property
    def weight(self) -> float: ...
    @property
    def effect(self) -> float | None: ...
    @property
    def significant(self) -> bool: ...


class Verdict(Protocol):
    """The answer to one item of a checklist; `found` is None where it is no yes or no."""

    @property
    def item(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def question(self) -> str: ...
    @property
    def cwe(self) -> int | None: ...
    @property
    def found(self) -> bool | None: ...
    @property
    def margin(self) -> float: ...
    @property
    def evidence(self) -> Sequence[Evidence]: ...


def to_sarif(
    verdicts: Sequence[Verdict], failures: Sequence[Failure], model: str
) -> dict[str, Any]:
    """A log of one run, as data for `json`."""
    rules = {verdict.item: _rule(verdict) for verdict in verdicts}
    index = {item: i for i, item in enumerate(rules)}
    shown = [
        (verdict, evidence, evidence.place)
        for verdict in verdicts
        if verdict.found is not False
        for evidence in verdict.evidence
        if evidence.weight > 0 and evidence.significant and isinstance(evidence.place, CodePlace)
    ]
    largest = max((evidence.weight for _, evidence, _ in shown), default=1.0)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Focus-LIME",
                        "version": version("focus-lime"),
                        "rules": list(rules.values()),
                    }
                },
                "columnKind": "unicodeCodePoints",
                "properties": {"model": model},
                "invocations": [
                    {
                        "executionSuccessful": not failures,
                        "toolExecutionNotifications": [_notification(f) for f in failures],
                    }
                ],
                "results": [
                    _result(verdict, evidence, place, index[verdict.item], largest)
                    for verdict, evidence, place in shown
                ],
            }
        ],
    }


def _rule(verdict: Verdict) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": verdict.item,
        "name": verdict.name,
        "shortDescription": {"text": verdict.name},
        "fullDescription": {"text": verdict.question},
        "defaultConfiguration": {"level": "warning"},
    }
    if verdict.cwe:
        rule["helpUri"] = f"https://cwe.mitre.org/data/definitions/{verdict.cwe}.html"
        rule["properties"] = {"tags": ["security", f"external/cwe/cwe-{verdict.cwe:03}"]}
    return rule


def _result(
    verdict: Verdict, evidence: Evidence, place: CodePlace, rule: int, largest: float
) -> dict[str, Any]:
    text = " ".join(evidence.text.split())
    mark = hashlib.sha256(f"{verdict.item}\0{place.file}\0{text}".encode()).hexdigest()[:16]
    return {
        "ruleId": verdict.item,
        "ruleIndex": rule,
        "level": "warning",
        "message": {
            "text": f"{verdict.name}: this line moves the model's verdict by "
            f"{evidence.weight:+.2f} nats (margin {verdict.margin:+.2f})."
        },
        "rank": round(100 * evidence.weight / largest, 3),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(place.file)},
                    "region": {
                        "startLine": place.line,
                        "startColumn": place.column,
                        "endLine": place.end_line,
                        "endColumn": place.end_column,
                    },
                }
            }
        ],
        "partialFingerprints": {"evidence/v1": mark},
        "properties": {
            "weight": evidence.weight,
            "effect": evidence.effect,
            "margin": verdict.margin,
        },
    }


def _notification(failure: Failure) -> dict[str, Any]:
    what = f"{failure.item}: " if failure.item else ""
    return {
        "level": "error",
        "message": {"text": f"{what}{failure.reason}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(failure.file)}}}],
    }


def _uri(path: str) -> str:
    """Relative to the working directory where the file is inside of it."""
    absolute = Path(path).absolute()
    try:
        return quote(absolute.relative_to(Path.cwd()).as_posix())
    except ValueError:
        return absolute.as_uri()
