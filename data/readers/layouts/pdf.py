"""Pages of a PDF: by their text layer where it says what the page shows, else drawn and recognised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.layout import Layout, Page
from app.errors import InputError
from data.readers.held_file import HeldFile
from data.readers.layouts.mixed import LARGE, both, says_more
from data.readers.layouts.seen import put_off_if_long, seen_page
from data.readers.layouts.text_layer import picture_share, text_page

if TYPE_CHECKING:
    from data.readers.handover import Tick
    from data.readers.layouts.ocr import Pixels

MOST_PAGES = 600  # read of one file
MOST_SEEN = 60  # of these, recognised: a page takes a second or two
MOST_WORDS = 1_000_000
LARGEST = 128 * 2**20  # bytes
_SIDES = (2340, 3400)  # pixels of the longer side of a drawn page: A4 at 200 to the inch, and the most
_DPI = 200.0  # between these


def pdf_layout(path: Path, tick: Tick, *, see: bool = True) -> Layout:
    """Read every page. Raises ``InputError`` for a damaged, cut-off or protected file.

    A damaged page of a sound file is left out and told of in ``Layout.unread``. ``see=False`` recognises nothing.
    """
    if path.stat().st_size > LARGEST:
        text = f"A PDF of more than {LARGEST // 2**20} MB is not read."
        raise InputError("file", text, remedy="Split it.", file=path.name)
    with _opened(path) as document:
        count = len(document)
        if count == 0:
            raise _unreadable(path, "it has no pages")
        put_off_if_long(count)
        pages, unread = _pages(document, min(count, MOST_PAGES), tick, MOST_SEEN if see else 0)
        if not pages:
            raise _unreadable(path, "none of its pages can be opened")
        return Layout(pages, count, unread)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path.content if isinstance(path, HeldFile) else path)
    except pypdfium2.PdfiumError as exc:
        raise _unreadable(path, str(exc)) from exc
    try:
        yield document
    except pypdfium2.PdfiumError as exc:
        raise _unreadable(path, str(exc)) from exc
    finally:
        document.close()


def _unreadable(path: Path, why: str) -> InputError:
    if "password" in why.lower() or "security" in why.lower():
        text, remedy = "The PDF is protected by a password.", "Save it without the password and import that."
    else:
        text, remedy = f"The PDF is damaged or cut off ({why}).", "Ask for the file again."
    return InputError("file", text, remedy=remedy, file=path.name)


def _pages(
    document: Any, count: int, tick: Tick, most_seen: int
) -> tuple[tuple[Page, ...], tuple[tuple[int, str], ...]]:
    import pypdfium2

    read: list[Page] = []
    unread: list[tuple[int, str]] = []
    seen = words = 0
    for number in range(1, count + 1):
        tick(number - 1, count, "page")
        try:
            page = _page(document, number, count, see=seen < most_seen)
        except pypdfium2.PdfiumError:
            unread.append((number, "The page is damaged."))
            continue
        if page is None:
            unread.append((number, f"The page is a picture; the first {most_seen} of them are read."))
            continue
        read.append(page)
        seen += page.method == "ocr"
        words += len(page.words)
        if words > MOST_WORDS:
            unread.append((number + 1, "The document has too many words."))
            break
    return tuple(read), tuple(unread)


def _page(document: Any, number: int, count: int, *, see: bool) -> Page | None:
    page = document[number - 1]
    try:
        layer = text_page(page, number)
        if see and (layer is None or _shows_more(page, layer)):
            return seen_page(number, count, lambda: _recognised(page, number, layer))
        return layer
    finally:
        page.close()


def whole_page(page: Any, number: int) -> Page:
    """An open page by its text layer, by what it shows, or by both."""
    layer = text_page(page, number)
    return layer if layer is not None and not _shows_more(page, layer) else _recognised(page, number, layer)


def _shows_more(page: Any, layer: Page) -> bool:
    """Whether a large picture on a page with a text layer holds text of its own."""
    if not layer.words or layer.rotation != 0 or picture_share(page) < LARGE:
        return False
    return says_more(*drawn(page), layer)


def _recognised(page: Any, number: int, layer: Page | None) -> Page:
    from data.readers.layouts.scanned import read_picture

    pixels, points = drawn(page)
    seen = read_picture(pixels, number, points)
    return seen if layer is None else both(layer, seen)


def drawn(page: Any) -> tuple[Pixels, float]:
    """The page as it is shown, in pixels, and points a pixel."""
    from pypdfium2 import raw

    across, down = page.get_size()
    longer = max(across, down, 1.0)
    scale = min(max(_DPI / 72.0, _SIDES[0] / longer), _SIDES[1] / longer)
    bitmap = page.render(scale=scale, rev_byteorder=False, draw_annots=True, force_bitmap_format=raw.FPDFBitmap_BGR)
    try:
        pixels: Pixels = bitmap.to_numpy().copy()
    finally:
        bitmap.close()
    return pixels, across / pixels.shape[1]
