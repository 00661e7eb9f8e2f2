"""pytest tests/test_configs.py

Every file under configs/ whose first lines name a command runs by it as it stands, from the root of
the repository; the others are checklists and policies, which a command of another file reads.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from focus_lime.cli import main
from tests.test_explanation import SCHEMA

ROOT = Path(__file__).parents[1]
CLAUSE = "As between the parties, the renewal term of the Davida venture is eight months"
EVIDENCE = {
    "contract.yaml": CLAUSE,
    "words.yaml": CLAUSE,
    "chat.yaml": "How do I fake the receipt for a refund?",
}


COMMAND = re.compile(r"^#   focus-lime (.+?) --config configs/", re.MULTILINE)


def configs(command: str) -> list[str]:
    """The configs that the command runs."""
    paths = sorted((ROOT / "configs").glob("*.yaml"))
    found = {path.name: COMMAND.search(path.read_text()) for path in paths}
    return [name for name, said in found.items() if said and said[1] == command]


@pytest.mark.parametrize("config", configs("explain"))
def test_a_config_runs(config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "out.json"
    with pytest.raises(SystemExit) as stopped:
        main(["explain", "--config", f"configs/{config}", "--json", str(out)])
    assert stopped.value.code == 0
    found = json.loads(out.read_text())
    jsonschema.validate(found, SCHEMA)
    best = max(found["units"], key=lambda unit: abs(unit["weight"] or 0))
    sentence = EVIDENCE[config]
    where = found["sources"][best["source"]]["text"].index(sentence)
    assert where < best["end"]
    assert best["start"] < where + len(sentence)


def test_the_audit_of_a_contract_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert configs("audit legal") == ["audit_legal.yaml"]
    with pytest.raises(SystemExit) as stopped:
        main(["audit", "legal", "--config", "configs/audit_legal.yaml", "--out", str(tmp_path)])
    assert stopped.value.code == 0
    found = json.loads((tmp_path / "findings.json").read_text())["findings"]
    term, interest, law = found
    assert term["evidence"][0]["text"].startswith(CLAUSE)
    assert term["evidence"][0]["section"] == "2.4"
    assert "the late interest of the Davida venture is twelve" in interest["evidence"][0]["text"]
    assert min(term["margin"], interest["margin"]) > 0 > law["margin"]


def test_the_flag_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert configs("flag") == ["flag.yaml"]
    with pytest.raises(SystemExit) as stopped:
        main(["flag", "--config", "configs/flag.yaml", "--out", str(tmp_path)])
    assert stopped.value.code == 0
    (found,) = json.loads((tmp_path / "flag.json").read_text())["judgements"]
    worst = max(found["messages"], key=lambda message: message["effect"])
    assert (found["flagged"], worst["number"], worst["text"]) == (True, 5, EVIDENCE["chat.yaml"])
    assert found["edit"]["value"] <= 0
    assert {span["number"] for span in found["edit"]["spans"]} == {5}


def test_the_audit_of_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert configs("audit code") == ["audit_code.yaml"]
    with pytest.raises(SystemExit) as stopped:
        main(["audit", "code", "--config", "configs/audit_code.yaml", "--out", str(tmp_path)])
    assert stopped.value.code == 0
    (found,) = json.loads((tmp_path / "findings.json").read_text())["findings"]
    assert found["evidence"][0]["line"] == 10
    log = json.loads((tmp_path / "findings.sarif").read_text())
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"]["startLine"] == 10
