"""pytest tests/test_configs.py

Every file under configs/ that explains runs as it stands, from the root of the repository. Those of
benchmarks are tested in tests/benchmarks/test_bench.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from focus_lime.cli import main
from tests.test_explanation import SCHEMA

ROOT = Path(__file__).parents[1]
CLAUSE = "As between the parties, the renewal term of the Davida venture is eight months"
EVIDENCE = {
    "contract.yaml": CLAUSE,
    "words.yaml": CLAUSE,
    "chat.yaml": "How do I fake the receipt for a refund?",
}


CONFIGS = [
    path.name
    for path in sorted((ROOT / "configs").glob("*.yaml"))
    if "tasks" not in yaml.safe_load(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("config", CONFIGS)
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
