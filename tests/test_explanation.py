"""pytest tests/test_explanation.py"""

from __future__ import annotations

import copy
import json
import stat
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from focus_lime import Explanation, FocusLime, FocusLimeError, Prompt
from focus_lime.explanation import write_whole
from focus_lime.models.hf import HFCausalLM
from focus_lime.neighborhood import load_proxy
from tests.conftest import TEXT, linear_function

SCHEMA = json.loads(files("focus_lime").joinpath("explanation.schema.json").read_text())


@pytest.fixture(scope="module")
def explanation(llama: HFCausalLM) -> Explanation:
    prompt = Prompt.from_messages(
        [{"role": "user", "content": TEXT}, {"role": "assistant", "content": "Ünï 👩‍👧\r\n法律。"}],
        question="Which law?",
    )
    return FocusLime(llama).explain(prompt, budget=24, max_new_tokens=3)


@pytest.fixture(scope="module")
def opened() -> Explanation:
    """Audited, with sets, the leading sentences opened to words."""
    model = linear_function({"Nevada": 9.0, "law": 2.0, "thirty": 4.0})
    prompt = Prompt.from_document(TEXT)
    return FocusLime(model, load_proxy("random")).explain(prompt, granularity="word", budget=40)


def test_the_json_fits_the_schema(explanation: Explanation, opened: Explanation) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert list(SCHEMA["properties"]["settings"]["properties"]) == list(explanation.settings)
    assert explanation.audit is None
    assert not explanation.parts
    assert opened.audit is not None
    assert opened.sets is not None
    assert opened.parts
    for made in (explanation, opened):
        jsonschema.validate(json.loads(made.to_json()), SCHEMA)
    flat = FocusLime(linear_function({})).explain(Prompt.from_document("One. Two."))
    jsonschema.validate(json.loads(flat.to_json()), SCHEMA)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("seed"),
        lambda d: d.update(schema="other"),
        lambda d: d["units"][0].update(status="maybe"),
        lambda d: d["units"][0].update(weight=None),
        lambda d: d["units"][0].pop("effect"),
        lambda d: d["units"][0].update(
            status="background", weight=None, low=None, high=None, selected=None, effect=1.0
        ),
        lambda d: d.pop("parts"),
        lambda d: d["parts"][0].update(level="sentence"),
        lambda d: d["parts"][0].update(
            status="background", weight=None, low=None, high=None, selected=None, effect=None
        ),
        lambda d: d.pop("audit"),
        lambda d: d["audit"].update(outcome="lost"),
        lambda d: d["audit"].update(coverage=None),
        lambda d: d["audit"].update(outcome="not_in_context"),
        lambda d: d["audit"].update(rescued=[[0, 1]]),
        lambda d: d["audit"].update(more=1),
        lambda d: d.pop("sets"),
        lambda d: d["sets"].update(relation="xor"),
        lambda d: d["sets"].update(flips=[[0, 1, 2]]),
        lambda d: d["sets"].update(enough=[[]]),
        lambda d: d["sets"].pop("threshold"),
        lambda d: d["fit"].update(stopped="tired"),
        lambda d: d["fit"].update(fidelity=None),
        lambda d: d["fit"].pop("agreement"),
        lambda d: d["cost"]["target"].pop("fpe"),
        lambda d: d["cost"]["proxy"].pop("unshared"),
    ],
)
def test_the_schema_refuses_what_is_wrong(opened: Explanation, change: Any) -> None:
    data = copy.deepcopy(json.loads(opened.to_json()))
    data["units"].sort(key=lambda unit: unit["status"])  # attributed ones first
    jsonschema.validate(data, SCHEMA)
    change(data)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)


def test_an_answer_that_needs_no_text_fits_the_schema(opened: Explanation) -> None:
    data = copy.deepcopy(json.loads(opened.to_json()))
    shares = ("coverage_before", "coverage", "sufficiency_before", "sufficiency")
    data["audit"].update(outcome="not_in_context", **dict.fromkeys(shares))
    jsonschema.validate(data, SCHEMA)


def test_tiles_give_back_the_text_and_parts_tile_what_was_opened(opened: Explanation) -> None:
    assert "".join(opened.text(tile) for tile in opened.tiles) == TEXT
    assert "".join(opened.text(unit) for unit in opened.units) == TEXT
    starts = {part.start for part in opened.parts}
    inside = [unit for unit in opened.sentences if unit.start in starts]
    assert 0 < len(inside) < len(opened.units)
    assert "".join(map(opened.text, opened.parts)) == "".join(map(opened.text, inside))
    assert opened.attributed == opened.parts


def test_json_out_and_in(explanation: Explanation, opened: Explanation, tmp_path: Path) -> None:
    path = tmp_path / "explanation.json"
    for made in (explanation, opened):
        made.save(path)
        again = Explanation.load(path)
        assert again.to_json() == made.to_json() == path.read_bytes().decode()
        assert (again.top(3), again.tiles, again.sets) == (made.top(3), made.tiles, made.sets)


def test_top_and_table_agree(explanation: Explanation) -> None:
    weights = [abs(unit.weight or 0) for unit in explanation.top(99)]
    assert weights == sorted(weights, reverse=True)
    rows = explanation.table(2)
    assert [row["rank"] for row in rows] == [1, 2]
    for row, unit in zip(rows, explanation.top(2), strict=True):
        source = explanation.sources[row["source"]].text
        assert row["text"] == source[row["start"] : row["end"]].strip()
        assert (row["weight"], row["effect"]) == (unit.weight, unit.effect)
    assert rows[0]["effect"] is not None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.update(schema="focus-lime/explanation/9"), "schema is"),
        (lambda d: d.pop("units"), "not a whole explanation: 'units'"),
        (lambda d: d.pop("parts"), "not a whole explanation: 'parts'"),
        (lambda d: d.pop("audit"), "not a whole explanation"),
        (lambda d: d.update(extra=1), "not a whole explanation"),
        (lambda d: d["sources"][0].update(text="changed"), "source 0 does not fit its digest"),
        (lambda d: d["units"][0].update(colour="red"), "not a whole explanation"),
    ],
)
def test_other_data_is_refused(explanation: Explanation, change: Any, complaint: str) -> None:
    data = copy.deepcopy(explanation.to_dict())
    data["units"] = [dict(unit) for unit in data["units"]]
    change(data)
    with pytest.raises(FocusLimeError, match=complaint):
        Explanation.from_dict(data)


def test_bad_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("[]")
    for name, complaint in [("a", "is not JSON"), ("b", "not an explanation"), ("c", "no such")]:
        with pytest.raises(FocusLimeError, match=complaint):
            Explanation.load(tmp_path / f"{name}.json")


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]
    write_whole(path, "new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600
    with pytest.raises(FocusLimeError, match="cannot be written"):
        write_whole(tmp_path / "no" / "out.json", "x")
