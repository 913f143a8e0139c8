"""Pages of PDFs and pictures as pixels. Runs in the child: both libraries parse what strangers wrote, in C.

An ``InputError`` says what is wrong by its field: ``pdf.locked``, ``pdf.broken``, ``pdf.page``, ``picture.broken``,
``picture.large``.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from math import isfinite, sqrt
from typing import TYPE_CHECKING, Any, Protocol

from app.domain.pages import DrawnPage
from app.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MOST_PIXELS = 16_000_000  # of one drawn page
MOST_SIDE = 8_000  # pixels
LARGEST_PICTURE = 120_000_000  # pixels in the file
_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
_SEE_THROUGH = {"RGBA", "LA", "PA", "La", "RGBa"}
_REMEDY = "Open the original in another program, or ask for it again."


class Drawing(Protocol):
    """An open document that can be drawn."""

    size: int

    def draw(self, page: int, width: int) -> DrawnPage:
        """Draw a page, from 1, about ``width`` pixels wide; one past the end gives the last.

        The pixels are good until the next page is drawn.
        """

    def close(self) -> None: ...


def open_drawing(content: bytes) -> Drawing:
    """Open a PDF or a picture, told by its first bytes. Raises ``InputError``."""
    return PdfDrawing(content) if b"%PDF-" in content[:1024] else PictureDrawing(content)


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

    def draw(self, page: int, width: int) -> DrawnPage:
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
            across, down = fitting(width, size)
            pixels = _pdf_pixels(opened, _bitmap(across, down))
            return DrawnPage(at + 1, self._pages, size[0], size[1], opened.get_rotation(), across, down, pixels)
        finally:
            opened.close()

    def close(self) -> None:
        self._document.close()


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


class PictureDrawing:
    """A picture, upright as its camera meant it; the pages of a TIFF are pages."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self._content = content
        self._kept: tuple[int, Image, tuple[int, int]] | None = None  # page, upright picture, its size in the file
        with _as_broken(), self._file() as image:
            self._pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1

    def draw(self, page: int, width: int) -> DrawnPage:
        at = min(max(page, 1), self._pages)
        with _as_broken():
            picture, full = self._upright(at)
            across, down = fitting(min(width, full[0]), full)
            shown = picture.resize((across, down), reducing_gap=2.0) if picture.size != (across, down) else picture
            return DrawnPage(at, self._pages, *full, 0, across, down, shown.tobytes("raw", "BGRX"))

    def close(self) -> None:
        self._kept = None

    def _file(self) -> ImageFile:
        from PIL import Image

        Image.MAX_IMAGE_PIXELS = None  # see ``_bounded``
        return Image.open(io.BytesIO(self._content), formats=_FORMATS)

    def _upright(self, page: int) -> tuple[Image, tuple[int, int]]:
        """The page in RGB, no larger than can be drawn, and its size in the file."""
        if self._kept is None or self._kept[0] != page:
            self._kept = None
            with self._file() as image:
                image.seek(page - 1)
                picture, full = _read(image)
            self._kept = (page, picture, full)
        return self._kept[1], self._kept[2]


def _read(image: ImageFile) -> tuple[Image, tuple[int, int]]:
    from PIL import ImageOps

    full = image.size
    if full[0] * full[1] > LARGEST_PICTURE:
        text = f"The picture has {full[0] * full[1] / 1e6:.0f} million pixels; {LARGEST_PICTURE // 10**6} are shown."
        raise InputError("picture.large", text, remedy="Ask for it in a smaller size.")
    largest = fitting(full[0], full)
    image.draft("RGB", largest)
    picture = _plain(image)
    if picture.size[0] > largest[0]:
        picture = picture.resize(largest, reducing_gap=2.0)
    picture = ImageOps.exif_transpose(picture)
    turned = (picture.width < picture.height) != (full[0] < full[1])
    return picture, (full[1], full[0]) if turned else full


def _plain(image: Image) -> Image:
    """Three channels of eight bits, on white where the picture can be seen through."""
    from PIL import Image as Pictures

    if image.mode.startswith("I;16"):
        image = image.convert("I")
    if image.mode in ("I", "F"):
        least, most = image.getextrema()
        scale = 255 / (most - least) if most > least else 0.0  # type: ignore[operator]
        image = image.point(lambda value: value * scale - least * scale).convert("L")  # type: ignore[operator]
    if image.mode in _SEE_THROUGH or "transparency" in image.info:
        over = image.convert("RGBA")
        under = Pictures.new("RGBA", over.size, "white")
        plain = Pictures.alpha_composite(under, over).convert("RGB")
    else:
        plain = image.convert("RGB")
    if "exif" in image.info:
        plain.info["exif"] = image.info["exif"]
    return plain


@contextmanager
def _as_broken() -> Iterator[None]:
    """Pillow raises what its decoders happen to stumble over."""
    try:
        yield
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error) as exc:
        raise InputError("picture.broken", "The file is not a readable picture.", remedy=_REMEDY) from exc
