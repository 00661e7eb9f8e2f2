"""pytest tests/test_configs.py

Every file under configs/ whose first lines name a command runs by it as it stands, from the root of
the repository; the others are checklists and policies, which a command of another file reads.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from focus_lime.cli.main import main
from focus_lime.explanation.result import Explanation

ROOT = Path(__file__).parents[2]
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
    lines = {path.name: COMMAND.search(path.read_text()) for path in paths}
    return [name for name, line in lines.items() if line and line[1] == command]


def run(*arguments: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    assert stopped.value.code == 0


@pytest.mark.parametrize("config", configs("explain"))
def test_a_config_runs(config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "out.json"
    run("explain", "--config", f"configs/{config}", "--json", str(out))
    explanation = Explanation.load(out)
    best = max(explanation.coarse, key=lambda unit: abs(unit.weight or 0))
    sentence = EVIDENCE[config]
    where = explanation.texts[best.source].index(sentence)
    assert where < best.end
    assert best.start < where + len(sentence)


def test_the_audit_of_a_contract_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert configs("audit legal") == ["audit_legal.yaml"]
    run("audit", "legal", "--config", "configs/audit_legal.yaml", "--out", str(tmp_path))
    term, interest, law = json.loads((tmp_path / "verdicts.json").read_text())["verdicts"]
    assert term["evidence"][0]["text"].startswith(CLAUSE)
    assert term["evidence"][0]["place"]["section"] == "2.4"
    assert "the late interest of the Davida venture is twelve" in interest["evidence"][0]["text"]
    assert min(term["margin"], interest["margin"]) > 0 > law["margin"]


def test_the_flag_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert configs("flag") == ["flag.yaml"]
    run("flag", "--config", "configs/flag.yaml", "--out", str(tmp_path))
    (judged,) = json.loads((tmp_path / "flag.json").read_text())["judgements"]
    worst = max(judged["messages"], key=lambda message: message["effect"])
    assert (judged["flagged"], worst["number"], worst["text"]) == (True, 5, EVIDENCE["chat.yaml"])
    assert judged["edit"]["value"] <= 0
    assert {passage["place"]["number"] for passage in judged["edit"]["passages"]} == {5}


def test_the_audit_of_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert configs("audit code") == ["audit_code.yaml"]
    run("audit", "code", "--config", "configs/audit_code.yaml", "--out", str(tmp_path))
    (verdict,) = json.loads((tmp_path / "verdicts.json").read_text())["verdicts"]
    assert verdict["evidence"][0]["place"]["line"] == 10
    log = json.loads((tmp_path / "verdicts.sarif").read_text())
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"]["startLine"] == 10
