"""The ruled lines of a PDF page: those of a table, or above footnotes."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

import numpy as np

from focus_lime.inputs.readers.pdf_characters import View, direct

_MOST_OBJECTS = 4_000  # of a page; a drawing has more, and is no table
_MOST_SEGMENTS = 20_000
_SHORTEST = 15.0  # points


class Rule(NamedTuple):
    """A level or an upright line, in points as the page is shown; of a level one y0 is y1."""

    x0: float
    x1: float
    y0: float
    y1: float

    @property
    def is_upright(self) -> bool:
        return self.y1 > self.y0

    @property
    def y(self) -> float:
        return self.y0


def rules_of(page: Any, view: View) -> list[Rule]:
    """Level and upright lines, and edges of boxes, on a pypdfium2 page, from top to bottom."""
    import pypdfium2.raw as pdfium

    lines: dict[tuple[int, int, int, int], Rule] = {}
    segments = 0
    handle = ctypes.cast(page.raw, ctypes.c_void_p).value
    object_at = direct("FPDFPage_GetObject", ctypes.c_void_p, ctypes.c_int)
    type_of = direct("FPDFPageObj_GetType", ctypes.c_int)
    for index in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        pointer = object_at(handle, index)
        if not pointer or type_of(pointer) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        shape = ctypes.cast(pointer, pdfium.FPDF_PAGEOBJECT)
        count = pdfium.FPDFPath_CountSegments(shape)
        segments += max(count, 0)
        if segments > _MOST_SEGMENTS:
            break
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(shape, matrix)
        for x0, y0, x1, y1 in _edges(pdfium, shape, count):
            ends = np.array([[x0, y0], [x1, y1]])
            xs, ys = view.points(
                ends[:, 0] * matrix.a + ends[:, 1] * matrix.c + matrix.e,
                ends[:, 0] * matrix.b + ends[:, 1] * matrix.d + matrix.f,
            )
            left, right, top, bottom = map(float, (xs.min(), xs.max(), ys.min(), ys.max()))
            if bottom - top < 1.0 and right - left >= _SHORTEST:
                bottom = top = (top + bottom) / 2
            elif right - left < 1.0 and bottom - top >= _SHORTEST / 2:
                left = right = (left + right) / 2
            else:
                continue
            rule = Rule(left, right, top, bottom)
            lines[tuple(round(side / 2) for side in rule)] = rule  # type: ignore[index]
    return sorted(lines.values(), key=lambda rule: (rule.y0, rule.x0))


def _edges(pdfium: Any, shape: Any, count: int) -> list[tuple[float, float, float, float]]:
    edges = []
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = (0.0, 0.0)
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(shape, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            edges.append((*last, *point))
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment):
            edges.append((*last, *first))
            last = first
    return edges
