"""The package that a Word file is: a zip of parts, and which part refers to which."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, NoReturn
from urllib.parse import unquote

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.inputs.readers.docx_xml import Element, XMLError, stream, tree

UNPACKED = 320 << 20  # bytes of XML: 300,000 paragraphs as Word writes them are 200 MB
EVENTS = 6_000_000  # starts and ends of elements that matter: those paragraphs have 3 million
PARTS = 20_000
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = (  # how other formats begin
    (b"{\\rtf", "an RTF file"),
    (b"%PDF", "a PDF: end its name in .pdf"),
    (b"<!doctype html", "a web page: end its name in .html"),
    (b"<html", "a web page: end its name in .html"),
    (b"<?xml", "an XML file, not the zip that Word writes"),
)
_FOLDERS = {"xl": "an Excel workbook", "ppt": "a PowerPoint presentation"}
_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    OverflowError, OSError, KeyError, IndexError,
)  # fmt: skip


@dataclass(frozen=True)
class Relationship:
    """
    Attributes:
        kind: the last word of its type: `footnotes`, `image`.
        target: the name of a part, or an address outside of the package.
    """

    kind: str
    target: str
    is_external: bool


class Package:
    """
    Args:
        name: of the file, for errors.

    Raises:
        FocusLimeError: not a Word file, and what it is instead; encrypted; broken; a zip bomb.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self._read = self._events = 0
        _check_format(name, data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            members = self._zip.infolist()
        except _ZIP_ERRORS as error:
            self.broken(first_line(error))
        if len(members) > PARTS:
            self.broken(f"{len(members):,} parts")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            key = _name(member).lower()
            if key in self._members:
                self.broken(f"it holds {member.filename} twice")
            self._members[key] = member
        self._check_kind()
        declared = sum(m.file_size for k, m in self._members.items() if k.endswith(".xml"))
        if declared > UNPACKED:
            self._too_large()

    @property
    def parts(self) -> list[str]:
        """Names of the parts, as the zip lists them."""
        return [_name(m) for m in self._members.values() if not m.is_dir()]

    def has(self, part: str) -> bool:
        return part.lower() in self._members

    def main(self) -> str:
        """The part that is the document."""
        found = [r.target for r in self.relationships("").values() if r.kind == "officeDocument"]
        part = next((p for p in [*found, "word/document.xml"] if self.has(p)), None)
        if part is None:
            self.broken("it has no word/document.xml")
        return part

    def relationships(self, part: str) -> dict[str, Relationship]:
        """What a part refers to, by the ids that it uses; of "" what the package begins with."""
        folder, name = posixpath.split(part)
        root = self.tree(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, Relationship] = {}
        for element in () if root is None else root:
            target = unquote(element.get("Target") or "")
            is_external = (element.get("TargetMode") or "") == "External"
            if not is_external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = (element.get("Type") or "").rpartition("/")[2]
            found[element.get("Id") or ""] = Relationship(kind, target, is_external)
        return found

    def tree(self, part: str) -> Element | None:
        """A part as a whole; None where the package lacks it."""
        if not self.has(part):
            return None
        with self._opened(part) as source:
            return tree(source)

    def stream(
        self, part: str, names: Iterable[str], blocks: Iterable[str]
    ) -> Iterator[tuple[str, Element]]:
        """As `docx_xml.stream`."""
        with self._opened(part) as source:
            for n_events, each in enumerate(stream(source, names, blocks), start=1):
                yield each
                if n_events & 0xFFFF == 0:
                    self._look_at(0x10000)

    @contextmanager
    def _opened(self, part: str) -> Iterator[IO[bytes]]:
        try:
            with self._zip.open(self._members[part.lower()]) as source:
                yield _Counted(source, self)  # type: ignore[misc]
        except FocusLimeError:
            raise
        except (XMLError, *_ZIP_ERRORS) as error:
            self.broken(f"{part}: {first_line(error)}")

    def count(self, n_bytes: int) -> None:
        """What was unpacked, whatever the zip declares.

        Raises:
            FocusLimeError: more than any document has.
        """
        self._read += n_bytes
        if self._read > UNPACKED:
            self._too_large()

    def _look_at(self, n_events: int) -> None:
        self._events += n_events
        if self._events > EVENTS:
            raise FocusLimeError(f"{self.name} has more than {EVENTS // 2:,} elements: split it")

    def broken(self, why: str) -> NoReturn:
        raise FocusLimeError(f"{self.name} is not a whole DOCX file ({why})")

    def _too_large(self) -> NoReturn:
        raise FocusLimeError(
            f"{self.name} unpacks to more than {UNPACKED >> 20} MB of XML: split it"
        )

    def _check_kind(self) -> None:
        if any(member.flag_bits & 1 for member in self._members.values()):
            raise FocusLimeError(f"{self.name} is encrypted: save it without a password first")
        if self.has("[Content_Types].xml"):
            folders = {part.partition("/")[0] for part in self._members}
            if "word" not in folders:
                for folder in folders & set(_FOLDERS):
                    raise FocusLimeError(f"{self.name} is {_FOLDERS[folder]}: save it as DOCX")
            return
        if self.has("mimetype"):
            with self._opened("mimetype") as source:
                kind = source.read(200).decode("ascii", "replace")
            if "opendocument" in kind:
                raise FocusLimeError(f"{self.name} is an OpenDocument file: save it as DOCX")
        if not self.has("word/document.xml"):
            self.broken("a zip, but none that Word writes")


def _name(member: zipfile.ZipInfo) -> str:
    """Of a part, as relationships write it; some programs pack with backslashes."""
    return member.filename.replace("\\", "/").lstrip("/")


class _Counted:
    """A part whose bytes are counted as they are unpacked."""

    def __init__(self, source: IO[bytes], package: Package) -> None:
        self._source, self._package = source, package

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._package.count(len(data))
        return data


def _check_format(name: str, data: bytes) -> None:
    """
    Raises:
        FocusLimeError: it is of another format.
    """
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise FocusLimeError(f"{name} is encrypted: save it without a password first")
        raise FocusLimeError(f"{name} is a Word 97-2003 file (.doc): save it as DOCX")
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, kind in _OTHERS:
        if start.startswith(magic.lower()):
            hint = kind if ":" in kind else f"{kind}: save it as DOCX"
            raise FocusLimeError(f"{name} is {hint}")
