"""A page or picture as an image, made on the documents lane; nothing is written to disk."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter
from PySide6.QtPdf import QPdfDocument

from app.errors import InputError
from views.strings import tr

MAX_PIXELS = 4000  # on the longer side


@dataclass(frozen=True, slots=True)
class PageImage:
    """An image of one page; ``size`` is the page in points (of a picture: in its own pixels)."""

    image: QImage
    size: QSizeF
    page: int  # from 1
    pages: int


def pdf_page(content: bytes, page: int, width: int) -> PageImage:
    """Draw one page ``width`` pixels wide, on white.

    A page past the end gives the last one. Raises ``InputError`` for a PDF that cannot be read.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    try:
        document.load(buffer)
        if document.status() is not QPdfDocument.Status.Ready or document.pageCount() < 1:
            raise InputError("document", tr(_why(document.error())), remedy=tr("case.viewer.broken_remedy"))
        index = min(max(page, 1), document.pageCount()) - 1
        size = document.pagePointSize(index)
        drawn = document.render(index, _fitting(size, width))
        return PageImage(_on_white(drawn), size, index + 1, document.pageCount())
    finally:
        document.close()
        buffer.close()


def _why(error: QPdfDocument.Error) -> str:
    if error in (QPdfDocument.Error.IncorrectPassword, QPdfDocument.Error.UnsupportedSecurityScheme):
        return "case.viewer.locked"
    return "case.viewer.broken"


def _fitting(size: QSizeF, width: int) -> QSize:
    wide = max(1, min(width, MAX_PIXELS))
    tall = round(wide * size.height() / size.width()) if size.width() > 0 else wide
    if tall > MAX_PIXELS:
        wide, tall = max(1, round(wide * MAX_PIXELS / tall)), MAX_PIXELS
    return QSize(wide, max(1, tall))


def _on_white(drawn: QImage) -> QImage:
    """Pages come with a transparent ground."""
    sheet = QImage(drawn.size(), QImage.Format.Format_RGB32)
    sheet.fill(Qt.GlobalColor.white)
    painter = QPainter(sheet)
    painter.drawImage(0, 0, drawn)
    painter.end()
    return sheet


def picture(content: bytes) -> PageImage:
    """Read a picture, upright as its camera meant it; raises ``InputError`` if it cannot be read."""
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > MAX_PIXELS:
        reader.setScaledSize(size.scaled(MAX_PIXELS, MAX_PIXELS, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise InputError("document", tr("case.viewer.no_picture"), remedy=tr("case.viewer.broken_remedy"))
    full = QSizeF(size) if size.isValid() else QSizeF(image.size())
    if full.width() < full.height() != image.width() < image.height():
        full.transpose()
    return PageImage(image, full, 1, 1)
