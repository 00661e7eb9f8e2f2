"""pytest tests/inputs/test_source_files.py"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from focus_lime.errors import FocusLimeError
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


@pytest.mark.parametrize(
    ("data", "starts", "ends"),
    [
        (b"a = 1\r\nb = 2\r\n", (2, 1), (2, 6)),
        (b"a = 1\rb = 2\r", (2, 1), (2, 6)),
        (b"\xef\xbb\xbfa = 1\n\tb = 2\n", (2, 2), (2, 7)),
        ("a = '\u2028\x85\x0c'\nb = '\U0001f600é'".encode(), (2, 1), (2, 9)),
    ],
)
def test_lines_and_columns_are_those_of_an_editor(
    tmp_path: Path, data: bytes, starts: tuple[int, int], ends: tuple[int, int]
) -> None:
    (tmp_path / "a.py").write_bytes(data)
    code = SourceFiles([read_source(tmp_path / "a.py")], "ablate")
    last = code.prompt("Is it?").tree.scored[-1]
    place = code.place(last.span)
    assert ((place.line, place.column), (place.end_line, place.end_column)) == (starts, ends)


def test_a_byte_order_mark_is_no_character() -> None:
    file = read_source(Path(__file__).parent / "bom.py")
    assert file.text.startswith("# top\ndef")
    code = SourceFiles([file], "ablate")
    place = code.place(code.prompt("Is it?").tree.scored[0].span)
    assert (place.line, place.column, place.end_column) == (1, 1, 6)
    omitted = SourceFiles([file], "omit").prompt("Is it?")
    assert omitted.messages[0].content.startswith("def f():\n")


def test_a_language_without_a_grammar_says_that_its_comments_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.lua").write_text("-- c\nx = 1\n")
    file = read_source(tmp_path / "a.lua")
    assert not SourceFiles([file], "ablate").prompt("Is it?").notes
    (note,) = SourceFiles([file], "omit").prompt("Is it?").notes
    assert note.endswith("a.lua: no grammar reads it, so its comments were taken for code")


def test_many_comments_in_one_line_are_no_more_work(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("f(1);/**/" * 12_000)
    code = SourceFiles([read_source(tmp_path / "a.js")], "omit")
    assert code.prompt("Is it?").messages[0].content.startswith("f(1); f(1);")


def test_folders_that_cannot_be_read_are_given_to_say_so(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "pipe.py").symlink_to("/dev/zero")
    (tmp_path / ("d" * 200)).mkdir()
    assert source_paths([str(tmp_path)]) == [str(tmp_path / "a.py")]
    with pytest.raises(FocusLimeError, match=r"pipe\.py is a device or a pipe"):
        read_source(tmp_path / "pipe.py")
