"""Pages of PDFs and pictures as pixels. Runs in the child: both libraries parse what strangers wrote, in C.

An ``InputError`` says what is wrong by its field: ``pdf.locked``, ``pdf.broken``, ``pdf.page``, ``picture.broken``,
``picture.large``.
"""

from __future__ import annotations

import io
from functools import lru_cache
from math import isfinite, sqrt
from typing import TYPE_CHECKING, Any, Protocol

from app.domain.layout import Sheet
from app.domain.pages import DrawnPage
from app.errors import InputError
from data.readers.layouts.pictures import as_broken, open_picture, pages_in, picture_of

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 16_000_000  # of one drawn page
MOST_SIDE = 8_000  # pixels
_QUALITY = 80  # of a first page that is kept, of 95
_LEAST_SIDE = 2_000  # pixels that a picture is opened with
_REMEDY = "Open the original in another program, or ask for it again."


class Drawing(Protocol):
    """An open document that can be drawn."""

    size: int

    def draw(self, page: int, width: int, sheet: Sheet | None = None) -> DrawnPage:
        """Draw a page, from 1, about ``width`` pixels wide; one past the end gives the last.

        ``sheet`` says how it lies upright. The pixels are good until the next page is drawn.
        """

    def close(self) -> None: ...


def open_drawing(content: bytes) -> Drawing:
    """Open a PDF or a picture, told by its first bytes. Raises ``InputError``."""
    if content.startswith(b"PK\x03\x04") or not _has_magic(content):
        from data.readers.set_drawing import SetDrawing

        return SetDrawing(content)
    return PdfDrawing(content) if b"%PDF-" in content[:1024] else PictureDrawing(content)


def _has_magic(content: bytes) -> bool:
    """Whether it may be a PDF or a picture: texts are not."""
    return b"%PDF-" in content[:1024] or b"\0" in content[:4096] or not content[:4096].isascii()


def fitting(width: int, page: tuple[float, float]) -> tuple[int, int]:
    """Pixels across and down of a page drawn ``width`` wide, less where that is more than a screen can use."""
    across = float(max(1, min(width, MOST_SIDE)))
    down = across * page[1] / page[0]
    shrink = min(1.0, MOST_SIDE / down, sqrt(MOST_PIXELS / (across * down))) if down > 0 else 1.0
    return max(1, int(across * shrink + 0.5)), max(1, int(down * shrink + 0.5))


class PdfDrawing:
    """A PDF held open by pdfium."""

    def __init__(self, content: bytes) -> None:
        import pypdfium2

        self.size = len(content)
        try:
            self._document = pypdfium2.PdfDocument(content)
            self._pages = len(self._document)
        except pypdfium2.PdfiumError as exc:
            raise _unreadable(str(exc)) from exc
        if self._pages < 1:
            raise _unreadable("it has no pages")

    def draw(self, page: int, width: int, sheet: Sheet | None = None) -> DrawnPage:
        import pypdfium2

        at = min(max(page, 1), self._pages) - 1
        try:
            opened = self._document[at]
        except pypdfium2.PdfiumError as exc:
            raise _bad_page(at + 1) from exc
        try:
            size: tuple[float, float] = opened.get_size()
            if not all(isfinite(side) and side > 0 for side in size):
                raise _bad_page(at + 1)
            if sheet is not None and sheet.corners is not None:
                whole = fitting(_whole_width(sheet, width), size)
                return _upright(_pdf_picture(opened, whole), sheet, at + 1, self._pages, width)
            across, down = fitting(width, size)
            pixels = _pdf_pixels(opened, _bitmap(across, down))
            return DrawnPage(at + 1, self._pages, size[0], size[1], across, down, pixels)
        finally:
            opened.close()

    def close(self) -> None:
        self._document.close()


def _whole_width(sheet: Sheet, width: int) -> int:
    """How wide the whole page is drawn so that the sheet on it has about ``width`` pixels."""
    assert sheet.corners is not None, "asked for one with corners"
    (x0, _), (x1, _), (x2, _), (x3, _) = sheet.corners
    share = max(abs(x1 - x0), abs(x2 - x3), abs(x3 - x0), abs(x2 - x1), 0.05)
    return round(min(width / share, 4 * width))


def _pdf_picture(page: Any, size: tuple[int, int]) -> Image:
    from PIL import Image

    return Image.frombytes("RGB", size, bytes(_pdf_pixels(page, _bitmap(*size))), "raw", "BGRX")


def _upright(picture: Image, sheet: Sheet, page: int, pages: int, width: int) -> DrawnPage:
    """The sheet cut out of the picture it lies in, straight; white where it reaches beyond."""
    from PIL import Image

    across, down = fitting(width, (sheet.width, sheet.height))
    if sheet.corners is None:
        shown = picture.resize((across, down), reducing_gap=2.0) if picture.size != (across, down) else picture
    else:
        corners = [(x * picture.width, y * picture.height) for x, y in sheet.corners]
        shown = picture.transform(
            (across, down),
            Image.Transform.PERSPECTIVE,
            perspective((across, down), corners),
            Image.Resampling.BICUBIC,
            fillcolor="white",
        )
    return DrawnPage(page, pages, sheet.width, sheet.height, across, down, shown.tobytes("raw", "BGRX"))


def perspective(size: tuple[int, int], corners: list[tuple[float, float]]) -> list[float]:
    """Eight numbers a to h by which (x, y) of a page of ``size`` lies at ((ax+by+c), (dx+ey+f)) / (gx+hy+1).

    ``corners`` are where its corners lie, top left first, clockwise. Heckbert, "Fundamentals of Texture Mapping and
    Image Warping", 1989, section 2.2.3.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    over = dx1 * dy2 - dx2 * dy1 or 1e-9
    g, h = (dx3 * dy2 - dx2 * dy3) / over, (dx1 * dy3 - dx3 * dy1) / over
    across, down = size
    return [
        (x1 - x0 + g * x1) / across,
        (x3 - x0 + h * x3) / down,
        x0,
        (y1 - y0 + g * y1) / across,
        (y3 - y0 + h * y3) / down,
        y0,
        g / across,
        h / down,
    ]


def _pdf_pixels(page: Any, bitmap: Any) -> memoryview:
    from pypdfium2 import raw

    raw.FPDFBitmap_FillRect(bitmap, 0, 0, bitmap.width, bitmap.height, 0xFFFFFFFF)
    raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, bitmap.width, bitmap.height, 0, raw.FPDF_ANNOT)
    return memoryview(bitmap.buffer).cast("B")


@lru_cache(maxsize=1)
def _bitmap(across: int, down: int) -> Any:
    """A bitmap to draw on, kept: fresh memory costs as much as drawing on it."""
    import pypdfium2
    from pypdfium2 import raw

    return pypdfium2.PdfBitmap.new_native(across, down, raw.FPDFBitmap_BGRx)


def _unreadable(why: str) -> InputError:
    if "password" in why.lower() or "security" in why.lower():
        return InputError("pdf.locked", "The PDF is protected by a password.", remedy=_REMEDY)
    return InputError("pdf.broken", f"The file is not a readable PDF ({why}).", remedy=_REMEDY)


def _bad_page(page: int) -> InputError:
    return InputError("pdf.page", f"Page {page} of the PDF is damaged.", remedy=_REMEDY)


def _side(width: int, full: tuple[int, int]) -> int:
    """Most pixels of a side of a picture that is drawn so wide, lying or standing, with room to zoom."""
    most = max(fitting(full[0], full))
    return min(most, max(_LEAST_SIDE, round(width * max(full) / min(full))))


class PictureDrawing:
    """A picture, upright as its camera meant it; the pages of a TIFF are pages."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self._content = content
        self._kept: tuple[int, int, Image, tuple[int, int]] | None = None  # page, side, picture, full size
        with as_broken(), open_picture(io.BytesIO(self._content)) as image:
            self._pages = pages_in(image)

    def draw(self, page: int, width: int, sheet: Sheet | None = None) -> DrawnPage:
        at = min(max(page, 1), self._pages)
        with as_broken():
            picture, full = self._opened(at, _whole_width(sheet, width) if sheet and sheet.corners else width)
            given = sheet or Sheet(at, *full)
            return _upright(picture, given, at, self._pages, width if sheet else min(width, full[0]))

    def close(self) -> None:
        self._kept = None

    def _opened(self, page: int, width: int) -> tuple[Image, tuple[int, int]]:
        """The page in RGB with sides for drawing it so wide, and its size in the file.

        What is larger is opened smaller: a scan of forty megabytes takes a second in full, and nobody sees it all.
        """
        if self._kept is not None and self._kept[:1] == (page,) and self._kept[1] >= _side(width, self._kept[3]):
            return self._kept[2:]
        self._kept = None
        with open_picture(io.BytesIO(self._content)) as image:
            image.seek(page - 1)
            side = _side(width, image.size)
            picture, full = picture_of(image, side)
        self._kept = (page, side, picture, full)
        return picture, full


def as_jpeg(drawn: DrawnPage) -> bytes:
    """The pixels of a page as a small file."""
    from PIL import Image

    picture = Image.frombytes("RGB", (drawn.across, drawn.down), bytes(drawn.pixels), "raw", "BGRX")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
