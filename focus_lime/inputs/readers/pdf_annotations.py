"""Form values and free text on a PDF page, which are not part of its content."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from focus_lime.inputs.readers.pdf_characters import Characters, View

_MOST = 5_000  # of a page
_MOST_CHARACTERS = 100_000  # of one value
_HIDDEN = 0x02 | 0x20  # annotation flags: hidden, no view


@dataclass(frozen=True)
class Written:
    """What somebody wrote on a page.

    Attributes:
        kind: a value or free text; a comment, which is not part of the page as it is printed.
        box: left, top, right, bottom in points as the page is shown.
        replaces: whether it stands for the mark that is drawn there.
    """

    kind: Literal["text", "comment"]
    text: str
    box: tuple[float, float, float, float]
    replaces: bool = False


def written_on(page: Any, view: View) -> list[Written]:
    """Form values, free text and comments of a pypdfium2 page."""
    import pypdfium2.raw as pdfium

    found = []
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if not pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
            rectangle = pdfium.FS_RECTF()
            pdfium.FPDFAnnot_GetRect(annotation, rectangle)
            corners = [rectangle.left, rectangle.bottom, rectangle.right, rectangle.top]
            left, top, right, bottom = view.boxes(np.array([corners]))[0].tolist()
            box = (left, top, right, bottom)
            if kind == pdfium.FPDF_ANNOT_FREETEXT:
                found.append(Written("text", _string(pdfium, annotation, "Contents"), box))
            elif kind == pdfium.FPDF_ANNOT_WIDGET:
                found.append(_value(pdfium, page, annotation, box))
            elif kind not in (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP):
                found.append(Written("comment", _string(pdfium, annotation, "Contents"), box))
        pdfium.FPDFPage_CloseAnnot(annotation)
    return [written for written in found if written.text.strip()]


def _value(pdfium: Any, page: Any, annotation: Any, box: tuple[float, ...]) -> Written:
    form = page.formenv
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation) if form else -1
    left, top, right, bottom = box
    if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        checked = pdfium.FPDFAnnot_IsChecked(form, annotation)
        text, replaces = ("[x]" if checked else "[ ]"), True
    elif kind in (pdfium.FPDF_FORMFIELD_PUSHBUTTON, pdfium.FPDF_FORMFIELD_SIGNATURE):
        text, replaces = "", False
    elif form:
        length = pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)
        text = _decoded(
            length,
            lambda buffer, n: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, n),
        )
        replaces = False
    else:
        text, replaces = _string(pdfium, annotation, "V"), False
    return Written("text", text, (left, top, right, bottom), replaces)


def _string(pdfium: Any, annotation: Any, key: str) -> str:
    length = pdfium.FPDFAnnot_GetStringValue(annotation, key.encode(), None, 0)
    return _decoded(
        length,
        lambda buffer, n: pdfium.FPDFAnnot_GetStringValue(annotation, key.encode(), buffer, n),
    )


def _decoded(length: int, fill: Any) -> str:
    if length <= 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    fill(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), length)
    text = buffer.raw[: length - 2].decode("utf-16-le", "replace")[:_MOST_CHARACTERS]
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def with_written(characters: Characters, written: list[Written]) -> Characters:
    """The page's characters, and what was written that is not among them already: the page may
    show a value, or have no drawing of it.
    """
    for one in written:
        if one.kind == "comment":
            continue
        left, top, right, bottom = one.box
        x = (characters.box[:, 0] + characters.box[:, 2]) / 2
        y = (characters.box[:, 1] + characters.box[:, 3]) / 2
        inside = (x >= left) & (x <= right) & (y >= top) & (y <= bottom)
        shown = "".join(map(chr, characters.code[inside]))
        if one.replaces:
            characters = characters.kept(~inside)
        elif "".join(one.text.split()) in "".join(shown.split()):
            continue
        characters = characters.and_more(_drawn(one))
    return characters


def _drawn(one: Written) -> Characters:
    """A value as characters, spread over the lines of its box."""
    left, top, right, bottom = one.box
    rows = [row for row in one.text.split("\n") if row.strip()]
    height = max(bottom - top, 1.0) / len(rows)
    size = min(height * 0.7, 12.0)
    text, boxes, bases = "\n", [[np.nan] * 4], [top]
    for number, row in enumerate(rows):
        middle = top + (number + 0.5) * height
        width = min((right - left) / len(row), 0.6 * size)
        for index in range(len(row)):
            x = left + index * width
            boxes.append([x, middle - size / 2, x + width, middle + size / 2])
        boxes.append([np.nan] * 4)
        bases += [middle + 0.35 * size] * (len(row) + 1)
        text += row + "\n"
    n = len(text)
    return Characters(
        np.array([ord(character) for character in text], np.uint32),
        np.array(boxes, np.float32),
        np.array(bases, np.float32),
        np.full(n, size, np.float32),
        np.zeros(n, np.int16),
        np.zeros(n, bool),
        np.array([character != "\n" for character in text]),
        0.0,
        0.0,
    )
