"""Words of a PDF's text layer with their boxes, in points from the page's top left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.domain.layout import Box, Layout, Page, Word
from app.errors import InputError

MOST_PAGES = 40  # read for text; forms and payslips are shorter
MOST_CHARACTERS = 40_000  # of one page
LARGEST = 128 * 2**20  # bytes


def read_pdf(path: Path) -> Layout:
    """Read the text layer. Raises ``InputError`` for a damaged, cut-off or protected file."""
    import pypdfium2

    if path.stat().st_size > LARGEST:
        text = f"A PDF of more than {LARGEST // 2**20} MB is not read."
        raise InputError("file", text, remedy="Split it.", file=path.name)
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as exc:
        raise _unreadable(path, str(exc)) from exc
    try:
        pages = len(document)
        read = tuple(_page(document, at) for at in range(min(pages, MOST_PAGES)))
    except pypdfium2.PdfiumError as exc:
        raise _unreadable(path, str(exc)) from exc
    finally:
        document.close()
    if pages == 0:
        raise _unreadable(path, "it has no pages")
    return Layout(read, pages)


def _unreadable(path: Path, why: str) -> InputError:
    if "password" in why.lower():
        text, remedy = "The PDF is protected by a password.", "Save it without the password and import that."
    else:
        text, remedy = f"The PDF is damaged or cut off ({why}).", "Ask for the file again."
    return InputError("file", text, remedy=remedy, file=path.name)


def _page(document: Any, at: int) -> Page:
    page = document[at]
    left, _, _, top = page.get_cropbox()
    width, height = page.get_size()
    layer = page.get_textpage()
    try:
        return Page(at + 1, width, height, tuple(_words(layer, at + 1, left, top)))
    finally:
        layer.close()
        page.close()


def _words(layer: Any, page: int, left: float, top: float) -> Iterator[Word]:
    count = min(layer.count_chars(), MOST_CHARACTERS)
    signs: list[str] = []
    boxes: list[Box] = []
    for at in range(count):
        sign = layer.get_text_range(at, 1)
        if not sign or sign.isspace() or sign in "\ufffe\xad":
            yield from _word(signs, boxes, page)
            continue
        x0, y0, x1, y1 = layer.get_charbox(at, loose=True)
        box = (x0 - left, top - y1, x1 - left, top - y0)
        if boxes and _apart(boxes[-1], box):
            yield from _word(signs, boxes, page)
        signs.append(sign)
        boxes.append(box)
    yield from _word(signs, boxes, page)


def _word(signs: list[str], boxes: list[Box], page: int) -> Iterator[Word]:
    if signs:
        edges = list(zip(*boxes, strict=True))
        yield Word("".join(signs), (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3])), page)
        signs.clear()
        boxes.clear()


def _apart(a: Box, b: Box) -> bool:
    """Whether a character does not continue the word: another line, a step back, or a wide gap."""
    height = max(a[3] - a[1], 1.0)
    return abs(b[1] - a[1]) > height * 0.6 or b[0] < a[0] - height or b[0] - a[2] > height * 0.5
