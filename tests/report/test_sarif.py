"""Run with: pytest tests/report/test_sarif.py"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from focus_lime.inputs.places import CodePlace, Place
from focus_lime.report import to_sarif


def place(file: str) -> CodePlace:
    return CodePlace(file=file, line=3, column=5, end_line=4, end_column=1, start=40, end=60)


@dataclass(frozen=True)
class Line:
    place: Place
    text: str
    weight: float
    effect: float | None = 2.5
    significant: bool = True


@dataclass(frozen=True)
class Checked:
    item: str
    evidence: tuple[Line, ...]
    found: bool | None = True
    name: str = "Shell"
    question: str = "Does it run a shell?"
    cwe: int | None = 78
    margin: float = 1.5


@dataclass(frozen=True)
class Failed:
    file: str
    reason: str
    item: str | None = None


HERE = place("src/a b.py")
WEAK, STRONG = Line(HERE, "os.system(x)\n", 1.0), Line(HERE, "eval(x)", 4.0)


def run(*verdicts: Checked, failures: tuple[Failed, ...] = ()) -> dict[str, Any]:
    data = to_sarif(verdicts, failures, "org/model")
    Sarif.model_validate(data)
    (only,) = data["runs"]
    return dict(only)


def test_each_line_of_evidence_is_a_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    log = run(Checked("shell", (WEAK, STRONG)), Checked("none", (STRONG,), found=False))
    weak, strong = log["results"]
    assert weak["message"]["text"] == (
        "Shell: this line moves the model's verdict by +1.00 nats (margin +1.50)."
    )
    physical = weak["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "src/a%20b.py"
    assert physical["region"] == {"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 1}
    assert (weak["rank"], strong["rank"]) == (25, 100)
    assert weak["properties"] == {"weight": 1.0, "effect": 2.5, "margin": 1.5}
    rules = log["tool"]["driver"]["rules"]
    assert [(rule["id"], i) for i, rule in enumerate(rules)] == [("shell", 0), ("none", 1)]
    assert rules[0]["properties"]["tags"] == ["security", "external/cwe/cwe-078"]
    assert rules[0]["helpUri"].endswith("/78.html")
    assert log["properties"] == {"model": "org/model"}


def test_what_is_no_evidence_is_left_out() -> None:
    elsewhere = replace(STRONG, place=Place(start=0, end=9))  # not in code
    lines = (replace(WEAK, significant=False), replace(STRONG, weight=-4.0), elsewhere)
    assert run(Checked("shell", lines, cwe=None))["results"] == []
    assert "helpUri" not in run(Checked("shell", (), cwe=None))["tool"]["driver"]["rules"][0]
    assert len(run(Checked("shell", (WEAK,), found=None))["results"]) == 1


def test_a_result_is_known_again_by_item_file_and_text() -> None:
    def mark(item: str, line: Line) -> str:
        (result,) = run(Checked(item, (line,)))["results"]
        return str(result["partialFingerprints"]["evidence/v1"])

    known = mark("shell", WEAK)
    assert (
        mark("shell", replace(WEAK, text=" os.system(x)", place=replace(HERE, line=9), weight=2.0))
        == known
    )
    others = [
        mark("eval", WEAK),
        mark("shell", STRONG),
        mark("shell", replace(WEAK, place=place("b"))),
    ]
    assert known not in others


def test_failures_are_told_and_the_run_is_no_success(tmp_path: Path) -> None:
    failures = (Failed("a.py", "no such file"), Failed("b.py", "too long", "shell"))
    (invocation,) = run(failures=failures)["invocations"]
    assert not invocation["executionSuccessful"]
    texts = [n["message"]["text"] for n in invocation["toolExecutionNotifications"]]
    assert texts == ["no such file", "shell: too long"]
    assert run()["invocations"][0]["executionSuccessful"]
    elsewhere = Line(place(str(tmp_path / "c.py")), "x", 1.0)
    (result,) = run(Checked("shell", (elsewhere,)))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == (tmp_path / "c.py").as_uri()
