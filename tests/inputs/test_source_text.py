"""pytest tests/inputs/test_source_text.py"""

from __future__ import annotations

from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.source_text import read_code

LATIN = "# -*- coding: latin-1 -*-\ns = 'é'\n"


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.py", b"x = 1\r\n", "x = 1\r\n"),
        ("a.py", b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        ("a.py", LATIN.encode("latin-1"), LATIN),
        ("a.py", "#!/bin/python\n# vim: set fileencoding=koi8-r :\n# да".encode("koi8-r"), None),
        ("a.rb", "# encoding: shift_jis\np 'カ'\n".encode("shift_jis"), None),
        ("a.cs", "// é\n".encode("utf-16"), "// é\n"),
        ("a.py", b"# coding: unicode_escape\n'\\u0041'", "# coding: unicode_escape\n'\\u0041'"),
        ("a.py", b"# coding: rot13\nx = 1\n", "# coding: rot13\nx = 1\n"),
        ("a.py", b"# coding: nothing-such\nx = 1\n", "# coding: nothing-such\nx = 1\n"),
        ("a.py", b"# coding: utf-16\nx = 1\n", "# coding: utf-16\nx = 1\n"),
        ("a.py", "# coding: ascii\nx = 'é'\n".encode(), "# coding: ascii\nx = 'é'\n"),
    ],
)  # fmt: skip
def test_text_is_read_in_its_encoding(tmp_path: Path, name: str, data: bytes, text: str) -> None:
    (tmp_path / name).write_bytes(data)
    read, notes = read_code(tmp_path / name, 256)
    if text is None:
        text = data.decode("koi8-r" if b"koi8" in data else "shift_jis")
    assert read == text
    assert bool(notes) == (not text.isascii() and b"coding" in data and b"ascii" not in data) or (
        data.startswith(b"\xff\xfe")
    )


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.c", b"\x00\x01", "is a binary file"),
        ("a.py", b" \n", "is empty"),
        ("a.py", b"", "is empty"),
        ("a.py", b"x" * 2000, "has 1 KB, more than the limit of 1: raise --max-kb"),
        ("a.ipynb", b"{}", "is a notebook"),
        ("a.py", "é".encode() + b"\xe9 x", "mixes encodings"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FocusLimeError, match=reason):
        read_code(tmp_path / name, 1)
    with pytest.raises(FocusLimeError, match="is a directory"):
        read_code(tmp_path, 1)
    with pytest.raises(FocusLimeError, match="no such file"):
        read_code(tmp_path / "none.py", 1)
