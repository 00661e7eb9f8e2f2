"""Explanations saved under schema 1: a file of code, a conversation, and a conversation that was
flagged, opened to words. Run with: pytest tests/explanation/test_schema1.py
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from focus_lime import Explanation, FocusLimeError, Span
from focus_lime.explanation.result import ExplainedUnit, Fit
from focus_lime.report import print_explanation, render_html
from tests.report.page import Page, check

FOLDER = Path(__file__).parent / "schema1"
NAMES = ("chat", "code", "flag")
KEPT = ("source", "start", "end", "level", "status", "weight", "low", "high", "selected", "effect")


def saved(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return data


def spans(lists: list[list[int]]) -> tuple[Span, ...]:
    return tuple(Span(*numbers) for numbers in lists)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_measured_survives(name: str) -> None:
    data, loaded = saved(name), Explanation.load(FOLDER / f"{name}.json")
    assert (loaded.response, loaded.base_value) == (data["response"], data["base_value"])
    assert loaded.granularity == data["granularity"]
    assert [s.text for s in loaded.sources] == [s["text"] for s in data["sources"]]
    for units, rows in ((loaded.units, data["units"]), (loaded.fine_units, data["parts"])):
        assert len(units) == len(rows)
        for unit, row in zip(units, rows, strict=True):
            assert {key: getattr(unit, key) for key in KEPT} == {key: row[key] for key in KEPT}
            assert unit.significant == row["sure"]
            assert unit.estimate == middle(unit)
    assert loaded.neighborhood.units == spans(data["neighborhood"]["sentences"])
    assert [unit.score for unit in loaded.neighborhood.scored] == [
        row["score"] for row in data["neighborhood"]["scored"]
    ]
    assert same(loaded.fit, data["fit"])
    if data["parts_fit"] is None:
        assert loaded.fine_fit is None
    else:
        assert loaded.fine_fit is not None
        assert same(loaded.fine_fit, data["parts_fit"])
        assert (loaded.level, loaded.fine_fit.level) == ("sentence", data["granularity"])
    curves = [curve for curve in (loaded.curve, loaded.fine_curve) if curve]
    assert [(curve.spans, list(curve.values)) for curve in curves] == [
        (spans(curve["spans"]), curve["values"]) for curve in data["curves"]
    ]
    assert (loaded.settings.n_coarse, loaded.settings.seed) == (
        data["settings"]["chunks"],
        data["seed"],
    )
    assert loaded.cost.target.fpe == data["cost"]["target"]["fpe"]


def middle(unit: ExplainedUnit) -> float | None:
    return None if unit.low is None or unit.high is None else (unit.low + unit.high) / 2


def same(fit: Fit, row: dict[str, Any]) -> bool:
    """The row under the new name of one of its fields."""
    values = {name: getattr(fit, name) for name in row if name != "fidelity"}
    return {**values, "fidelity": fit.estimator} == row


@pytest.mark.parametrize("name", NAMES)
def test_check_and_sets_survive(name: str) -> None:
    data = saved(name)
    if data["audit"]:
        data["audit"]["rescued"] = data["neighborhood"]["sentences"][:1]
    loaded = Explanation.from_dict(data)
    if data["audit"] is None:
        assert loaded.check is None
    else:
        assert loaded.check is not None
        assert loaded.check.coverage == data["audit"]["coverage"]
        assert loaded.check.rescued == spans(data["neighborhood"]["sentences"][:1])
    assert loaded.sets is not None
    assert loaded.sets.relation == data["sets"]["relation"]
    assert loaded.sets.counterfactual_answer == data["sets"]["instead"]
    turning = tuple(spans(members) for members in data["sets"]["flips"])
    assert loaded.sets.counterfactual_sets == turning
    sufficient = tuple(spans(members) for members in data["sets"]["enough"])
    assert loaded.sets.sufficient_sets == sufficient


@pytest.mark.parametrize("name", NAMES)
def test_they_are_shown_and_saved_under_the_new_schema(name: str, tmp_path: Path) -> None:
    loaded = Explanation.load(FOLDER / f"{name}.json")
    page = Page(render_html(loaded))
    check(page, loaded)
    assert page.texts == list(loaded.texts)
    out = io.StringIO()
    print_explanation(loaded, Console(file=out, width=120))
    assert loaded.response.split("\n")[0][:40] in out.getvalue()
    loaded.save(tmp_path / "again.json")
    assert Explanation.load(tmp_path / "again.json") == loaded
    assert '"focus-lime/explanation/2"' in (tmp_path / "again.json").read_text()


@pytest.mark.parametrize("field", ["units", "audit", "parts_fit", "seed", "neighborhood"])
def test_what_is_not_whole_is_refused(field: str) -> None:
    data = saved("code")
    del data[field]
    with pytest.raises(FocusLimeError, match=f"schema 1: '{field}'"):
        Explanation.from_dict(data)


def test_a_text_that_was_changed_is_refused() -> None:
    data = saved("chat")
    data["sources"][2]["text"] += " "
    with pytest.raises(FocusLimeError, match="source 2 does not fit its digest"):
        Explanation.from_dict(data)
