"""Words of a PDF page's text layer with their boxes on the upright page, and whether the layer is worth reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import pi
from typing import Any

from app.domain.layout import Box, Corners, Page, Word

MOST_CHARACTERS = 400_000  # of one page
_SAMPLES = 160  # characters looked at closely
_GARBAGE = 0.25  # share of characters without meaning
_HIDDEN = 3  # text render mode: neither filled nor stroked
_SPARSE = 150  # characters beside a picture that fills the page: a stamp or a page number
_FILLS = 0.5  # share of the page
_MOST_OBJECTS = 2000
_TURNED: dict[int, Corners] = {
    90: ((0.0, 1.0), (0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),
    180: ((1.0, 1.0), (0.0, 1.0), (0.0, 0.0), (1.0, 0.0)),
    270: ((1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)),
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """How canvas units become points from the top left of the page as it is shown."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int  # degrees clockwise

    @property
    def size(self) -> tuple[float, float]:
        across, down = self.right - self.left, self.top - self.bottom
        return (down, across) if self.rotation in (90, 270) else (across, down)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        match self.rotation:
            case 90:
                return (y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left)
            case 180:
                return (self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom)
            case 270:
                return (self.top - y1, self.right - x1, self.top - y0, self.right - x0)
        return (x0 - self.left, self.top - y1, x1 - self.left, self.top - y0)


def text_page(page: Any, number: int) -> Page | None:
    """The page by its text layer; None when a person sees something else than the layer says, or it says nothing.

    A page without any mark is empty and not None. ``page`` is open in pypdfium2.
    """
    layer = page.get_textpage()
    try:
        count = min(layer.count_chars(), MOST_CHARACTERS)
        if count <= 0:
            across, down = page.get_size()
            return None if _shows_anything(page) else Page(number, across, down, ())
        if not _worth_reading(page, layer, count):
            return None
        left, bottom, right, top = page.get_cropbox()
        rotation = page.get_rotation()
        turned = _turned(layer, count, rotation)
        shown = _Sheet(left, bottom, right, top, (rotation + turned) % 360)
        words = tuple(_words(layer, count, number, shown))
        return Page(number, *shown.size, words, "text", turned, _TURNED.get(turned))
    finally:
        layer.close()


def _shows_anything(page: Any) -> bool:
    from pypdfium2 import raw

    return bool(raw.FPDFPage_CountObjects(page) > 0 or raw.FPDFPage_GetAnnotCount(page) > 0)


def _worth_reading(page: Any, layer: Any, count: int) -> bool:
    from pypdfium2 import raw

    step = max(1, count // _SAMPLES)
    codes = [(at, raw.FPDFText_GetUnicode(layer, at)) for at in range(0, count, step)]
    marks = [(at, code) for at, code in codes if code > 32]
    if not marks:
        return not _shows_anything(page)
    lost = sum(_meaningless(code) or raw.FPDFText_HasUnicodeMapError(layer, at) == 1 for at, code in marks)
    hidden = sum(_is_hidden(layer, at) for at, _ in marks)
    if lost > _GARBAGE * len(marks) or hidden > 0.5 * len(marks):
        return False
    return count >= _SPARSE or picture_share(page) < _FILLS


def _meaningless(code: int) -> bool:
    """Control characters, the replacement character and private ones, that a font without a mapping leaves."""
    return code < 32 or 0x7F <= code < 0xA0 or code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code >= 0xF0000


def _is_hidden(layer: Any, at: int) -> bool:
    from pypdfium2 import raw

    part = raw.FPDFText_GetTextObject(layer, at)
    return bool(part) and raw.FPDFTextObj_GetTextRenderMode(part) == _HIDDEN


def picture_share(page: Any) -> float:
    """Share of the page that its largest picture takes."""
    from ctypes import c_float

    from pypdfium2 import raw

    across, down = page.get_size()
    largest = 0.0
    for at in range(min(raw.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        part = raw.FPDFPage_GetObject(page, at)
        if raw.FPDFPageObj_GetType(part) not in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM):
            continue
        left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
        if raw.FPDFPageObj_GetBounds(part, left, bottom, right, top):
            largest = max(largest, (right.value - left.value) * (top.value - bottom.value))
    return largest / max(float(across * down), 1.0)


def _turned(layer: Any, count: int, rotation: int) -> int:
    """Degrees clockwise that bring most of the text upright, on the page as it is shown."""
    from pypdfium2 import raw

    step = max(1, count // _SAMPLES)
    angles: list[float] = [raw.FPDFText_GetCharAngle(layer, at) for at in range(0, count, step)]
    quarters = Counter(round(angle / (pi / 2)) % 4 for angle in angles if angle >= 0)
    if not quarters:
        return 0
    return (-90 * quarters.most_common(1)[0][0] - rotation) % 360


def _words(layer: Any, count: int, number: int, sheet: _Sheet) -> Iterator[Word]:
    from pypdfium2 import raw

    unicode, loose, rect = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox, raw.FS_RECTF()
    signs: list[str] = []
    boxes: list[Box] = []
    for at in range(count):
        code = unicode(layer, at)
        if code <= 32 or code in (0xA0, 0xAD, 0xFFFE) or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            yield from _word(signs, boxes, number)
            continue
        sign = chr(code)
        if sign.isspace() or not loose(layer, at, rect):
            yield from _word(signs, boxes, number)
            continue
        box = sheet.box(rect.left, rect.bottom, rect.right, rect.top)
        if boxes and _apart(boxes[-1], box):
            yield from _word(signs, boxes, number)
        signs.append(sign)
        boxes.append(box)
    yield from _word(signs, boxes, number)


def _word(signs: list[str], boxes: list[Box], number: int) -> Iterator[Word]:
    if signs:
        x0, y0, x1, y1 = zip(*boxes, strict=True)
        yield Word("".join(signs), (min(x0), min(y0), max(x1), max(y1)), number)
        signs.clear()
        boxes.clear()


def _apart(a: Box, b: Box) -> bool:
    """Whether a character does not continue the word: another line, a step back, or a wide gap."""
    height = max(a[3] - a[1], 1.0)
    return abs(b[1] - a[1]) > height * 0.6 or b[0] < a[0] - height or b[0] - a[2] > height * 0.5
