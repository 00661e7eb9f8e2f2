"""The text of a file of code: read whole, and in its encoding."""

from __future__ import annotations

import re
from pathlib import Path

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.readers.encodings import decode

# PEP 263; Ruby, Emacs and Vim name an encoding so, too.
_DECLARED = re.compile(rb"[ \t\f]*(?:#|//|/\*|--|;).*?coding[:=][ \t]*([-\w.]+)")
# Not of characters but of escapes, under which code is not what people see.
_ESCAPES = frozenset("utf_7 unicode_escape raw_unicode_escape idna punycode undefined".split())


def read_code(path: Path, kilobytes: int) -> tuple[str, tuple[str, ...]]:
    """The text, without a byte order mark, and notes.

    Raises:
        FocusLimeError: no such file, no file, too large, binary, in no known encoding, or empty.
    """
    if path.suffix.lower() == ".ipynb":
        raise FocusLimeError(
            f"{path} is a notebook, not code: write its cells to a script first, for instance by "
            "jupyter nbconvert --to script"
        )
    data = _bytes(path, kilobytes)
    text, notes = _declared(data) or decode(str(path), data)
    if "\x00" in text:
        raise FocusLimeError(f"{path} is a binary file: give plain text, best in UTF-8")
    if not text.strip():
        raise FocusLimeError(f"{path} is empty")
    return text, notes


def _bytes(path: Path, kilobytes: int) -> bytes:
    try:
        if path.is_dir():
            next(path.iterdir(), None)  # a folder that cannot be read says so
            raise FocusLimeError(f"{path} is a directory: give files of code")
        size = path.stat().st_size
        if not path.is_file():
            raise FocusLimeError(f"{path} is a device or a pipe: give files of code")
        if size > kilobytes << 10:
            raise FocusLimeError(
                f"{path} has {size >> 10} KB, more than the limit of {kilobytes}: "
                "raise --max-kb, or leave it out"
            )
        return path.read_bytes()
    except FocusLimeError:
        raise
    except FileNotFoundError:
        raise FocusLimeError(f"{path}: no such file") from None
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # NUL in the name
        raise FocusLimeError(f"{str(path)!r} is no name of a file: {error}") from None


def _declared(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """In the encoding that one of the first two lines names; None without one, or where the bytes
    are not in it.
    """
    matches = map(_DECLARED.match, data.removeprefix(b"\xef\xbb\xbf").split(b"\n", 2)[:2])
    match = next(filter(None, matches), None)
    if match is None or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    name = re.sub("-(?:unix|dos|mac)$", "", match[1].decode())
    if name.lower().replace("-", "_") in _ESCAPES:
        return None
    try:
        text = data.decode(name)
        if match[0].decode(name) != match[0].decode("ascii", "replace"):
            return None
    except (LookupError, UnicodeError):
        return None
    if text.isascii() or name.lower().startswith("utf"):
        return text.removeprefix("\ufeff"), ()
    return text, (f"read as {name}, which its first lines name",)
