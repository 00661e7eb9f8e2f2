"""Word files made by hand, for the tests: a body of XML, and what else a test needs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from focus_lime.inputs.document import Document
from focus_lime.inputs.readers.docx import read_docx

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "m": f"{OFFICE}/math",
    "r": f"{OFFICE}/relationships",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "later": "http://example.org/later",
    "v": "urn:schemas-microsoft-com:vml",
}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in SPACES.items())


def part(name: str, content: str) -> str:
    """An XML part whose outermost element has a name, such as `w:numbering`."""
    return f"<{name} {_DECLARED}>{content}</{name}>"


def run(text: str, properties: str = "") -> str:
    own = properties and f"<w:rPr>{properties}</w:rPr>"
    return f'<w:r>{own}<w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*content: str, properties: str = "") -> str:
    """A paragraph of runs of XML, or of texts."""
    runs = (each if each.startswith("<") else run(each) for each in content)
    return f"<w:p>{properties and f'<w:pPr>{properties}</w:pPr>'}{''.join(runs)}</w:p>"


def table(*rows: tuple[str, ...]) -> str:
    """A table whose cells hold XML, or a text."""
    cells = (
        "".join(f"<w:tc>{c if c.startswith('<') else p(c)}</w:tc>" for c in row) for row in rows
    )
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def field(code: str, result: str) -> str:
    """A complex field; the result is XML, or a text."""
    mark = "<w:r><w:fldChar w:fldCharType='{}'/></w:r>".format
    shown = result if result.startswith("<") else run(result)
    code = f"<w:r><w:instrText>{code}</w:instrText></w:r>"
    return mark("begin") + code + mark("separate") + shown + mark("end")


def box(*paragraphs: str) -> str:
    """A text box as Word 2010 and later write it, with the copy for older ones."""
    content = f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"
    return (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:inline><wp:docPr/>"
        f"<wps:txbx>{content}</wps:txbx></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f"<v:textbox>{content}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def styles(*content: str) -> str:
    return part("w:styles", "".join(content))


def style(name: str, properties: str = "", based: str = "", title: str = "") -> str:
    base = based and f'<w:basedOn w:val="{based}"/>'
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{title or name}"/>'
        f"{base}{properties}</w:style>"
    )


def level(number: int, text: str, form: str = "decimal", more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(definitions: Mapping[str, str], lists: Mapping[str, str]) -> str:
    """Definitions by their ids; lists by theirs: the definition's id, then their overrides."""
    content = "".join(
        f'<w:abstractNum w:abstractNumId="{name}">{levels}</w:abstractNum>'
        for name, levels in definitions.items()
    )
    for name, use in lists.items():
        definition, _, more = use.partition(" ")
        content += f'<w:num w:numId="{name}"><w:abstractNumId w:val="{definition}"/>{more}</w:num>'
    return part("w:numbering", content)


def item(text: str, num: int | str = 1, at: int = 0, more: str = "") -> str:
    """A paragraph of a list."""
    numbers = f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{num}"/></w:numPr>'
    return p(text, properties=numbers + more)


def package(body: str, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A Word file.

    Args:
        parts: other parts in word/, by file names; each is referred to from the document by its
            name without digits and ending, under an id that is the name without the ending.
    """
    parts = dict(parts or {})
    links = "".join(
        f'<Relationship Id="{stem}" Type="{OFFICE}/relationships/{kind}" Target="{name}"/>'
        for name in parts
        for stem in [name.rpartition("/")[2].partition(".")[0]]
        for kind in [
            {"data": "diagramData"}.get(stem.rstrip("0123456789"), stem.rstrip("0123456789"))
        ]
    )
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{RELATIONSHIPS}"><Relationship Id="a" '
        f'Type="{OFFICE}/relationships/officeDocument" Target="word/document.xml"/>'
        "</Relationships>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONSHIPS}">{links}'
        "</Relationships>",
        "word/document.xml": part("w:document", f"<w:body>{body}</w:body>"),
        **{f"word/{name}": content for name, content in parts.items()},
    }
    return zipped(files)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def read(body: str, tracked: str = "accepted", **parts: str | bytes) -> Document:
    """What is read of a body; `numbering=...` is the part word/numbering.xml."""
    files = {f"{name}.xml": content for name, content in parts.items()}
    return read_docx("a.docx", package(body, files), tracked)  # type: ignore[arg-type]


def text(body: str, tracked: str = "accepted", **parts: str | bytes) -> str:
    return read(body, tracked, **parts).text
