"""Bytes to text: which encoding a file is in."""

from __future__ import annotations

from focus_lime.errors import FocusLimeError


def decode(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """Text and notes: UTF-8, UTF-16 with its mark, or else Windows-1252, which the note says.

    A file that is partly UTF-8 and partly not is refused: any one reading of it would be wrong.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), ("read as UTF-16",)
        except UnicodeDecodeError as error:
            raise FocusLimeError(f"{name} is not whole UTF-16 text (byte {error.start})") from None
    if b"\x00" in data:
        raise FocusLimeError(f"{name} is a binary file: give text, PDF, DOCX, HTML or Markdown")
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        first = error.start
    if any(ord(character) > 127 for character in data.decode("utf-8", "ignore")):
        raise FocusLimeError(
            f"{name} mixes encodings: it holds UTF-8 and, at byte {first}, something else; "
            "convert it to UTF-8"
        )
    try:
        return data.decode("cp1252"), ("not UTF-8: read as Windows-1252",)
    except UnicodeDecodeError:
        raise FocusLimeError(
            f"{name} is neither UTF-8 nor Windows-1252 (byte {first}): convert it, for instance "
            "with iconv"
        ) from None
