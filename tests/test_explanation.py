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
from tests.conftest import TEXT, linear_function

SCHEMA = json.loads(files("focus_lime").joinpath("explanation.schema.json").read_text())


@pytest.fixture(scope="module")
def explanation(llama: HFCausalLM) -> Explanation:
    prompt = Prompt.from_messages(
        [{"role": "user", "content": TEXT}, {"role": "assistant", "content": "Ünï 👩‍👧\r\n法律。"}],
        question="Which law?",
    )
    return FocusLime(llama).explain(prompt, budget=24, max_new_tokens=3)


def test_the_json_fits_the_schema(explanation: Explanation) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(explanation.to_json()), SCHEMA)
    flat = FocusLime(linear_function({})).explain(Prompt.from_document("One. Two."))
    jsonschema.validate(json.loads(flat.to_json()), SCHEMA)


def test_the_schema_refuses_what_is_wrong(explanation: Explanation) -> None:
    def breaks(change: Any) -> None:
        data = copy.deepcopy(json.loads(explanation.to_json()))
        change(data)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(data, SCHEMA)

    breaks(lambda d: d.pop("seed"))
    breaks(lambda d: d.update(schema="other"))
    breaks(lambda d: d["units"][0].update(status="maybe"))
    breaks(lambda d: d["units"][0].update(weight=None))
    breaks(lambda d: d["cost"]["target"].pop("fpe"))


def test_json_out_and_in(explanation: Explanation, tmp_path: Path) -> None:
    path = tmp_path / "explanation.json"
    explanation.save(path)
    again = Explanation.load(path)
    assert again.to_json() == explanation.to_json() == path.read_bytes().decode()
    assert again.top(3) == explanation.top(3)


def test_top_and_table_agree(explanation: Explanation) -> None:
    weights = [abs(unit.weight or 0) for unit in explanation.top(99)]
    assert weights == sorted(weights, reverse=True)
    rows = explanation.table(2)
    assert [row["rank"] for row in rows] == [1, 2]
    for row, unit in zip(rows, explanation.top(2), strict=True):
        source = explanation.sources[row["source"]].text
        assert row["text"] == source[row["start"] : row["end"]].strip()
        assert row["weight"] == unit.weight


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.update(schema="focus-lime/explanation/9"), "schema is"),
        (lambda d: d.pop("units"), "not a whole explanation: 'units'"),
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
