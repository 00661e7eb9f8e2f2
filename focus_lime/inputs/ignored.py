"""What git would not see of a folder: `.gitignore` files, from the repository's root inwards."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError

Rules = tuple[tuple[Path, Any], ...]  # folders and what their files say, the innermost last


def walk(folder: Path, wanted: Callable[[str], bool]) -> Iterator[Path]:
    """The files of a folder and of those inside it, in order of their names, that git would not
    ignore and whose names are wanted. Links are not followed. Of a folder that cannot be read, it
    or its `.gitignore` is given, for whoever reads it to say why.
    """
    stack: list[tuple[Iterator[os.DirEntry[str]], Rules]] = []
    entering: Path | None = folder
    rules: Rules = ()
    while entering or stack:
        if entering:
            try:
                rules = _with(entering, rules if stack else _above(folder))
                stack.append((iter(_entries(entering)), rules))
            except OSError as error:
                yield Path(error.filename)
            entering = None
            continue
        entries, rules = stack[-1]
        entry = next(entries, None)
        if entry is None:
            stack.pop()
            continue
        path = Path(entry.path)
        is_folder = entry.is_dir(follow_symlinks=False)
        is_file = entry.is_file(follow_symlinks=False) and wanted(entry.name)
        if not (is_folder or is_file) or entry.name == ".git" or _ignored(path, is_folder, rules):
            continue
        if is_folder:
            entering = path
        else:
            yield path


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _above(folder: Path) -> Rules:
    """The .gitignore files between the repository's root and the folder, the folder left out."""
    rules: Rules = ()
    here = folder.resolve()
    if (here / ".git").exists():
        return ()
    for parent in here.parents:
        rules = (*_with(parent, ()), *rules)
        if (parent / ".git").exists():  # a file in a worktree
            return rules
    return ()


def _with(folder: Path, rules: Rules) -> Rules:
    file = folder / ".gitignore"
    data = file.read_bytes() if file.is_file() else b""
    if not data.strip():
        return rules
    try:
        import pathspec
    except ImportError:
        raise FocusLimeError(
            ".gitignore is read with the package pathspec: pip install 'focus-lime[code]'"
        ) from None
    lines = [line.rstrip("\r") for line in data.decode("utf-8-sig", "replace").split("\n")]
    valid = [line for line in lines if _is_pattern(line)]
    return (*rules, (folder.resolve(), pathspec.GitIgnoreSpec.from_lines(valid)))


def _is_pattern(line: str) -> bool:
    """Git passes over a line that is no pattern."""
    import pathspec

    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _ignored(path: Path, folder: bool, rules: Rules) -> bool:
    """The innermost file that says something decides."""
    for root, spec in reversed(rules):
        inner = (path.parent.resolve() / path.name).relative_to(root).as_posix()
        included = spec.check_file(inner + ("/" if folder else "")).include
        if included is not None:
            return bool(included)
    return False
