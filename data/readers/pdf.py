"""Words of a PDF's text layer with their boxes, in points from the page's top left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import InputError

MOST_PAGES = 40  # read for text; forms and payslips are shorter
MOST_CHARACTERS = 40_000  # of one page
LARGEST = 128 * 2**20  # bytes

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Word:
    """Text without blanks and its box."""

    text: str
    box: Box
    page: int  # from 1

    @property
    def height(self) -> float:
        return max(self.box[3] - self.box[1], 1.0)


@dataclass(frozen=True, slots=True)
class PdfText:
    """Lines of words from top to bottom, of the first pages."""

    pages: int
    lines: tuple[tuple[Word, ...], ...]

    @property
    def text(self) -> str:
        return "\n".join(line_text(line) for line in self.lines)


def line_text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def box_around(words: Sequence[Word]) -> Box:
    """The smallest box that holds all the words."""
    edges = list(zip(*(word.box for word in words), strict=True))
    return (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))


def read_pdf(path: Path) -> PdfText:
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
        lines = [line for at in range(min(pages, MOST_PAGES)) for line in _page_lines(document, at)]
    except pypdfium2.PdfiumError as exc:
        raise _unreadable(path, str(exc)) from exc
    finally:
        document.close()
    if pages == 0:
        raise _unreadable(path, "it has no pages")
    return PdfText(pages, tuple(lines))


def _unreadable(path: Path, why: str) -> InputError:
    if "password" in why.lower():
        text, remedy = "The PDF is protected by a password.", "Save it without the password and import that."
    else:
        text, remedy = f"The PDF is damaged or cut off ({why}).", "Ask for the file again."
    return InputError("file", text, remedy=remedy, file=path.name)


def _page_lines(document: Any, at: int) -> Iterator[tuple[Word, ...]]:
    page = document[at]
    left, _, _, top = page.get_cropbox()
    layer = page.get_textpage()
    try:
        yield from _lines(list(_words(layer, at + 1, left, top)))
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


def _lines(words: list[Word]) -> Iterator[tuple[Word, ...]]:
    """Words whose middles lie within half a height of one another, from left to right."""
    line: list[Word] = []
    for word in sorted(words, key=lambda w: ((w.box[1] + w.box[3]) / 2, w.box[0])):
        middle = (word.box[1] + word.box[3]) / 2
        if line and middle - (line[0].box[1] + line[0].box[3]) / 2 > 0.5 * line[0].height:
            yield tuple(sorted(line, key=lambda w: w.box[0]))
            line = []
        line.append(word)
    if line:
        yield tuple(sorted(line, key=lambda w: w.box[0]))
