"""Findings as SARIF 2.1.0 (OASIS), which GitHub code scanning and editors read.

One result for each line of evidence of a check that was found. Regions count lines and columns in
Unicode code points. `rank` is the weight as a share of the largest weight of the run, in percent;
the weight itself, in nats, is under `properties`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(
    findings: Sequence[Mapping[str, Any]], failures: Sequence[Mapping[str, Any]], model: str
) -> dict[str, Any]:
    """A log of one run.

    Args:
        findings: with `item`, `name`, `question`, `cwe`, `found`, `margin`, and `evidence` whose
            entries have file, line, column, end_line, end_column, text, weight, sure.
        failures: with `file`, `item`, `reason`.
    """
    rules = {f["item"]: _rule(f) for f in findings}
    index = {item: i for i, item in enumerate(rules)}
    shown = [
        (finding, place)
        for finding in findings
        if finding["found"] is not False
        for place in finding["evidence"]
        if place["weight"] > 0 and place["sure"]
    ]
    largest = max((place["weight"] for _, place in shown), default=1.0)
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
                "results": [_result(f, place, index, largest) for f, place in shown],
            }
        ],
    }


def _rule(finding: Mapping[str, Any]) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": finding["item"],
        "name": finding["name"],
        "shortDescription": {"text": finding["name"]},
        "fullDescription": {"text": finding["question"]},
        "defaultConfiguration": {"level": "warning"},
    }
    if finding["cwe"]:
        number = finding["cwe"]
        rule["helpUri"] = f"https://cwe.mitre.org/data/definitions/{number}.html"
        rule["properties"] = {"tags": ["security", f"external/cwe/cwe-{number:03}"]}
    return rule


def _result(
    finding: Mapping[str, Any], place: Mapping[str, Any], index: Mapping[str, int], largest: float
) -> dict[str, Any]:
    text = " ".join(place["text"].split())
    mark = hashlib.sha256(f"{finding['item']}\0{place['file']}\0{text}".encode()).hexdigest()[:16]
    return {
        "ruleId": finding["item"],
        "ruleIndex": index[finding["item"]],
        "level": "warning",
        "message": {
            "text": f"{finding['name']}: this line moves the model's verdict by "
            f"{place['weight']:+.2f} nats (margin {finding['margin']:+.2f})."
        },
        "rank": round(100 * place["weight"] / largest, 3),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(place["file"])},
                    "region": {
                        "startLine": place["line"],
                        "startColumn": place["column"],
                        "endLine": place["end_line"],
                        "endColumn": place["end_column"],
                    },
                }
            }
        ],
        "partialFingerprints": {"evidence/v1": mark},
        "properties": {
            "weight": place["weight"],
            "effect": place["effect"],
            "margin": finding["margin"],
        },
    }


def _notification(failure: Mapping[str, Any]) -> dict[str, Any]:
    what = f"{failure['item']}: " if failure["item"] else ""
    return {
        "level": "error",
        "message": {"text": f"{what}{failure['reason']}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(failure["file"])}}}],
    }


def _uri(path: str) -> str:
    """Relative to the working directory where the file is inside of it."""
    absolute = Path(path).absolute()
    try:
        return quote(absolute.relative_to(Path.cwd()).as_posix())
    except ValueError:
        return absolute.as_uri()
