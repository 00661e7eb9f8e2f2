"""Files: read whole, written whole or not at all, and named so that any file system takes them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError

_LONGEST = 80  # characters of a slug
# Names of files may be no Unicode text: their odd bytes are written as \udcXX, which JSON reads.
_ERRORS = "backslashreplace"


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file, character for character: line ends and a byte order mark, too.

    Raises:
        FocusLimeError: no such file, a directory, binary or other encoding, or empty.
    """
    path = Path(path)
    if path.is_dir():
        raise FocusLimeError(f"{path} is a directory: give one text file")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FocusLimeError(f"{path}: no such file") from None
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FocusLimeError(
            f"{path} is not UTF-8 text (byte {error.start}): convert it, for instance with iconv"
        ) from None
    if "\x00" in text:
        raise FocusLimeError(f"{path} is a binary file: give plain UTF-8 text")
    if not text.strip():
        raise FocusLimeError(f"{path} is empty")
    return text


def load_json(path: str | Path) -> Any:
    """What a JSON file holds.

    Raises:
        FocusLimeError: no such file, or not JSON; says the line.
    """
    text = read_text(path).removeprefix("\ufeff")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise FocusLimeError(f"{path} is not JSON (line {error.lineno}: {error.msg})") from None
    except (ValueError, RecursionError) as error:  # numbers or nesting beyond all measure
        raise FocusLimeError(f"{path} is not JSON: {error}") from None


def load_yaml(path: str | Path) -> Any:
    """What a YAML file holds.

    Raises:
        FocusLimeError: no such file, or not YAML; says the line.
    """
    import yaml

    try:
        return yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", "")
        raise FocusLimeError(f"{path}{where} is not YAML: {reason}") from None


def write_whole(path: str | Path, text: str) -> None:
    """Write UTF-8 text to a new file beside `path`, then move it there. What is no ordinary file,
    as /dev/stdout, is written to; of a link what it points to is replaced.
    """
    path = Path(os.path.realpath(path))
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", errors=_ERRORS, newline="") as file:
                file.write(text)
            return
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:_LONGEST]}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors=_ERRORS, newline="") as file:
                file.write(text)
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)  # mkstemp makes files that nobody else may read
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be written: {error.strerror}") from None


def slug(name: str) -> str:
    """A name that any file system takes; of a long one the end, before it a digest of the whole."""
    short = re.sub(r"[^\w.]+", "-", name).strip("-.")
    if len(short) > _LONGEST:
        digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
        short = f"{digest}-{short[9 - _LONGEST :].strip('-.')}"
    return short or "unnamed"


def unique(names: Sequence[str]) -> list[str]:
    """A slug for each name, no two alike, whatever the case of letters."""
    slugs: list[str] = []
    for name in names:
        base = short = slug(name)
        number = 2
        while short.lower() in {known.lower() for known in slugs}:
            short = f"{base}-{number}"
            number += 1
        slugs.append(short)
    return slugs


def make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be made: {error.strerror}") from None
