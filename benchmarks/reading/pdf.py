"""How many sentences of real contracts stand whole in what readers make of PDFs of them.

    python -m focus_lime.benchmarks.reading.pdf CUAD.json

Each contract is printed to PDF by several programs, in one and two columns, justified, with a
running head and page numbers. A sentence stands whole where the text that was read holds it, white
space collapsed. Programs that are not installed are left out, and named.
"""

from __future__ import annotations

import html
import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import regex

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.readers.pdf import read_pdf
from focus_lime.inputs.sentences import sentences

from ..tables.markdown import markdown

# A page number or a bare file name between blank lines is what the source's own printing left.
_PAGE_NUMBER = regex.compile(r"\n[ \t]*\n[ \t]*(?:-\s*)?\d{1,3}(?:\s*-)?[ \t]*(?=\n[ \t]*\n|\s*\Z)")

_BLANK_LINES = regex.compile(r"\n(?:[ \t]*\n)+\s*")


@dataclass(frozen=True)
class Contract:
    """The paragraphs of a contract, white space collapsed, and its sentences."""

    name: str
    paragraphs: list[str]
    sentences: list[str]


@dataclass(frozen=True)
class Row:
    """One way of printing: sentences, and how many stand whole by reader."""

    printing: str
    n: int
    whole: dict[str, int]


Printer = Callable[[Contract], bytes]


def contracts(path: Path) -> list[Contract]:
    """The contracts of a file in CUAD's format, without page numbers."""
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    return [contract_of(entry["title"], entry["paragraphs"][0]["context"]) for entry in data]


def contract_of(name: str, text: str) -> Contract:
    text = _PAGE_NUMBER.sub("", text.replace("\r\n", "\n"))
    paragraphs = [_collapsed(part) for part in _BLANK_LINES.split(text)]
    paragraphs = [part for part in paragraphs if part]
    cut = [_collapsed(part[start:end]) for part in paragraphs for start, end in sentences(part)]
    return Contract(name, paragraphs, [sentence for sentence in cut if sentence])


def whole(contract: Contract, text: str) -> int:
    """How many of its sentences a text holds."""
    read = _collapsed(text)
    return sum(sentence in read for sentence in contract.sentences)


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def read_ours(data: bytes) -> str:
    return read_pdf("a.pdf", data).text


def read_pypdf(data: bytes) -> str:
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


READERS: dict[str, Callable[[bytes], str]] = {"ours": read_ours, "pypdf": read_pypdf}


def reportlab(columns: int) -> Printer:
    """Justified paragraphs by reportlab's platypus."""

    def printed(contract: Contract) -> bytes:
        from reportlab.lib.enums import TA_JUSTIFY
        from reportlab.lib.pagesizes import LETTER
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

        held = io.BytesIO()
        width, height = LETTER
        gap, margin = 18.0, 72.0
        each = (width - 2 * margin - gap * (columns - 1)) / columns
        frames = [
            Frame(margin + i * (each + gap), margin, each, height - 2 * margin, 0, 0, 0, 0)
            for i in range(columns)
        ]

        def edges(canvas, _) -> None:  # type: ignore[no-untyped-def]
            canvas.setFont("Times-Roman", 9)
            canvas.drawString(margin, height - 48, contract.name[:60])
            canvas.drawCentredString(width / 2, 40, f"Page {canvas.getPageNumber()}")

        style = ParagraphStyle(
            "body", fontName="Times-Roman", fontSize=10, leading=12.5, alignment=TA_JUSTIFY,
            spaceAfter=6, hyphenationLang="en_US",
        )  # fmt: skip
        template = BaseDocTemplate(held, pagesize=LETTER)
        template.addPageTemplates(PageTemplate(frames=frames, onPage=edges))
        template.build([Paragraph(html.escape(part), style) for part in contract.paragraphs])
        return held.getvalue()

    return printed


def _page(contract: Contract, columns: int) -> str:
    body = "".join(f"<p>{html.escape(part)}</p>" for part in contract.paragraphs)
    columned = f"columns:{columns};column-gap:8mm" if columns > 1 else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><style>@page{size:letter;margin:25mm;'
        f'@top-left{{content:"{html.escape(contract.name[:60])}";font-size:8pt}}'
        "@bottom-center{content:'Page ' counter(page);font-size:8pt}}"
        "body{font:10pt/1.3 serif;text-align:justify;hyphens:auto;"
        f"{columned}}}p{{margin:0 0 6pt}}</style><body>{body}</body></html>"
    )


def chromium(columns: int) -> Printer:
    """Justified by Chromium, from a page of paragraphs."""

    def printed(contract: Contract) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "a.html"), Path(folder, "a.pdf")
            source.write_text(_page(contract, columns), encoding="utf-8")
            _run(
                ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
                 "--no-pdf-header-footer", f"--user-data-dir={folder}/profile",
                 f"--print-to-pdf={target}", source.as_uri()]
            )  # fmt: skip
            return target.read_bytes()

    return printed


def libreoffice(columns: int) -> Printer:
    """By LibreOffice's Writer, from a Word file with a head and page numbers."""

    def printed(contract: Contract) -> bytes:
        import docx
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        content = docx.Document()
        section = content.sections[0]
        section.header.paragraphs[0].text = contract.name[:60]
        number = OxmlElement("w:fldSimple")
        number.set(qn("w:instr"), "PAGE")
        section.footer.paragraphs[0]._p.append(number)
        if columns > 1:
            cols = section._sectPr.xpath("./w:cols")[0]
            cols.set(qn("w:num"), str(columns))
        for part in contract.paragraphs:
            # XML holds no control characters.
            paragraph = content.add_paragraph(regex.sub(r"[\x00-\x08\x0b-\x1f]", "", part))
            paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "a.docx")
            content.save(str(source))
            _run(
                ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
                 "--convert-to", "pdf", "--outdir", folder, str(source)]
            )  # fmt: skip
            return Path(folder, "a.pdf").read_bytes()

    return printed


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise FocusLimeError(f"{command[0]} did not print: {error}") from None


PRINTERS: dict[str, tuple[str, Printer]] = {
    f"{name}, {columns} column{'s' if columns > 1 else ''}": (program, make(columns))
    for name, program, make in (
        ("reportlab", "", reportlab),
        ("Chromium", "chromium", chromium),
        ("LibreOffice", "soffice", libreoffice),
    )
    for columns in (1, 2)
}


def rows(corpus: list[Contract]) -> Iterator[Row]:
    """A row for each way of printing whose program is installed."""
    for printing, (program, printer) in PRINTERS.items():
        if program and shutil.which(program) is None:
            print(f"{printing}: {program} is not installed", file=sys.stderr)
            continue
        held = dict.fromkeys(READERS, 0)
        for contract in corpus:
            data = printer(contract)
            for name, reader in READERS.items():
                held[name] += whole(contract, reader(data))
        yield Row(printing, sum(len(contract.sentences) for contract in corpus), held)


def report(corpus: list[Contract]) -> str:
    """The table: the share of sentences that stand whole, by printing and reader."""
    return markdown(
        ("printed by", "sentences", *READERS),
        (
            (row.printing, f"{row.n:,}", *(f"{held / row.n:.1%}" for held in row.whole.values()))
            for row in rows(corpus)
        ),
    )


if __name__ == "__main__":
    print(report(contracts(Path(sys.argv[1]))), end="")
