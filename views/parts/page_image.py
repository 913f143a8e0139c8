"""Pages and pictures as images, drawn in the page reader's process; the last ones are kept."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QImage

from app.domain.pages import DrawnPage

MOST_KEPT = 96 * 2**20  # bytes of all images a cache holds
Box = tuple[float, float, float, float]
Key = tuple[str, int, int]
"""SHA-256 of the document, page, width that was asked for."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """An image of one page; ``size`` is the page in points (of a picture that was not read: in its own pixels)."""

    image: QImage
    size: QSizeF
    page: int  # from 1
    pages: int
    pixels: bytes | memoryview  # what ``image`` looks into; it must not outlive them

    def placed(self, box: Box) -> QRectF:
        """A box, in points of the upright page."""
        left, top, right, bottom = box
        return QRectF(left, top, right - left, bottom - top)


def page_image(drawn: DrawnPage) -> PageImage:
    """The page as an image on the pixels that came, without a copy. For any thread."""
    image = QImage(drawn.pixels, drawn.across, drawn.down, 4 * drawn.across, QImage.Format.Format_RGB32)
    size = QSizeF(drawn.width, drawn.height)
    return PageImage(image, size, drawn.page, drawn.pages, drawn.pixels)


class PageCache:
    """The images shown or drawn ahead last, bounded in bytes; the newest is always kept."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Key, PageImage] = OrderedDict()

    def get(self, key: Key) -> PageImage | None:
        """The image, which counts as used now."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: Key, page: PageImage) -> None:
        """Keep an image; the oldest make room."""
        self._kept[key] = page
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and self.size() > self._most:
            self._kept.popitem(last=False)

    def size(self) -> int:
        """Bytes of all that is kept."""
        return sum(page.image.sizeInBytes() for page in self._kept.values())

    def clear(self) -> None:
        self._kept.clear()
