"""Pages of files that have none of their own, drawn as they were set for reading, so that boxes fit."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.layout import Layout, Sheet
from app.domain.pages import DrawnPage
from app.errors import InputError
from data.readers.containers import html_text, mail_text
from data.readers.detect import form_of_file
from data.readers.drawing import PictureDrawing, fitting
from data.readers.held_file import HeldFile
from data.readers.layouts.office import docx_parts, text_layout
from data.readers.text import scan

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_FONTS = Path(__file__).parent.parent / "fonts"
_LATIN, _CHINESE = "Inter-Regular.otf", "wqy-microhei.ttc"
_INK = (32, 32, 32)


class SetDrawing:
    """A Word file, a mail or a page of HTML."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        try:
            self._layout, self._pictures = _set(HeldFile.of(content))
        except InputError as exc:
            raise InputError("picture.broken", exc.message, remedy=exc.remedy) from exc
        self._pages = len(self._layout.pages) + len(self._pictures)

    def draw(self, page: int, width: int, sheet: Sheet | None = None) -> DrawnPage:
        at = min(max(page, 1), self._pages)
        beyond = at - len(self._layout.pages) - 1
        if beyond >= 0:
            drawn = PictureDrawing(self._pictures[beyond]).draw(1, width, sheet)
            return replace(drawn, page=at, pages=self._pages)
        return self._drawn(at, width)

    def close(self) -> None:
        self._pictures = []

    def _drawn(self, number: int, width: int) -> DrawnPage:
        from PIL import Image, ImageDraw

        page = self._layout.pages[number - 1]
        across, down = fitting(width, (page.width, page.height))
        scale = across / page.width
        picture = Image.new("RGB", (across, down), "white")
        pen: Any = ImageDraw.Draw(picture)
        for word in page.words:
            x0, y0, x1, y1 = (edge * scale for edge in word.box)
            font = _fitting_font(word.text, x1 - x0, y1 - y0)
            pen.text((x0, (y0 + y1) / 2), word.text, _INK, font, anchor="lm")
        return DrawnPage(number, self._pages, page.width, page.height, across, down, picture.tobytes("raw", "BGRX"))


def _set(held: HeldFile) -> tuple[Layout, list[bytes]]:
    match form_of_file(held).name:
        case "docx":
            return docx_parts(held)
        case "mail":
            return text_layout(mail_text(held)), []
        case "html":
            form = scan(held)
            return text_layout(html_text(held.read_bytes()[form.skip :].decode(form.encoding, "replace"))), []
    raise InputError("file", "The file has no pages.", remedy="Open the original in another program.")


def _fitting_font(text: str, across: float, down: float) -> FreeTypeFont:
    """As large as the box is high, less where the text would leave it."""
    name = _CHINESE if any(sign >= "\u2e80" for sign in text) else _LATIN
    size = max(4, round(down))
    long = _font(name, size).getlength(text)
    return _font(name, max(4, int(size * across / long))) if long > across > 0 else _font(name, size)


@lru_cache(maxsize=64)
def _font(name: str, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(_FONTS / name), size)
