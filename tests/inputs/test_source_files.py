"""pytest tests/inputs/test_source_files.py"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from focus_lime.inputs.source_files import SourceFiles, read_source, source_paths
from tests.inputs.test_grammar import PYTHON


@pytest.mark.parametrize("kept", ["ablate", "keep", "omit"])
def test_comments(tmp_path: Path, kept: Any) -> None:
    (tmp_path / "a.py").write_text(PYTHON)
    file = read_source(tmp_path / "a.py")
    code = SourceFiles([file], kept)
    prompt = code.prompt("Is it?")
    read = prompt.messages[0].content.removesuffix("\n\nQuestion: Is it?")
    assert (read == PYTHON) == (kept != "omit")
    assert ("evil" in read) == (kept != "omit")
    assert any("evil" in source for source in prompt.sources) == (kept == "ablate")
    # Every unit is found in the file where it is said to be.
    assert prompt.tree.levels == ("block", "line", "token")
    assert prompt.tree.scored_level == "line"
    lines = PYTHON.split("\n")
    for level in prompt.tree.levels:
        for unit in prompt.tree.units(level):
            place = code.place(unit.span)
            text = unit.text(prompt.sources).strip()
            assert PYTHON[place.start : place.end].strip() == text
            if place.line == place.end_line:
                row = lines[place.line - 1]
                assert row[place.column - 1 : place.end_column - 1].strip() == text
    if kept == "keep":
        without = prompt.texts_without(list(prompt.tree.scored), "")
        assert "# evil é\n" in without[0]
        assert "os.system" not in without[0]


def test_git_says_which_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("src/build").mkdir(parents=True)
    Path(".git").mkdir()
    Path(".gitignore").write_text("build/\n*.gen.py\n")
    Path("src/.gitignore").write_text("!kept.gen.py\n")
    for name in ("bad one.py", "good.go", "notes.txt", "build/x.py", "x.gen.py", "kept.gen.py"):
        Path("src", name).write_text("x = 1\n")
    read = ["src/bad one.py", "src/good.go", "src/kept.gen.py"]
    assert source_paths(["src"]) == read
    assert source_paths(["."]) == read
    assert source_paths(["src/x.gen.py"]) == ["src/x.gen.py"]  # asked for by name
