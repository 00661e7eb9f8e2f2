"""pytest tests/workflows/test_code.py

SARIF is checked by models that were generated from the official schema and forbid what it does not
name; and by the schema itself where the variable SARIF_SCHEMA names a copy of it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from focus_lime.cli.main import main
from tests.inputs.test_grammar import PYTHON, SAMPLES


def model(texts: list[str]) -> np.ndarray:
    """4 nats for each call of a shell, less 2."""
    return np.array([4.0 * t.count("os.system") - 2.0 for t in texts])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("list.yaml").write_text(
        "items:\n  - {id: shell, name: Shell, question: 'Is a shell run?', cwe: 78}\n"
    )
    Path("src/build").mkdir(parents=True)
    Path(".git").mkdir()
    Path(".gitignore").write_text("build/\n*.gen.py\n")
    Path("src/.gitignore").write_text("!kept.gen.py\n")
    Path("src/bad one.py").write_text(PYTHON)
    Path("src/good.go").write_text(SAMPLES["a.go"])
    Path("src/notes.txt").write_text("no code")
    Path("src/build/x.py").write_text(PYTHON)
    Path("src/x.gen.py").write_text(PYTHON)
    Path("src/kept.gen.py").write_text("x = 1\n")
    return tmp_path


def run(*arguments: str) -> int:
    usual = (
        "--checklist",
        "list.yaml",
        "--model",
        "tests.workflows.test_code:model",
        "--out",
        "out",
    )
    with pytest.raises(SystemExit) as stopped:
        main(["audit", "code", *usual, *arguments])
    return int(stopped.value.code or 0)


def sarif() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path("out/verdicts.sarif").read_text())
    Sarif.model_validate(data)
    if schema := os.environ.get("SARIF_SCHEMA"):
        jsonschema.Draft4Validator(json.loads(Path(schema).read_text())).validate(data)
    return data["runs"][0]  # type: ignore[no-any-return]


def test_the_line_is_in_the_sarif(folder: Path) -> None:
    assert run("src") == 0
    (result,) = sarif()["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/bad%20one.py"
    assert place["region"] == {"startLine": 9, "startColumn": 5, "endLine": 9, "endColumn": 28}
    assert result["rank"] == 100
    assert result["properties"]["effect"] == pytest.approx(4.0)
    rule = sarif()["tool"]["driver"]["rules"][0]
    assert rule["properties"]["tags"] == ["security", "external/cwe/cwe-078"]
    verdicts = json.loads(Path("out/verdicts.json").read_text())["verdicts"]
    assert [verdict["conclusion"] for verdict in verdicts] == ["found", "not found", "not found"]


def test_tokens_of_the_line(folder: Path) -> None:
    assert run("src/bad one.py", "--granularity", "token") == 0
    (verdict,) = json.loads(Path("out/verdicts.json").read_text())["verdicts"]
    assert {e["text"] for e in verdict["evidence"][:2]} <= {"os", ".", "system"}
    assert all(e["place"]["line"] == 9 for e in verdict["evidence"][:2])


def test_several_files_in_one_prompt(folder: Path) -> None:
    assert run("src", "--together") == 0
    (verdict,) = json.loads(Path("out/verdicts.json").read_text())["verdicts"]
    place = verdict["evidence"][0]["place"]
    assert (place["file"], place["line"]) == ("src/bad one.py", 9)


def test_what_fails_is_listed_and_the_others_go_on(folder: Path) -> None:
    Path("src/binary.c").write_bytes(b"\x00\x01")
    Path("src/big.c").write_text("int x;\n" * 60_000)
    assert run("src") == 1
    notes = sarif()["invocations"][0]["toolExecutionNotifications"]
    said = " ".join(note["message"]["text"] for note in notes)
    assert "src/binary.c is a binary file" in said
    assert "src/big.c has 410 KB, more than the limit of 256" in said
    assert len(sarif()["results"]) == 1
    assert "Not answered (2)" in Path("out/report.html").read_text()


def test_bad_files_fail_alone_and_in_time(folder: Path) -> None:
    bad = {
        "empty.py": b"",
        "nul.c": b"\x00\x01",
        "mixed.go": "é".encode() + b"\xe9",
        "nested.yml": b"- " * 50_000,
        "generics.java": b"a<" * 50_000,
        "big.js": b"f();\n" * 60_000,
        "surrogate.ts": b"let a = '\xed\xa0\x80';",
    }
    good = {
        "line.js": b"var a=function(b){return b?1:'c'};" * 600 + b"os.system(a)",
        "brackets.py": b"(" * 5_000 + b"os.system",
        "deep.py": b"".join(b" " * i + b"if x:\n" for i in range(90)),
        "old.rb": b"# coding: latin-1\rputs '\xe9'\ros.system\r",
        "wide.cs": "// é\nos.system();\n".encode("utf-16"),
    }
    Path("some").mkdir()
    for name, data in {**bad, **good}.items():
        Path("some", name).write_bytes(data)
    Path(os.fsdecode(b"some/named\xff.py")).write_text("os.system")
    Path(os.fsdecode(b"some/named\xff.c")).write_bytes(b"\x00")
    Path("some/loop").symlink_to(Path("some").absolute())
    os.mkfifo("some/pipe.py")
    assert run("some", "none.py", "some/pipe.py", "--comments", "omit") == 1
    data = json.loads(Path("out/verdicts.json").read_text())
    reasons = {Path(f["file"]).name: f["reason"] for f in data["failures"]}
    failed = {*reasons}
    assert reasons["surrogate.ts"].startswith("some/surrogate.ts is neither UTF-8 (byte 9) nor")
    assert reasons["big.js"].startswith("some/big.js has 292 KB, more than the limit of 256")
    assert reasons["pipe.py"].startswith("some/pipe.py is a device or a pipe")
    assert failed == {*bad, "none.py", "pipe.py", "named\\udcff.c"}
    found = {Path(v["file"]).name: v["conclusion"] for v in data["verdicts"]}
    assert set(found) == {*good, "named\\udcff.py"}
    assert [name for name, said in found.items() if said == "found"] == [
        *("brackets.py", "line.js", "named\\udcff.py", "old.rb", "wide.cs")
    ]
    assert len(sarif()["results"]) >= 3
    notes = {Path(v["file"]).name: " ".join(v["warnings"]) for v in data["verdicts"]}
    assert "read as latin-1, which its first lines name" in notes["old.rb"]


def test_bad_options(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("src", "--comments", "kep") == 2
    assert "no --comments 'kep': did you mean keep" in capsys.readouterr().err
    Path("empty").mkdir()
    assert run("empty") == 2
    assert "empty has no source files" in capsys.readouterr().err


def likes_empty_files(texts: list[str]) -> list[float]:
    """1.3 for an empty file; each check takes .3, a shell gives .6."""
    return [1.3 + 0.6 * ("shell=True" in t) - 0.3 * sum(map(t.count, CHECKS)) for t in texts]


CHECKS = tuple(f"check{i}(" for i in range(4))


def test_a_judge_that_likes_the_empty_file_better_is_explained_by_the_cause(folder: Path) -> None:
    guards = "".join(
        f"    if not {check}text): return  # a shell from outside\n" for check in CHECKS
    )
    steps = [f"def step{i}(a, b):\n    total = a + {i}\n    return total\n\n\n" for i in range(28)]
    shell = "def go(a):\n    name = str(a)\n    os.popen(name, shell=True)\n    return name\n\n\n"
    code = ["import os\n\n\ndef main(text):\n", guards, "    return text\n\n\n", *steps[:14], shell]
    Path("job.py").write_text("".join([*code, *steps[14:]]))
    assert run("job.py", "--model", "tests.workflows.test_code:likes_empty_files") == 0
    (verdict,) = json.loads(Path("out/verdicts.json").read_text())["verdicts"]
    assert verdict["conclusion"] == "found"
    first, *others = [e for e in verdict["evidence"] if e["weight"] > 0]
    assert first["text"] == "os.popen(name, shell=True)"
    assert (first["weight"], others) == (pytest.approx(0.6), [])
    assert (verdict["check"], verdict["coverage"]) == ("held", pytest.approx(1.0))
