"""What a file is that is no text, by its first bytes."""

from __future__ import annotations

import io
import zipfile

import regex

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS = (
    (b"%PDF-", "a PDF file"),
    (b"{\\rtf", "a Rich Text (RTF) file"),
    (_OLE, "a file of old Microsoft Office (.doc, .xls, .ppt, .msg)"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"GIF87a", "a GIF image"),
    (b"%!PS", "a PostScript file"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\0", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"wOFF\0\1\0\0", "a font"),
    (b"wOF2\0\1\0\0", "a font"),
    (b"OggS\0", "a sound or film file"),
    (b"ID3\3", "a sound file"),
    (b"ID3\4", "a sound file"),
    (b"fLaC\0", "a sound file"),
)
_ZIPPED = {
    "word/": "a Word file (.docx)",
    "xl/": "an Excel file",
    "ppt/": "a PowerPoint file",
    "META-INF/container.xml": "an EPUB book",
}
_OPEN_DOCUMENT = {
    "text": "an OpenDocument text (.odt)",
    "spreadsheet": "an OpenDocument spreadsheet",
    "presentation": "an OpenDocument presentation",
}
_HEADER = regex.compile(rb"[A-Za-z][A-Za-z0-9-]{1,40}: ?[^\r\n]")
_ENCODED = regex.compile(
    rb"^Content-Transfer-Encoding:[ \t]*(?:base64|quoted-printable)", regex.M | regex.I
)
_HEAD = 16 * 1024
_ADVICE = {
    "a PDF file": "name it .pdf",
    "a Word file (.docx)": "name it .docx",
}


def kind_of(data: bytes) -> str | None:
    """What the bytes are, with an article; None where they may be text."""
    for mark, kind in _KINDS:
        if data.startswith(mark):
            return kind
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data)
    if data.startswith(b"BM") and data[6:10] == bytes(4):
        return "a BMP image"
    if data.startswith(b"BZh") and data[4:10] == b"1AY&SY":
        return "a bzip2 archive"
    if data.startswith(b"RIFF") and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "a WebP image" if data[8:12] == b"WEBP" else "a sound or film file"
    if data[:3] == bytes(3) and data[4:8] == b"ftyp":
        return "a film or image of phones (MP4, HEIC)"
    if data[257:262] == b"ustar" and b"\0" in data[:257]:
        return "a tar archive"
    if _HEADER.match(data) and _ENCODED.search(data[:_HEAD]):
        return "an e-mail as it is sent, with its text encoded"
    return None


def _zipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    kind = file.read(100).decode("ascii", "replace").rpartition(".")[2]
                if kind in _OPEN_DOCUMENT:
                    return _OPEN_DOCUMENT[kind]
    except Exception:  # zipfile raises many kinds on files that are not whole
        return "a broken zip archive"
    for start, kind in _ZIPPED.items():
        if any(name.startswith(start) for name in names):
            return kind
    return "a zip archive"


def what_to_do(kind: str) -> str:
    """The end of an error message about such a file."""
    return _ADVICE.get(kind, "save it as PDF, DOCX, HTML, Markdown or text, and give that")
