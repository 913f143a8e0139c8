"""Words of one page of a document with their boxes. Runs in the child; a page without a text layer is recognised."""

from __future__ import annotations

import io
from typing import Protocol

from app.domain.layout import Page
from app.errors import InputError

_REMEDY = "Open the original in another program, or ask for it again."


class PageWords(Protocol):
    """An open document whose pages can be read."""

    size: int

    def page(self, number: int) -> Page:
        """Words of a page, from 1. Raises ``InputError`` for one that cannot be read."""

    def close(self) -> None: ...


def open_words(content: bytes) -> PageWords:
    """Open a PDF or a picture, told by its first bytes. Raises ``InputError``."""
    return _PdfWords(content) if b"%PDF-" in content[:1024] else _PictureWords(content)


class _PdfWords:
    def __init__(self, content: bytes) -> None:
        import pypdfium2

        self.size = len(content)
        try:
            self._document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as exc:
            raise InputError("pdf.broken", "The file is not a readable PDF.", remedy=_REMEDY) from exc

    def page(self, number: int) -> Page:
        import pypdfium2

        from data.readers.layouts.pdf import whole_page

        try:
            opened = self._document[number - 1]
        except (pypdfium2.PdfiumError, IndexError) as exc:
            raise InputError("pdf.page", f"Page {number} of the PDF is damaged.", remedy=_REMEDY) from exc
        try:
            return whole_page(opened, number)
        finally:
            opened.close()

    def close(self) -> None:
        self._document.close()


class _PictureWords:
    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self._content = content

    def page(self, number: int) -> Page:
        from data.readers.layouts.images import read_page_of
        from data.readers.layouts.pictures import as_broken, open_picture

        with as_broken():
            image = open_picture(io.BytesIO(self._content))
        return read_page_of(image, number, number)

    def close(self) -> None:
        """Nothing is held open."""
