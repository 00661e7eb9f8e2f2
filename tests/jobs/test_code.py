"""pytest tests/jobs/test_code.py

SARIF is checked by models that were generated from the official schema and forbid what it does not
name; and by the schema itself where the variable SARIF_SCHEMA names a copy of it.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from focus_lime.cli import main
from focus_lime.jobs.codebase import Code, read_source, source_paths
from focus_lime.jobs.grammar import cut
from focus_lime.prompt.split import split

PYTHON = '''# É: a comment
import os


def run(name):
    """Runs."""
    # not this one
    query = "SELECT " + name  # evil é
    return os.system(query)


class A:
    def b(self): pass
'''
SAMPLES = {
    "a.py": PYTHON,
    "a.js": "// c\nfunction f(x) {\n  return eval(x); // d\n}\n",
    "a.ts": "const f = (x: string): number => x.length; /* c */ let y = 1\n",
    "a.tsx": "const A = () => <b>é</b>; // c\n",
    "a.java": "class A {\r\n  /** c */\r\n  int f() { return 1; }\r\n}\r\n",
    "a.c": "#include <s.h>\n/* c\n c */ int f(char *p) { return *p; }\n",
    "a.cpp": "// c\nnamespace n { template<class T> T f(T t) { return t; } }\n",
    "a.go": "package a\n\n// c\nfunc F() int { return 1 }\n",
    "a.rs": "/// c\nfn f() -> u8 { 1 } // d\n",
    "a.sol": "// c\ncontract A { function f() public {} }\n",
    "a.rb": "# c\n\n\ndef f\n  1\nend",
}


def model(texts: list[str]) -> np.ndarray:
    """4 nats for each call of a shell, less 2."""
    return np.array([4.0 * t.count("os.system") - 2.0 for t in texts])


def check(name: str, text: str) -> None:
    cuts = cut(name, text)
    assert set(cuts.blocks) <= set(cuts.lines) <= set(cuts.tokens)
    for starts in (cuts.blocks, cuts.lines, cuts.tokens):
        assert "".join(text[a:b] for a, b in pairwise((*starts, len(text)))) == text
    for start, end in cuts.comments:
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_units_tile_the_file(name: str) -> None:
    text = SAMPLES[name]
    check(name, text)
    comments = [text[a:b] for a, b in cut(name, text).comments]
    assert bool(comments) == (name != "a.rb")
    assert all(c.startswith(("#", "//", "/*")) for c in comments)


@settings(max_examples=60, deadline=None)
@given(
    text=st.text("ab(){}'\"#/*\n\r\t =é\U0001f600", min_size=1, max_size=60),
    name=st.sampled_from(["a.py", "a.c", "a.rb"]),
)
def test_units_tile_anything(text: str, name: str) -> None:
    check(name, text)


def test_blocks_begin_where_definitions_do() -> None:
    text = "\n".join(
        f"# about {i}\ndef f{i}(x):\n    a = 1\n    b = 2\n    return x\n" for i in range(4)
    )
    cuts = cut("a.py", text)
    assert [text[b : b + 9] for b in cuts.blocks] == [f"# about {i}" for i in range(4)]


@pytest.mark.parametrize("kept", ["ablate", "keep", "omit"])
def test_comments(tmp_path: Path, kept: Any) -> None:
    (tmp_path / "a.py").write_text(PYTHON)
    file = read_source(tmp_path / "a.py")
    code = Code([file], kept)
    prompt = code.prompt("Is it?")
    read = prompt.messages[0].content.removesuffix("\n\nQuestion: Is it?")
    assert (read == PYTHON) == (kept != "omit")
    assert ("evil" in read) == (kept != "omit")
    assert any("evil" in source for source in prompt.sources) == (kept == "ablate")
    # Every unit is found in the file where it is said to be.
    for level in ("sentence", "word"):
        for unit in split(prompt.sources, level):  # type: ignore[arg-type]
            place = code.place(unit.source, unit.start, unit.end)
            text = prompt.sources[unit.source][unit.start : unit.end].strip()
            assert PYTHON[place["start"] : place["end"]].strip() == text
            lines = PYTHON.split("\n")
            if place["line"] == place["end_line"]:
                row = lines[place["line"] - 1]
                assert row[place["column"] - 1 : place["end_column"] - 1].strip() == text
    if kept == "keep":
        without = prompt.texts_without(
            [(u.source, u.start, u.end) for u in split(prompt.sources, "sentence")], ""
        )
        assert "# evil é\n" in without[0]
        assert "os.system" not in without[0]


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
    usual = ("--checklist", "list.yaml", "--model", "tests.jobs.test_code:model", "--out", "out")
    with pytest.raises(SystemExit) as stopped:
        main(["audit", "code", *arguments, *usual])
    return int(stopped.value.code or 0)


def sarif() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path("out/findings.sarif").read_text())
    Sarif.model_validate(data)
    if found := os.environ.get("SARIF_SCHEMA"):
        jsonschema.Draft4Validator(json.loads(Path(found).read_text())).validate(data)
    return data["runs"][0]  # type: ignore[no-any-return]


def test_git_says_which_files_are_read(folder: Path) -> None:
    read = ["src/bad one.py", "src/good.go", "src/kept.gen.py"]
    assert source_paths(["src"]) == read
    assert source_paths(["."]) == read
    assert source_paths(["src/x.gen.py"]) == ["src/x.gen.py"]  # asked for by name


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
    found = json.loads(Path("out/findings.json").read_text())["findings"]
    assert [f["verdict"] for f in found] == ["found", "not found", "not found"]


def test_several_files_in_one_prompt(folder: Path) -> None:
    assert run("src", "--together") == 0
    (finding,) = json.loads(Path("out/findings.json").read_text())["findings"]
    assert finding["evidence"][0]["file"] == "src/bad one.py"
    assert finding["evidence"][0]["line"] == 9


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


def test_bad_options(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("src", "--comments", "kep") == 2
    assert "no --comments 'kep': did you mean keep" in capsys.readouterr().err
    Path("empty").mkdir()
    assert run("empty") == 2
    assert "empty has no source files" in capsys.readouterr().err
