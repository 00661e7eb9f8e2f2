"""pytest tests/inputs/readers/test_magic.py"""

from __future__ import annotations

from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.documents import read


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xd8\xff\xe0\x00\x10JFIF", b"GIF89a\x01\x00",
        b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", b"\x1f\x8b\x08\x00",
        b"7z\xbc\xaf\x27\x1c\x00", b"Rar!\x1a\x07\x00", b"\x7fELF\x02\x01", b"MZ\x90\x00",
        b"SQLite format 3\x00", b"%PDF-1.7\n\x00", b"{\\rtf1\\ansi\\deff0 text}",
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(FocusLimeError, match=r"a\.txt"):
        read(path)
