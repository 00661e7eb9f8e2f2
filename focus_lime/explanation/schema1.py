"""Explanations that were saved under schema 1, as data of schema 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from focus_lime.errors import FocusLimeError

SCHEMA = "focus-lime/explanation/1"

_SETTINGS = {
    "chunks": "n_coarse",
    "sentences": "n_scored",
    "fidelity": "estimator",
    "audit": "coverage_check",
}
_RESPONSE = "log-odds of the response"


def converted(data: Mapping[str, Any]) -> dict[str, Any]:
    """
    Raises:
        FocusLimeError: a field that schema 1 has is missing.
    """
    try:
        return _converted(data)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FocusLimeError(f"not a whole explanation of schema 1: {error}") from None


def _converted(data: Mapping[str, Any]) -> dict[str, Any]:
    fine, curves = data["parts_fit"] is not None, list(data.get("curves", ()))
    level = "sentence" if fine else data["granularity"]
    # Both levels have a curve, or neither.
    curve = [{**c, "spans": [_span(span) for span in c["spans"]]} for c in curves]
    return {
        "model": {**data["model"], "surrogate": "sparse"},
        "question": data["question"],
        "response": data["response"],
        "objective": data["objective"],
        "is_additive": data["objective"] != "score",
        "is_decision": data["objective"] != _RESPONSE,
        "base_value": data["base_value"],
        "sources": data["sources"],
        "units": [_unit(unit) for unit in data["units"]],
        "fine_units": [_unit(unit) for unit in data["parts"]],
        "neighborhood": {
            "units": [_span(span) for span in data["neighborhood"]["sentences"]],
            "scored": [dict(unit) for unit in data["neighborhood"]["scored"]],
        },
        "fit": _fit(data["fit"], level),
        "fine_fit": _fit(data["parts_fit"], data["granularity"]) if fine else None,
        "curve": curve[0] if curve else None,
        "fine_curve": curve[1] if len(curve) > 1 else None,
        "check": _check(data["audit"]),
        "sets": _sets(data["sets"]),
        "cost": data["cost"],
        "settings": {
            **{_SETTINGS.get(key, key): value for key, value in data["settings"].items()},
            "seed": data["seed"],
        },
        "versions": data["versions"],
        "warnings": data["warnings"],
    }


def _span(span: Sequence[int]) -> dict[str, int]:
    source, start, end = span
    return {"source": source, "start": start, "end": end}


def _unit(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Schema 1 has no estimate: the middle of the interval stands for it, as it did then."""
    low, high = unit.get("low"), unit.get("high")
    middle = None if low is None or high is None else (low + high) / 2
    fields = {key: value for key, value in unit.items() if key != "sure"}
    return {**fields, "estimate": middle, "significant": unit.get("sure")}


def _fit(fit: Mapping[str, Any], level: str) -> dict[str, Any]:
    fields = {key: value for key, value in fit.items() if key != "fidelity"}
    return {**fields, "level": level, "estimator": fit["fidelity"]}


def _check(audit: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if audit is None:
        return None
    spans = [_span(span) for span in audit["rescued"]]
    return {**audit, "baseline": audit["nothing"], "rescued": spans}


def _sets(sets: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if sets is None:
        return None
    return {
        "relation": sets["relation"],
        "threshold": sets["threshold"],
        "counterfactual_sets": [[_span(span) for span in one] for one in sets["flips"]],
        "sufficient_sets": [[_span(span) for span in one] for one in sets["enough"]],
        "answered_without": [_span(span) for span in (*sets["flips"], [])[0]],
        "counterfactual_answer": sets.get("instead"),
    }
