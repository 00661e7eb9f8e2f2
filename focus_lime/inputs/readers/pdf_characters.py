"""The characters of a PDF page, as pdfium finds them: code points, boxes, sizes.

Boxes are in points from the top left corner of the page as it is shown, which is to say cropped
and rotated; x grows to the right, y downwards.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import compress, repeat
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

_BOLD = regex.compile(r"bold|black|heavy|demi", regex.IGNORECASE)
_BOLD_WEIGHT = 600
_STROKED = 2  # text render mode: filled and stroked, as bold is faked
_HYPHEN, _BROKEN = 0x2D, 0x02  # what pdfium writes for a hyphen at the end of a line
_EACH = ("code", "box", "base", "size", "angle", "bold", "drawn")
_WHITE = (9, 10, 13, 32, 0xA0)


@dataclass(frozen=True)
class Characters:
    """Those of one page, an array each, in the order in which the page draws them.

    Attributes:
        code: uint32[n], code points; lone surrogates are U+FFFD.
        box: float32[n, 4], left, top, right, bottom; NaN where there is no ink and no advance.
        base: float32[n], where the baseline is, in the direction across the text.
        size: float32[n], of the font.
        angle: int16[n], degrees that the text is turned counter-clockwise.
        bold: bool[n].
        drawn: bool[n], False for the white space that pdfium put between pieces of text.
        width, height: of the page.
        controls, surrogates: how many characters were left out, or replaced.
    """

    code: NDArray[np.uint32]
    box: NDArray[np.float32]
    base: NDArray[np.float32]
    size: NDArray[np.float32]
    angle: NDArray[np.int16]
    bold: NDArray[np.bool_]
    drawn: NDArray[np.bool_]
    width: float
    height: float
    controls: int = 0
    surrogates: int = 0

    def __len__(self) -> int:
        return len(self.code)

    def kept(self, mask: NDArray[np.bool_]) -> Characters:
        """Those that the mask keeps."""
        return replace(self, **{name: getattr(self, name)[mask] for name in _EACH})

    def and_more(self, other: Characters) -> Characters:
        """Those of another after these."""
        joined: dict[str, Any] = {
            name: np.concatenate((getattr(self, name), getattr(other, name))) for name in _EACH
        }
        return replace(self, **joined)


@dataclass(frozen=True)
class View:
    """How a page is shown: user space to points from its top left corner."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int  # degrees clockwise

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.rotation % 180 else (width, height)

    def points(self, x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        if self.rotation == 270:
            return self.top - y, self.right - x
        return x - self.left, self.top - y

    def boxes(self, corners: NDArray[Any]) -> NDArray[np.float32]:
        """[n, 4] left, bottom, right, top of user space to left, top, right, bottom as shown."""
        x0, y0 = self.points(corners[:, 0], corners[:, 1])
        x1, y1 = self.points(corners[:, 2], corners[:, 3])
        sides = (np.minimum(x0, x1), np.minimum(y0, y1), np.maximum(x0, x1), np.maximum(y0, y1))
        return np.stack(sides, axis=1).astype(np.float32)


def view_of(page: Any) -> View:
    """The view of a pypdfium2 page."""
    media, crop = page.get_mediabox(), page.get_cropbox()
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    if right <= left or top <= bottom:  # pdfium shows such a page in a size of its own
        left, bottom, (right, top) = 0.0, 0.0, page.get_size()
    return View(left, bottom, right, top, page.get_rotation())


def read_characters(page: Any, most: int) -> Characters:
    """The first `most` characters of a pypdfium2 page."""
    import pypdfium2.raw as pdfium

    view = view_of(page)
    text_page = page.get_textpage()
    handle = ctypes.cast(text_page.raw, ctypes.c_void_p).value
    n = max(0, min(text_page.count_chars(), most))
    code = _codes(pdfium, text_page, handle, n)
    loose = np.full((n, 4), np.nan, np.float32)  # left, top, right, bottom
    loose_box = direct("FPDFText_GetLooseCharBox", ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
    addresses = range(loose.ctypes.data, loose.ctypes.data + 16 * n, 16)
    found = np.fromiter(map(loose_box, repeat(handle), range(n), addresses), np.int8, n)
    loose[found == 0] = np.nan
    box = view.boxes(loose[:, [0, 3, 2, 1]])
    base, size, angle, bold = _styles(pdfium, handle, code, loose[:, [1, 3]], view)
    turned = np.flatnonzero(angle != -view.rotation % 360)
    for i in turned:  # pdfium's loose boxes hold for upright text only
        box[i] = _tight(pdfium, text_page, int(i), view)
    drawn = np.ones(n, bool)
    for i in np.flatnonzero(np.isin(code, _WHITE)):
        drawn[i] = pdfium.FPDFText_IsGenerated(text_page, int(i)) != 1
    code[code == _BROKEN] = np.where(
        [pdfium.FPDFText_IsHyphen(text_page, int(i)) == 1 for i in np.flatnonzero(code == _BROKEN)],
        _HYPHEN,
        _BROKEN,
    )
    text_page.close()
    return _legible(Characters(code, box, base, size, angle, bold, drawn, *view.size))


@cache
def direct(name: str, result: Any, *more: Any) -> Callable[..., int]:
    """A function of a handle and more, without the conversions that ctypes makes at each call."""
    import pypdfium2.raw as pdfium

    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value
    assert address is not None
    prototype = ctypes.CFUNCTYPE(result, ctypes.c_void_p, *more)
    return prototype(address)


def _codes(pdfium: Any, text_page: Any, handle: int | None, n: int) -> NDArray[np.uint32]:
    """Code points: in one call where pdfium gives a unit of UTF-16 for each of the characters."""
    unicode_of = direct("FPDFText_GetUnicode", ctypes.c_uint, ctypes.c_int)
    units = np.zeros(2 * n + 2, np.uint16)
    if pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, n - 1) == n - 1:
        target = units.ctypes.data_as(ctypes.POINTER(ctypes.c_ushort))
        if pdfium.FPDFText_GetText(text_page, 0, n, target) == n + 1:
            code = units[:n].astype(np.uint32)
            odd = (code < 32) | (code >= 0xD800)
            for at in [*np.flatnonzero(odd).tolist(), *range(0, n, 50)]:
                value = unicode_of(handle, at)
                if value != code[at] and not odd[at]:
                    break
                code[at] = value
            else:
                return code
    return np.fromiter(map(unicode_of, repeat(handle), range(n)), np.uint32, n)


def _styles(
    pdfium: Any,
    handle: int | None,
    code: NDArray[np.uint32],
    heights: NDArray[np.float32],
    view: View,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int16], NDArray[np.bool_]]:
    """Baseline, size, angle and whether bold, of each character.

    They are asked for at the beginning of words and where a character is of another height or
    stands higher, and hold until then.
    """
    starts = np.ones(len(code), bool)
    same = (heights[1:] == heights[:-1]).all(axis=1)
    starts[1:] = np.isin(code[:-1], _WHITE) | ~same
    at = np.flatnonzero(starts)
    object_of = direct("FPDFText_GetTextObject", ctypes.c_void_p, ctypes.c_int)
    objects = [found or 0 for found in map(object_of, repeat(handle), at.tolist())]
    # Words of one text object are alike.
    again = np.array(objects[1:], np.uint64) == np.array(objects[:-1], np.uint64)
    anew = np.ones(len(at), bool)
    anew[1:] = ~again | ~same[at[1:] - 1]
    starts[at[~anew]] = False
    first, inverse = at[anew], np.cumsum(starts) - 1
    n = len(first)
    int_, pointer = ctypes.c_int, ctypes.c_void_p
    matrix_of = direct("FPDFText_GetMatrix", int_, int_, pointer)
    origin_of = direct("FPDFText_GetCharOrigin", int_, int_, pointer, pointer)
    size_of = direct("FPDFText_GetFontSize", ctypes.c_double, int_)
    font_of = direct("FPDFTextObj_GetFont", pointer)
    mode_of = direct("FPDFTextObj_GetTextRenderMode", int_)
    matrices = np.zeros((n, 6), np.float32)  # a, b, c, d, e, f
    origins = np.zeros((n, 2), np.float64)
    sizes = np.zeros(n)
    bold = np.zeros(n, bool)
    fonts: dict[int, bool] = {0: False}
    matrix_at, origin_at = matrices.ctypes.data, origins.ctypes.data
    for row, (index, text_object) in enumerate(
        zip(first.tolist(), compress(objects, anew.tolist()), strict=True)
    ):
        matrix_of(handle, index, matrix_at + 24 * row)
        origin_of(handle, index, origin_at + 16 * row, origin_at + 16 * row + 8)
        sizes[row] = size_of(handle, index)
        if text_object:
            font = font_of(text_object) or 0
            if font not in fonts:
                fonts[font] = _is_bold(pdfium, font)
            bold[row] = fonts[font] or mode_of(text_object) == _STROKED
    a, b, c, d = matrices[:, :4].T
    degrees = np.rint(np.degrees(np.arctan2(b, a))) - view.rotation
    x, y = view.points(origins[:, 0], origins[:, 1])
    base = x * np.sin(np.radians(degrees)) + y * np.cos(np.radians(degrees))
    return (
        base.astype(np.float32)[inverse],
        (sizes * np.hypot(c, d)).astype(np.float32)[inverse],
        (degrees % 360).astype(np.int16)[inverse],
        bold[inverse],
    )


def _is_bold(pdfium: Any, pointer: int) -> bool:
    font = ctypes.cast(pointer, pdfium.FPDF_FONT)
    name = ctypes.create_string_buffer(256)
    pdfium.FPDFFont_GetBaseFontName(font, name, 256)
    if _BOLD.search(name.value.decode("latin-1")):
        return True
    return bool(pdfium.FPDFFont_GetWeight(font) >= _BOLD_WEIGHT)


def _tight(pdfium: Any, text_page: Any, index: int, view: View) -> NDArray[np.float32]:
    sides = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = sides
    if not pdfium.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
        return np.full(4, np.nan, np.float32)
    corners = np.array([[left.value, bottom.value, right.value, top.value]])
    box: NDArray[np.float32] = view.boxes(corners)[0]
    return box


def _legible(characters: Characters) -> Characters:
    """Without control characters; surrogates paired, or else U+FFFD."""
    code = characters.code.copy()
    high = (code >= 0xD800) & (code < 0xDC00)
    low = (code >= 0xDC00) & (code < 0xE000)
    pairs = np.flatnonzero(high[:-1] & low[1:])
    code[pairs] = 0x10000 + ((code[pairs] - 0xD800) << 10) + (code[pairs + 1] - 0xDC00)
    keep = np.ones(len(code), bool)
    keep[pairs + 1] = False
    lone = keep & (code >= 0xD800) & (code < 0xE000)
    lone |= code > 0x10FFFF
    code[lone] = 0xFFFD
    control = ((code < 32) & ~np.isin(code, _WHITE)) | ((code >= 0x7F) & (code < 0xA0))
    control |= (code & 0xFFFE) == 0xFFFE
    counted = replace(
        characters, code=code, controls=int(control.sum()), surrogates=int(lone.sum())
    )
    return _logical(counted.kept(keep & ~control))


def _logical(characters: Characters) -> Characters:
    """Letters of scripts that run from right to left in the order of their words, where they come
    in that of the page.
    """
    code, left = characters.code, characters.box[:, 0]
    rtl = ((code >= 0x590) & (code < 0x900)) | ((code >= 0xFB1D) & (code < 0xFE00))
    rtl |= (code >= 0xFE70) & (code < 0xFEFF)
    if not rtl.any():
        return characters
    order = np.arange(len(code))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], rtl, [False])).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - start > 1 and left[start] < left[end - 1]:
            order[start:end] = order[start:end][::-1]
    arrays: dict[str, Any] = {name: getattr(characters, name)[order] for name in _EACH}
    return replace(characters, **arrays)
