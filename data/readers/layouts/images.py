"""Pictures of documents, a page each; the pages of a TIFF are pages."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.layout import Layout, Page
from app.errors import InputError
from data.readers.layouts.pictures import as_broken, open_picture, pages_in, picture_of, pixels_of, points_of
from data.readers.layouts.scanned import read_picture
from data.readers.layouts.seen import seen_page

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

    from data.readers.handover import Tick

MOST_SIDE = 3400  # pixels that are recognised: A4 at 290 to the inch
MOST_PAGES = 60  # recognised of one file
LARGEST = 256 * 2**20  # bytes


def image_layout(path: Path, tick: Tick) -> Layout:
    """Recognise every page. Raises ``InputError`` for what is no picture, or too large."""
    if path.stat().st_size > LARGEST:
        text = f"A picture of more than {LARGEST // 2**20} MB is not read."
        raise InputError("file", text, remedy="Ask for it in a smaller size.", file=path.name)
    try:
        with path.open("rb") as file:
            with as_broken():
                image = open_picture(file)
                pages = pages_in(image)
            return _pages(image, pages, tick)
    except InputError as exc:
        exc.file = path.name
        raise


def _pages(image: ImageFile, pages: int, tick: Tick) -> Layout:
    read: list[Page] = []
    unread: list[tuple[int, str]] = []
    for number in range(1, min(pages, MOST_PAGES) + 1):
        tick(number - 1, min(pages, MOST_PAGES), "page")
        try:
            read.append(seen_page(number, pages, partial(read_page_of, image, number, number)))
        except InputError as exc:
            if pages == 1:
                raise
            unread.append((number, exc.message))
    return Layout(tuple(read), pages, tuple(unread))


def read_page_of(image: ImageFile, page: int, number: int) -> Page:
    """Recognise one page of an open picture as page ``number`` of a layout. Raises ``InputError``."""
    with as_broken():
        image.seek(page - 1)
        full = image.size
        resolution = points_of(image, full)
        picture, turned = picture_of(image, MOST_SIDE)
        pixels = pixels_of(picture)
    points = resolution * turned[0] / picture.width if resolution else None
    return read_picture(pixels, number, points)
