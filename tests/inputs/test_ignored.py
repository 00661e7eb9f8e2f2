"""pytest tests/inputs/test_ignored.py"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from focus_lime.inputs.ignored import walk

IGNORE = (
    "build/\n*.gen.py\n/top.py\n!\n\\\ndocs/*\n!docs/kept.py\nsp ace.py\r\n"
    "#x.py\n\\#y.py\n**/deep/*.py\n"
)
FILES = (
    "a.py top.py x.gen.py #y.py #x.py build/b.py docs/kept.py docs/no.py sub/top.py sub/build/c.py "
    "sub/keep.gen.py sub/deep/d.py sub/deep/more/e.py sub/other.py s/build.py"
).split()


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in walk(folder, lambda _: True)]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in [*FILES, "sp ace.py", "sub/sp ace.py"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbf" + IGNORE.encode())
    (tmp_path / "sub" / ".gitignore").write_text("!keep.gen.py\nother.py\n!build/\n")
    (tmp_path / "sub" / "link").symlink_to(tmp_path)
    (tmp_path / "sub" / "link.py").symlink_to(tmp_path / "a.py")
    return tmp_path


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_git_sees_the_same(repository: Path) -> None:
    subprocess.run(["git", "init", "-q", repository], check=True)
    listed = subprocess.run(
        ["git", "-C", repository, "ls-files", "-z", "-o", "--exclude-per-directory=.gitignore"],
        capture_output=True,
        check=True,
    ).stdout.decode()
    seen = {name for name in listed.split("\0") if name and "link" not in name}
    assert set(names(repository)) == seen
    inside = {name.removeprefix("sub/") for name in seen if name.startswith("sub/")}
    assert set(names(repository / "sub")) == inside


def test_a_worktree_has_a_file_for_its_repository(repository: Path) -> None:
    (repository / ".git").write_text("gitdir: /elsewhere\n")
    assert "top.py" in names(repository / "sub")
    assert "keep.gen.py" in names(repository / "sub")
    assert "build.gen.py" not in names(repository / "sub")
    assert ".git" not in names(repository)
