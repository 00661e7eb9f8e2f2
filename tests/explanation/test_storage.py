"""JSON out and in, and its schema. Run with: pytest tests/explanation/test_storage.py"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from focus_lime import Explanation, FocusLime, FocusLimeError, Prompt
from focus_lime.explanation.storage import json_schema
from focus_lime.method.proxy import load_proxy
from tests.conftest import TEXT, linear_function
from tests.explanation.explanations import (
    AWKWARD,
    CONTRACT,
    OUTCOMES,
    checked,
    decided,
    deleted,
    explanation,
    named,
    words,
)

FILE = Path(__file__).parents[2] / "docs" / "explanation.schema.json"


def whole() -> Explanation:
    """With everything that an explanation can have."""
    contract = words(deleted(explanation(CONTRACT), [1, 3], [2.0, 1.0], [0.5, -0.5]), 1, [1.0, 2.0])
    contract = replace(contract, fine_curve=contract.curve, warnings=("too few masks",))
    contract = decided(checked(contract, "held", [2]), "or", [[1], [3]], [[1, 3]], answer="Texas")
    return named(contract, [None, "§ 1", None, None, None])


@pytest.fixture(scope="module")
def real() -> Explanation:
    model = linear_function({"Nevada": 9.0, "law": 2.0, "thirty": 4.0})
    explainer = FocusLime(model, load_proxy("random"))
    prompt = Prompt.from_passages([TEXT, "Nevada again."], question="Which law?")
    return explainer.explain(prompt, granularity="word", budget=40)


def every_explanation(real: Explanation) -> Iterator[Explanation]:
    yield whole()
    yield real
    yield FocusLime(linear_function({})).explain(Prompt.from_document("One. Two."))
    yield from (checked(explanation(CONTRACT), outcome) for outcome in OUTCOMES)
    yield from map(explanation, AWKWARD.values())


def test_the_schema_in_the_docs_is_that_of_the_types() -> None:
    """It is made again by writing `json.dumps(json_schema(Explanation), indent=1)` and a line end
    to docs/explanation.schema.json.
    """
    schema = json_schema(Explanation)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert FILE.read_text() == json.dumps(schema, indent=1) + "\n"


def test_every_explanation_fits_the_schema_and_comes_back(
    real: Explanation, tmp_path: Path
) -> None:
    validator = jsonschema.Draft202012Validator(json_schema(Explanation))
    path = tmp_path / "explanation.json"
    for each in every_explanation(real):
        each.save(path)
        validator.validate(json.loads(path.read_text()))
        assert Explanation.load(path) == each
        assert each.to_json().encode() == path.read_bytes()


def objects(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the objects in it are."""
    if isinstance(data, dict):
        yield place
    parts = data.items() if isinstance(data, dict) else enumerate(data)
    for key, part in parts:
        if isinstance(part, dict | list):
            yield from objects(part, (*place, key))


def at(data: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        data = data[key]
    return data


def test_no_field_may_be_added_or_left_out() -> None:
    validator = jsonschema.Draft202012Validator(json_schema(Explanation))
    full = json.loads(whole().to_json())
    assert validator.is_valid(full)
    places = [place for place in objects(full) if place != ("versions",)]
    assert len(places) > 30
    for place in places:
        more = copy.deepcopy(full)
        at(more, place)["colour"] = "red"
        assert not validator.is_valid(more), place
        for field in at(full, place):
            less = copy.deepcopy(full)
            del at(less, place)[field]
            assert not validator.is_valid(less), (place, field)


def test_every_kind_of_object_is_closed_and_some_are_described() -> None:
    schema = json_schema(Explanation)
    parts = [schema, *schema["$defs"].values()]
    assert all(part["additionalProperties"] is False for part in parts)
    assert all(part["required"] == list(part["properties"]) for part in parts)
    unit, settings = schema["$defs"]["ExplainedUnit"], schema["$defs"]["Settings"]
    assert unit["properties"]["effect"]["description"].startswith("f(x) - f(x without the unit)")
    assert "Attributes" not in unit["description"]
    assert settings["properties"]["budget"]["minimum"] == 2
    assert schema["properties"]["versions"]["additionalProperties"] == {"type": "string"}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(schema="other"),
        lambda d: d["units"][0].update(status="maybe"),
        lambda d: d["units"][0].update(weight="1"),
        lambda d: d["check"].update(outcome="lost"),
        lambda d: d["check"].update(rescued=[[0, 1, 2]]),
        lambda d: d["sets"].update(relation="xor"),
        lambda d: d["fit"].update(stopped="tired"),
        lambda d: d["fit"].update(estimator=None),
        lambda d: d["settings"].update(budget=1),
    ],
)
def test_the_schema_refuses_other_values(change: Callable[[Any], None]) -> None:
    data = json.loads(whole().to_json())
    change(data)
    assert not jsonschema.Draft202012Validator(json_schema(Explanation)).is_valid(data)
    with pytest.raises(FocusLimeError):
        Explanation.from_dict(data)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.update(schema="focus-lime/explanation/9"), "schema is"),
        (lambda d: d.pop("units"), "not a whole explanation: units"),
        (lambda d: d.pop("cost"), "not a whole explanation: cost"),
        (lambda d: d.update(extra=1), "not a whole explanation: extra"),
        (lambda d: d.update(sources=[]), "it has no source"),
        (lambda d: d["sources"][0].update(text="changed"), "source 0 does not fit its digest"),
        (lambda d: d["sources"][0].pop("text"), "the text of source 0 is missing"),
        (lambda d: d["units"][0].update(colour="red"), r"whole explanation: units\.0"),
        (lambda d: d["units"][1].update(source=1), "a span is of source 1: there is none"),
        (lambda d: d["units"][1].update(end=10_000), "source 0 ends at 10000, behind it"),
        (lambda d: d["fine_units"][0].update(end=10_000), "source 0 ends at 10000, behind it"),
        (lambda d: d.update(sources=3), "it has no source"),
        (lambda d: d["sources"][0].update(text="\ud800"), "no Unicode text"),
        (lambda d: d.update(base_value=float("nan")), "not a whole explanation"),
        (lambda d: d["fit"].update(r2=float("inf")), "not a whole explanation"),
        (lambda d: d["curve"]["spans"][0].update(source=1), "a span is of source 1"),
        (lambda d: d["curve"]["values"].pop(), "not one value for each of its spans"),
    ],
)
def test_other_data_is_refused(change: Callable[[Any], None], complaint: str) -> None:
    data = json.loads(whole().to_json())
    change(data)
    with pytest.raises(FocusLimeError, match=complaint):
        Explanation.from_dict(data)


def test_bad_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("[]")
    (tmp_path / "d.json").write_text("[" * 100_000)
    (tmp_path / "e.json").write_text("1" * 5000)
    for name, complaint in [
        ("a", "is not JSON"),
        ("b", "not an explanation"),
        ("c", "no such"),
        ("d", "is not JSON"),
        ("e", "is not JSON"),
    ]:
        with pytest.raises(FocusLimeError, match=rf"{name}\.json.* {complaint}"):
            Explanation.load(tmp_path / f"{name}.json")
